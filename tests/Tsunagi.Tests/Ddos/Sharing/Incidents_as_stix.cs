using System.Net;
using System.Text.Json;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Ddos.Sharing;
using Tsunagi.Protocols.Flow.Stix;
using Tsunagi.Tests.Testing;
using FsCheck.Fluent;

namespace Tsunagi.Tests.Ddos.Sharing;

/// <summary>What an incident becomes before it is shared.</summary>
public class Incidents_as_stix
{
    private static readonly SharingOptions Options = new() { Organisation = "a.example", Allow = [IPNetwork.Parse("198.51.100.0/24")] };
    private static readonly DateTimeOffset At = UnixMicros.ToDateTimeOffset(1_800_000_100_000_000);

    [Fact]
    public void It_is_a_bundle_that_reads_back_whole_and_says_what_happened()
    {
        var objects = Of(Row());
        Assert.True(StixReader.TryReadBundle(StixWriter.Bundle(objects), null, out var read, out var error), error.ToString());
        Assert.Empty(read.Refused);
        Assert.Equal(
            ["attack-pattern", "course-of-action", "extension-definition", "grouping", "identity", "incident", "indicator", "ipv4-addr", "marking-definition", "network-traffic", "observed-data", "relationship", "sighting"],
            read.Objects.Select(static each => each.Type).Distinct().Order(StringComparer.Ordinal));
        var indicator = read.Objects.Single(static each => each.Type == "indicator");
        Assert.Equal("[network-traffic:src_ref.value = '198.51.100.7' AND network-traffic:src_port = 53 AND network-traffic:protocols[*] = 'udp'] OR [network-traffic:src_ref.value = '198.51.100.8' AND network-traffic:src_port = 53 AND network-traffic:protocols[*] = 'udp']", indicator.Text("pattern"));
        Assert.InRange(indicator.Confidence!.Value, 30, 90);
        Assert.Contains("dst VICTIM proto udp", read.Objects.Single(static each => each.Type == "course-of-action").Text("description"), StringComparison.Ordinal);

        // Every reference is to something that is there.
        var ids = read.Objects.Select(static each => each.Id).ToHashSet();
        Assert.All(read.Objects.SelectMany(static each => each.References.Concat(each.Markings)), id => Assert.Contains(id, ids));
        Assert.All(read.Objects.Where(static each => each.Type is not ("marking-definition" or "extension-definition" or "identity" or "attack-pattern")), static each => Assert.Equal(Tlp.Amber, TlpMarkings.OfId(Assert.Single(each.Markings))));
    }

    [Fact]
    public void Shared_twice_it_is_one_and_a_later_state_is_a_later_version_of_it()
    {
        var (once, twice, later) = (Of(Row()), Of(Row()), Of(Row() with { ClosedAt = 1_800_000_200_000_000 }, at: UnixMicros.ToDateTimeOffset(1_800_000_200_000_000)));
        Assert.Equal(once.Select(static each => each.ToString()), twice.Select(static each => each.ToString()));
        Assert.Equal(once.Select(static each => each.Id), later.Select(static each => each.Id));
        Assert.True(later.Single(static each => each.Type == "incident").Version > once.Single(static each => each.Type == "incident").Version);
        var other = new IncidentObjects(Options with { Organisation = "b.example" }, new WarningLists(Options, [])).Of(Row(), Tlp.Amber, showsTarget: false, At);
        Assert.DoesNotContain(other.Single(static each => each.Type == "incident").Id, once.Select(static each => each.Id));
    }

