using System.Text;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Packet;
using Tsunagi.Protocols.Flow.Pcap;
using Tsunagi.Tests.Testing;
using static Tsunagi.Tests.Protocols.Flow.Packet.Packets;

namespace Tsunagi.Tests.Protocols.Flow.Packet;

public class Sampled_packets
{
    private const string A = "203.0.113.1", B = "192.0.2.1", C = "2001:db8::1", D = "2001:db8::2";

    [Fact]
    public void Of_ipv4_and_ipv6_give_addresses_ports_flags_and_lengths()
    {
        FlowRecord tcp = Read(Ethernet(0x0800, Tcp(A, B, 1234, 80, 0x12, "hello")));
        Assert.Equal("203.0.113.1 192.0.2.1 6 1234 80 18 45 1 184 64 4", $"{tcp.Source} {tcp.Destination} {tcp.Protocol} {tcp.SourcePort} {tcp.DestinationPort} {tcp.TcpFlags} {tcp.Octets} {tcp.Packets} {tcp.Tos} {tcp.Ttl} {tcp.IpVersion}");
        Assert.Equal((0x020000000001UL, 0x020000000002UL), (tcp.SourceMac, tcp.DestinationMac));
        FlowRecord udp = Read(Ethernet(0x86DD, Udp(C, D, 53, 4000, 100)));
        Assert.Equal("2001:db8::1 2001:db8::2 17 53 4000 148 63 6 703710 184", $"{udp.Source} {udp.Destination} {udp.Protocol} {udp.SourcePort} {udp.DestinationPort} {udp.Octets} {udp.Ttl} {udp.IpVersion} {udp.FlowLabel} {udp.Tos}");
        FlowRecord icmp = Read(Ethernet(0x0800, Ip(A, B, 1, [3, 4, 0, 0])));
        Assert.Equal((3, 4), (icmp.IcmpType, icmp.IcmpCode));
    }

    [Fact]
    public void Behind_vlan_tags_and_labels_are_found()
    {
        FlowRecord one = Read(Ethernet(0x8100, Vlan(0x2000 | 100, 0x0800, Udp(A, B, 1, 2, 0))));
        Assert.Equal((100, 100, 1, "203.0.113.1"), (one.SourceVlan, one.DestinationVlan, one.VlanTags, one.Source.ToString()));
        FlowRecord two = Read(Ethernet(0x88A8, Vlan(200, 0x8100, Vlan(100, 0x86DD, Udp(C, D, 1, 2, 0)))));
        Assert.Equal((200, 100, 2, "2001:db8::1"), (two.SourceVlan, two.CustomerVlan, two.VlanTags, two.Source.ToString()));
        byte[] labels = new Wire().U32(16 << 12 | 64, 17 << 12 | 0x100 | 64).Octets(Udp(A, B, 1, 2, 0)).ToArray();
        FlowRecord mpls = Read(Ethernet(0x8847, labels));
        Assert.Equal((16u, 17u, 2, "203.0.113.1"), (mpls.MplsLabel1, mpls.MplsLabel2, mpls.MplsLabels, mpls.Source.ToString()));
        byte[] inside = new Wire().U32(16 << 12 | 0x100 | 64, 0).Octets(Ethernet(0x0800, Udp(A, B, 1, 2, 0))).ToArray(); // a control word
        Assert.Equal("203.0.113.1", Read(Ethernet(0x8847, inside)).Source.ToString());
        byte[] pppoe = new Wire().U8(0x11, 0).U16(1, 2 + 28, 0x0021).Octets(Udp(A, B, 1, 2, 0)).ToArray();
        Assert.Equal("203.0.113.1", Read(Ethernet(0x8864, pppoe)).Source.ToString());
        byte[] snap = new Wire().U8(0xAA, 0xAA, 3, 0, 0, 0).U16(0x0800).Octets(Udp(A, B, 1, 2, 0)).ToArray();
        Assert.Equal("203.0.113.1", Read(Ethernet(36, snap)).Source.ToString());
    }

    [Fact]
    public void Of_ipv6_pass_over_extension_headers_and_stop_at_fragments()
    {
        byte[] udp = UdpHeader(53, 4000, new byte[10]);
        byte[] chain = new Wire().U8(60, 0, 0, 0, 0, 0, 0, 0).U8(51, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0).U8(17, 2, 0, 0).U32(0, 0, 0).Octets(udp).ToArray();
        FlowRecord passed = Read(Ip(C, D, 0, chain), PacketLink.Ip);
        Assert.Equal((17, 53), (passed.Protocol, passed.SourcePort));
        byte[] first = new Wire().U8(17, 0).U16(1).U32(77).Octets(udp).ToArray();
        FlowRecord head = Read(Ip(C, D, 44, first), PacketLink.Ip);
        Assert.Equal((53, 0x20, 77u, false), (head.SourcePort, head.FragmentFlags, head.FragmentIdentification, head.IsFragment));
        byte[] second = new Wire().U8(17, 0).U16(185 << 3).U32(77).Octets(udp).ToArray();
        FlowRecord tail = Read(Ip(C, D, 44, second), PacketLink.Ip);
        Assert.Equal((0, 185, true, 17), (tail.SourcePort, tail.FragmentOffset, tail.IsFragment, tail.Protocol));
        FlowRecord tail4 = Read(Ip(A, B, 17, udp, fragment: 0x2000 | 185), PacketLink.Ip);
        Assert.Equal((0, 185, 0x20), (tail4.SourcePort, tail4.FragmentOffset, tail4.FragmentFlags));
    }

