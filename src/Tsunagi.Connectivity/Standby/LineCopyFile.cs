using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Standby;

/// <summary>
/// The copy in the data directory: compressed JSON, encrypted with the node's master key (which is a file too, and the only thing a node has without its database), replaced whole. What is
/// damaged, of another key or too old is no copy.
/// </summary>
/// <remarks>"TLC1", the length of the key's id in one octet, the id, then what <see cref="MasterKeys.Wrap"/> made.</remarks>
internal sealed class LineCopyFile(Node node, IDisk disk, MasterKeys keys, ConnectivityOptions options, TimeProvider time)
{
    private static readonly byte[] Magic = "TLC1"u8.ToArray();
    private static readonly byte[] Context = "connectivity.lines"u8.ToArray();

    private readonly string _path = PathIn(node.DataDirectory);

    /// <summary>The id of the key that the next copy is encrypted with.</summary>
    public string KeyId => keys.ActiveId;

    public static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, "connectivity", "lines.copy");

    /// <exception cref="IOException">It could not be written; the one before is still there.</exception>
    public void Write(LineCopy copy)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            JsonSerializer.Serialize(brotli, copy);
        }

        var id = Encoding.ASCII.GetBytes(keys.ActiveId);
        disk.CreateDirectory(Path.GetDirectoryName(_path)!);
        PrivateFile.Write(disk, _path, [.. Magic, (byte)id.Length, .. id, .. keys.Wrap(packed.GetBuffer().AsSpan(0, (int)packed.Length), Context)]);
    }

    /// <summary>Null with the reason in words where there is none to use.</summary>
    public LineCopy? Read(out string problem)
    {
        problem = "there is none";
        if (!disk.Exists(_path))
        {
            return null;
        }

        var content = PrivateFile.Read(disk, _path);
        problem = "it is damaged, or encrypted with a master key that is gone";
        if (content.Length <= Magic.Length || !content.AsSpan(0, Magic.Length).SequenceEqual(Magic))
        {
            return null;
        }

        var at = Magic.Length + 1;
        var end = at + content[Magic.Length];
        if (end > content.Length || keys.Unwrap(Encoding.ASCII.GetString(content, at, end - at), content.AsSpan(end), Context) is not { } packed)
        {
            return null;
        }

        using var brotli = new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress);
        var copy = JsonSerializer.Deserialize<LineCopy>(brotli)!;
        problem = "it is older than connectivity.lines.copyKept";
        return time.NowMicros() - copy.At <= (long)options.Lines.CopyKept.TotalMicroseconds ? copy : null;
    }
}
