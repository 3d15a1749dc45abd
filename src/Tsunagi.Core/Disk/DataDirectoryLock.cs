using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tsunagi.Core.Disk;

/// <summary>
/// Holds the data directory for one process (flock on its <c>lock</c> file), for as long as this is not disposed. The kernel lets go when the
/// process dies, however it dies. Two processes appending to one log would destroy it.
/// </summary>
public sealed class DataDirectoryLock : IDisposable
{
    private readonly SafeFileHandle _handle;

    private DataDirectoryLock(SafeFileHandle handle) => _handle = handle;

    /// <exception cref="IOException">Another process holds it; the message names the directory and the process.</exception>
    public static DataDirectoryLock Take(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"making the data directory {directory}: {e.Message}", e);
        }

        var path = Path.Combine(directory, "lock");

        // Not File.OpenHandle: every FileShare of it takes an flock of its own, so the second process could not even read who the first one is.
        var descriptor = Libc.Open(path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_CLOEXEC, 0x180 /* 0600 */);
        if (descriptor < 0)
        {
            throw Libc.LastError($"opening {path}");
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Libc.FLock(handle, Libc.LOCK_EX | Libc.LOCK_NB) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            Span<byte> holder = stackalloc byte[20];
            var length = RandomAccess.Read(handle, holder, 0);
            handle.Dispose();
            throw new IOException(errno == Libc.EAGAIN
                ? $"the data directory {directory} is in use by process {System.Text.Encoding.ASCII.GetString(holder[..length]).TrimEnd()}"
                : $"locking {path}: {Marshal.GetPInvokeErrorMessage(errno)}");
        }

        RandomAccess.SetLength(handle, 0);
        RandomAccess.Write(handle, System.Text.Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"), 0);
        return new DataDirectoryLock(handle);
    }

    public void Dispose()
    {
        if (!_handle.IsClosed)
        {
            // Said, not only closed: a process that is being started at this moment has the descriptor too, until it becomes its own program, and would hold the lock so long.
            _ = Libc.FLock(_handle, Libc.LOCK_UN);
        }

        _handle.Dispose();
    }
}
