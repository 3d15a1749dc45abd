using System.Net;

namespace Tsunagi.Core.Net;

/// <summary>What the kernel says of a datagram besides its octets.</summary>
/// <param name="ReceivedAt">When it came in, nanoseconds since 1970; by this program's clock where the kernel did not say.</param>
/// <param name="IsKernels">Whether the kernel said when.</param>
/// <param name="Ttl">Time to live or hop limit; 0 where it is not told.</param>
/// <param name="TrafficClass">DSCP and ECN.</param>
/// <param name="Destination">The address it was sent to; null where it is not told.</param>
public readonly record struct StampedArrival(long ReceivedAt, bool IsKernels, byte Ttl, byte TrafficClass, IPAddress? Destination);

/// <summary>Who takes what a <see cref="StampedSocket"/> receives, on the thread that receives.</summary>
public interface IStampedReader
{
    /// <summary>A datagram. The octets and <paramref name="from"/> are overwritten by the next one.</summary>
    void OnDatagram(ReadOnlySpan<byte> datagram, SocketAddress from, in StampedArrival arrival);

    /// <summary>When a datagram that was sent here left, nanoseconds since 1970.</summary>
    /// <param name="number">What <see cref="StampedSocket.Send"/> gave.</param>
    void OnSent(uint number, long sentAt);
}
