using System.Net;
using Tsunagi.Protocols.Mail.Route;

namespace Tsunagi.Tests.Protocols.Mail.Route;

public class Mail_servers_of_a_domain
{
    private static readonly MxOptions Options = new() { OwnNames = ["gw.provider.example"], OwnAddresses = [IPAddress.Parse("192.0.2.99")], Draw = static _ => 0 };

    /// <summary>The zone, the domain, and the plan: servers with their addresses, or the end with its code.</summary>
    public static TheoryData<string, string, string> Cases => new()
    {
        { "a.example MX 20 b.a.example|a.example MX 10 a.a.example|a.a.example A 192.0.2.1|b.a.example A 192.0.2.2", "a.example", "deliver a.a.example[192.0.2.1] b.a.example[192.0.2.2]" },
        { "a.example MX 10 a.a.example|a.a.example A 192.0.2.1", "A.Example", "deliver a.a.example[192.0.2.1]" },
        { "xn--fsqu00a.example MX 10 a.a.example|a.a.example A 192.0.2.1", "例子.example", "deliver a.a.example[192.0.2.1]" },
        { "a.example A 192.0.2.1|a.example AAAA 2001:db8::1", "a.example", "deliver a.example[2001:db8::1,192.0.2.1]" },
        { "a.example MX 10 m.example|m.example A 192.0.2.1|m.example A 192.0.2.2|m.example A 192.0.2.3|m.example AAAA 2001:db8::1|m.example AAAA 2001:db8::2", "a.example", "deliver m.example[2001:db8::1,192.0.2.1,2001:db8::2,192.0.2.2,192.0.2.3]" },
        { "a.example TXT nothing", "a.example", "never 5.4.4" },
        { "", "a.example", "never 5.1.2" },
        { "a.example FAIL MX", "a.example", "later 4.4.3" },
        { "a.example FAIL A|a.example TXT x", "a.example", "later 4.4.3" },
        { "a.example MX 0 .", "a.example", "never 5.1.10" },
        { "a.example MX 0 .|a.example MX 10 m.example|m.example A 192.0.2.1", "a.example", "deliver m.example[192.0.2.1]" },
        { "a.example MX 10 gone.example", "a.example", "never 5.4.4" },
        { "a.example MX 10 gone.example|a.example MX 20 m.example|m.example A 192.0.2.1", "a.example", "deliver gone.example[] m.example[192.0.2.1]" },
        { "a.example MX 10 m.example|m.example FAIL A|m.example FAIL AAAA", "a.example", "later 4.4.3" },
        { "a.example MX 10 m.example|m.example FAIL AAAA|m.example A 192.0.2.1", "a.example", "deliver m.example[192.0.2.1]" },
        { "a.example MX 10 192.0.2.1", "a.example", "never 5.4.4" },
        { "a.example MX 10 m_x$.example|a.example MX 20 m.example|m.example A 192.0.2.1", "a.example", "deliver m_x$.example[] m.example[192.0.2.1]" },
        { "a.example CNAME b.example|b.example MX 10 m.example|m.example A 192.0.2.1", "a.example", "deliver m.example[192.0.2.1]" },
        { "a.example MX 10 alias.example|alias.example CNAME m.example|m.example A 192.0.2.1", "a.example", "deliver alias.example[192.0.2.1]" },
        { "a.example MX 10 best.example|a.example MX 20 gw.provider.example|a.example MX 30 worse.example|best.example A 192.0.2.1|worse.example A 192.0.2.3", "a.example", "deliver best.example[192.0.2.1]" },
        { "a.example MX 10 equal.example|a.example MX 10 gw.provider.example|equal.example A 192.0.2.1", "a.example", "never 5.4.6" },
        { "a.example MX 10 hidden.example|a.example MX 20 m.example|hidden.example A 192.0.2.99|m.example A 192.0.2.1", "a.example", "never 5.4.6" },
        { "a.example MX 10 m.example|a.example MX 10 M.example|m.example A 192.0.2.1", "a.example", "deliver m.example[192.0.2.1]" },
        { "", "[192.0.2.7]", "deliver 192.0.2.7[192.0.2.7]" },
        { "", "[IPv6:2001:db8::7]", "deliver 2001:db8::7[2001:db8::7]" },
        { "", "[192.0.2.99]", "never 5.4.6" },
        { "", "[9::192.0.2.1]", "never 5.1.2" },
        { "", "[1]", "never 5.1.2" },
        { "", "a b.example", "never 5.1.2" },
        { "", "-", "never 5.1.2" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Are_found_or_it_is_said_why_not(string zone, string domain, string expected)
    {
        var plan = await MxPlanner.PlanAsync(Zone(zone), domain, Options, TestContext.Current.CancellationToken);
        Assert.Equal(expected, Said(plan));
        Assert.Equal(plan.Outcome != MxOutcome.Deliver, plan.Why.Length > 0);
    }

    [Fact]
    public async Task Of_equal_preference_are_tried_in_a_drawn_order()
    {
        var zone = Zone("a.example MX 10 m1.example|a.example MX 10 m2.example|a.example MX 10 m3.example|a.example MX 5 m0.example|m0.example A 192.0.2.1|m1.example A 192.0.2.1|m2.example A 192.0.2.1|m3.example A 192.0.2.1");
        var random = new Random(7);
        var orders = new HashSet<string>();
        for (var i = 0; i < 60; i++)
        {
            var plan = await MxPlanner.PlanAsync(zone, "a.example", Options with { Draw = random.Next }, TestContext.Current.CancellationToken);
            Assert.Equal("m0.example", plan.Hosts[0].Name);
            orders.Add(string.Join(' ', plan.Hosts.Select(static host => host.Name)));
        }

        Assert.Equal(6, orders.Count);
    }

    [Theory]
    [InlineData(3, 3, "")]
    [InlineData(3, 4, "1 more MX records are beyond the limit of 3")]
    public async Task Are_limited_in_number(int limit, int servers, string note)
    {
        var zone = Zone(string.Join('|', Enumerable.Range(1, servers).SelectMany(static i => new[] { $"a.example MX {i} m{i}.example", $"m{i}.example A 192.0.2.{i}" })));
        var plan = await MxPlanner.PlanAsync(zone, "a.example", Options with { Hosts = limit }, TestContext.Current.CancellationToken);
        Assert.Equal(Math.Min(limit, servers), plan.Hosts.Length);
        Assert.StartsWith(note, string.Join(' ', plan.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Have_a_limited_number_of_addresses()
    {
        var plan = await MxPlanner.PlanAsync(Zone("a.example A 192.0.2.1|a.example A 192.0.2.2|a.example A 192.0.2.3"), "a.example", Options with { AddressesEach = 2 }, TestContext.Current.CancellationToken);
        Assert.Equal("deliver a.example[192.0.2.1,192.0.2.2]", Said(plan));
    }

    [Fact]
    public async Task Of_a_domain_that_we_serve_may_be_ourselves()
    {
        var zone = Zone("a.example MX 10 gw.provider.example|gw.provider.example A 192.0.2.99");
        Assert.Equal("deliver gw.provider.example[192.0.2.99]", Said(await MxPlanner.PlanAsync(zone, "a.example", Options with { IsOwnDomain = true }, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Are_secure_only_where_every_answer_on_the_way_was_validated()
    {
        var zone = Zone("a.example MX 10 m.example|a.example MX 20 open.example|a.example MX 30 alias.example|m.example A 192.0.2.1|open.example A 192.0.2.2|alias.example CNAME m.example");
        zone.Signed.UnionWith(["a.example", "m.example", "alias.example"]);
        var plan = await MxPlanner.PlanAsync(zone, "a.example", Options, TestContext.Current.CancellationToken);
        Assert.True(plan.IsSecure);
        Assert.Equal([true, false, true], plan.Hosts.Select(static host => host.IsSecure));
        Assert.Equal(["", "", "m.example"], plan.Hosts.Select(static host => host.CanonicalName));

        zone.Signed.Remove("a.example");
        Assert.False((await MxPlanner.PlanAsync(zone, "a.example", Options, TestContext.Current.CancellationToken)).IsSecure);
    }

    private static ZoneDns Zone(string lines) => new(lines.Split('|', StringSplitOptions.RemoveEmptyEntries));

    private static string Said(MxPlan plan) => plan.Outcome == MxOutcome.Deliver
        ? "deliver " + string.Join(' ', plan.Hosts.Select(static host => $"{host.Name}[{string.Join(',', host.Addresses)}]"))
        : $"{plan.Outcome.ToString().ToLowerInvariant()} {plan.Status}";
}