    [Fact]
    public void In_tunnels_are_reported_only_where_that_is_asked_for()
    {
        byte[] inner = Udp(A, B, 53, 4000, 10);
        byte[] ipip = Ip("198.51.100.1", "198.51.100.2", 4, inner);
        byte[] gre = Ip("198.51.100.1", "198.51.100.2", 47, new Wire().U16(0xB000, 0x0800).U32(1, 2, 3).Octets(inner).ToArray());
        byte[] greEthernet = Ip("198.51.100.1", "198.51.100.2", 47, new Wire().U16(0, 0x6558).Octets(Ethernet(0x0800, inner)).ToArray());
        byte[] vxlan = Ip("198.51.100.1", "198.51.100.2", 17, UdpHeader(60000, 4789, new Wire().U32(0x08000000, 5000 << 8).Octets(Ethernet(0x0800, inner)).ToArray()));
        byte[] srv6 = Ip(C, D, 43, new Wire().U8(4, 2, 4, 0).U32(0).Address(D).Octets(inner).ToArray());
        foreach ((byte[] packet, PacketTunnels tunnel) in ((byte[], PacketTunnels)[])[(ipip, PacketTunnels.IpInIp), (gre, PacketTunnels.Gre), (greEthernet, PacketTunnels.Gre), (vxlan, PacketTunnels.Vxlan), (srv6, PacketTunnels.Srv6)])
        {
            Assert.Equal(tunnel == PacketTunnels.Srv6 ? C : "198.51.100.1", Read(packet, PacketLink.Ip).Source.ToString());
            Assert.NotEqual(A, Read(packet, PacketLink.Ip, PacketTunnels.All & ~tunnel).Source.ToString());
            FlowRecord opened = Read(packet, PacketLink.Ip, tunnel);
            Assert.Equal((A, (ushort)53, 38UL), (opened.Source.ToString(), opened.SourcePort, opened.Octets));
        }

        Assert.Equal(5000u, Read(vxlan, PacketLink.Ip).SegmentId);
    }

    [Fact]
    public void Of_other_links_are_read()
    {
        byte[] udp = Udp(A, B, 53, 4000, 10);
        (PacketLink Link, byte[] Header)[] links =
        [
            (PacketLink.Null, [2, 0, 0, 0]), (PacketLink.Ppp, [0xFF, 3, 0, 0x21]), (PacketLink.Ppp, [0x21]), (PacketLink.CiscoHdlc, [0x0F, 0, 8, 0]),
            (PacketLink.LinuxSll, [.. new byte[14], 8, 0]), (PacketLink.LinuxSll2, [8, 0, .. new byte[18]]), (PacketLink.Mpls, [0, 1, 1, 64]),
        ];
        foreach ((PacketLink link, byte[] header) in links)
        {
            Assert.Equal((link, A), (link, Read([.. header, .. udp], link).Source.ToString()));
        }

        FlowRecord none = default;
        Assert.False(PacketReader.TryRead(udp, PacketLink.Unknown, 24, default, ref none));
    }

    [Fact]
    public void Cut_anywhere_never_throw_and_keep_what_was_there()
    {
        byte[] packet = Ethernet(0x8100, Vlan(100, 0x8847, new Wire().U32(16 << 12 | 0x100).Octets(Ip(C, D, 43, new Wire().U8(4, 2, 4, 0).U32(0).Address(D).Octets(Tcp(A, B, 1, 2, 2)).ToArray())).ToArray()));
        for (int length = 0; length <= packet.Length; length++)
        {
            FlowRecord record = default;
            bool read = PacketReader.TryRead(packet.AsSpan(0, length), PacketLink.Ethernet, 24, PacketTunnels.All, ref record);
            Assert.Equal(length >= 14 + 4 + 4 + 40, read);
        }

        for (int length = 34; length < 60; length++) // addresses are there before the ports are
        {
            Assert.Equal(A, Read(Ethernet(0x0800, Tcp(A, B, 1, 2, 2, "hello world!"))[..length]).Source.ToString());
        }
    }

