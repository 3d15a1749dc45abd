using FsCheck;
using FsCheck.Fluent;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Flow.Bgp;

public class FlowSpec_rules
{
    internal static readonly string[] Texts =
    [
        "dst 192.0.2.1/32 proto udp sport 53 len 512-1500 then discard",
        "dst 192.0.2.0/24 src 198.51.100.0/25 then rate 125000 as 64500",
        "dst 192.0.2.1/32 proto tcp tcp-flags =syn&!ack then rate-packets 1000",
        "dst 192.0.2.1/32 proto tcp,udp,47 port 80,443 dport >1024&<2048,8080 then mark 10 sample",
        "dst 192.0.2.1/32 icmp-type 8 icmp-code 0 then terminal",
        "dst 192.0.2.1/32 fragment is-fragment,=first-fragment+dont-fragment then sample-terminal",
        "dst 192.0.2.1/32 len >=1000&<=1400,1500 dscp 46 then redirect 64500:100",
        "dst 192.0.2.1/32 then redirect 192.0.2.7:100 community 65535:666",
        "dst 192.0.2.1/32 then redirect 4200000000:7",
        "dst 2001:db8::/32 src 2001:db8:1::/48 offset 32 proto icmpv6 flow-label 5,10-20 then discard",
        "dst 2001:db8::1/128 sport 389 then copy-to-nexthop 2001:db8::7",
        "ipv6 proto udp dport 53 then discard",
        "proto 17 len !=100 then discard",
        "dst 192.0.2.1/32 rd 64500:100 then discard",
        "dst 192.0.2.1/32 rd 192.0.2.7:100 then accept",
        "dst 192.0.2.1/32 rd 70000L:100 then extended 0x8006fde800000000",
        "dst 0.0.0.0/0 tcp-flags 0x200/2 port 80/4 len true0 dscp false0 then discard",
    ];

    public static TheoryData<string> All() => new(Texts);

    [Theory]
    [MemberData(nameof(All))]
    public void Are_printed_read_written_and_read_the_same(string text)
    {
        FlowSpecStatement statement = Parse(text);
        Assert.Equal(statement, Parse(statement.ToString()));
        byte[] octets = FlowSpecNlri.Write(statement.Rule);
        Assert.True(FlowSpecNlri.TryRead(octets, statement.Rule.Family, FlowSpecOffset.Rfc8956, out FlowSpecRule? rule, out int length));
        Assert.Equal((octets.Length, statement.Rule), (length, rule));
        Assert.Equal(octets, FlowSpecNlri.Write(rule!));

        BgpReadResult read = BgpMessageReader.Read(BgpMessageWriter.Write(statement.Announce(BgpAsPath.Of(64500), null)));
        Assert.Equal((BgpErrorHandling.None, statement.Rule), (read.Handling, ((BgpUpdate)read.Message!).Find<BgpMpReach>()!.FlowSpecs.Single()));
    }

