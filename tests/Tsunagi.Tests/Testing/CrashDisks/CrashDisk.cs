using Tsunagi.Core.Disk;

namespace Tsunagi.Tests.Testing.CrashDisks;

/// <summary>
/// A disk in memory that keeps apart what programs see (the page cache) and what would be there after a power loss. kill -9 never loses the page
/// cache, so it proves nothing about fsync; this does:
/// <list type="bullet">
/// <item>every write is pending, in sectors of 512 bytes, until the file is synced; lengths too (a shrunk length until a full sync);</item>
/// <item>every created, renamed or deleted name is pending until its directory is synced;</item>
/// <item><see cref="LosePower"/> keeps any subset of what is pending, drawn from a seed: torn, reordered, or nothing;</item>
/// <item><see cref="Kill"/> ends the process only: all that was written stays visible, and stays pending;</item>
/// <item>after a failed sync the pages count as clean although the disk never had them, as on Linux;</item>
/// <item>one <see cref="SyncPoint"/> can be ignored: then that fsync says yes and does nothing.</item>
/// </list>
/// Programs get an <see cref="IDisk"/> from <see cref="Boot"/>; after a kill or a power loss the old one, and all files opened through it, fail.
/// Each change of the disk has a number (<see cref="Changes"/>), at which a fault can be ordered.
/// </summary>
public sealed class CrashDisk
{
    internal const int Sector = 512;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, CrashDirectory> _directories = new(StringComparer.Ordinal) { ["/"] = new CrashDirectory() };
    private readonly Dictionary<long, Fault> _faults = [];
    private SyncPoint? _ignored;
    private int _boot;
    private bool _off = true;
    private string? _failAt;
    private int _openFiles;

    /// <summary>What happens at a chosen change.</summary>
    public enum Fault
    {
        /// <summary>The power goes: this change is the last that may have reached the disk.</summary>
        PowerLoss,

        /// <summary>The process dies in the middle of it.</summary>
        Kill,

        /// <summary>EIO.</summary>
        Error,

        /// <summary>ENOSPC.</summary>
        Full,
    }

    /// <summary>How many changes (writes, syncs, names) there have been.</summary>
    public long Changes { get; private set; }

    /// <summary>How many files are open, of all boots.</summary>
    public int OpenFiles => Volatile.Read(ref _openFiles);

    public long CapacityBytes { get; set; } = long.MaxValue / 2;

    /// <summary>True after a fault switched the program off; <see cref="Boot"/> starts it again.</summary>
    public bool IsOff
    {
        get
        {
            lock (_gate)
            {
                return _off;
            }
        }
    }

    /// <summary>The disk for a new process.</summary>
    public IDisk Boot()
    {
        lock (_gate)
        {
            _off = false;
            return new CrashBoot(this, ++_boot);
        }
    }

    /// <summary>Orders a fault for the change with this number, counted from the first.</summary>
    public void OrderFault(long change, Fault fault)
    {
        lock (_gate)
        {
            _faults[change] = fault;
        }
    }

    /// <summary>The next change whose description begins so fails with EIO.</summary>
    public void FailAt(string change)
    {
        lock (_gate)
        {
            _failAt = change;
        }
    }

    public void ClearFaults()
    {
        lock (_gate)
        {
            _faults.Clear();
        }
    }

    /// <summary>From now on syncs with this point do nothing and say yes; null for none.</summary>
    public void Ignore(SyncPoint? point) => _ignored = point;

