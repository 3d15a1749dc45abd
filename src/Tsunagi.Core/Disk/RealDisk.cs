namespace Tsunagi.Core.Disk;

/// <summary>The machine's file system.</summary>
public sealed class RealDisk : IDisk
{
    public IDiskFile Create(string path) => RealDiskFile.Open(path, FileMode.CreateNew, FileAccess.ReadWrite);

    public IDiskFile Open(string path, bool forWriting) =>
        RealDiskFile.Open(path, FileMode.Open, forWriting ? FileAccess.ReadWrite : FileAccess.Read);

    public bool Exists(string path) => File.Exists(path);

    public IReadOnlyList<string> List(string directory)
    {
        if (!Directory.Exists(directory))
        {
            return [];
        }

        var names = Directory.EnumerateFiles(directory).Select(path => Path.GetFileName(path)).ToArray();
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }

    // Mail lies here: nobody but the program's own user reads it.
    public void CreateDirectory(string path) =>
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    /// <remarks>The BCL opens no directory, so this goes to the C library.</remarks>
    public void SyncDirectory(string path, SyncPoint why)
    {
        var descriptor = Libc.Open(path, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC);
        if (descriptor < 0)
        {
            throw Libc.LastError($"opening directory {path} to sync it ({why})");
        }

        try
        {
            if (Libc.FSync(descriptor) != 0)
            {
                throw Libc.LastError($"syncing directory {path} ({why})");
            }
        }
        finally
        {
            _ = Libc.Close(descriptor);
        }
    }

    public void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    public void Delete(string path) => File.Delete(path);

    public long FreeBytes(string directory) => new DriveInfo(directory).AvailableFreeSpace;
}