    [Theory]
    [InlineData("", "matches on nothing")]
    [InlineData("then discard", "matches on nothing")]
    [InlineData("dst 192.0.2.1/24 then discard", "bits behind its length")]
    [InlineData("dst 192.0.2.1/33 then discard", "no prefix")]
    [InlineData("dst 192.0.2.1/32 dport 65536 then discard", "no value of dport")]
    [InlineData("dst 192.0.2.1/32 len 99971-99985 then discard", "no value of len")]
    [InlineData("dst 192.0.2.1/32 len 1500-512 then discard", "no value of len")]
    [InlineData("dst 192.0.2.1/32 dscp 64 then discard", "no value of dscp")]
    [InlineData("dst 192.0.2.1/32 proto 256 then discard", "no value of proto")]
    [InlineData("dst 192.0.2.1/32 src 2001:db8::/32 then discard", "IPv4 and IPv6")]
    [InlineData("dst 192.0.2.1/32 dst 192.0.2.2/32 then discard", "stands twice")]
    [InlineData("dst 192.0.2.1/32 flow-label 1 then discard", "IPv6 only")]
    [InlineData("dst 192.0.2.1/32 then drop", "no action")]
    [InlineData("dst 192.0.2.1/32 then rate -1", "a rate")]
    [InlineData("dst 192.0.2.1/32 then rate NaN", "a rate")]
    [InlineData("destination 192.0.2.1/32 then discard", "is not one of")]
    [InlineData("dst 192.0.2.1/32 offset 3 then discard", "offset")]
    [InlineData("dst 192.0.2.1/32 tcp-flags foo then discard", "no value of tcp-flags")]
    public void That_can_not_be_are_refused_with_what_was_wrong(string text, string reason)
    {
        Assert.False(FlowSpecText.TryParse(text, out _, out string error));
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    // RFC 8955 section 4.3, the examples, octet for octet.
    [Theory]
    [InlineData("dst 192.0.2.0/24 proto tcp dport 25", "0B 01 18 C0 00 02 03 81 06 05 81 19")]
    [InlineData("dst 192.0.2.0/24 src 203.0.113.0/24 port >=137&<=139,8080", "12 01 18 C0 00 02 02 18 CB 00 71 04 03 89 45 8B 91 1F 90")]
    public void Are_written_as_the_examples_of_the_rfc(string text, string hex) =>
        Assert.Equal(hex.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(FlowSpecNlri.Write(Parse(text + " then discard").Rule)));

    // RFC 8956 section 3.8.2: an offset of 64, a length of 104.
    [Fact]
    public void Of_ipv6_write_the_pattern_from_the_offset_on()
    {
        FlowSpecRule rule = Parse("src ::1234:5678:9a00:0/104 offset 64 then discard").Rule;
        Assert.Equal("08026840123456789A", Convert.ToHexString(FlowSpecNlri.Write(rule)));
        Assert.Equal("1002684000000000000000001234567 89A".Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(FlowSpecNlri.Write(rule, FlowSpecOffset.WholePrefix)));
        Assert.True(FlowSpecNlri.TryRead(FlowSpecNlri.Write(rule), BgpFamily.IPv6FlowSpec, FlowSpecOffset.Rfc8956, out FlowSpecRule? read, out _));
        Assert.Equal(rule, read);
    }

    [Fact]
    public void Have_lengths_of_one_octet_up_to_239_and_of_two_from_240()
    {
        FlowSpecRule Of(int terms) => new(false, [new FlowSpecComponent(FlowSpecType.DestinationPort) { Terms = [.. Enumerable.Range(0, terms).Select(i => FlowSpecTerm.Of(FlowSpecTerm.Equal, (ulong)i % 250))] }]);
        Assert.Equal(0xEF, FlowSpecNlri.Write(Of(119))[0]);
        byte[] longer = FlowSpecNlri.Write(Of(120));
        Assert.Equal("F0F1", Convert.ToHexString(longer.AsSpan(0, 2)));
        Assert.True(FlowSpecNlri.TryRead(longer, BgpFamily.IPv4FlowSpec, default, out FlowSpecRule? read, out int length));
        Assert.Equal((Of(120), 243), (read, length));
        Assert.Equal(2 + 4095, FlowSpecNlri.Write(Of(2047)).Length);
        Assert.Throws<ArgumentException>(() => FlowSpecNlri.Write(Of(2048)));
    }

    [Theory]
    [InlineData("05 05 81 19 03 81 06", "descending types")]
    [InlineData("06 03 81 06 03 81 11", "a type twice")]
    [InlineData("03 0E 81 06", "an unknown type")]
    [InlineData("02 03 81", "a value cut off")]
    [InlineData("03 03 01 06", "no end")]
    [InlineData("03 01 21 00", "a prefix of 33 bits")]
    [InlineData("00", "nothing")]
    public void That_are_malformed_disable_the_family_and_never_throw(string hex, string why)
    {
        byte[] octets = new Wire().Hex(hex).ToArray();
        Assert.False(FlowSpecNlri.TryRead(octets, BgpFamily.IPv4FlowSpec, default, out _, out _), why);
        byte[] value = new Wire().U16(1).U8(133, 0, 0).Octets(octets).ToArray();
        var update = new BgpUpdate([], [new BgpOtherAttribute(14, 0x80, value), new BgpOrigin(0), BgpAsPath.Of()], []);
        BgpReadResult read = BgpMessageReader.Read(BgpMessageWriter.Write(update));
        Assert.Equal(BgpErrorHandling.AfiSafiDisable, read.Handling);
    }

    // RFC 8955 section 5.1
    [Theory]
    [InlineData("dst 192.0.2.0/24", "dst 192.0.2.0/23 src 198.51.100.0/24")]
    [InlineData("dst 192.0.2.0/24", "dst 198.51.100.0/24")]
    [InlineData("dst 192.0.2.0/24 proto tcp", "dst 192.0.2.0/24")]
    [InlineData("dst 192.0.2.0/24", "src 192.0.2.0/24")]
    [InlineData("proto tcp", "proto udp")]
    [InlineData("proto tcp", "dport 80")]
    public void Come_in_the_order_of_the_rfc(string first, string second)
    {
        FlowSpecRule a = Parse(first + " then discard").Rule, b = Parse(second + " then discard").Rule;
        Assert.True(a < b && b > a && a <= b && b >= a);
        Assert.Equal(0, a.CompareTo(Parse(first + " then accept").Rule));
    }

    [Fact]
    public void Match_what_they_say()
    {
        var dns = new FlowRecord
        {
            IpVersion = 4, Source = FlowAddress.FromIPv4(0xCB007101), Destination = FlowAddress.FromIPv4(0xC0000201), Protocol = 17, SourcePort = 53, DestinationPort = 4000, Octets = 14000, Packets = 10,
        };
        Assert.True(Parse("dst 192.0.2.1/32 proto udp sport 53 len 512-1500 then discard").Rule.Matches(in dns));
        Assert.False(Parse("dst 192.0.2.1/32 proto udp sport 53 len 512-1399 then discard").Rule.Matches(in dns));
        Assert.True(Parse("port 53,123 then discard").Rule.Matches(in dns));
        Assert.False(Parse("dst 192.0.2.2/32 then discard").Rule.Matches(in dns));
        Assert.False(Parse("ipv6 proto udp then discard").Rule.Matches(in dns));
        Assert.True(Parse("dport >3999&<4001 then discard").Rule.Matches(in dns));

        FlowRecord fragment = dns with { FragmentOffset = 185, FragmentFlags = 0, SourcePort = 0, DestinationPort = 0 };
        Assert.True(Parse("fragment is-fragment then discard").Rule.Matches(in fragment));
        Assert.True(Parse("fragment =is-fragment+last-fragment then discard").Rule.Matches(in fragment));
        Assert.False(Parse("fragment first-fragment then discard").Rule.Matches(in fragment));
        Assert.False(Parse("sport 0 then discard").Rule.Matches(in fragment)); // fragments have no ports

        FlowRecord syn = dns with { Protocol = 6, TcpFlags = 2 };
        Assert.True(Parse("tcp-flags =syn&!ack then discard").Rule.Matches(in syn));
        syn.TcpFlags = 0x12;
        Assert.False(Parse("tcp-flags =syn&!ack then discard").Rule.Matches(in syn));

        var six = new FlowRecord { IpVersion = 6, Source = FlowAddress.From(System.Net.IPAddress.Parse("2001:db8:5::1")), Destination = FlowAddress.From(System.Net.IPAddress.Parse("2001:db8::1")), Protocol = 17 };
        Assert.True(Parse("dst 2001:db8::/32 then discard").Rule.Matches(in six));
        Assert.True(Parse("src ffff:ffff:5::/48 offset 32 then discard").Rule.Matches(in six)); // the first 32 bits are not looked at
        Assert.False(Parse("src 2001:db8:6::/48 offset 32 then discard").Rule.Matches(in six));
    }

    // RFC 9117 section 4
    [Fact]
    public void Are_feasible_as_the_revised_procedure_says()
    {
        FlowSpecRule rule = Parse("dst 192.0.2.1/32 then discard").Rule;
        var outside = new FlowSpecContext(false, BgpAsPath.Of(64501), 7, BestOriginator: 7, BestFirstAs: 64501, MoreSpecificFirstAses: [64501]);
        Assert.True(FlowSpecValidation.IsFeasible(rule, outside));
        Assert.False(FlowSpecValidation.IsFeasible(rule, outside with { BestOriginator = 8 }));
        Assert.False(FlowSpecValidation.IsFeasible(rule, outside with { BestOriginator = null }));
        Assert.False(FlowSpecValidation.IsFeasible(rule, outside with { MoreSpecificFirstAses = [64501, 64502] }));
        Assert.False(FlowSpecValidation.IsFeasible(Parse("src 192.0.2.1/32 then discard").Rule, outside));
        var inside = new FlowSpecContext(true, BgpAsPath.Of(), 9, BestOriginator: 7, BestFirstAs: 64501, MoreSpecificFirstAses: [64502]);
        Assert.True(FlowSpecValidation.IsFeasible(rule, inside));
        Assert.False(FlowSpecValidation.IsFeasible(rule, inside with { RulePath = BgpAsPath.Of(64501) }));
    }

    [Fact]
    public void Drawn_at_random_round_trip_through_octets_and_text()
    {
        Gen<FlowSpecTerm> term = from op in Gen.Choose(0, 7)
                                 from value in Gen.Choose(0, 255)
                                 from width in Gen.Elements((byte)1, (byte)2, (byte)4)
                                 select new FlowSpecTerm((byte)op, (ulong)value, width);
        Gen<FlowSpecRule> rules = from types in Gen.SubListOf(Enumerable.Range(3, 9).Where(t => t is not 9 and not 11))
                                  from length in Gen.Choose(0, 32)
                                  from bits in Gen.Choose(int.MinValue, int.MaxValue)
                                  from terms in Gen.ArrayOf(term, 30)
                                  select Rule(types.ToArray(), length, (uint)bits, terms);
        Properties.Holds(rules, rule =>
        {
            Assert.True(FlowSpecNlri.TryRead(FlowSpecNlri.Write(rule), BgpFamily.IPv4FlowSpec, default, out FlowSpecRule? read, out _));
            Assert.Equal(rule, read);
            Assert.Equal(rule, Parse(rule + " then discard").Rule);
        });

        static FlowSpecRule Rule(int[] types, int length, uint bits, FlowSpecTerm[] terms)
        {
            uint mask = length == 0 ? 0 : uint.MaxValue << (32 - length);
            var components = new List<FlowSpecComponent> { new(FlowSpecType.Destination) { Prefix = new BgpPrefix(FlowAddress.FromIPv4(bits & mask), (byte)length) } };
            foreach ((int type, int i) in types.Select((t, i) => (t, i)))
            {
                FlowSpecTerm second = terms[3 * i + 1];
                components.Add(new FlowSpecComponent((FlowSpecType)type)
                {
                    Terms = [terms[3 * i], second with { Operator = (byte)(second.Operator | (second.Value % 2 == 0 ? FlowSpecTerm.And : 0)) }, terms[3 * i + 2]],
                });
            }

            return new FlowSpecRule(false, [.. components]);
        }
    }

    internal static FlowSpecStatement Parse(string text)
    {
        Assert.True(FlowSpecText.TryParse(text, out FlowSpecStatement? statement, out string error), $"{text}: {error}");
        return statement!;
    }
}
