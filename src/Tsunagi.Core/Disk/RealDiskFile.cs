using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tsunagi.Core.Disk;

internal sealed class RealDiskFile : IDiskFile
{
    private readonly string _path;
    private readonly SafeFileHandle _handle;

    private RealDiskFile(string path, SafeFileHandle handle)
    {
        _path = path;
        _handle = handle;
    }

    public long Length => RandomAccess.GetLength(_handle);

    public static RealDiskFile Open(string path, FileMode mode, FileAccess access)
    {
        try
        {
            var handle = File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete);
            if (mode == FileMode.CreateNew)
            {
                // Mail and keys: nobody but the program's own user reads them, whatever the umask says.
                File.SetUnixFileMode(handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            return new RealDiskFile(path, handle);
        }
        catch (IOException e) when (IsFull(e))
        {
            throw new DiskFullException($"opening {path}: {e.Message}", e);
        }
        catch (UnauthorizedAccessException e)
        {
            // Owners of files answer to a disk that fails; that the file is not ours to read is one of its ways.
            throw new IOException($"opening {path}: {e.Message}", e);
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_handle, bytes, offset);
        }
        catch (IOException e) when (IsFull(e))
        {
            throw new DiskFullException($"writing {bytes.Length} bytes to {_path} at {offset}: {e.Message}", e);
        }
    }

    public int Read(long offset, Span<byte> into)
    {
        var total = 0;
        while (total < into.Length)
        {
            var read = RandomAccess.Read(_handle, into[total..], offset + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    public void Allocate(long length)
    {
        while (Libc.FAllocate(_handle, 0, 0, length) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Libc.EOPNOTSUPP)
            {
                RandomAccess.SetLength(_handle, length);
                return;
            }

            if (errno != Libc.EINTR)
            {
                throw Libc.LastError($"allocating {length} bytes for {_path}");
            }
        }
    }

    public void Truncate(long length) => RandomAccess.SetLength(_handle, length);

    // A hint: where the file system has no such call, the sync does all the work.
    public void BeginWriting(long offset, long length) => _ = Libc.SyncFileRange(_handle, offset, length, Libc.SYNC_FILE_RANGE_WRITE);

    public void SyncData(SyncPoint why)
    {
        if (Libc.FDataSync(_handle) != 0)
        {
            throw Libc.LastError($"syncing data of {_path} ({why})");
        }
    }

    public void Sync(SyncPoint why)
    {
        try
        {
            RandomAccess.FlushToDisk(_handle);
        }
        catch (IOException e) when (IsFull(e))
        {
            throw new DiskFullException($"syncing {_path} ({why}): {e.Message}", e);
        }
    }

    public void Dispose() => _handle.Dispose();

    // On Unix the BCL carries the errno in HResult.
    private static bool IsFull(IOException e) => e.HResult is Libc.ENOSPC or Libc.EDQUOT;
}
