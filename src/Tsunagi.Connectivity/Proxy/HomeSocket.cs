using System.Net.Sockets;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Proxy;

/// <summary>A socket of our own that is connected to a home server, so that the kernel lets nobody else's datagrams in, with its 256 identifiers. What is free for longest is used next.</summary>
internal sealed class HomeSocket : IDisposable
{
    private const int Identifiers = 256;
    private const int LongestPacket = 4_096;

    private readonly Lock _lock = new();
    private readonly Asked?[] _asked = new Asked?[Identifiers];
    private readonly Queue<byte> _free = new(Enumerable.Range(0, Identifiers).Select(static each => (byte)each));
    private readonly HomeLane _lane;
    private readonly Socket _socket;

    private HomeSocket(HomeLane lane, Socket socket)
    {
        (_lane, _socket) = (lane, socket);
        _ = ReceiveAsync();
    }

    public int InFlight
    {
        get
        {
            lock (_lock)
            {
                return Identifiers - _free.Count;
            }
        }
    }

    /// <summary>Null when the machine gives none.</summary>
    public static HomeSocket? TryOpen(HomeLane lane)
    {
        Socket? socket = null;
        try
        {
            // No file descriptor left, no such protocol on this machine.
            socket = new Socket(lane.EndPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(lane.EndPoint);
            return new HomeSocket(lane, socket);
        }
        catch (SocketException)
        {
            socket?.Dispose();
            return null;
        }
    }

    /// <summary>Writes a request under an identifier that is its own until it is released. False when none is free; true with null when it can not be written.</summary>
    public bool TryReserve(WriteRequest write, out Asked? asked)
    {
        asked = null;
        lock (_lock)
        {
            if (!_free.TryPeek(out var identifier))
            {
                return false;
            }

            Span<byte> buffer = stackalloc byte[LongestPacket];
            if (write(identifier, buffer) is > 0 and var length)
            {
                _free.Dequeue();
                asked = _asked[identifier] = new Asked(this, buffer[..length].ToArray());
            }

            return true;
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        lock (_lock)
        {
            foreach (var asked in _asked)
            {
                asked?.Set(null);
            }
        }
    }

    private async Task ReceiveAsync()
    {
        // One octet more than a packet may have, so that a longer datagram is not taken for one.
        var buffer = new byte[LongestPacket + 1];
        while (true)
        {
            try
            {
                Take(buffer.AsSpan(0, await _socket.ReceiveAsync(buffer, SocketFlags.None).ConfigureAwait(false)));
            }
            catch (SocketException refused) when (refused.SocketErrorCode is not (SocketError.OperationAborted or SocketError.NotSocket or SocketError.Interrupted))
            {
                // Nobody hears there: the request's time runs out as with any other that is lost.
            }
            catch (Exception over) when (over is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Take(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length > LongestPacket || !RadiusPacket.TryParse(datagram, null, out var answer, out _))
        {
            _lane.CountForged();
            return;
        }

        Asked? asked;
        lock (_lock)
        {
            asked = _asked[answer.Identifier];
        }

        // One that comes too late is nobody's; one under an identifier that is used again fails by its authenticator.
        if (asked is null)
        {
            return;
        }

        if (_lane.IsAnswer(answer, asked.Request))
        {
            asked.Set(answer.Octets.ToArray());
        }
        else
        {
            _lane.CountForged();
        }
    }

    /// <summary>A request on its way.</summary>
    internal sealed class Asked(HomeSocket socket, byte[] request)
    {
        private readonly TaskCompletionSource<byte[]?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public byte[] Request => request;

        /// <summary>Null when the socket was closed.</summary>
        public Task<byte[]?> Answer => _answer.Task;

        /// <summary>What the kernel refuses is lost as a datagram may be.</summary>
        public void Send()
        {
            try
            {
                socket._socket.Send(request);
            }
            catch (Exception lost) when (lost is SocketException or ObjectDisposedException)
            {
                // Its time runs out.
            }
        }

        /// <summary>The very same octets again, as the access server sent its own again: the home server knows them and answers the same.</summary>
        public void Again()
        {
            if (!_answer.Task.IsCompleted)
            {
                Send();
            }
        }

        public void Set(byte[]? answer) => _answer.TrySetResult(answer);

        public void Release()
        {
            lock (socket._lock)
            {
                socket._asked[request[1]] = null;
                socket._free.Enqueue(request[1]);
            }
        }
    }
}
