using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Packet;
using Tsunagi.Tests.Protocols.Flow.Packet;

namespace Tsunagi.Tests.Protocols.Flow.Sflow;

public class Sflow_datagrams
{
    internal static readonly byte[] Frame = Packets.Ethernet(0x8100, Packets.Vlan(100, 0x0800, Packets.Udp("203.0.113.1", "192.0.2.1", 53, 4000, 100)));

    [Fact]
    public void Of_flow_samples_give_the_sampled_packet_with_its_rate()
    {
        var keeper = new FlowKeeper();
        FlowDecodeResult result = keeper.Decode(Sample(1, 3, Header(Frame), Switch(7, 8), Gateway()).Sflow(1));
        Assert.Equal(new FlowDecodeResult(FlowOrigin.Sflow, 1, 0, 0, 0, 0, 0), result);
        FlowRecord flow = keeper.Flows[0];
        Assert.Equal("203.0.113.1 192.0.2.1 53 4000 17 128 1 150 512 Sample 3 4", $"{flow.Source} {flow.Destination} {flow.SourcePort} {flow.DestinationPort} {flow.Protocol} {flow.Octets} {flow.Packets} {flow.FrameOctets} {flow.SamplingRate} {flow.SamplingSource} {flow.InputInterface} {flow.OutputInterface}");
        Assert.Equal("7 8 64500 64502 198.51.100.9", $"{flow.SourceVlan} {flow.DestinationVlan} {flow.SourceAs} {flow.DestinationAs} {flow.NextHop}"); // the switch knows the VLANs better than the tag
        Assert.Equal(("192.0.2.9", 512, "203.0.113.1"), ((string)keeper.FlowObjects[0]["export"]!["exporter"]!, (int)keeper.FlowObjects[0]["samplingInterval"]!, (string)keeper.FlowObjects[0]["sourceIPv4Address"]!));
    }

    [Fact]
    public void Of_expanded_samples_have_interfaces_of_32_bits()
    {
        var keeper = new FlowKeeper();
        Wire sample = new Wire().U32(9, 0, 5, 1000, 2000, 3, 0, 4_000_000_000, 0, 4_000_000_001, 2).Octets(Header(Frame).ToArray()).Octets(Router().ToArray());
        keeper.Decode(new Wire().U32(3, sample.Length).Octets(sample.ToArray()).Sflow(1));
        FlowRecord flow = keeper.Flows[0];
        Assert.Equal("4000000000 4000000001 1000 198.51.100.1 24 25 100", $"{flow.InputInterface} {flow.OutputInterface} {flow.SamplingRate} {flow.NextHop} {flow.SourcePrefixLength} {flow.DestinationPrefixLength} {flow.SourceVlan}");
    }

    [Theory]
    [InlineData(0x3FFFFFFF)] // the agent itself
    [InlineData(0x40000102)] // discarded
    [InlineData(0x80000005)] // to five interfaces
    public void Name_no_interface_where_there_is_none(long output)
    {
        var keeper = new FlowKeeper();
        keeper.Decode(Sample(1, 3, output, Header(Frame)).Sflow(1));
        Assert.Equal((3u, 0u), (keeper.Flows[0].InputInterface, keeper.Flows[0].OutputInterface));
    }

    [Fact]
    public void Of_samples_without_a_header_give_what_they_tell()
    {
        var keeper = new FlowKeeper();
        Wire ip4 = new Wire().U32(3, 32).U32(1400, 17).Address("203.0.113.1").Address("192.0.2.1").U32(53, 4000, 0, 8);
        Wire ip6 = new Wire().U32(4, 56).U32(1400, 6).Address("2001:db8::1").Address("2001:db8::2").U32(80, 4000, 0x12, 0);
        Wire ethernet = new Wire().U32(2, 24).U32(1414).Hex("020000000001 0000 020000000002 0000").U32(0x0800);
        Wire labels = new Wire().U32(1006, 28, 1).Address("198.51.100.1").U32(2, 16 << 12, 17 << 12 | 0x100, 1, 0);
        Wire vni = new Wire().U32(1030, 4, 5000);
        keeper.Decode(Sample(1, 3, ip4, ethernet, labels, vni).Octets(Sample(1, 3, ip6).ToArray()).Octets(Sample(1, 3, ethernet).ToArray()).Sflow(3));
        Assert.Equal("203.0.113.1 53 1400 4 16 17 5000 2199023255553", $"{keeper.Flows[0].Source} {keeper.Flows[0].SourcePort} {keeper.Flows[0].Octets} {keeper.Flows[0].IpVersion} {keeper.Flows[0].MplsLabel1} {keeper.Flows[0].MplsLabel2} {keeper.Flows[0].SegmentId} {keeper.Flows[0].SourceMac}");
        Assert.Equal("2001:db8::1 80 18 6", $"{keeper.Flows[1].Source} {keeper.Flows[1].SourcePort} {keeper.Flows[1].TcpFlags} {keeper.Flows[1].IpVersion}");
        Assert.Equal(1414UL, keeper.Flows[2].Octets);
        Assert.Empty(keeper.Problems);
    }

