using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Connectivity.Radius;

/// <summary>One socket of an address; several share it (SO_REUSEPORT).</summary>
internal sealed class RadiusSocket(Socket socket) : IDisposable
{
    private const int MostSenders = 4_096;

    private readonly Dictionary<RadiusSource, Way> _senders = [];

    public IPEndPoint EndPoint { get; } = (IPEndPoint)socket.LocalEndPoint!;

    public Socket Socket => socket;

    /// <summary>The way back to a sender, which stays right when <paramref name="from"/> is overwritten. On the thread that receives.</summary>
    public IAnswerWay WayTo(SocketAddress from, RadiusSource source)
    {
        if (!_senders.TryGetValue(source, out var way))
        {
            if (_senders.Count >= MostSenders)
            {
                _senders.Clear();
            }

            var kept = new SocketAddress(from.Family, from.Size);
            from.Buffer.CopyTo(kept.Buffer);
            way = new Way(socket, kept);
            _senders.Add(source, way);
        }

        return way;
    }

    public void Dispose() => socket.Dispose();

    private sealed class Way(Socket socket, SocketAddress to) : IAnswerWay
    {
        /// <summary>What the kernel refuses is lost as a datagram may be, and the NAS asks again.</summary>
        public void Send(ReadOnlySpan<byte> answer)
        {
            try
            {
                socket.SendTo(answer, SocketFlags.None, to);
            }
            catch (SocketException)
            {
                // The way back is closed or the buffer is full.
            }
            catch (ObjectDisposedException)
            {
                // The program stops.
            }
        }
    }
}
