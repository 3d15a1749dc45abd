using System.Buffers;
using FsCheck.Fluent;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Flow.Bgp;

public class Bgp_messages
{
    internal static readonly BgpOpen Open = new(4200000000, 90, 0xC0000201,
    [
        new BgpMultiprotocolCapability(BgpFamily.IPv4Unicast), new BgpMultiprotocolCapability(BgpFamily.IPv6FlowSpec), new BgpRouteRefreshCapability(),
        new BgpEnhancedRouteRefreshCapability(), new BgpExtendedMessageCapability(), new BgpFourOctetAsCapability(4200000000),
        new BgpGracefulRestartCapability(true, true, 120, [new BgpGracefulFamily(BgpFamily.IPv4FlowSpec, true), new BgpGracefulFamily(BgpFamily.IPv4Unicast, false)]),
        new BgpAddPathCapability([new BgpAddPathFamily(BgpFamily.IPv4Unicast, 3)]), new BgpOtherCapability(73, new byte[] { 1, 2, 3 }),
    ]);

    internal static readonly BgpUpdate Update = new(
        [BgpPrefix.Parse("198.51.100.0/24"), BgpPrefix.Parse("0.0.0.0/0")],
        [
            new BgpMpReach(BgpFamily.IPv6Unicast) { NextHop = BgpMpReach.OctetsOf(FlowAddress.From(System.Net.IPAddress.Parse("2001:db8::1")), true), Prefixes = [BgpPrefix.Parse("2001:db8:1::/48"), BgpPrefix.Parse("::/0")] },
            new BgpMpUnreach(BgpFamily.IPv6Unicast) { Prefixes = [BgpPrefix.Parse("2001:db8:2::/48")] },
            new BgpOrigin(2), new BgpAsPath([new BgpAsSegment(2, [64500, 4200000000]), new BgpAsSegment(1, [1, 2])]), new BgpNextHop(FlowAddress.FromIPv4(0xC0000201)),
            new BgpMultiExitDiscriminator(7), new BgpLocalPreference(100), new BgpAtomicAggregate(), new BgpAggregator(64500, 0xC0000201), new BgpCommunities([BgpCommunities.Blackhole, BgpCommunities.NoExport]),
            new BgpOriginatorId(9), new BgpClusterList([1, 2]), new BgpExtendedCommunities([BgpExtendedCommunity.RateBytes(0), BgpExtendedCommunity.Mark(10)]), new BgpAs4Path([new BgpAsSegment(2, [4200000000])]),
            new BgpLargeCommunities([new BgpLargeCommunity(4200000000, 1, 2)]), new BgpOtherAttribute(99, 0xE0, new byte[300]),
        ],
        [BgpPrefix.Parse("192.0.2.0/24"), BgpPrefix.Parse("192.0.2.128/25")]);

    [Fact]
    public void Are_written_octet_by_octet_as_the_rfcs_say()
    {
        const string Marker = "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF";
        Assert.Equal(Marker + "001304", Hex(new BgpKeepalive()));
        Assert.Equal(Marker + "001705" + "0001" + "00" + "85", Hex(new BgpRouteRefresh(BgpFamily.IPv4FlowSpec)));
        Assert.Equal(Marker + "001503" + "0604", Hex(new BgpNotification(6, 4, default)));
        Assert.Equal(Marker + "001A03" + "0602" + "04" + "62796521", Hex(BgpNotification.Shutdown(2, "bye!")));
        Assert.Equal(Marker + "001702" + "00000000", Hex(BgpUpdate.EndOf(BgpFamily.IPv4Unicast)));
        Assert.Equal(Marker + "002D01" + "04" + "FDE8" + "005A" + "C0000201" + "10" + "020E" + "010400010001" + "0200" + "41040000FDE8",
            Hex(new BgpOpen(65000, 90, 0xC0000201, [new BgpMultiprotocolCapability(BgpFamily.IPv4Unicast), new BgpRouteRefreshCapability(), new BgpFourOctetAsCapability(65000)])));

        // RFC 7999: a blackhole route as a customer announces it.
        var blackhole = new BgpUpdate([], [new BgpOrigin(0), BgpAsPath.Of(64500), new BgpNextHop(FlowAddress.FromIPv4(0xC0000201)), new BgpCommunities([BgpCommunities.Blackhole])], [BgpPrefix.Parse("203.0.113.9/32")]);
        Assert.Equal(Marker + "003702" + "0000" + "001B" + "40010100" + "40020602010000FBF4" + "400304C0000201" + "C00804FFFF029A" + "20CB007109", Hex(blackhole));
    }

