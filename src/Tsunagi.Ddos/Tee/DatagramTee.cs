using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Tsunagi.Ddos.Collect;

namespace Tsunagi.Ddos.Tee;

/// <summary>
/// Hands datagrams on to other collectors, unchanged, from the collector's own thread. It never waits: what the socket does not take at once (its buffer
/// is the bound) is dropped for that target and counted.
/// </summary>
internal sealed class DatagramTee : IDisposable
{
    private readonly Target[] _targets;

    public DatagramTee(CollectOptions options) => _targets = [.. options.Tee.Select(static text => new Target(IPEndPoint.Parse(text)))];

    public IReadOnlyList<TeeTarget> Targets => [.. _targets.Select(static target => new TeeTarget(target.EndPoint.ToString(), Interlocked.Read(ref target.Sent), Interlocked.Read(ref target.Dropped)))];

    /// <summary>Why the targets cannot be, or null: a copy that comes back to us would go round for ever.</summary>
    public static string? Check(CollectOptions options)
    {
        var own = options.Listen.Select(static text => IPEndPoint.TryParse(text, out var point) ? point : null).OfType<IPEndPoint>().ToList();
        var local = NetworkInterface.GetAllNetworkInterfaces().SelectMany(static card => card.GetIPProperties().UnicastAddresses).Select(static each => each.Address).ToHashSet();
        foreach (var text in options.Tee)
        {
            if (!IPEndPoint.TryParse(text, out var target) || target.Port == 0)
            {
                return $"ddos.collect.tee: \"{text}\" is no address and port";
            }

            if (own.Any(listen => listen.Port == target.Port && (listen.Address.Equals(target.Address)
                || (IsAny(listen.Address) && (local.Contains(target.Address) || IPAddress.IsLoopback(target.Address) || IsAny(target.Address))))))
            {
                return $"ddos.collect.tee: {text} is one of our own listeners: every datagram would come back";
            }
        }

        return null;
    }

    public void Send(ReadOnlySpan<byte> datagram)
    {
        foreach (var target in _targets)
        {
            try
            {
                target.Socket.SendTo(datagram, SocketFlags.None, target.Address);
                Interlocked.Increment(ref target.Sent);
            }
            catch (SocketException)
            {
                // Its buffer is full, or there is no way to it now.
                Interlocked.Increment(ref target.Dropped);
            }
        }
    }

    public void Dispose()
    {
        foreach (var target in _targets)
        {
            target.Socket.Dispose();
        }
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private sealed class Target(IPEndPoint point)
    {
        public long Sent;
        public long Dropped;

        public IPEndPoint EndPoint => point;

        public SocketAddress Address { get; } = point.Serialize();

        public Socket Socket { get; } = new(point.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
    }
}

/// <summary>Another collector and what it got.</summary>
internal sealed record TeeTarget(string Target, long Sent, long Dropped);
