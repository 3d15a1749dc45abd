using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Connectivity.Datagrams;

/// <summary>
/// Threads that block in a socket each until they are stopped. What our own code gets wrong with a datagram is told once a minute and not answered: the thread lives, and whoever asked asks again.
/// </summary>
/// <param name="tell">Says what went wrong, and where.</param>
internal sealed class ReceivingThreads(TimeProvider time, Action<Exception, IPEndPoint> tell) : IDisposable
{
    private static readonly TimeSpan FailureEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(5);

    private readonly List<Thread> _threads = [];
    private readonly ManualResetEventSlim _stopping = new();
    private long _faults;
    private long _toldAt;

    /// <summary>Datagrams that our own code failed on.</summary>
    public long Faults => Interlocked.Read(ref _faults);

    /// <param name="receive">Waits for one datagram, for <see cref="ReceivingSocket.Pause"/> at most, and handles it.</param>
    public void Start(string name, IPEndPoint at, Action receive)
    {
        var thread = new Thread(() => Receive(at, receive)) { IsBackground = true, Name = name };
        _threads.Add(thread);
        thread.Start();
    }

    /// <summary>Ends when the threads have; sockets are closed after it.</summary>
    public void Stop()
    {
        _stopping.Set();
        foreach (var thread in _threads)
        {
            thread.Join(LongestEnd);
        }

        _threads.Clear();
    }

    public void Dispose()
    {
        Stop();
        _stopping.Dispose();
    }

    private void Receive(IPEndPoint at, Action receive)
    {
        while (!_stopping.IsSet)
        {
            try
            {
                receive();
            }
            catch (SocketException nothing) when (nothing.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock or SocketError.Interrupted or SocketError.ConnectionRefused)
            {
                // Nothing came, or an answer found nobody; look whether it is over.
            }
            catch (Exception) when (_stopping.IsSet)
            {
                return;
            }
            catch (Exception broken)
            {
                // The one place for what goes wrong with a datagram: it is not answered, the thread lives.
                Interlocked.Increment(ref _faults);
                if (_toldAt == 0 || time.GetElapsedTime(_toldAt) > FailureEvery)
                {
                    _toldAt = time.GetTimestamp();
                    tell(broken, at);
                }
            }
        }
    }
}
