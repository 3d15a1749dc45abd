using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail.Routes;
using Tsunagi.Tests.Protocols.Mail.Dane;

namespace Tsunagi.Tests.Mail.Routes;

public class Routes_shown_to_people
{
    private static readonly Caller Owner = Caller.System(new TenantScope("t_one", MxWorld.Tenant));
    private static readonly Caller Stranger = Caller.System(new TenantScope("t_two", "t_root/t_two/"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Say_servers_policy_and_what_would_happen_and_when_asked_what_the_servers_say()
    {
        await using var world = await MxWorld.StartAsync(static given => given with { TrustResolver = true });
        var certificate = world.Valid("mx.sts.example");
        world.Server(12, certificate);
        world.Domain("sts.example", 12);
        world.Sts("sts.example", "7", MxWorld.Enforce("mx.sts.example"));
        world.Zone.Set("_smtp._tls.sts.example", "_smtp._tls.sts.example TXT v=TLSRPTv1; rua=mailto:tls@sts.example");
        var desk = world.Node.Services.GetRequiredService<RouteDesk>();
        var route = (await desk.FindAsync(Stranger, "bob@STS.example", asks: true, "en", Cancel)).Value!;
        Assert.Equal(("sts.example", "mx", "Mail goes to mx.sts.example first: MTA-STS (enforce): TLS with a valid certificate of its name, or the mail waits."), (route.Domain, route.Goes, route.Summary));
        var server = Assert.Single(route.Servers);
        Assert.Equal(("sts-enforce", true), (server.Policy, server.IsTried));
        Assert.EndsWith("; MTA-STS (enforce), certificate valid for the server's name", server.Answer, StringComparison.Ordinal);
        Assert.Equal(("7", "enforce", 86_400L), (route.MtaSts!.Id, route.MtaSts.Mode, route.MtaSts.MaxAgeSeconds));
        Assert.Equal(["mailto:tls@sts.example"], route.TlsReportsTo);

        // DANE comes first where it was validated; what would not be met is said before any mail waits.
        world.Zone.Signed.Add("sts.example");
        var tlsa = $"_{world.Port}._tcp.mx.sts.example";
        world.Zone.Set(tlsa, $"{tlsa} TLSA {Certificates_under_dane.Record(3, 1, 1, world.Untrusted("x.example"))}");
        server = Assert.Single((await desk.FindAsync(Stranger, "sts.example", asks: true, "en", Cancel)).Value!.Servers);
        Assert.Equal("dane", server.Policy);
        Assert.Contains("is not the one that the TLSA records name", server.Answer, StringComparison.Ordinal);
        world.Zone.Set(tlsa, $"{tlsa} FAIL TLSA");
        route = (await desk.FindAsync(Stranger, "sts.example", asks: true, "en", Cancel)).Value!;
        Assert.Equal("Mail waits: none of the servers may be tried now, as said at each.", route.Summary);
        Assert.Contains("cannot be looked up (SERVFAIL)", Assert.Single(route.Servers).Says, StringComparison.Ordinal);
    }

    /// <summary>Where a customer's own server stands is that customer's, and no other's.</summary>
    [Fact]
    public async Task Show_a_customers_own_server_to_that_customer_alone()
    {
        await using var world = await MxWorld.StartAsync();
        world.Domain("one.example", 11);
        var desk = world.Node.Services.GetRequiredService<RouteDesk>();
        var own = (await desk.FindAsync(Owner, "one.example", asks: false, "en", Cancel)).Value!;
        Assert.Equal(("nextHop", $"127.0.0.1:{world.Customer.Port}"), (own.Goes, own.NextHop));
        var seen = (await desk.FindAsync(Stranger, "one.example", asks: false, "en", Cancel)).Value!;
        Assert.Equal(("mx", null), (seen.Goes, seen.NextHop));
        Assert.DoesNotContain(world.Customer.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), seen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Say_why_mail_would_not_leave()
    {
        await using var world = await MxWorld.StartAsync();
        world.Zone.Set("null.example", "null.example MX 0 .");
        world.Zone.Set("silent.example", "silent.example FAIL MX");
        var desk = world.Node.Services.GetRequiredService<RouteDesk>();
        foreach (var (domain, goes, status) in new[] { ("null.example", "never", "5.1.10"), ("gone.example", "never", "5.1.2"), ("silent.example", "later", "4.4.3") })
        {
            var route = (await desk.FindAsync(Stranger, domain, asks: true, "ja", Cancel)).Value!;
            Assert.Equal((goes, status), (route.Goes, route.Status));
        }

        Assert.Equal("mail.route.ask", (await desk.FindAsync(Stranger with { IsOperator = false }, "null.example", asks: true, "en", Cancel)).Refusal!.Code);
        Assert.Equal("mail.route.domain", (await desk.FindAsync(Stranger, "no domain", asks: false, "en", Cancel)).Refusal!.Code);
    }

    /// <summary>An operator who declared a resolver that does not validate is told, once.</summary>
    [Fact]
    public async Task Tell_of_a_resolver_that_never_validates()
    {
        await using var world = await MxWorld.StartAsync(static given => given with { TrustResolver = true });
        var watch = world.Node.Services.GetRequiredService<ValidationWatch>();
        for (var i = 0; i < ValidationWatch.Enough - 1; i++)
        {
            watch.Saw(isSecure: false);
        }

        Assert.False(await watch.LookAsync(Cancel));
        watch.Saw(isSecure: false);
        Assert.True(await watch.LookAsync(Cancel));
        Assert.False(await watch.LookAsync(Cancel));
        var told = await world.Node.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT event FROM outbox"), Cancel);
        Assert.Single(told, static text => text.Contains("mail.route.unvalidated@1", StringComparison.Ordinal));
        world.Domain("a.example", 11);
        Assert.Contains((await world.Node.Services.GetRequiredService<RouteDesk>().FindAsync(Stranger, "a.example", asks: false, "en", Cancel)).Value!.Hints, static hint => hint.StartsWith("DANE is on, but", StringComparison.Ordinal));
        watch.Saw(isSecure: true);
        Assert.False(watch.IsDoubtful);
    }
}