    [Theory]
    [InlineData(24, true)]
    [InlineData(25, false)]
    public void Have_at_most_so_many_headers(int tags, bool read)
    {
        byte[] packet = Udp(A, B, 1, 2, 0);
        for (int i = 0; i < tags - 1; i++)
        {
            packet = Vlan(100, i == 0 ? 0x0800 : 0x8100, packet);
        }

        FlowRecord record = default;
        Assert.Equal(read, PacketReader.TryRead(Ethernet(0x8100, packet), PacketLink.Ethernet, 24, default, ref record));
    }

    [Fact]
    public void Of_udp_and_tcp_give_their_payload_without_padding()
    {
        byte[] frame = [.. Ethernet(0x0800, Tcp(A, B, 1234, 179, 0x18, "open")), 0, 0, 0, 0, 0, 0];
        Assert.True(PacketReader.TryReadTransport(frame, PacketLink.Ethernet, out _, out uint sequence, out ReadOnlySpan<byte> payload));
        Assert.Equal((1000u, "open"), (sequence, Encoding.ASCII.GetString(payload)));
        Assert.False(PacketReader.TryReadTransport(Ethernet(0x0800, Ip(A, B, 17, new byte[20], 185)), PacketLink.Ethernet, out _, out _, out _));
    }

    [Fact]
    public void Of_any_protocol_give_what_they_carry_and_of_fragments_the_first_part()
    {
        byte[] frame = [.. Ethernet(0x0800, Tcp(A, B, 1234, 179, 0x18, "open")), 0, 0, 0, 0, 0, 0];
        Assert.True(PacketReader.TryReadPayload(frame, PacketLink.Ethernet, out FlowRecord record, out ReadOnlySpan<byte> payload));
        Assert.Equal((6, 24), (record.Protocol, payload.Length));
        Assert.True(PacketReader.TryReadPayload(Ip(A, B, 1, [8, 0, 1, 2, 3], 0x2000), PacketLink.Ip, out record, out payload));
        Assert.Equal(("0800010203", 0x20), (Convert.ToHexString(payload), record.FragmentFlags & 0x20));
        Assert.False(PacketReader.TryReadPayload(Ip(A, B, 1, [8, 0, 1, 2, 3], 185), PacketLink.Ip, out record, out payload));
        Assert.Equal((185, 0), (record.FragmentOffset, payload.Length));
    }

    // Frames of another project's tests; what they hold is told by their bytes.
    [Theory]
    [InlineData("gre-v4-plain", "66.59.111.190 66.59.111.182 17 123 123")]
    [InlineData("gre-v6-plain", "2001:db8::2 2001:db8::1 6 18716 23")]
    [InlineData("ipv4-ipv4", "192.168.0.1 192.168.0.2 1 0 0")]
    [InlineData("ipv4-ipv6", "2001:6:101:908:a000::149 2002:702:2470:9ffa:fa90:0:ddd:200 0 0 0", true)]
    [InlineData("mpls-ipv4", "10.31.0.1 10.34.0.1 6 11001 23")]
    [InlineData("mpls-ipv6", "2001:db8::1 2001:db8::2 6 11001 80")]
    [InlineData("mpls-explicit-null-ipv4", "10.31.0.1 10.34.0.1 6 11001 23")]
    [InlineData("mpls-explicit-null-ipv6", "2001:db8::1 2001:db8::2 6 11001 80")]
    [InlineData("srv6-end-dt6", "1:2:1::1 b::2 17 50701 5001")]
    [InlineData("mpls-invalid-nibble", ":: :: 0 0 0")]
    [InlineData("mpls-eompls-invalid-cw", "10.31.0.1 10.34.0.1 6 11001 23")]
    public void Of_another_project_are_opened(string name, string expected, bool loose = false)
    {
        string? path = SharedFiles.Find($"data/flows/akvorado/inner-packets/{name}.pcap");
        Assert.SkipWhen(path is null, "the published captures are not on this machine");
        using FileStream file = File.OpenRead(path!);
        Assert.Equal(PcapStatus.Packet, new PcapReader(file).Read(out PcapPacket packet));
        FlowRecord record = default;
        PacketReader.TryRead(packet.Octets, PacketLinks.FromLinkType(packet.LinkType), 24, PacketTunnels.All, ref record);
        string actual = $"{record.Source} {record.Destination} {record.Protocol} {record.SourcePort} {record.DestinationPort}";
        Assert.True(loose ? record.IpVersion == 6 : actual == expected, $"{name}: {actual}, expected {expected}");
    }

    private static FlowRecord Read(byte[] packet, PacketLink link = PacketLink.Ethernet, PacketTunnels tunnels = PacketTunnels.None)
    {
        FlowRecord record = default;
        Assert.True(PacketReader.TryRead(packet, link, 24, tunnels, ref record));
        return record;
    }
}
