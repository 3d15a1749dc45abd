using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;
using Tsunagi.Protocols.Flow.Packet;

namespace Tsunagi.Tests.Routing.Scrub;

/// <summary>Packets and rules that often meet: both are made of the same few addresses, ports, lengths and bits, whole and in pieces, with options and extension headers. A seed makes the same again.</summary>
internal sealed class MadePackets(Random random)
{
    public const string RouterMac = "02:00:00:00:00:02";

    private static readonly byte[] Protocols = [1, 6, 6, 6, 17, 17, 17, 33, 47, 58, 132, 136, 200];
    private static readonly ushort[] Ports = [0, 22, 53, 80, 443, 1_024, 2_047, 8_080, 65_535];
    private static readonly byte[] IcmpBytes = [0, 3, 8, 11, 128, 255];
    private static readonly byte[] DscpValues = [0, 10, 20, 46, 63];
    private static readonly int[] Lengths = [60, 100, 101, 400, 512, 999, 1_400];
    private static readonly uint[] Labels = [0, 5, 10, 20, 0xF_FFFF];
    private static readonly string[] Targets4 = ["192.0.2.1", "192.0.2.2", "192.0.2.130"];
    private static readonly string[] Targets6 = ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"];
    private static readonly string[] Sources4 = ["198.51.100.1", "198.51.100.200", "203.0.113.5"];
    private static readonly string[] Sources6 = ["2001:db8:5::1", "2001:db8:f:5::1", "2001:470::9"];
    private static readonly string[] Destinations = ["192.0.2.0/24", "192.0.2.0/25", "192.0.2.1/32", "192.0.2.2/32", "2001:db8::/48", "2001:db8::/64", "2001:db8::1/128"];
    private static readonly string[] SourcePrefixes4 = ["198.51.100.0/24", "198.51.100.128/25", "203.0.113.5/32", "0.0.0.0/0"];
    private static readonly string[] SourcePrefixes6 = ["2001:db8::/32", "2001:db8:5::/48", "2001:470::9/128", "::/0"];

    /// <summary>An Ethernet frame whose source address ends in its number.</summary>
    public byte[] Frame(int number)
    {
        var packet = random.Next(2) == 0 ? Packet4() : Packet6();
        byte[] head = [2, 0, 0, 0, 0, 2, 2, 0xAA, 0, 0, (byte)(number >> 8), (byte)number, .. packet[0] >> 4 == 4 ? (byte[])[8, 0] : [0x86, 0xDD]];
        return [.. head, .. packet];
    }

    public static string MacOf(int number) => $"02:aa:00:00:{number >> 8:x2}:{number & 255:x2}";

    /// <summary>The same frame as our own reader sees it.</summary>
    public static FlowRecord RecordOf(byte[] frame)
    {
        var record = default(FlowRecord);
        Assert.True(PacketReader.TryRead(frame, PacketLink.Ethernet, 8, PacketTunnels.None, ref record));
        return record;
    }

