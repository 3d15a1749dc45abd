using Tsunagi.Core.Disk;

namespace Tsunagi.Ddos;

/// <summary>Small files of a node that are written and read whole.</summary>
internal static class NodeFile
{
    /// <summary>Puts a new content in the place of the former one. Not synced: only for what is learned again after a loss of power.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void ReplaceUnsynced(this IDisk disk, string path, ReadOnlySpan<byte> content)
    {
        disk.CreateDirectory(Path.GetDirectoryName(path)!);
        var fresh = path + ".new";
        disk.Delete(fresh);
        using (var file = disk.Create(fresh))
        {
            file.Write(0, content);
        }

        disk.Rename(fresh, path);
    }

    /// <summary>The content, at most so many octets of it; null when there is no such file.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static ReadOnlyMemory<byte>? ReadAtMost(this IDisk disk, string path, int most)
    {
        if (!disk.Exists(path))
        {
            return null;
        }

        using var file = disk.Open(path, forWriting: false);
        var octets = new byte[Math.Min(file.Length, most)];
        return octets.AsMemory(0, file.Read(0, octets));
    }
}