    [Fact]
    public void Of_counter_samples_give_interface_counters()
    {
        var keeper = new FlowKeeper();
        Wire counters = new Wire().U32(1, 88).U32(3, 6).U64(10_000_000_000).U32(1, 3).U64(123456789).U32(1, 2, 3, 4, 5, 6).U64(987654321).U32(7, 8, 9, 10, 11, 12);
        Wire other = new Wire().U32(2, 4, 0xABCD);
        Wire sample = new Wire().U32(5, 3, 2).Octets(counters.ToArray()).Octets(other.ToArray());
        Wire expanded = new Wire().U32(5, 0, 3, 1).Octets(counters.ToArray());
        FlowDecodeResult result = keeper.Decode(new Wire().U32(2, sample.Length).Octets(sample.ToArray()).U32(4, expanded.Length).Octets(expanded.ToArray()).Sflow(2));
        Assert.Equal((2, 0), (result.Counters, result.Problems));
        Assert.Equal((3u, 123456789UL, 987654321UL, 12u), (keeper.Counters[1].IfIndex, keeper.Counters[1].IfInOctets, keeper.Counters[1].IfOutOctets, keeper.Counters[1].IfPromiscuousMode));
        Assert.Equal("0000abcd", (string)keeper.Objects[0]["counters"]![1]!["content"]!);
    }

    [Fact]
    public void Of_samples_that_are_not_known_are_passed_over()
    {
        var keeper = new FlowKeeper();
        FlowDecodeResult result = keeper.Decode(new Wire().U32(9 << 12 | 1, 6).U8(1, 2, 3, 4, 5, 6, 0, 0).Octets(Sample(1, 3, new Wire().U32(9 << 12 | 7, 4, 0), Header(Frame)).ToArray()).Sflow(2));
        Assert.Equal((1, 0), (result.Flows, result.Problems));
        Assert.Equal("203.0.113.1", keeper.Flows[0].Source.ToString());
    }

    [Fact]
    public void Cut_anywhere_do_no_harm()
    {
        byte[] datagram = Sample(1, 3, Header(Frame), Switch(7, 8), Gateway(), Router()).Sflow(1);
        for (int length = 0; length < datagram.Length; length++)
        {
            var keeper = new FlowKeeper();
            FlowDecodeResult result = keeper.Decode(datagram[..length]);
            Assert.True(result.Flows == 0 && result.Problems == 1);
        }
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    public void Have_samples_up_to_the_limit(int samples, int problems)
    {
        var keeper = new FlowKeeper(new FlowLimits { SflowRecords = 2 });
        var wire = new Wire();
        for (int i = 0; i < samples; i++)
        {
            wire.Octets(Sample(1, 3, Header(Frame)).ToArray());
        }

        FlowDecodeResult result = keeper.Decode(wire.Sflow(samples));
        Assert.Equal((2, problems), (result.Flows, result.Problems));
    }

    [Fact]
    public void Are_counted_by_their_sequence()
    {
        var keeper = new FlowKeeper();
        keeper.Decode(new Wire().Sflow(0, 5));
        Assert.Equal(3u, keeper.Decode(new Wire().Sflow(0, 9)).Missing);
    }

    internal static Wire Header(byte[] frame)
    {
        int padding = -frame.Length & 3;
        return new Wire().U32(1, 16 + frame.Length + padding, 1, 150, 4, frame.Length).Octets(frame).Octets(new byte[padding]);
    }

    internal static Wire Switch(int source, int destination) => new Wire().U32(1001, 16, source, 0, destination, 0);

    internal static Wire Router() => new Wire().U32(1002, 16, 1).Address("198.51.100.1").U32(24, 25);

    internal static Wire Gateway() => new Wire().U32(1003, 52, 1).Address("198.51.100.9").U32(64499, 64500, 64501, 1, 2, 2, 64501, 64502, 1, 7, 100);

    internal static Wire Sample(int format, long input, params Wire[] records) => Sample(format, input, 4, records);

    internal static Wire Sample(int format, long input, long output, params Wire[] records)
    {
        Wire sample = new Wire().U32(9, 5, 512, 10_000, 0, input, output, records.Length);
        foreach (Wire record in records)
        {
            sample.Octets(record.ToArray());
        }

        return new Wire().U32(format, sample.Length).Octets(sample.ToArray());
    }
}