    /// <summary>Over targets, tenants and nodes of any name: none of them stands in what leaves.</summary>
    [Fact]
    public void Nothing_says_whose_it_is()
    {
        var drawn =
            from octet in Gen.Choose(1, 254)
            from is6 in Gen.Elements(true, false)
            from vector in Gen.Elements(Vectors.All.ToArray())
            from closed in Gen.Elements(true, false)
            select (Target: is6 ? $"2a01:db8:1:{octet:x}::1/128" : $"203.0.112.{octet}/32", Vector: vector, Closed: closed);
        Properties.Holds(drawn, each =>
        {
            var row = Row() with
            {
                Target = each.Target, Vector = each.Vector, ClosedAt = each.Closed ? 1_800_000_200_000_000 : null, TenantId = "t_secretive", TenantPath = "t_p/t_secretive/", SubscriptionId = "s_secretive", Node = "node-secretive",
                Rule = "packets to " + each.Target, Id = "di_secretive", Proposal = Proposal(each.Target),
            };
            var text = System.Text.Encoding.UTF8.GetString(StixWriter.Bundle(Of(row)));
            Assert.DoesNotContain("secretive", text, StringComparison.Ordinal);
            Assert.DoesNotContain(each.Target.Split('/')[0], text, StringComparison.Ordinal);
            Assert.Contains("anonymised", text, StringComparison.Ordinal);
        }, 300);
        Assert.Contains("192.0.2.1/32", System.Text.Encoding.UTF8.GetString(StixWriter.Bundle(Of(Row(), showsTarget: true))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tcp-syn-flood")]
    [InlineData("udp-flood")]
    [InlineData("icmp-flood")]
    public void A_flood_whose_senders_may_be_forged_accuses_nobody(string vector) =>
        Assert.DoesNotContain(Of(Row() with { Vector = vector }), static each => each.Type is "indicator" or "ipv4-addr" or "observed-data");

    [Fact]
    public void A_withdrawn_one_is_revoked() =>
        Assert.All(new IncidentObjects(Options, new WarningLists(Options, [])).Of(Row(), Tlp.Amber, showsTarget: false, At, isRevoked: true).Where(static each => each.Type is "incident" or "indicator" or "sighting" or "course-of-action"), static each => Assert.True(each.Revoked));

    [Theory]
    [InlineData("198.51.100.7/32", null)]
    [InlineData("5.6.7.0/24", null)]
    [InlineData("5.6.6.0/23", "shorter than /24")]
    [InlineData("2a01:db8::/48", null)]
    [InlineData("2a01:db8::/47", "shorter than /48")]
    [InlineData("192.0.2.9/32", "our own")]
    [InlineData("8.8.8.8/32", "public resolver")]
    [InlineData("8.8.8.0/24", "public resolver")]
    [InlineData("10.1.2.3/32", "private")]
    [InlineData("203.0.113.9/32", "documentation")]
    [InlineData("9.9.1.0/24", "operator's list")]
    public void Warning_lists_keep_the_innocent_out(string block, string? why)
    {
        var lists = new WarningLists(Options with { Warn = [IPNetwork.Parse("9.9.1.7/32")] }, [IPNetwork.Parse("192.0.2.0/24")]);
        var said = lists.WhyNot(IPNetwork.Parse(block));
        Assert.Equal(why is null, said is null);
        Assert.Contains(why ?? "", said ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_confidence_falls_by_half_in_its_half_life()
    {
        var store = new ForeignStore(null!, Options, TimeProvider.System);
        var week = (long)TimeSpan.FromDays(7).TotalMicroseconds;
        Assert.Equal((80, 40, 20), (store.Today(80, 0, 0), store.Today(80, 0, week), store.Today(80, 0, 2 * week)));
    }

    internal static IncidentRow Row() => new(
        "di_one", "t_p/t_1/", "t_1", "s_1", "n", "192.0.2.1/32", "host", "dns-reflection", "attack", 500, "r", 2_000, 40, 50, "Header", 31, 1_800_000_000_000_000, 1_800_000_050_000_000, null, "", 20_000, 80_000_000, 10, 0, 0, 2, 500,
        Json(new Share("198.51.100.7", 0.6), new Share("198.51.100.8", 0.3), new Share("10.0.0.1", 0.1)), Json(new Share("udp/53", 0.9)), """["dns-reflection"]""", Proposal("192.0.2.1/32"));

    private static string Proposal(string target) => JsonSerializer.Serialize(new Proposal([new ProposedRule($"dst {target} proto udp sport 53 then discard", 0.99, 0)], 0.99, 0, 100, 100, 0.01, ""));

    private static string Json(params Share[] shares) => JsonSerializer.Serialize(shares);

    private static IReadOnlyList<StixObject> Of(IncidentRow row, bool showsTarget = false, DateTimeOffset? at = null) => new IncidentObjects(Options, new WarningLists(Options, [])).Of(row, Tlp.Amber, showsTarget, at ?? At);
}
