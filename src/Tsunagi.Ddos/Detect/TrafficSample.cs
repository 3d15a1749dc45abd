using System.Runtime.InteropServices;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Detect;

/// <summary>A packet, or the packets of a record, as rules are made from them: what a router can match on, and how many packets it stands for.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TrafficSample(
    FlowAddress Source, FlowAddress Destination, ulong Packets, ushort Octets, ushort SourcePort, ushort DestinationPort, ushort TcpFlags, ushort FragmentOffset, byte FragmentFlags, byte Protocol,
    byte IcmpType, byte IcmpCode, byte Kind)
{
    /// <summary>Packets that were seen, before sampling is put back: a record of a flow tells of as many as it says, alike in all that a router matches on.</summary>
    public uint Seen { get; init; } = 1;

    public static TrafficSample Of(in FlowRecord record, int kind, ulong packets) => new(
        record.Source, record.Destination, packets, (ushort)Math.Min(ushort.MaxValue, record.Packets > 1 ? record.Octets / record.Packets : record.Octets), record.SourcePort, record.DestinationPort,
        record.TcpFlags, record.FragmentOffset, record.FragmentFlags, record.Protocol, record.IcmpType, record.IcmpCode, (byte)kind)
    {
        Seen = (uint)Math.Clamp(record.Packets, 1, uint.MaxValue),
    };

    /// <summary>Packets seen behind all of these.</summary>
    public static long SeenOf(IEnumerable<TrafficSample> samples) => samples.Sum(static sample => (long)sample.Seen);

    public bool IsIPv6 => !Destination.IsIPv4;

    /// <summary>As a rule's match reads it.</summary>
    public FlowRecord ToRecord() => new()
    {
        Source = Source, Destination = Destination, Packets = 1, Octets = Octets, SourcePort = SourcePort, DestinationPort = DestinationPort, TcpFlags = TcpFlags, FragmentOffset = FragmentOffset,
        FragmentFlags = FragmentFlags, Protocol = Protocol, IcmpType = IcmpType, IcmpCode = IcmpCode, IpVersion = (byte)(IsIPv6 ? 6 : 4),
    };
}
