using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Packet;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Flow.Packet;

/// <summary>Packets on any link: nothing throws, an address is only told with an IP version, a payload lies inside the packet.</summary>
public sealed class PacketFuzz : FuzzTarget
{
    public override string Name => "flow.packet";

    public override IReadOnlyList<Type> Parsers { get; } = typeof(PacketReader).Assembly.GetTypes().Where(t => t.FullName!.StartsWith("Tsunagi.Protocols.Flow.Packet.PacketReader", StringComparison.Ordinal)).ToArray();

    public override IReadOnlyList<byte[]> Words { get; } = [[0x81, 0], [8, 0], [0x86, 0xDD], [0x88, 0x47], [0x45, 0], [0x60, 0, 0, 0], [4], [41], [43], [44], [47], [0x12, 0xB5], [0x88, 0x64], [0x65, 0x58]];

    public override int MaxOctets => 256;

    public override byte[] Generate(Random random)
    {
        byte[] packet = random.Next(3) == 0 ? Packets.Tcp("203.0.113.1", "192.0.2.1", 1, 2, random.Next(512), "x") : Packets.Udp("2001:db8::1", "2001:db8::2", 1, Pick(random, 53, 4789), 8);
        bool is6 = packet[0] >> 4 == 6;
        for (int i = random.Next(3); i > 0; i--)
        {
            int protocol = is6 ? 41 : 4;
            switch (random.Next(9))
            {
                case 0:
                    packet = Packets.Ip("198.51.100.1", "198.51.100.2", protocol, packet);
                    is6 = false;
                    break;
                case 1:
                    packet = Packets.Ip("2001:db8:5::1", "2001:db8:5::2", 43, new Wire().U8(protocol, 2, 4, 0).U32(0).Address("2001:db8::2").Octets(packet).ToArray());
                    is6 = true;
                    break;
                case 2:
                    packet = Packets.Ip("198.51.100.1", "198.51.100.2", 47, new Wire().U16(Pick(random, 0, 0xB000, 1), is6 ? 0x86DD : 0x0800).U32(1, 2, 3).Octets(packet).ToArray());
                    is6 = false;
                    break;
                case 3:
                    packet = Packets.Ip("198.51.100.1", "198.51.100.2", 17, Packets.UdpHeader(60000, 4789, new Wire().U32(0x08000000, 5000 << 8).Octets(Packets.Ethernet(is6 ? 0x86DD : 0x0800, packet)).ToArray()));
                    is6 = false;
                    break;
                case 4:
                    packet = Packets.Ip("2001:db8:5::1", "2001:db8:5::2", Pick(random, 0, 60), new Wire().U8(protocol, 0, 0, 0).U32(0).Octets(packet).ToArray());
                    is6 = true;
                    break;
                case 5:
                    packet = Packets.Ip("2001:db8:5::1", "2001:db8:5::2", 44, new Wire().U8(protocol, 0).U16(Pick(random, 0, 1, 80)).U32(9).Octets(packet).ToArray());
                    is6 = true;
                    break;
                case 6:
                    packet = Packets.Ip("2001:db8:5::1", "2001:db8:5::2", 51, new Wire().U8(protocol, 1, 0, 0).U32(0, 0).Octets(packet).ToArray());
                    is6 = true;
                    break;
                case 7:
                    packet = Packets.Ip("203.0.113.1", "192.0.2.1", Pick(random, 1, 58, 132), packet, Pick(random, 0, 0x2000, 0x00FF));
                    is6 = false;
                    break;
                default:
                    packet = Packets.Ip("2001:db8:5::1", "2001:db8:5::2", 43, new Wire().U8(143, 2, 4, 0).U32(0).Address("2001:db8::2").Octets(Packets.Ethernet(is6 ? 0x86DD : 0x0800, packet)).ToArray());
                    is6 = true;
                    break;
            }
        }

        int type = is6 ? 0x86DD : 0x0800;
        int link = random.Next(9);
        byte[] labels = new Wire().U32(16 << 12, 17 << 12, 18 << 12, 19 << 12, 20 << 12 | 0x100).Octets(packet).ToArray();
        byte[] framed = (PacketLink)link switch
        {
            PacketLink.Ethernet => random.Next(6) switch
            {
                0 => Packets.Ethernet(0x88A8, Packets.Vlan(1, 0x8100, Packets.Vlan(2, type, packet))),
                1 => Packets.Ethernet(0x8847, labels),
                2 => Packets.Ethernet(0x8864, new Wire().U8(0x11, 0).U16(1, 2 + packet.Length, is6 ? 0x57 : 0x21).Octets(packet).ToArray()),
                3 => Packets.Ethernet(0x8847, new Wire().U32(16 << 12 | 0x100, 0).Octets(Packets.Ethernet(type, packet)).ToArray()),
                4 => Packets.Ethernet(100, new Wire().Hex("AAAA03000000").U16(type).Octets(packet).ToArray()),
                _ => Packets.Ethernet(type, packet),
            },
            PacketLink.Ppp => Pick<byte[]>(random, [0xFF, 3, 0, 0x21, .. packet], [0x21, .. packet], [2, 0x81, .. labels]),
            PacketLink.Mpls => labels,
            PacketLink.Null => [2, 0, 0, 0, .. packet],
            PacketLink.LinuxSll => [.. new byte[14], (byte)(type >> 8), (byte)type, .. packet],
            PacketLink.LinuxSll2 => [(byte)(type >> 8), (byte)type, .. new byte[18], .. packet],
            PacketLink.CiscoHdlc => [0x0F, 0, (byte)(type >> 8), (byte)type, .. packet],
            _ => packet,
        };
        return [(byte)link, (byte)random.Next(16), .. framed];
    }

    public override void Run(byte[] input)
    {
        if (input.Length < 2)
        {
            return;
        }

        FlowRecord record = default;
        bool read = PacketReader.TryRead(input.AsSpan(2), (PacketLink)input[0], 12, (PacketTunnels)(input[1] & 15), ref record);
        Promise(!read || record.IpVersion is 4 or 6, "a packet has a version");
        Promise(record.IpVersion != 0 || record.Source.IsUnspecified, "an address has a version");
        Promise(record.VlanTags <= 12 && record.MplsLabels <= 12, "headers within the limit");
        if (PacketReader.TryReadTransport(input.AsSpan(2), (PacketLink)input[0], out FlowRecord transport, out _, out ReadOnlySpan<byte> payload))
        {
            Promise(payload.Length <= input.Length - 2 && transport.Protocol is 6 or 17, "a payload lies inside");
        }

        Promise(!PacketReader.TryReadPayload(input.AsSpan(2), (PacketLink)input[0], out FlowRecord carrier, out payload) || (payload.Length <= input.Length - 2 && carrier.FragmentOffset == 0), "so does what it carries");
    }
}
