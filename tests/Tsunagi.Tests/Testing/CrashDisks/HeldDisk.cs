using Tsunagi.Core.Disk;

namespace Tsunagi.Tests.Testing.CrashDisks;

/// <summary>A disk whose syncs of log batches can be held back, so that a test sees what happens meanwhile.</summary>
internal sealed class HeldDisk(IDisk disk) : IDisk
{
    private readonly ManualResetEventSlim _go = new(initialState: true);
    private readonly SemaphoreSlim _held = new(0);
    private int _passing;

    private int _failing;

    /// <summary>The next write of a batch fails, and nothing of it is on the disk.</summary>
    public void FailNext() => Volatile.Write(ref _failing, 1);

    /// <summary>Whether it did.</summary>
    public bool HasFailed => Volatile.Read(ref _failing) < 0;

    public void Hold() => _go.Reset();

    /// <summary>Completes when one more sync is being held.</summary>
    public async Task HoldsOneAsync() =>
        Assert.True(await _held.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken), "no sync came");

    public void LetGo() => _go.Set();

    /// <summary>Lets the next syncs pass while those before them are held.</summary>
    public void LetPass(int syncs) => Volatile.Write(ref _passing, syncs);

    public IDiskFile Create(string path) => new HeldFile(this, disk.Create(path));

    public IDiskFile Open(string path, bool forWriting) => new HeldFile(this, disk.Open(path, forWriting));

    public bool Exists(string path) => disk.Exists(path);

    public IReadOnlyList<string> List(string directory) => disk.List(directory);

    public void CreateDirectory(string path) => disk.CreateDirectory(path);

    public void SyncDirectory(string path, SyncPoint why) => disk.SyncDirectory(path, why);

    public void Rename(string from, string to) => disk.Rename(from, to);

    public void Delete(string path) => disk.Delete(path);

    public long FreeBytes(string directory) => disk.FreeBytes(directory);

    private sealed class HeldFile(HeldDisk held, IDiskFile file) : IDiskFile
    {
        public long Length => file.Length;

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            // Segments are filled with zeroes.
            if (bytes.ContainsAnyExcept((byte)0) && Interlocked.CompareExchange(ref held._failing, -1, 1) == 1)
            {
                throw new IOException("the disk fails, as the test wants it");
            }

            file.Write(offset, bytes);
        }

        public int Read(long offset, Span<byte> into) => file.Read(offset, into);

        public void Allocate(long length) => file.Allocate(length);

        public void Truncate(long length) => file.Truncate(length);

        public void BeginWriting(long offset, long length) => file.BeginWriting(offset, length);

        public void SyncData(SyncPoint why)
        {
            if (why == SyncPoints.Batch && !held._go.IsSet && Interlocked.Decrement(ref held._passing) < 0)
            {
                held._held.Release();
                if (!held._go.Wait(TimeSpan.FromSeconds(10)))
                {
                    throw new TimeoutException("the test never let the sync go");
                }
            }

            file.SyncData(why);
        }

        public void Sync(SyncPoint why) => file.Sync(why);

        public void Dispose() => file.Dispose();
    }
}