    /// <summary>The process dies; everything written stays in the page cache.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            _off = true;
        }
    }

    /// <summary>The machine dies; of what is pending, what this seed draws survives.</summary>
    public void LosePower(int seed)
    {
        lock (_gate)
        {
            _off = true;
            var random = new Random(seed);

            // Nothing, everything, and all between: a fair coin alone would almost never lose all of a batch.
            var kept = random.Next(5) switch { 0 => 0.0, 1 => 1.0, 2 => 0.1, 3 => 0.9, _ => 0.5 };
            foreach (var directory in _directories.Values)
            {
                directory.LosePower(random, kept);
            }

            foreach (var file in _directories.Values.SelectMany(directory => directory.Files.Values).Distinct())
            {
                file.LosePower(random, kept);
            }

            // A directory whose own name was lost is gone with what is in it.
            foreach (var path in _directories.Keys.Where(path => path != "/" && !IsReachable(path)).ToArray())
            {
                _directories.Remove(path);
            }
        }
    }

    /// <summary>Puts a file there that has been durable for long.</summary>
    public void Plant(string path, byte[] bytes)
    {
        lock (_gate)
        {
            MakeDirectory(Path.GetDirectoryName(path)!);
            var file = new CrashFile();
            file.Replace(_ => bytes);
            DirectoryAt(Path.GetDirectoryName(path)!).Add(Path.GetFileName(path), file);
            foreach (var directory in _directories.Values)
            {
                directory.Sync();
            }
        }
    }

    /// <summary>Changes the bytes of a file, for good: what a bad disk does.</summary>
    public void Corrupt(string path, Func<byte[], byte[]> change)
    {
        lock (_gate)
        {
            FileAt(path).Replace(change);
        }
    }

    public byte[] Contents(string path)
    {
        lock (_gate)
        {
            return FileAt(path).Visible;
        }
    }

    public IReadOnlyList<string> List(string directory)
    {
        lock (_gate)
        {
            return _directories.TryGetValue(directory, out var found) ? [.. found.Files.Keys.Order(StringComparer.Ordinal)] : [];
        }
    }

    /// <summary>Runs one access of a process; fails when that process is no more.</summary>
    internal T Access<T>(int boot, Func<T> access)
    {
        lock (_gate)
        {
            ThrowIfGone(boot);
            return access();
        }
    }

    /// <summary>
    /// Runs one change. With a power loss or kill ordered for it, it is made (so it may survive) and then the process is gone. With an error
    /// ordered it is not made; a failed sync also forgets what was pending.
    /// </summary>
    internal void Change(int boot, string what, Action change, Action? onError = null)
    {
        lock (_gate)
        {
            ThrowIfGone(boot);
            Changes++;
            if (_failAt is not null && what.StartsWith(_failAt, StringComparison.Ordinal))
            {
                (_failAt, _faults[Changes]) = (null, Fault.Error);
            }

            if (!_faults.Remove(Changes, out var fault))
            {
                change();
                return;
            }

            switch (fault)
            {
                case Fault.Error:
                    onError?.Invoke();
                    throw new IOException($"{what}: input/output error", 5);
                case Fault.Full:
                    onError?.Invoke();
                    throw new DiskFullException($"{what}: no space left on device");
                default:
                    // A sync in whose middle the power goes has not happened.
                    if (onError is null)
                    {
                        change();
                    }

                    _off = true;
                    throw new IOException($"{what}: the process is gone");
            }
        }
    }

    internal void CountOpen(int more) => Interlocked.Add(ref _openFiles, more);

    internal bool Obeys(SyncPoint point) => point != _ignored;

    internal CrashDirectory DirectoryAt(string path) =>
        _directories.TryGetValue(path, out var directory) ? directory : throw new DirectoryNotFoundException($"no directory {path}");

    internal bool HasDirectory(string path) => _directories.ContainsKey(path);

    internal void MakeDirectory(string path)
    {
        if (_directories.ContainsKey(path))
        {
            return;
        }

        var parent = Path.GetDirectoryName(path)!;
        MakeDirectory(parent);
        _directories[path] = new CrashDirectory();
        _directories[parent].AddDirectory(Path.GetFileName(path));
    }

    internal CrashFile FileAt(string path) =>
        DirectoryAt(Path.GetDirectoryName(path)!).Files.TryGetValue(Path.GetFileName(path), out var file) ? file : throw new FileNotFoundException($"no file {path}");

    internal void ThrowIfNoRoom(long more)
    {
        if (more > 0 && Used() + more > CapacityBytes)
        {
            throw new DiskFullException("no space left on device");
        }
    }

    internal long Free() => CapacityBytes - Used();

    private long Used() => _directories.Values.SelectMany(directory => directory.Files.Values).Distinct().Sum(file => (long)file.Length);

    private bool IsReachable(string path)
    {
        for (; path != "/"; path = Path.GetDirectoryName(path)!)
        {
            var parent = Path.GetDirectoryName(path)!;
            if (!_directories.TryGetValue(parent, out var directory) || !directory.Directories.Contains(Path.GetFileName(path)))
            {
                return false;
            }
        }

        return true;
    }

    private void ThrowIfGone(int boot)
    {
        if (_off || boot != _boot)
        {
            throw new IOException("the process is gone");
        }
    }
}
