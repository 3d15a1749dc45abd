using System.Buffers.Binary;
using System.Security.Cryptography;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Secrets;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Quarantine;

/// <summary>
/// The files of this node's held messages: <c>quarantine/TENANT/MESSAGE.held</c> in the data directory, encrypted (<see cref="HeldFile"/>). A file is written and synced
/// before its row, and deleted after the row says that nobody needs it; what a crash leaves in between is written anew or swept away.
/// </summary>
internal sealed class HeldBodies(MailOptions options, Node node, IDisk disk, ISecretBox secrets)
{
    private const string Suffix = ".held";
    private const int MaxFactsBytes = 1 << 20;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _durable = new(StringComparer.Ordinal);

    private string Root => Path.Combine(node.DataDirectory, options.Quarantine.Directory);

    /// <summary>The key's purpose: one for each tenant and class, so that destroying it erases just that.</summary>
    public static string PurposeOf(HoldClass hold) => "mail.quarantine." + HeldClass.Of(hold);

    /// <summary>Writes the file of a message and syncs it; its name is durable after <see cref="SyncNames"/>. A file that a crash left is written anew.</summary>
    /// <param name="content">What is handed on; the added header fields before what is stored are left out: they stand in the facts.</param>
    public async ValueTask WriteAsync(SpoolId id, AcceptFacts facts, MessageContent content, CancellationToken cancellationToken)
    {
        var key = RandomNumberGenerator.GetBytes(HeldFile.KeyBytes);
        var box = await secrets.ProtectAsync(facts.TenantPath, PurposeOf(facts.Hold), key, cancellationToken);
        var path = PathOf(facts.TenantPath, id);
        disk.CreateDirectory(DirectoryOf(facts.TenantPath));
        disk.Delete(path);
        using var file = disk.Create(path);
        using var writer = new HeldFileWriter(file, key, box, id.ToString());
        WriteFacts(writer, facts);
        WriteStored(writer, content);
        writer.Finish();
        file.SyncData(SyncPoints.HeldBody);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Makes the names of a tenant's files durable, and once that of its directory.</summary>
    public void SyncNames(string tenantPath)
    {
        var directory = DirectoryOf(tenantPath);
        disk.SyncDirectory(directory, SyncPoints.HeldName);
        lock (_gate)
        {
            if (!_durable.Add(directory))
            {
                return;
            }
        }

        try
        {
            foreach (var parent in (string[])[Root, node.DataDirectory])
            {
                disk.SyncDirectory(parent, SyncPoints.HeldDirectory);
            }
        }
        catch
        {
            lock (_gate)
            {
                _durable.Remove(directory);
            }

            throw;
        }
    }

    /// <exception cref="HeldContentLostException">It no longer opens.</exception>
    /// <exception cref="IOException">The disk could not be read just now.</exception>
    public async ValueTask<HeldBody> OpenAsync(SpoolId id, string tenantPath, string heldClass, CancellationToken cancellationToken)
    {
        var path = PathOf(tenantPath, id);
        if (!disk.Exists(path))
        {
            throw new HeldContentLostException($"the file of held message {id} is not there");
        }

        var file = disk.Open(path, forWriting: false);
        try
        {
            var box = HeldFile.ReadBox(file) ?? throw new HeldContentLostException($"the file of held message {id} is no file of held mail");
            var key = await secrets.UnprotectAsync(tenantPath, PurposeOf(HeldClass.Parse(heldClass)), box, cancellationToken)
                ?? throw new HeldContentLostException($"the key of held message {id} was destroyed, or its file was changed");
            return Read(new HeldFileReader(file, key, box, id.ToString()), id);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Nothing happens when it is gone already. Not synced: what comes back after a power loss is swept away.</summary>
    public void Delete(SpoolId id, string tenantPath) => disk.Delete(PathOf(tenantPath, id));

    /// <summary>Every message that has a file here, by tenant.</summary>
    public IEnumerable<(string TenantPath, SpoolId Id)> Files(IEnumerable<string> tenantPaths)
    {
        foreach (var tenantPath in tenantPaths)
        {
            foreach (var name in disk.List(DirectoryOf(tenantPath)))
            {
                if (name.EndsWith(Suffix, StringComparison.Ordinal) && SpoolId.TryParse(name.AsSpan(0, name.Length - Suffix.Length), out var id))
                {
                    yield return (tenantPath, id);
                }
            }
        }
    }

    private static HeldBody Read(HeldFileReader reader, SpoolId id)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        reader.ReadAll(length);
        var count = BinaryPrimitives.ReadInt32BigEndian(length);
        if (count is < 0 or > MaxFactsBytes)
        {
            throw new HeldContentLostException($"the facts of held message {id} cannot be read");
        }

        var facts = new byte[count];
        reader.ReadAll(facts);
        return AcceptFacts.TryRead(facts, out var read)
            ? new HeldBody(read, reader)
            : throw new HeldContentLostException($"the facts of held message {id} are of a version this program does not know");
    }

    private static void WriteFacts(HeldFileWriter writer, AcceptFacts facts)
    {
        var bytes = new FactsWriter();
        facts.Write(bytes);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Written.Length);
        writer.Write(length);
        writer.Write(bytes.Written.Span);
    }

    private static void WriteStored(HeldFileWriter writer, MessageContent content)
    {
        var buffer = new byte[HeldFile.ChunkBytes];
        var skip = content.Added.Length;
        while (content.Read(buffer) is > 0 and var count)
        {
            var from = Math.Min(skip, count);
            skip -= from;
            writer.Write(buffer.AsSpan(from, count - from));
        }
    }

    private string DirectoryOf(string tenantPath)
    {
        var path = tenantPath.TrimEnd('/');
        return Path.Combine(Root, path[(path.LastIndexOf('/') + 1)..]);
    }

    private string PathOf(string tenantPath, SpoolId id) => Path.Combine(DirectoryOf(tenantPath), id + Suffix);
}
