using Tsunagi.Core.Disk;

namespace Tsunagi.Proofs.Mail;

/// <summary>The real disk behind a door that can be shut: no write finds room, or the next fsync fails although what it should have made durable may or may not be there.</summary>
internal sealed class FailingDisk : IDisk
{
    private readonly RealDisk _disk = new();
    private int _failsNextSync;

    public bool IsFull { get; set; }

    public bool FailsNextSync
    {
        get => Volatile.Read(ref _failsNextSync) != 0;
        set => Interlocked.Exchange(ref _failsNextSync, value ? 1 : 0);
    }

    public IDiskFile Create(string path)
    {
        MustHaveRoom(path);
        return new DiskFile(this, _disk.Create(path), path);
    }

    public IDiskFile Open(string path, bool forWriting) => new DiskFile(this, _disk.Open(path, forWriting), path);

    public bool Exists(string path) => _disk.Exists(path);

    public IReadOnlyList<string> List(string directory) => _disk.List(directory);

    public void CreateDirectory(string path) => _disk.CreateDirectory(path);

    public void SyncDirectory(string path, SyncPoint why)
    {
        MayFail(path);
        _disk.SyncDirectory(path, why);
    }

    public void Rename(string from, string to) => _disk.Rename(from, to);

    public void Delete(string path) => _disk.Delete(path);

    public long FreeBytes(string directory) => IsFull ? 0 : _disk.FreeBytes(directory);

    private void MustHaveRoom(string path)
    {
        if (IsFull)
        {
            throw new DiskFullException($"writing {path}: no space left on device");
        }
    }

    private void MayFail(string path)
    {
        if (Interlocked.Exchange(ref _failsNextSync, 0) != 0)
        {
            throw new IOException($"syncing {path}: input/output error");
        }
    }

    private sealed class DiskFile(FailingDisk disk, IDiskFile file, string path) : IDiskFile
    {
        public long Length => file.Length;

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            disk.MustHaveRoom(path);
            file.Write(offset, bytes);
        }

        public int Read(long offset, Span<byte> into) => file.Read(offset, into);

        public void Allocate(long length)
        {
            disk.MustHaveRoom(path);
            file.Allocate(length);
        }

        public void Truncate(long length) => file.Truncate(length);

        public void BeginWriting(long offset, long length) => file.BeginWriting(offset, length);

        public void SyncData(SyncPoint why)
        {
            disk.MayFail(path);
            file.SyncData(why);
        }

        public void Sync(SyncPoint why)
        {
            disk.MayFail(path);
            file.Sync(why);
        }

        public void Dispose() => file.Dispose();
    }
}
