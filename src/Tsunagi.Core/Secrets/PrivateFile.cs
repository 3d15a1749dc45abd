using Tsunagi.Core.Disk;

namespace Tsunagi.Core.Secrets;

/// <summary>Small files that only the program's user may read (0600 in directories of 0700): keys, certificates, copies of what is secret.</summary>
public static class PrivateFile
{
    /// <summary>Makes the directory, durable in its parent.</summary>
    public static void CreateDirectory(IDisk disk, string path)
    {
        disk.CreateDirectory(path);
        var parent = Path.GetDirectoryName(path) ?? "/";
        disk.SyncDirectory(parent, SyncPoints.KeyDirectory);
    }

    /// <summary>Replaces the file in one step: after a crash there is the old one or the new one, whole; after the return, the new one.</summary>
    public static void Write(IDisk disk, string path, ReadOnlySpan<byte> content)
    {
        var fresh = path + ".new";
        disk.Delete(fresh);
        using (var file = disk.Create(fresh))
        {
            file.Write(0, content);
            file.Sync(SyncPoints.KeyFile);
        }

        disk.Rename(fresh, path);
        var directory = Path.GetDirectoryName(path) ?? "/";
        disk.SyncDirectory(directory, SyncPoints.KeyName);
    }

    public static byte[] Read(IDisk disk, string path)
    {
        using var file = disk.Open(path, forWriting: false);
        var content = new byte[file.Length];
        return content[..file.Read(0, content)];
    }
}