    /// <summary>A frame of a whole UDP packet.</summary>
    public static byte[] Udp(string target, ushort sourcePort, int length)
    {
        var packet = new byte[length];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)length);
        (packet[8], packet[9]) = (64, 17);
        IPAddress.Parse(Sources4[0]).TryWriteBytes(packet.AsSpan(12), out _);
        IPAddress.Parse(target).TryWriteBytes(packet.AsSpan(16), out _);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Checksum(packet.AsSpan(0, 20)));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(20), sourcePort);
        return [2, 0, 0, 0, 0, 2, 2, 0xAA, 0, 0, 0, 0, 8, 0, .. packet];
    }

    public FlowSpecRule Rule()
    {
        var destination = BgpPrefix.Parse(Of(Destinations));
        var components = ImmutableArray.CreateBuilder<FlowSpecComponent>();
        components.Add(new FlowSpecComponent(FlowSpecType.Destination) { Prefix = destination });
        if (random.Next(4) == 0)
        {
            var source = BgpPrefix.Parse(Of(destination.IsIPv6 ? SourcePrefixes6 : SourcePrefixes4));
            var offset = destination.IsIPv6 && source.Length > 20 && random.Next(2) == 0 ? 16 : 0;
            components.Add(new FlowSpecComponent(FlowSpecType.Source) { Prefix = source, Offset = (byte)offset });
        }

        Some(3, FlowSpecType.Protocol, () => Of(Protocols));
        Some(6, FlowSpecType.Port, () => Of(Ports));
        Some(5, FlowSpecType.DestinationPort, () => Of(Ports));
        Some(5, FlowSpecType.SourcePort, () => Of(Ports));
        Some(8, FlowSpecType.IcmpType, () => Of(IcmpBytes));
        Some(8, FlowSpecType.IcmpCode, () => Of(IcmpBytes));
        Some(5, FlowSpecType.TcpFlags, () => (ulong)random.Next(random.Next(8) == 0 ? 0x400 : 0x200));
        Some(4, FlowSpecType.PacketLength, () => (ulong)Of(Lengths));
        Some(6, FlowSpecType.Dscp, () => Of(DscpValues));
        Some(4, FlowSpecType.Fragment, () => (ulong)random.Next(16));
        if (destination.IsIPv6)
        {
            Some(5, FlowSpecType.FlowLabel, () => Of(Labels));
        }

        return new FlowSpecRule(destination.IsIPv6, components.ToImmutable());

        void Some(int oneOf, FlowSpecType type, Func<ulong> value)
        {
            if (random.Next(oneOf) == 0)
            {
                components.Add(Component(type, value));
            }
        }
    }

    private FlowSpecComponent Component(FlowSpecType type, Func<ulong> value)
    {
        var component = new FlowSpecComponent(type);
        return component with { Terms = [.. Enumerable.Range(0, 1 + random.Next(3)).Select(i => FlowSpecTerm.Of((byte)(random.Next(component.IsBitmask ? 4 : 8) | (i > 0 && random.Next(2) == 0 ? FlowSpecTerm.And : 0)), value()))] };
    }

    private byte[] Packet4()
    {
        var options = random.Next(6) == 0 ? 4 : 0;
        var protocol = Of(Protocols);
        var length = Of(Lengths);
        var packet = new byte[length];
        packet[0] = (byte)(0x45 + (options / 4));
        packet[1] = (byte)((Of(DscpValues) << 2) | random.Next(4));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), (ushort)((random.Next(2) << 14) | (random.Next(4) == 0 ? 0x2000 : 0) | (random.Next(4) == 0 ? random.Next(1, 0x2000) : 0)));
        packet[8] = 64;
        packet[9] = protocol;
        IPAddress.Parse(Of(Sources4)).TryWriteBytes(packet.AsSpan(12), out _);
        IPAddress.Parse(Of(Targets4)).TryWriteBytes(packet.AsSpan(16), out _);
        if (options > 0)
        {
            packet.AsSpan(20, 4).Fill(1); // RFC 791: no operation
        }

        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Checksum(packet.AsSpan(0, 20 + options)));
        Transport(packet.AsSpan(20 + options), protocol);
        return packet;
    }

    private byte[] Packet6()
    {
        var length = Of(Lengths);
        var packet = new byte[Math.Max(length, 100)];
        var protocol = Of(Protocols);
        BinaryPrimitives.WriteUInt32BigEndian(packet, 0x6000_0000 | ((uint)((Of(DscpValues) << 2) | random.Next(4)) << 20) | Of(Labels));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)(packet.Length - 40));
        packet[7] = 64;
        IPAddress.Parse(Of(Sources6)).TryWriteBytes(packet.AsSpan(8), out _);
        IPAddress.Parse(Of(Targets6)).TryWriteBytes(packet.AsSpan(24), out _);
        var (at, next) = (40, 6);
        if (random.Next(6) == 0)
        {
            packet[next] = 0; // hop by hop, with a padding of six octets (RFC 8200 section 4.3)
            (packet[at + 2], packet[at + 3]) = (1, 4);
            (next, at) = (at, at + 8);
        }

        if (random.Next(2) == 0)
        {
            packet[next] = 44; // fragment (RFC 8200 section 4.5)
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(at + 2), (ushort)((random.Next(2) == 0 ? random.Next(1, 0x2000) << 3 : 0) | random.Next(2)));
            (next, at) = (at, at + 8);
        }

        packet[next] = protocol;
        Transport(packet.AsSpan(at), protocol);
        return packet;
    }

    private void Transport(Span<byte> to, byte protocol)
    {
        if (protocol is 1 or 58)
        {
            (to[0], to[1]) = (Of(IcmpBytes), Of(IcmpBytes));
            return;
        }

        BinaryPrimitives.WriteUInt16BigEndian(to, Of(Ports));
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], Of(Ports));
        if (protocol == 6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(to[12..], (ushort)(0x5000 | (random.Next(8) << 9) | random.Next(0x200)));
        }
        else if (protocol == 17)
        {
            BinaryPrimitives.WriteUInt16BigEndian(to[4..], (ushort)to.Length);
        }
    }

    private T Of<T>(T[] few) => few[random.Next(few.Length)];

    private static ushort Checksum(ReadOnlySpan<byte> header)
    {
        var sum = 0u;
        for (var i = 0; i < header.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(header[i..]);
        }

        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~((sum & 0xFFFF) + (sum >> 16));
    }
}
