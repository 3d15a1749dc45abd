using System.Net;
using Tsunagi.Ddos;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Protocols.Flow.Bgp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>What no rule may be.</summary>
public sealed class Guards_of_rules
{
    private static readonly MitigationGuards Guards = new(new DdosOptions(), [IPNetwork.Parse("192.0.2.128/25"), IPNetwork.Parse("2001:db8:0:ffff::/64")]);

    private static readonly ProtectionTable Table = new([new Protection
    {
        Subscription = "s", TenantId = "t", TenantPath = "t/", Prefixes = [BgpPrefix.Parse("192.0.2.0/24"), BgpPrefix.Parse("2001:db8::/48")], Host = new Limits(1, 0, 0), Prefix = new Limits(1, 0, 0),
        Quiet = TimeSpan.Zero, Series = new(),
    }]);

    [Theory]
    [InlineData("192.0.2.1/32", null)]
    [InlineData("192.0.2.1", null)]
    [InlineData("192.0.2.0/25", null)]
    [InlineData("2001:db8::1/128", null)]
    [InlineData("192.0.2.0/24", "ddos.mitigation.protected")]
    [InlineData("192.0.2.200/32", "ddos.mitigation.protected")]
    [InlineData("2001:db8:0:ffff::1/128", "ddos.mitigation.protected")]
    [InlineData("192.0.2.1/24", "ddos.mitigation.prefix")]
    [InlineData("192.0.2.0/23", "ddos.mitigation.too-broad")]
    [InlineData("192.0.0.0/22", "ddos.mitigation.too-broad")]
    [InlineData("0.0.0.0/0", "ddos.mitigation.too-broad")]
    [InlineData("::/0", "ddos.mitigation.too-broad")]
    [InlineData("198.51.100.1/32", "ddos.mitigation.not-yours")]
    [InlineData("2001:db9::1/128", "ddos.mitigation.not-yours")]
    [InlineData("nowhere", "ddos.mitigation.prefix")]
    public void Blackholes(string prefix, string? code) => Assert.Equal(code, Check(new() { Blackhole = prefix, Reason = "a test" }));

    [Theory]
    [InlineData("dst 192.0.2.1/32 proto udp sport 53 then discard", null)]
    [InlineData("dst 192.0.2.1/32 proto udp len 512-1500 then rate 125000", null)]
    [InlineData("dst 192.0.2.1/32 tcp-flags =syn then rate-packets 100", null)]
    [InlineData("dst 2001:db8::1/128 then discard", null)]
    [InlineData("proto udp sport 53 then discard", "ddos.mitigation.destination")]
    [InlineData("src 192.0.2.1/32 then discard", "ddos.mitigation.destination")]
    [InlineData("dst 2001:db8::1/128 offset 16 then discard", "ddos.mitigation.destination")]
    [InlineData("dst 192.0.2.1/32 then discard rd 1:1", "ddos.mitigation.rule")]
    [InlineData("dst 192.0.2.1/32 len 99971-99985 then discard", "ddos.mitigation.rule")]
    [InlineData("dst 192.0.2.1/32 len 60000-65000 then discard", "ddos.mitigation.impossible")]
    [InlineData("dst 192.0.2.1/32 len <20 then discard", "ddos.mitigation.impossible")]
    [InlineData("dst 192.0.2.1/32 len >1500&<1000 then discard", "ddos.mitigation.impossible")]
    [InlineData("dst 192.0.2.1/32 dport >65534&<100 then discard", "ddos.mitigation.impossible")]
    [InlineData("dst 192.0.2.1/32 proto udp", "ddos.mitigation.action")]
    [InlineData("dst 192.0.2.1/32 then accept", "ddos.mitigation.action")]
    [InlineData("dst 192.0.2.1/32 then redirect 64512:1", "ddos.mitigation.action")]
    [InlineData("dst 192.0.2.1/32 then discard community 65535:666", "ddos.mitigation.action")]
    [InlineData("dst 192.0.2.200/32 then discard", "ddos.mitigation.protected")]
    [InlineData("dst 192.0.0.0/16 then discard", "ddos.mitigation.too-broad")]
    [InlineData("nonsense", "ddos.mitigation.rule")]
    public void Rules(string rule, string? code) => Assert.Equal(code, Check(new() { Rule = rule, Reason = "a test" }));

    [Theory]
    [InlineData(0, "ddos.mitigation.life")]
    [InlineData(1, null)]
    [InlineData(24 * 60, null)]
    [InlineData((24 * 60) + 1, "ddos.mitigation.life")]
    public void Life_has_its_bounds(int minutes, string? code) => Assert.Equal(code, Check(new() { Blackhole = "192.0.2.1/32", Reason = "a test", Minutes = minutes }));

    [Fact]
    public void One_of_both_must_be_said()
    {
        Assert.Equal("ddos.mitigation.what", Check(new() { Reason = "a test" }));
        Assert.Equal("ddos.mitigation.what", Check(new() { Reason = "a test", Blackhole = "192.0.2.1/32", Rule = "dst 192.0.2.1/32 then discard" }));
    }

    /// <summary>Whatever is asked for, what passes is read by the last guard too, has a destination of the tenant's own and touches nothing protected.</summary>
    [Fact]
    public void Nothing_forbidden_passes_whatever_is_asked()
    {
        var random = new Random(11);
        string[] words = ["dst", "src", "proto", "sport", "dport", "len", "tcp-flags", "then", "discard", "rate", "1000", "udp", "53", "<20", ">1500", "=syn", "192.0.2.1/32", "192.0.2.0/24", "10.0.0.0/8", "0.0.0.0/0", "192.0.2.192/26", "2001:db8::/48", "::/0", "offset", "8"];
        var passed = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var text = "dst " + string.Join(' ', Enumerable.Range(0, random.Next(1, 9)).Select(_ => words[random.Next(words.Length)])) + (i % 2 == 0 ? " then discard" : "");
            var outcome = Guards.Check(new() { Rule = text, Reason = "a test" }, Table.Holding);
            if (!outcome.Ok)
            {
                continue;
            }

            passed++;
            Assert.True(FlowSpecText.TryParse(outcome.Value.Rule, out var statement, out _));
            var destination = statement!.Rule.Find(FlowSpecType.Destination)!;
            Assert.True(destination.Offset == 0 && destination.Prefix.Length >= (destination.Prefix.IsIPv6 ? 48 : 24), text);
            Assert.NotNull(Table.Holding(destination.Prefix));
            Assert.False(IPNetwork.Parse("192.0.2.128/25").Contains(destination.Prefix.Address.ToIPAddress()) || destination.Prefix == BgpPrefix.Parse("192.0.2.0/24"), text);
        }

        Assert.True(passed > 50, $"{passed} passed");
    }

    private static string? Check(MitigationRequest request) => Guards.Check(request, Table.Holding).Refusal?.Code;
}