    [Fact]
    public void Are_written_as_they_were_read()
    {
        foreach (BgpMessage message in (BgpMessage[])[Open, Open with { PerParameter = [1, 2, 6] }, Update, new BgpKeepalive(), new BgpRouteRefresh(BgpFamily.IPv6Unicast, 1), BgpNotification.Shutdown(4, "reset")])
        {
            byte[] octets = BgpMessageWriter.Write(message);
            BgpReadResult read = BgpMessageReader.Read(octets);
            Assert.Equal((BgpErrorHandling.None, ""), (read.Handling, read.Reason));
            Assert.Equal(Convert.ToHexString(octets), Convert.ToHexString(BgpMessageWriter.Write(read.Message!)));
        }
    }

    [Fact]
    public void Of_open_carry_the_as_and_the_capabilities()
    {
        var open = (BgpOpen)BgpMessageReader.Read(BgpMessageWriter.Write(Open)).Message!;
        Assert.Equal(4200000000, open.As);
        Assert.Equal(Open.Capabilities.AsEnumerable(), open.Capabilities.AsEnumerable());
        Assert.Equal([BgpFamily.IPv4Unicast, BgpFamily.IPv6FlowSpec], open.Families());
        Assert.Equal([BgpFamily.IPv4Unicast], (open with { Capabilities = [] }).Families());
        Assert.Equal(23456, BgpMessageWriter.Write(Open)[20] << 8 | BgpMessageWriter.Write(Open)[21]);
    }

    // RFC 9072
    [Fact]
    public void Of_open_take_the_long_form_when_parameters_are_long()
    {
        BgpOpen many = Open with { Capabilities = [.. Enumerable.Range(0, 60).Select(i => new BgpOtherCapability(200, new byte[] { (byte)i, 1, 2, 3 }))] };
        byte[] octets = BgpMessageWriter.Write(many);
        Assert.Equal((255, 255), (octets[28], octets[29]));
        Assert.Equal(60, ((BgpOpen)BgpMessageReader.Read(octets).Message!).Capabilities.Length);
    }

    [Fact]
    public void Of_two_octet_speakers_replace_the_as_that_does_not_fit()
    {
        var two = new BgpEncoding { FourOctetAs = false };
        var update = new BgpUpdate([], [new BgpOrigin(0), BgpAsPath.Of(4200000000, 64500), new BgpNextHop(FlowAddress.FromIPv4(1)), new BgpAggregator(4200000000, 1)], [BgpPrefix.Parse("192.0.2.0/24")]);
        var read = (BgpUpdate)BgpMessageReader.Read(BgpMessageWriter.Write(update, two), two).Message!;
        Assert.Equal([23456u, 64500u], read.Find<BgpAsPath>()!.Segments[0].Ases.AsEnumerable());
        Assert.Equal(23456u, read.Find<BgpAggregator>()!.As);
    }

    [Fact]
    public void Carry_path_identifiers_where_the_session_has_them()
    {
        var paths = new BgpEncoding { AddPath = [BgpFamily.IPv4Unicast, BgpFamily.IPv6Unicast] };
        BgpUpdate update = Update with { Nlri = [BgpPrefix.Parse("192.0.2.0/24") with { PathId = 7 }] };
        var read = (BgpUpdate)BgpMessageReader.Read(BgpMessageWriter.Write(update, paths), paths).Message!;
        Assert.Equal(7u, read.Nlri.Single().PathId);
        Assert.Equal(update.Find<BgpMpReach>()!.Prefixes.AsEnumerable(), read.Find<BgpMpReach>()!.Prefixes.AsEnumerable());
    }

    [Fact]
    public void Above_the_limit_of_the_session_are_not_written_and_not_read()
    {
        BgpUpdate Of(int prefixes) => new(Enumerable.Range(0, prefixes).Select(i => new BgpPrefix(FlowAddress.FromIPv4((uint)i << 8), 24)).ToArray() is var all ? [.. all] : [], [], []);
        Assert.True(BgpMessageWriter.TryWrite(Of(1018), BgpEncoding.Default, new ArrayBufferWriter<byte>())); // 23 + 4,072 octets
        Assert.False(BgpMessageWriter.TryWrite(Of(1019), BgpEncoding.Default, new ArrayBufferWriter<byte>()));
        var extended = new BgpEncoding { ExtendedMessages = true };
        byte[] longer = BgpMessageWriter.Write(Of(16378), extended); // 23 + 65,512
        Assert.False(BgpMessageWriter.TryWrite(Of(16379), extended, new ArrayBufferWriter<byte>()));
        Assert.Equal(16378, ((BgpUpdate)BgpMessageReader.Read(longer, extended).Message!).Withdrawn.Length);
        Assert.Equal((1, 2), (BgpMessageReader.Read(longer).Notification!.Code, BgpMessageReader.Read(longer).Notification!.Subcode));
    }

