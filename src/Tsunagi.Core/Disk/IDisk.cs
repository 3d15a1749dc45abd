namespace Tsunagi.Core.Disk;

/// <summary>
/// The seam through which every durable write of the program goes (the stores' own files apart): <see cref="RealDisk"/> in the program,
/// the tests' CrashDisk in the tests, which loses power at any chosen write. Calls block; callers own a thread for them where it matters.
/// Failures are <see cref="IOException"/>, a full disk is <see cref="DiskFullException"/>.
/// </summary>
public interface IDisk
{
    /// <summary>Makes a new file and opens it for reading and writing. Fails when the name is taken. Not durable before the directory is synced.</summary>
    IDiskFile Create(string path);

    /// <summary>Opens an existing file.</summary>
    IDiskFile Open(string path, bool forWriting);

    bool Exists(string path);

    /// <summary>The names (not paths) of the files in a directory, in ordinal order; none when there is no such directory.</summary>
    IReadOnlyList<string> List(string directory);

    /// <summary>Makes a directory and its missing parents; nothing happens when it is there.</summary>
    void CreateDirectory(string path);

    /// <summary>Makes the names in a directory durable: what was created, renamed or deleted in it before this call.</summary>
    void SyncDirectory(string path, SyncPoint why);

    /// <summary>Gives a file another name in one step, replacing what had that name.</summary>
    void Rename(string from, string to);

    /// <summary>Takes the name away; a file that is open stays readable until it is closed. Nothing happens when there is no such file.</summary>
    void Delete(string path);

    /// <summary>Bytes that an unprivileged writer can still use on the file system of this directory.</summary>
    long FreeBytes(string directory);
}
