using System.Formats.Tar;
using System.Globalization;
using System.Runtime.CompilerServices;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Mail.Classify;

/// <summary>
/// The messages of a path, one after another and in a steady order: a directory with all below it (of a maildir what is in cur and new), a file of one message, an mbox, a tar
/// archive, each compressed or not. What is no message is passed over and counted.
/// </summary>
internal sealed class MessageFiles(long maxBytes = 64L * 1024 * 1024)
{
    /// <summary>Files that are no messages.</summary>
    public int Foreign { get; private set; }

    /// <summary>Messages longer than is read.</summary>
    public int TooLarge { get; private set; }

    /// <exception cref="WrongInputException">There is nothing at the path, or it cannot be read.</exception>
    public async IAsyncEnumerable<MessageFile> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
        {
            foreach (var file in FilesBelow(path))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await foreach (var message in OfFileAsync(file, Path.GetRelativePath(path, file), isAlone: false, cancellationToken))
                {
                    yield return message;
                }
            }
        }
        else if (File.Exists(path))
        {
            await foreach (var message in OfFileAsync(path, Path.GetFileName(path), isAlone: true, cancellationToken))
            {
                yield return message;
            }
        }
        else
        {
            throw new WrongInputException($"there is nothing at {path}");
        }
    }

    private static List<string> FilesBelow(string directory)
    {
        try
        {
            var files = new List<string>();
            Collect(directory, files);
            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WrongInputException($"the directory {directory} cannot be read: {e.Message}");
        }
    }

    private static void Collect(string directory, List<string> files)
    {
        var below = Directory.GetDirectories(directory).Order(StringComparer.Ordinal).ToList();
        // cur, new, tmp: a maildir; beside them lie the server's own files, and folders whose names begin with a dot.
        var isMaildir = below.Exists(static one => Path.GetFileName(one) == "cur") && below.Exists(static one => Path.GetFileName(one) == "new");
        if (!isMaildir)
        {
            files.AddRange(Directory.GetFiles(directory).Where(static one => !Path.GetFileName(one).StartsWith('.')).Order(StringComparer.Ordinal));
        }

        foreach (var one in below)
        {
            if (!(isMaildir && Path.GetFileName(one) == "tmp") && new DirectoryInfo(one).LinkTarget is null)
            {
                Collect(one, files);
            }
        }
    }

    private async IAsyncEnumerable<MessageFile> OfFileAsync(string file, string name, bool isAlone, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var unpacked = Unpacked.Open(file);
        if (IsTar(name))
        {
            await foreach (var message in OfTarAsync(unpacked, file, name, cancellationToken))
            {
                yield return message;
            }
        }
        else if (await ReadAsync(unpacked.Content, isAlone || IsMbox(name) ? int.MaxValue : maxBytes, cancellationToken) is { } content)
        {
            foreach (var message in Messages(content, name, isMbox: isAlone || IsMbox(name)))
            {
                yield return message;
            }
        }

        await unpacked.CheckAsync(cancellationToken);
    }

    private async IAsyncEnumerable<MessageFile> OfTarAsync(Unpacked unpacked, string file, string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var tar = new TarReader(unpacked.Content, leaveOpen: true);
        while (await NextAsync(tar, unpacked, file, cancellationToken) is { } entry)
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || entry.DataStream is null || Path.GetFileName(entry.Name).StartsWith('.'))
            {
                continue;
            }

            if (await ReadAsync(entry.DataStream, IsMbox(entry.Name) ? int.MaxValue : maxBytes, cancellationToken) is { } content)
            {
                foreach (var message in Messages(content, entry.Name, IsMbox(entry.Name)))
                {
                    yield return message;
                }
            }
        }
    }

    private static async ValueTask<TarEntry?> NextAsync(TarReader tar, Unpacked unpacked, string file, CancellationToken cancellationToken)
    {
        try
        {
            return await tar.GetNextEntryAsync(copyData: false, cancellationToken);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or FormatException)
        {
            await unpacked.CheckAsync(cancellationToken);
            throw new WrongInputException($"reading {file}: {e.Message}");
        }
    }

    private IEnumerable<MessageFile> Messages(byte[] content, string name, bool isMbox)
    {
        if (isMbox && Mbox.Is(content))
        {
            var parts = Mbox.Split(content).ToList();
            for (var i = 0; i < parts.Count; i++)
            {
                yield return new MessageFile(parts.Count == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}#{i + 1}"), parts[i]);
            }

            yield break;
        }

        var message = Mbox.WithoutMark(content);
        if (LooksLikeMail(message))
        {
            yield return new MessageFile(name, message);
        }
        else
        {
            Foreign++;
        }
    }

    // The first line is a field: "name:"; an index, a script or a picture is none.
    private static bool LooksLikeMail(ReadOnlySpan<byte> message)
    {
        var end = message.IndexOf((byte)'\n');
        var line = end < 0 ? message : message[..end];
        var colon = line.IndexOf((byte)':');
        return colon > 0 && !line[..colon].TrimEnd(" \t"u8).ContainsAnyExceptInRange((byte)33, (byte)126);
    }

    private async ValueTask<byte[]?> ReadAsync(Stream stream, long most, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        var piece = new byte[1 << 16];
        try
        {
            while (await stream.ReadAsync(piece, cancellationToken) is > 0 and var count)
            {
                if (content.Length + count > most)
                {
                    TooLarge++;
                    return null;
                }

                await content.WriteAsync(piece.AsMemory(0, count), cancellationToken);
            }
        }
        catch (InvalidDataException e)
        {
            throw new WrongInputException($"unpacking: {e.Message}");
        }

        return content.ToArray();
    }

    private static bool IsMbox(string name) => name.EndsWith(".mbox", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".mbx", StringComparison.OrdinalIgnoreCase);

    private static bool IsTar(string name)
    {
        foreach (var end in (ReadOnlySpan<string>)[".tar", ".tar.xz", ".txz", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2", ".tar.zst"])
        {
            if (name.EndsWith(end, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
