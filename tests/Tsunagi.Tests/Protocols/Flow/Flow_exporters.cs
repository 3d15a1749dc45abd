using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Ipfix;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Flow;

public class Flow_exporters
{
    // source, destination, ports, protocol, octets, packets, input: 22 octets
    internal static readonly (int Id, int Length)[] Common = [(8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (1, 4), (2, 4), (10, 1)];

    // The inputs are hexadecimal datagrams, one a line.
    public static TheoryData<string> Datagrams() => Golden.Cases("Protocols/Flow");

    [Theory]
    [MemberData(nameof(Datagrams))]
    [Trait("Golden", "true")]
    public void Decode_datagrams_as_recorded(string name) => Golden.Check("Protocols/Flow", name, input =>
    {
        var keeper = new FlowKeeper();
        foreach (string line in Octets.Show(input).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !l.StartsWith('#')))
        {
            keeper.Decode(new Wire().Hex(line).ToArray());
        }

        return Encoding.UTF8.GetBytes(keeper.ToText());
    });

    [Fact]
    public void Read_netflow_9_by_its_template()
    {
        var keeper = new FlowKeeper();
        keeper.Decode(Template9(260, Common).NetFlow9());
        FlowDecodeResult result = keeper.Decode(new Wire().Set(260, Record().Octets(Record().ToArray()), padding: 0).NetFlow9(1));
        Assert.Equal(new FlowDecodeResult(FlowOrigin.NetFlow9, 2, 0, 0, 0, 0, 0), result);
        FlowRecord flow = keeper.Flows[0];
        Assert.Equal("192.0.2.1 198.51.100.2 53 4000 17 1500 3 9", $"{flow.Source} {flow.Destination} {flow.SourcePort} {flow.DestinationPort} {flow.Protocol} {flow.Octets} {flow.Packets} {flow.InputInterface}");
        Assert.Equal((SamplingSource.Unknown, 1u, (byte)4), (flow.SamplingSource, flow.SamplingRate, flow.IpVersion));
        Assert.Equal(flow, keeper.Flows[1]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Take_what_is_behind_the_last_record_for_padding(int padding)
    {
        var keeper = new FlowKeeper();
        keeper.Decode(Template10(256, Common).Ipfix());
        Assert.Equal((1, 0), Counts(keeper.Decode(new Wire().Set(256, Record(), padding).Ipfix())));
        keeper.Decode(Template9(256, Common).NetFlow9());
        Assert.Equal((1, 0), Counts(keeper.Decode(new Wire().Set(256, Record(), padding).Octets(new byte[padding]).NetFlow9())));
    }

    [Fact]
    public void Use_nothing_of_a_malformed_ipfix_message()
    {
        var keeper = new FlowKeeper();
        keeper.Decode(Template10(256, Common).Ipfix());
        byte[] good = new Wire().Set(256, Record()).Set(256, Record()).Ipfix();
        for (int cut = 16; cut < good.Length; cut++)
        {
            byte[] message = good[..cut];
            Assert.Equal(0, keeper.Decode(message).Flows); // the length of its header is longer than it
            message[2] = (byte)(cut >> 8);
            message[3] = (byte)cut;
            Assert.True(keeper.Decode(message).Flows <= 1, "a set that ends behind the message"); // cut between the sets it is whole
        }

        Assert.All(keeper.Problems, p => Assert.Equal(FlowProblemKind.MessageMalformed, p.Kind));
    }

    [Fact]
    public void Read_of_a_truncated_netflow_9_datagram_what_is_whole()
    {
        var keeper = new FlowKeeper();
        keeper.Decode(Template9(256, Common).NetFlow9());
        byte[] two = new Wire().Set(256, Record().Octets(Record().ToArray())).NetFlow9();
        Assert.Equal((1, 1), Counts(keeper.Decode(two[..^3])));
        Assert.Equal(FlowProblemKind.SetMalformed, keeper.Problems[0].Kind);
        Assert.Equal((0, 1), Counts(keeper.Decode(new Wire().U16(256, 3).NetFlow9())));
    }

    [Fact]
    public void Read_fields_of_variable_length()
    {
        var keeper = new FlowKeeper();
        keeper.Decode(Template10(256, [(8, 4), (82, 65535), (1, 4), (83, 65535)]).Ipfix());
        byte[] longText = Encoding.ASCII.GetBytes(new string('x', 300));
        Wire record = new Wire().Address("192.0.2.1").U8(4).Octets("ge-0"u8).U32(1500).U8(255).U16(300).Octets(longText);
        Assert.Equal((2, 0), Counts(keeper.Decode(new Wire().Set(256, new Wire().Octets(record.ToArray()).Octets(record.ToArray()), 3).Ipfix())));
        Assert.Equal(("ge-0", 1500UL, 300), ((string)keeper.FlowObjects[1]["interfaceName"]!, keeper.Flows[1].Octets, ((string)keeper.FlowObjects[1]["interfaceDescription"]!).Length));
        Assert.Equal((1, 1), Counts(keeper.Decode(new Wire().Set(256, new Wire().Octets(record.ToArray()).U32(1).U8(200).U32(7, 7)).Ipfix())));
        Assert.Equal(FlowProblemKind.RecordTruncated, keeper.Problems.Single().Kind);
    }

    // RFC 5103
    [Fact]
    public void Read_the_way_back_of_a_biflow()
    {
        var keeper = new FlowKeeper();
        Wire fields = new Wire().U16(256, 3).U16(1, 4).U16(0x8001, 4).U32(29305).U16(0x8002, 4).U32(29305);
        keeper.Decode(new Wire().Set(2, fields).Ipfix());
        keeper.Decode(new Wire().Set(256, new Wire().U32(1500, 300, 2)).Ipfix());
        Assert.Equal((1500UL, 300UL, 2UL), (keeper.Flows[0].Octets, keeper.Flows[0].ReverseOctets, keeper.Flows[0].ReversePackets));
        Assert.Equal(300, (int)keeper.FlowObjects[0]["reverseOctetDeltaCount"]!);
    }

    [Fact]
    public void Name_fields_of_enterprises_that_are_not_known()
    {
        var keeper = new FlowKeeper();
        keeper.Decode(new Wire().Set(2, new Wire().U16(256, 3).U16(0x8005, 2).U32(99999).U16(600, 1).U16(10, 4)).Ipfix());
        keeper.Decode(new Wire().Set(256, new Wire().U16(0xABCD).U8(7).U32(9)).Ipfix());
        var json = keeper.FlowObjects[0].ToJsonString();
        Assert.Equal("""{"enterprise99999element5":"abcd","element600":"07","ingressInterface":9}""", string.Concat("{", json.AsSpan(json.IndexOf("\"enterprise", StringComparison.Ordinal))));
    }

    [Fact]
    public void Forget_templates_that_are_withdrawn()
    {
        var keeper = new FlowKeeper();
        keeper.Decode(Template10(256, Common).Set(2, TemplateRecord(257, Common)).Set(2, TemplateRecord(258, Common)).Ipfix());
        keeper.Decode(new Wire().Set(2, new Wire().U16(256, 0)).Ipfix());
        Assert.Equal((0, 1), Counts(keeper.Decode(new Wire().Set(256, Record()).Ipfix())));
        Assert.Equal((1, 0), Counts(keeper.Decode(new Wire().Set(257, Record()).Ipfix())));
        keeper.Decode(new Wire().Set(2, new Wire().U16(2, 0)).Ipfix());
        Assert.Equal((0, 1), Counts(keeper.Decode(new Wire().Set(257, Record()).Ipfix())));
        Assert.Equal(["Added", "Added", "Added", "Withdrawn", "Withdrawn", "Withdrawn"], keeper.Templates.Select(t => t.Change.ToString()));
    }

    [Fact]
    public void Tell_of_a_template_that_changes_and_not_of_one_that_is_repeated()
    {
        var keeper = new FlowKeeper();
        keeper.Decode(Template10(256, Common).Ipfix());
        keeper.Decode(Template10(256, Common).Ipfix());
        keeper.Decode(Template10(256, [(8, 4)]).Ipfix());
        Assert.Equal([TemplateChange.Added, TemplateChange.Replaced], keeper.Templates.Select(t => t.Change));
    }

    [Theory]
    [InlineData("0100 0000")] // no fields
    [InlineData("00FF 0001 0008 0004")] // an id below 256
    [InlineData("0100 0002 0008 0000 000C 0000")] // no octets
    [InlineData("0100 0005 0008 0004")] // cut off
    public void Refuse_templates_that_no_record_can_have(string hex)
    {
        var keeper = new FlowKeeper();
        keeper.Decode(new Wire().Set(0, new Wire().Hex(hex)).NetFlow9());
        Assert.Empty(keeper.Templates);
        Assert.All(keeper.Problems, p => Assert.Equal(FlowProblemKind.TemplateMalformed, p.Kind));
        keeper.Decode(new Wire().Set(256, new Wire().U64(0, 0)).NetFlow9());
        Assert.Empty(keeper.Flows);
    }

    [Fact]
    public void Read_templates_with_fields_of_no_octets()
    {
        var keeper = new FlowKeeper();
        keeper.Decode(Template9(256, [(8, 4), (99, 0), (12, 0), (1, 4)]).NetFlow9());
        Assert.Equal((1, 0), Counts(keeper.Decode(new Wire().Set(256, new Wire().Address("192.0.2.1").U32(9)).NetFlow9())));
        Assert.Equal(("192.0.2.1", 9UL), (keeper.Flows[0].Source.ToString(), keeper.Flows[0].Octets));
    }

    [Fact]
    public void Keep_no_more_templates_domains_fields_and_samplers_than_the_limits()
    {
        var keeper = new FlowKeeper(new FlowLimits { TemplatesPerDomain = 2, Domains = 2, FieldsPerTemplate = 8, SamplersPerDomain = 2, RecordOctets = 22 });
        keeper.Decode(Template10(256, Common).Ipfix());
        keeper.Decode(Template10(257, Common).Ipfix());
        Assert.Empty(keeper.Problems);
        keeper.Decode(Template10(258, Common).Ipfix());
        Assert.Equal(FlowProblemKind.TemplateLimit, keeper.Problems[^1].Kind);
        keeper.Decode(Template10(257, [(8, 4)]).Ipfix()); // replacing makes no more
        Assert.Single(keeper.Problems);
        keeper.Decode(Template10(257, [.. Common, (14, 1)]).Ipfix());
        Assert.Equal((2, FlowProblemKind.TemplateLimit), (keeper.Problems.Count, keeper.Problems[^1].Kind)); // nine fields
        keeper.Decode(Template10(257, [(8, 4), (1, 19)]).Ipfix());
        Assert.Equal((3, FlowProblemKind.TemplateLimit), (keeper.Problems.Count, keeper.Problems[^1].Kind)); // 23 octets

        keeper.Decode(Template10(256, Common).Ipfix(domain: 8));
        keeper.Decode(Template10(256, Common).Ipfix(domain: 9));
        Assert.Equal((4, FlowProblemKind.DomainLimit, 2), (keeper.Problems.Count, keeper.Problems[^1].Kind, keeper.Exporter.Domains.Count));

        var samplers = new FlowKeeper(new FlowLimits { SamplersPerDomain = 2 });
        samplers.Decode(new Wire().Set(3, new Wire().U16(300, 2, 1).U16(302, 8, 34, 4)).Ipfix());
        samplers.Decode(new Wire().Set(300, new Wire().U64(1).U32(10).U64(2).U32(10)).Ipfix());
        Assert.Empty(samplers.Problems);
        samplers.Decode(new Wire().Set(300, new Wire().U64(3).U32(10)).Ipfix());
        Assert.Equal(FlowProblemKind.SamplerLimit, samplers.Problems.Single().Kind);
        samplers.Decode(new Wire().Set(300, new Wire().U64(2).U32(20)).Ipfix());
        Assert.Equal(20u, samplers.Exporter.Domains.Single().Sampling.Selectors[2]);
    }

    [Fact]
    public void Find_the_rate_of_the_selector_the_interface_or_the_domain_and_say_which()
    {
        var keeper = new FlowKeeper();
        Wire all = Template9(256, [(10, 4), (48, 1), (1, 4)]).Set(0, TemplateRecord(257, [(10, 4), (1, 4)]))
            .Set(1, new Wire().U16(300, 4, 12).U16(1, 4).U16(48, 1, 49, 1, 50, 4)) // system; sampler, mode, interval
            .Set(1, new Wire().U16(301, 4, 4).U16(2, 4).U16(34, 4)) // interface
            .Set(1, new Wire().U16(302, 4, 4).U16(1, 4).U16(34, 4)); // system
        keeper.Decode(all.NetFlow9());
        Rate(keeper, 256, new Wire().U32(5).U8(1).U32(100), 1, SamplingSource.Unknown);
        keeper.Decode(new Wire().Set(300, new Wire().U32(1).U8(1, 2).U32(1000)).NetFlow9());
        Rate(keeper, 256, new Wire().U32(5).U8(1).U32(100), 1000, SamplingSource.Selector);
        Rate(keeper, 257, new Wire().U32(5, 100), 1000, SamplingSource.Domain); // all selectors have this rate
        keeper.Decode(new Wire().Set(300, new Wire().U32(1).U8(2, 2).U32(50)).NetFlow9());
        Rate(keeper, 257, new Wire().U32(5, 100), 1, SamplingSource.Unknown); // two rates, and no selector named
        Rate(keeper, 256, new Wire().U32(5).U8(2).U32(100), 50, SamplingSource.Selector);
        Rate(keeper, 256, new Wire().U32(5).U8(3).U32(100), 1, SamplingSource.Unknown); // a selector nobody told of
        keeper.Decode(new Wire().Set(301, new Wire().U32(5, 200)).NetFlow9());
        Rate(keeper, 257, new Wire().U32(5, 100), 200, SamplingSource.Interface);
        keeper.Decode(new Wire().Set(302, new Wire().U32(1, 10)).NetFlow9());
        Rate(keeper, 257, new Wire().U32(6, 100), 10, SamplingSource.Domain);
        keeper.Exporter.SamplingOverride = 7;
        Rate(keeper, 256, new Wire().U32(5).U8(1).U32(100), 7, SamplingSource.Override);
        Assert.Equal(700UL, keeper.Flows[^1].ScaledOctets);
    }

    [Fact]
    public void Find_the_rate_in_the_record_or_another_domain()
    {
        var keeper = new FlowKeeper();
        keeper.Decode(Template10(256, [(34, 4), (1, 4)]).Set(2, TemplateRecord(257, [(305, 4), (306, 4)])).Set(2, TemplateRecord(258, [(1, 4)])).Ipfix());
        keeper.Decode(new Wire().Set(256, new Wire().U32(512, 9)).Ipfix());
        Assert.Equal((512u, SamplingSource.Record), (keeper.Flows[^1].SamplingRate, keeper.Flows[^1].SamplingSource));
        keeper.Decode(new Wire().Set(256, new Wire().U32(0, 9)).Ipfix()); // 0 multiplies nothing away
        Assert.Equal((1u, SamplingSource.Unknown), (keeper.Flows[^1].SamplingRate, keeper.Flows[^1].SamplingSource));
        keeper.Decode(new Wire().Set(257, new Wire().U32(1, 999)).Ipfix());
        Assert.Equal(1000u, keeper.Flows[^1].SamplingRate);
        keeper.Decode(new Wire().Set(3, new Wire().U16(300, 2, 1).U16(149, 4, 311, 8)).Ipfix(domain: 1)); // a probability
        keeper.Decode(new Wire().Set(300, new Wire().U32(1).U64(BitConverter.DoubleToUInt64Bits(0.001))).Ipfix(domain: 1));
        keeper.Decode(new Wire().Set(258, new Wire().U32(1)).Ipfix());
        Assert.Equal((1000u, SamplingSource.OtherDomain), (keeper.Flows[^1].SamplingRate, keeper.Flows[^1].SamplingSource));
    }

    [Fact]
    public void Read_options_of_netflow_9_without_a_scope()
    {
        var keeper = new FlowKeeper();
        keeper.Decode(new Wire().Set(1, new Wire().U16(300, 0, 4).U16(34, 4)).Set(0, TemplateRecord(256, [(1, 4)])).NetFlow9());
        FlowDecodeResult result = keeper.Decode(new Wire().Set(300, new Wire().U32(100)).Set(256, new Wire().U32(5)).NetFlow9());
        Assert.Equal((1, 1), (result.Options, result.Flows));
        Assert.Equal((100u, SamplingSource.Domain), (keeper.Flows[0].SamplingRate, keeper.Flows[0].SamplingSource));
    }

    [Fact]
    public void Read_icmp_type_and_code_from_their_field_or_the_destination_port()
    {
        var keeper = new FlowKeeper();
        keeper.Decode(Template9(256, [(4, 1), (11, 2)]).Set(0, TemplateRecord(257, [(4, 1), (11, 2), (32, 2)])).NetFlow9());
        keeper.Decode(new Wire().Set(256, new Wire().U8(1).U16(0x0304)).Set(257, new Wire().U8(1).U16(0, 0x0800)).Set(256, new Wire().U8(17).U16(0x0304)).NetFlow9());
        Assert.Equal([(3, 4), (8, 0), (0, 0)], keeper.Flows.Select(f => ((int)f.IcmpType, (int)f.IcmpCode)));
    }

    // RFC 5476 section 6.5.1
    [Fact]
    public void Multiply_the_rates_of_a_selection_sequence()
    {
        var keeper = new FlowKeeper();
        keeper.Decode(new Wire().Set(3, new Wire().U16(300, 3, 1).U16(302, 8, 309, 4, 310, 4)).Set(3, new Wire().U16(301, 3, 1).U16(301, 8, 302, 8, 302, 8))
            .Set(2, TemplateRecord(256, [(301, 8), (1, 4)])).Ipfix());
        keeper.Decode(new Wire().Set(300, new Wire().U64(1).U32(1, 10).U64(2).U32(2, 40)).Set(301, new Wire().U64(77, 1, 2)).Ipfix());
        keeper.Decode(new Wire().Set(256, new Wire().U64(77).U32(5)).Ipfix());
        Assert.Equal((200u, SamplingSource.Selector), (keeper.Flows[^1].SamplingRate, keeper.Flows[^1].SamplingSource));
    }

    [Fact]
    public void Count_what_the_sequence_says_is_missing()
    {
        var keeper = new FlowKeeper();
        keeper.Decode(Template10(256, Common).Ipfix(sequence: 10));
        Assert.Equal(0u, keeper.Decode(new Wire().Set(256, Record()).Ipfix(sequence: 10)).Missing);
        Assert.Equal(4u, keeper.Decode(new Wire().Set(256, Record()).Ipfix(sequence: 15)).Missing);
        Assert.Equal(0u, keeper.Decode(new Wire().Set(256, Record()).Ipfix(sequence: 12)).Missing); // it was late
        ObservationDomain domain = keeper.Exporter.Domains.Single();
        Assert.Equal((3UL, 1UL, 0UL), (domain.Sequence.Lost, domain.Sequence.OutOfOrder, domain.Sequence.Restarts));
        keeper.Decode(new Wire().Set(256, Record()).Ipfix(sequence: 4_000_000_000));
        Assert.Equal(1UL, domain.Sequence.Restarts);
        keeper.Decode(new Wire().Set(999, Record()).Ipfix(sequence: 4_000_000_001)); // how many records it held is not known
        Assert.Equal(0u, keeper.Decode(new Wire().Set(256, Record()).Ipfix(sequence: 4_000_000_100)).Missing);

        // over the end of the number
        keeper.Decode(new Wire().Set(256, Record()).NetFlow9(uint.MaxValue));
        Assert.Equal(2u, keeper.Decode(new Wire().Set(256, Record()).NetFlow9(2)).Missing);
    }

    [Theory]
    [InlineData(100, 0, 100u, 0UL)]
    [InlineData(101, 100, 0u, 1UL)]
    public void Take_a_jump_above_the_window_for_a_restart(uint jump, uint lost, uint missing, ulong restarts)
    {
        var tracker = new SequenceTracker();
        tracker.Note(0, 1, 100);
        Assert.Equal(missing, tracker.Note(1 + jump, 1, 100));
        Assert.Equal((lost == 0 ? 100UL : 0, restarts), (tracker.Lost, tracker.Restarts));
    }

    [Fact]
    public void Put_times_together_from_uptime_seconds_ntp_and_deltas()
    {
        const long Export = 1_700_000_000_000;
        var keeper = new FlowKeeper();
        keeper.Decode(Template9(256, [(22, 4), (21, 4)]).NetFlow9());
        keeper.Decode(new Wire().Set(256, new Wire().U32(990_000, 999_500)).NetFlow9());
        Assert.Equal((Export - 10_000, Export - 500), Times(keeper)); // the exporter is up for 1,000 s

        keeper.Decode(Template10(256, [(22, 4), (21, 4)]).Set(2, TemplateRecord(257, [(150, 4), (161, 4)])).Set(2, TemplateRecord(258, [(154, 8), (155, 8)]))
            .Set(2, TemplateRecord(259, [(158, 4), (159, 4)])).Set(2, TemplateRecord(260, [(323, 8)])).Set(3, new Wire().U16(300, 2, 1).U16(149, 4, 160, 8)).Ipfix());
        keeper.Decode(new Wire().Set(256, new Wire().U32(990_000, 999_500)).Ipfix());
        Assert.Equal((0, 0), Times(keeper)); // when it started is not known
        keeper.Decode(new Wire().Set(300, new Wire().U32(7).U64((ulong)Export - 1_000_000)).Ipfix());
        keeper.Decode(new Wire().Set(256, new Wire().U32(990_000, 999_500)).Ipfix());
        Assert.Equal((Export - 10_000, Export - 500), Times(keeper));
        keeper.Decode(new Wire().Set(257, new Wire().U32(1_699_999_990, 2500)).Ipfix());
        Assert.Equal((Export - 10_000, Export - 7_500), Times(keeper));
        ulong Ntp(long milliseconds) => (ulong)(milliseconds / 1000 + 2_208_988_800) << 32 | (ulong)(milliseconds % 1000 * 4294967296L / 1000 + 1);
        keeper.Decode(new Wire().Set(258, new Wire().U64(Ntp(Export - 1500), Ntp(Export - 250))).Ipfix());
        Assert.Equal((Export - 1500, Export - 250), Times(keeper));
        keeper.Decode(new Wire().Set(259, new Wire().U32(1_500_000, 250_000)).Ipfix());
        Assert.Equal((Export - 1500, Export - 250), Times(keeper));
        keeper.Decode(new Wire().Set(260, new Wire().U64((ulong)Export)).Ipfix());
        Assert.Equal((Export, Export), Times(keeper));
    }

    [Fact]
    public void Copy_the_more_precise_of_several_fields_unless_it_is_zero()
    {
        var keeper = new FlowKeeper();
        keeper.Decode(Template10(256, [(1, 4), (85, 8), (27, 16), (8, 4), (2, 3)]).Ipfix());
        keeper.Decode(new Wire().Set(256, new Wire().U32(1500).U64(9000).Octets(new byte[16]).Address("192.0.2.1").U8(0, 1, 0)).Ipfix());
        Assert.Equal((1500UL, "192.0.2.1", 256UL), (keeper.Flows[0].Octets, keeper.Flows[0].Source.ToString(), keeper.Flows[0].Packets));
        keeper.Decode(new Wire().Set(256, new Wire().U32(0).U64(9000).Address("2001:db8::1").U32(0).U8(1, 0, 0)).Ipfix());
        Assert.Equal((9000UL, "2001:db8::1", 65536UL), (keeper.Flows[1].Octets, keeper.Flows[1].Source.ToString(), keeper.Flows[1].Packets));
    }

    [Fact]
    public void Read_the_packets_inside_records()
    {
        var keeper = new FlowKeeper();
        keeper.Decode(Template10(256, [(10, 4), (315, 65535)]).Set(2, TemplateRecord(257, [(313, 28), (1, 4)])).Ipfix());
        byte[] frame = Packet.Packets.Ethernet(0x0800, Packet.Packets.Udp("203.0.113.1", "192.0.2.1", 53, 4000, 100));
        keeper.Decode(new Wire().Set(256, new Wire().U32(9).U8(frame.Length).Octets(frame)).Ipfix());
        FlowRecord flow = keeper.Flows[0];
        Assert.Equal("9 203.0.113.1 53 17 128 1", $"{flow.InputInterface} {flow.Source} {flow.SourcePort} {flow.Protocol} {flow.Octets} {flow.Packets}");
        Assert.Equal("203.0.113.1", (string)keeper.FlowObjects[0]["sourceIPv4Address"]!);
        keeper.Decode(new Wire().Set(257, new Wire().Octets(frame.AsSpan(14, 28)).U32(4096)).Ipfix());
        Assert.Equal((4096UL, 4096UL), (keeper.Flows[1].Octets, (ulong)keeper.FlowObjects[1]["octetDeltaCount"]!));
        Assert.Equal((4096UL, (ushort)53), (keeper.Flows[1].Octets, keeper.Flows[1].SourcePort)); // what the exporter counts goes before what we read
        Assert.Empty(keeper.Problems);
        keeper.Decode(new Wire().Set(256, new Wire().U32(9).U8(3).U8(1, 2, 3)).Ipfix());
        Assert.Equal(FlowProblemKind.PacketMalformed, keeper.Problems.Single().Kind);
    }

    [Fact]
    public void Read_netflow_5()
    {
        var keeper = new FlowKeeper();
        Wire record = new Wire().Address("203.0.113.1").Address("192.0.2.1").Address("198.51.100.1").U16(7, 8).U32(10, 14000, 990_000, 999_500).U16(53, 4000).U8(0, 0x12, 17, 8).U16(64500, 64501).U8(24, 25).U16(0);
        byte[] Datagram(int count, int sampling, Wire records) => new Wire().U16(5, count).U32(1_000_000, 1_700_000_000, 0, 77).U8(1, 2).U16(sampling).Octets(records.ToArray()).ToArray();
        Assert.Equal((1, 0), Counts(keeper.Decode(Datagram(1, 0x4000 | 100, record))));
        FlowRecord flow = keeper.Flows[0];
        Assert.Equal("203.0.113.1 192.0.2.1 198.51.100.1 7 8 10 14000 53 4000 18 17 8 64500 64501 24 25 100 Header",
            $"{flow.Source} {flow.Destination} {flow.NextHop} {flow.InputInterface} {flow.OutputInterface} {flow.Packets} {flow.Octets} {flow.SourcePort} {flow.DestinationPort} {flow.TcpFlags} {flow.Protocol} {flow.Tos} {flow.SourceAs} {flow.DestinationAs} {flow.SourcePrefixLength} {flow.DestinationPrefixLength} {flow.SamplingRate} {flow.SamplingSource}");
        Assert.Equal((1_700_000_000_000 - 10_000, 1_700_000_000_000 - 500), Times(keeper));
        Assert.Equal((1, 1), Counts(keeper.Decode(Datagram(30, 0, record)))); // it says 30 and holds one
        Assert.Equal((1u, SamplingSource.Header), (keeper.Flows[^1].SamplingRate, keeper.Flows[^1].SamplingSource));
        Assert.Equal((0, 1), Counts(keeper.Decode(Datagram(1, 0, record)[..23])));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0009")]
    [InlineData("00090001")]
    [InlineData("000A0004")]
    [InlineData("00000005")]
    [InlineData("00070000000000000000")]
    public void Refuse_what_is_no_flow_datagram(string hex)
    {
        var keeper = new FlowKeeper();
        FlowDecodeResult result = keeper.Decode(Convert.FromHexString(hex));
        Assert.Equal((0, 1), Counts(result));
        Assert.NotEmpty(keeper.Problems.Single().ToString());
    }

    [Fact]
    public void Know_after_a_restart_what_they_were_told_before()
    {
        var before = new FlowKeeper();
        before.Decode(Template9(256, [(10, 4), (48, 1), (1, 4)]).Set(1, new Wire().U16(300, 4, 8).U16(1, 4).U16(48, 4, 50, 4)).NetFlow9());
        before.Decode(new Wire().Set(300, new Wire().U32(1, 1, 1000)).NetFlow9());
        before.Decode(new Wire().Set(2, new Wire().U16(256, 1).U16(0x8005, 65535).U32(99999)).Ipfix());
        before.Decode(new Wire().Set(3, new Wire().U16(301, 2, 1).U16(301, 8, 302, 8)).Set(301, new Wire().U64(7, 8)).Ipfix());
        var output = new ArrayBufferWriter<byte>();
        ExporterState.Write(before.Exporter, output);

        Assert.True(ExporterState.TryRead(output.WrittenSpan, null, out FlowExporter exporter));
        var after = new FlowKeeper { Exporter = exporter };
        FlowDecodeResult first = after.Decode(new Wire().Set(256, new Wire().U32(5).U8(1).U32(100)).NetFlow9(500));
        Assert.Equal((1, 0, 0u), (first.Flows, first.Problems, first.Missing));
        Assert.Equal((1000u, SamplingSource.Selector), (after.Flows[0].SamplingRate, after.Flows[0].SamplingSource));
        Assert.Equal((1, 0), Counts(after.Decode(new Wire().Set(256, new Wire().U8(2, 1, 1)).Ipfix())));
        var again = new ArrayBufferWriter<byte>();
        ExporterState.Write(exporter, again);
        Assert.Equal(output.WrittenSpan.ToArray(), again.WrittenSpan.ToArray());

        for (int cut = 0; cut < output.WrittenCount; cut++)
        {
            _ = ExporterState.TryRead(output.WrittenSpan[..cut], null, out _);
        }

        Assert.False(ExporterState.TryRead(output.WrittenSpan[..^3], null, out FlowExporter none));
        Assert.Empty(none.Domains);
    }

    [Fact]
    public void Copy_to_the_places_that_the_record_has()
    {
        Assert.Equal(FlowRecord.SizeOctets, Marshal.SizeOf<FlowRecord>());

        // Every element that is copied, by a value of its own, lands in the member it is meant for.
        (int Id, string Member)[] places =
        [
            (1, "Octets"), (2, "Packets"), (3, "FlowCount"), (4, "Protocol"), (5, "Tos"), (6, "TcpFlags"), (7, "SourcePort"), (9, "SourcePrefixLength"), (10, "InputInterface"), (11, "DestinationPort"),
            (13, "DestinationPrefixLength"), (14, "OutputInterface"), (16, "SourceAs"), (17, "DestinationAs"), (25, "MinimumLength"), (26, "MaximumLength"), (31, "FlowLabel"), (48, "SelectorId"),
            (52, "Ttl"), (54, "FragmentIdentification"), (56, "SourceMac"), (58, "SourceVlan"), (59, "DestinationVlan"), (60, "IpVersion"), (61, "Direction"), (80, "DestinationMac"), (88, "FragmentOffset"),
            (89, "ForwardingStatus"), (136, "EndReason"), (176, "IcmpType"), (177, "IcmpCode"), (197, "FragmentFlags"), (232, "ReverseOctets"), (234, "IngressVrf"), (235, "EgressVrf"),
            (245, "CustomerVlan"), (256, "EtherType"), (299, "ReversePackets"), (312, "FrameOctets"), (351, "SegmentId"),
        ];
        foreach ((int id, string member) in places)
        {
            var keeper = new FlowKeeper();
            keeper.Decode(Template10(256, [(id, 1)]).Ipfix());
            keeper.Decode(new Wire().Set(256, new Wire().U8(113)).Ipfix());
            object value = typeof(FlowRecord).GetField(member)!.GetValue(keeper.Flows.Single())!;
            Assert.Equal((member, 113UL), (member, Convert.ToUInt64(value, System.Globalization.CultureInfo.InvariantCulture)));
        }
    }

    [Fact]
    public void Allocate_nothing_for_a_record()
    {
        var exporter = new FlowExporter();
        var sink = new Counting();
        exporter.Decode(Template9(256, Common).NetFlow9(), 0, ref sink);
        byte[] datagram = Many(30).NetFlow9();
        for (int i = 0; i < 100; i++)
        {
            exporter.Decode(datagram, 0, ref sink);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            exporter.Decode(datagram, 0, ref sink);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal((33_000, 33_000UL * 1500), (sink.Flows, sink.Octets));

        static Wire Many(int count)
        {
            var records = new Wire();
            for (int i = 0; i < count; i++)
            {
                records.Octets(Record().ToArray());
            }

            return new Wire().Set(256, records);
        }
    }

    [Fact]
    public void Order_and_cut_addresses()
    {
        FlowAddress four = FlowAddress.FromIPv4(0xC0000281), six = FlowAddress.From(System.Net.IPAddress.Parse("2001:db8:1:2:3:4:5:6"));
        Assert.Equal(("192.0.2.129", "192.0.2.128", "192.0.2.0", "0.0.0.0"), (four.ToString(), four.Prefix(25).ToString(), four.Prefix(24).ToString(), four.Prefix(0).ToString()));
        Assert.Equal(("2001:db8::", "2001:db8:1:2::", "2001:db8:1:2:3::", "::"), (six.Prefix(32).ToString(), six.Prefix(64).ToString(), six.Prefix(80).ToString(), six.Prefix(0).ToString()));
        Assert.Equal(six, six.Prefix(128));
        Assert.True(four < six && six > four && four <= six && six >= four && default(FlowAddress).IsUnspecified);
        Span<char> text = stackalloc char[40];
        Assert.True(four.TryFormat(text, out int length) && text[..length] is "192.0.2.129");
    }

    [StructLayout(LayoutKind.Auto)]
    internal struct Counting : IFlowSink
    {
        public int Flows;
        public ulong Octets;

        public void OnFlow(in FlowRecord record, in RawRecord raw)
        {
            Flows++;
            Octets += record.Octets;
        }

        public readonly void OnOptions(in RawRecord raw)
        {
        }

        public readonly void OnCounters(in Tsunagi.Protocols.Flow.Sflow.SflowCounterSample sample)
        {
        }

        public readonly void OnTemplate(in TemplateEvent change)
        {
        }

        public readonly void OnProblem(in FlowProblem problem)
        {
        }
    }

    internal static Wire TemplateRecord(int id, (int Id, int Length)[] fields)
    {
        Wire wire = new Wire().U16(id, fields.Length);
        foreach ((int element, int length) in fields)
        {
            wire.U16(element, length);
        }

        return wire;
    }

    internal static Wire Template9(int id, (int Id, int Length)[] fields) => new Wire().Set(0, TemplateRecord(id, fields));

    internal static Wire Template10(int id, (int Id, int Length)[] fields) => new Wire().Set(2, TemplateRecord(id, fields));

    internal static Wire Record() => new Wire().Address("192.0.2.1").Address("198.51.100.2").U16(53, 4000).U8(17).U32(1500, 3).U8(9);

    private static (int Flows, int Problems) Counts(FlowDecodeResult result) => (result.Flows, result.Problems);

    private static (long Start, long End) Times(FlowKeeper keeper) => (keeper.Flows[^1].StartMilliseconds, keeper.Flows[^1].EndMilliseconds);

    private static void Rate(FlowKeeper keeper, int template, Wire record, uint rate, SamplingSource source)
    {
        keeper.Decode(new Wire().Set(template, record).NetFlow9());
        Assert.Equal((rate, source), (keeper.Flows[^1].SamplingRate, keeper.Flows[^1].SamplingSource));
    }
}