    [Fact]
    public void Are_found_in_a_stream_however_it_is_cut()
    {
        byte[] octets = [.. BgpMessageWriter.Write(Open), .. BgpMessageWriter.Write(new BgpKeepalive()), .. BgpMessageWriter.Write(Update), .. BgpMessageWriter.Write(new BgpKeepalive()).AsSpan(0, 10)];
        string whole = Frames(new ReadOnlySequence<byte>(octets));
        Assert.EndsWith("NeedMore", whole, StringComparison.Ordinal);
        Assert.Equal(whole, Frames(Octets.CutEverywhere(octets)));
        Properties.Holds(Properties.Cuts(octets.Length), cuts => Assert.Equal(whole, Frames(Octets.Cut(octets, cuts))));
    }

    [Theory]
    [InlineData("FEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001304", 1, 1)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001204", 1, 2)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001404", 1, 2)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF100102", 1, 2)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF001309", 1, 3)]
    public void With_a_header_that_can_not_be_end_the_session(string hex, int code, int subcode)
    {
        var input = new ReadOnlySequence<byte>(Convert.FromHexString(hex));
        Assert.Equal(BgpFrameStatus.Bad, BgpFrames.Read(ref input, BgpEncoding.Default, out _, out BgpNotification? notification));
        Assert.Equal((code, subcode), (notification!.Code, notification.Subcode));
    }

    [Theory]
    [InlineData("03 FDE8 005A C0000201 00", 2, 1, "version")]
    [InlineData("04 FDE8 0002 C0000201 00", 2, 6, "hold time")]
    [InlineData("04 FDE8 005A 00000000 00", 2, 3, "identifier")]
    [InlineData("04 0000 005A C0000201 00", 2, 2, "AS")]
    [InlineData("04 FDE8 005A C0000201 03 010100", 2, 4, "parameters")]
    [InlineData("04 FDE8 005A C0000201 03 020101", 2, 0, "parameters")]
    public void Of_open_that_can_not_be_end_the_session(string hex, int code, int subcode, string reason)
    {
        byte[] body = new Wire().Hex(hex).ToArray();
        byte[] message = new Wire().Hex("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF").U16(19 + body.Length).U8(1).Octets(body).ToArray();
        BgpReadResult read = BgpMessageReader.Read(message);
        Assert.Equal((BgpErrorHandling.SessionReset, code, subcode), (read.Handling, read.Notification!.Code, read.Notification.Subcode));
        Assert.Contains(reason, read.Reason, StringComparison.Ordinal);
    }

    // RFC 7606 section 3, 5 and 7. The route is 192.0.2.0/24; the attributes are as given.
    [Theory]
    [InlineData("40010100 400200 400304C0000201", BgpErrorHandling.None, "")]
    [InlineData("400200 400304C0000201", BgpErrorHandling.TreatAsWithdraw, "attribute 1 is missing")]
    [InlineData("40010100 400304C0000201", BgpErrorHandling.TreatAsWithdraw, "attribute 2 is missing")]
    [InlineData("40010100 400200", BgpErrorHandling.TreatAsWithdraw, "attribute 3 is missing")]
    [InlineData("40010103 400200 400304C0000201", BgpErrorHandling.TreatAsWithdraw, "value of attribute 1")]
    [InlineData("C0010100 400200 400304C0000201", BgpErrorHandling.TreatAsWithdraw, "flags of another kind")]
    [InlineData("40010100 40020205 01 400304C0000201", BgpErrorHandling.TreatAsWithdraw, "attribute 2")]
    [InlineData("40010100 4002020200 400304C0000201", BgpErrorHandling.TreatAsWithdraw, "attribute 2")]
    [InlineData("40010100 400200 400305C000020100", BgpErrorHandling.TreatAsWithdraw, "attribute 3")]
    [InlineData("40010100 400200 400304C0000201 80040100", BgpErrorHandling.TreatAsWithdraw, "attribute 4")]
    [InlineData("40010100 400200 400304C0000201 40050100", BgpErrorHandling.TreatAsWithdraw, "attribute 5")]
    [InlineData("40010100 400200 400304C0000201 40060100", BgpErrorHandling.AttributeDiscard, "attribute 6")]
    [InlineData("40010100 400200 400304C0000201 C00706FDE8C0000201", BgpErrorHandling.AttributeDiscard, "attribute 7")]
    [InlineData("40010100 400200 400304C0000201 C00803FFFF02", BgpErrorHandling.TreatAsWithdraw, "attribute 8")]
    [InlineData("40010100 400200 400304C0000201 C01007 00000000000000", BgpErrorHandling.TreatAsWithdraw, "attribute 16")]
    [InlineData("40010100 400200 400304C0000201 C0200B 0000000000000000000000", BgpErrorHandling.TreatAsWithdraw, "attribute 32")]
    [InlineData("40010100 400200 400304C0000201 406300", BgpErrorHandling.TreatAsWithdraw, "attribute 99")]
    [InlineData("40010100 400200 400304C0000201 C06300", BgpErrorHandling.None, "")]
    [InlineData("40010100 400200 400304C0000201 40010102", BgpErrorHandling.AttributeDiscard, "stands twice")]
    [InlineData("40010100 400200 400304C0000201 C008", BgpErrorHandling.TreatAsWithdraw, "header of one")]
    [InlineData("40010100 400200 400304C0000201 C00808FFFF029A", BgpErrorHandling.TreatAsWithdraw, "longer than the attributes")]
    [InlineData("40010100 400200 400304C0000201 800F03000101 800F03000201", BgpErrorHandling.SessionReset, "stands twice")]
    [InlineData("40010100 400200 400304C0000201 800E0400020110", BgpErrorHandling.SessionReset, "shorter than its parts")]
    [InlineData("40010100 400200 400304C0000201 800E09 000201 04 C0000201 00", BgpErrorHandling.SessionReset, "next hop of 4 octets")]
    [InlineData("40010100 400200 400304C0000201 800F04 000201 81", BgpErrorHandling.AfiSafiDisable, "ipv6 unicast")]
    [InlineData("40010100 400200 400304C0000201 C00F03000101", BgpErrorHandling.SessionReset, "flags of another kind")]
    public void Of_update_that_are_malformed_are_handled_as_the_rfc_says(string attributes, BgpErrorHandling handling, string reason)
    {
        byte[] octets = new Wire().Hex(attributes).ToArray();
        byte[] message = new Wire().Hex("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF").U16(19 + 4 + octets.Length + 4).U8(2).U16(0, octets.Length).Octets(octets).Hex("18C00002").ToArray();
        BgpReadResult read = BgpMessageReader.Read(message);
        Assert.Equal(handling, read.Handling);
        Assert.Contains(reason, read.Reason, StringComparison.Ordinal);
        Assert.Equal(handling == BgpErrorHandling.SessionReset, read.Message is null);
        if (read.Message is BgpUpdate update)
        {
            Assert.Equal("192.0.2.0/24", update.Nlri.Single().ToString()); // what is to be withdrawn
        }
    }

    [Theory]
    [InlineData("0001 0000 ", 1)] // withdrawn routes longer than the message
    [InlineData("0000 0005 4001", 1)] // attributes longer than the message
    [InlineData("0000 0000 21C000020100", 10)] // 33 bits
    [InlineData("0000 0000 18C000", 10)] // cut off
    public void Of_update_whose_parts_do_not_fit_end_the_session(string hex, int subcode)
    {
        byte[] body = new Wire().Hex(hex).ToArray();
        byte[] message = new Wire().Hex("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF").U16(19 + body.Length).U8(2).Octets(body).ToArray();
        BgpReadResult read = BgpMessageReader.Read(message);
        Assert.Equal((BgpErrorHandling.SessionReset, subcode), (read.Handling, (int)read.Notification!.Subcode));
    }

    [Fact]
    public void From_another_as_lose_what_is_of_the_own_as_only()
    {
        BgpReadResult read = BgpMessageReader.Read(BgpMessageWriter.Write(Update), new BgpEncoding { External = true });
        Assert.Equal(BgpErrorHandling.AttributeDiscard, read.Handling);
        var update = (BgpUpdate)read.Message!;
        Assert.Null(update.Find<BgpLocalPreference>());
        Assert.Null(update.Find<BgpClusterList>());
        Assert.Null(update.Find<BgpOriginatorId>());
    }

    [Theory]
    [InlineData("192.0.2.0/24", true)]
    [InlineData("192.0.2.1/24", false)]
    [InlineData("192.0.2.1", true)]
    [InlineData("::ffff:0:0/96", true)]
    [InlineData("2001:db8::/129", false)]
    [InlineData("fe80::1%1/128", false)]
    [InlineData("x/24", false)]
    [InlineData("192.0.2.0/", false)]
    public void Name_prefixes(string text, bool good)
    {
        Assert.Equal(good, BgpPrefix.TryParse(text, out BgpPrefix prefix));
        if (good)
        {
            Assert.Equal(prefix, BgpPrefix.Parse(prefix.ToString()));
        }
    }

    private static string Hex(BgpMessage message) => Convert.ToHexString(BgpMessageWriter.Write(message));

    private static string Frames(ReadOnlySequence<byte> input)
    {
        var seen = new List<string>();
        BgpFrameStatus status;
        while ((status = BgpFrames.Read(ref input, BgpEncoding.Default, out ReadOnlySequence<byte> message, out _)) == BgpFrameStatus.Message)
        {
            seen.Add(Convert.ToHexString(message.ToArray()));
        }

        return string.Join(' ', seen.Append(status.ToString()));
    }
}
