using Tsunagi.Core.Disk;

namespace Tsunagi.Tests.Testing.CrashDisks;

/// <summary>A <see cref="CrashDisk"/> as one process sees it.</summary>
internal sealed class CrashBoot(CrashDisk disk, int boot) : IDisk
{
    public IDiskFile Create(string path)
    {
        var file = new CrashFile();
        disk.Change(boot, $"creating {path}", () =>
        {
            var directory = disk.DirectoryAt(Path.GetDirectoryName(path)!);
            if (directory.Files.ContainsKey(Path.GetFileName(path)))
            {
                throw new IOException($"{path} exists");
            }

            directory.Add(Path.GetFileName(path), file);
        });
        return Opened(path, file);
    }

    public IDiskFile Open(string path, bool forWriting) => disk.Access(boot, () => Opened(path, disk.FileAt(path)));

    public bool Exists(string path) =>
        disk.Access(boot, () => disk.HasDirectory(Path.GetDirectoryName(path)!) && disk.DirectoryAt(Path.GetDirectoryName(path)!).Files.ContainsKey(Path.GetFileName(path)));

    public IReadOnlyList<string> List(string directory) => disk.Access(boot, () => disk.List(directory));

    public void CreateDirectory(string path) => disk.Change(boot, $"creating directory {path}", () => disk.MakeDirectory(path));

    public void SyncDirectory(string path, SyncPoint why) => disk.Change(
        boot,
        $"syncing directory {path} ({why})",
        () =>
        {
            if (disk.Obeys(why))
            {
                disk.DirectoryAt(path).Sync();
            }
        },
        onError: static () => { });

    public void Rename(string from, string to) => disk.Change(boot, $"renaming {from}", () =>
    {
        _ = disk.FileAt(from);
        disk.DirectoryAt(Path.GetDirectoryName(from)!).Rename(Path.GetFileName(from), Path.GetFileName(to));
    });

    public void Delete(string path) => disk.Change(boot, $"deleting {path}", () =>
    {
        if (disk.HasDirectory(Path.GetDirectoryName(path)!) && disk.DirectoryAt(Path.GetDirectoryName(path)!).Files.ContainsKey(Path.GetFileName(path)))
        {
            disk.DirectoryAt(Path.GetDirectoryName(path)!).Remove(Path.GetFileName(path));
        }
    });

    public long FreeBytes(string directory) => disk.Access(boot, disk.Free);

    private OpenFile Opened(string path, CrashFile file)
    {
        disk.CountOpen(1);
        return new OpenFile(disk, boot, path, file);
    }

    private sealed class OpenFile(CrashDisk disk, int boot, string path, CrashFile file) : IDiskFile
    {
        private bool _closed;
        private int _errorsSeen = file.Errors;

        public long Length => disk.Access(boot, () => (long)file.Length);

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed), this);
            var copy = bytes.ToArray();
            disk.Change(boot, $"writing {path}", () =>
            {
                disk.ThrowIfNoRoom(offset + copy.Length - file.Length);
                file.Write(offset, copy);
            });
        }

        public int Read(long offset, Span<byte> into)
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed), this);
            var copy = new byte[into.Length];
            var read = disk.Access(boot, () => file.Read(offset, copy));
            copy.AsSpan(0, read).CopyTo(into);
            return read;
        }

        public void Allocate(long length) => disk.Change(boot, $"allocating {path}", () =>
        {
            disk.ThrowIfNoRoom(length - file.Length);
            file.SetLength(Math.Max(length, file.Length));
        });

        public void Truncate(long length)
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed), this);
            disk.Change(boot, $"truncating {path}", () => file.SetLength(length));
        }

        public void BeginWriting(long offset, long length)
        {
        }

        public void SyncData(SyncPoint why) => Sync(why, all: false);

        public void Sync(SyncPoint why) => Sync(why, all: true);

        public void Dispose()
        {
            if (!Interlocked.Exchange(ref _closed, true))
            {
                disk.CountOpen(-1);
            }
        }

        private void Sync(SyncPoint why, bool all)
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed), this);
            disk.Change(
                boot,
                $"syncing {path} ({why})",
                () =>
                {
                    // As on Linux: what one open file was told of, each other one is told of at its next sync.
                    if (_errorsSeen != file.Errors)
                    {
                        _errorsSeen = file.Errors;
                        throw new IOException($"syncing {path} ({why}): input/output error", 5);
                    }

                    if (disk.Obeys(why))
                    {
                        file.Sync(all);
                    }
                },
                onError: () =>
                {
                    file.FailSync();
                    _errorsSeen = file.Errors;
                });
        }
    }
}
