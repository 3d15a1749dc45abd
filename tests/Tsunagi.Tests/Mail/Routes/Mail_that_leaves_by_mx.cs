using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Mail.Routes;
using Tsunagi.Tests.Protocols.Mail.Dane;

namespace Tsunagi.Tests.Mail.Routes;

public class Mail_that_leaves_by_mx
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The next server is tried when the best does not answer; without a policy what cannot be encrypted goes in the clear, and the trace says so.</summary>
    [Fact]
    public async Task Goes_to_the_best_server_that_takes_it_and_the_trace_says_how()
    {
        await using var world = await MxWorld.StartAsync();
        var clear = world.Server(11);
        world.Zone.Set("a.example", "a.example MX 10 dead.a.example", "a.example MX 20 mx.a.example");
        world.Zone.Set("dead.a.example", "dead.a.example A 127.0.0.99");
        world.Zone.Set("mx.a.example", "mx.a.example A 127.0.0.11");
        var id = await world.SendAsync("bob@a.example");
        Assert.Equal("bob@a.example=delivered", await world.FatesAsync(id));
        Assert.StartsWith($"mx.a.example:{world.Port} [127.0.0.11] not encrypted: the server offers no STARTTLS, and no policy asks for it ", await world.FirstAttemptAsync(id), StringComparison.Ordinal);
        Assert.StartsWith("clear ", Assert.Single(clear.Messages), StringComparison.Ordinal);

        // Any certificate is better than none.
        var secure = world.Server(12, world.Untrusted("whoever.example"));
        world.Domain("b.example", 12);
        id = await world.SendAsync("bob@b.example");
        Assert.Equal("bob@b.example=delivered", await world.FatesAsync(id));
        Assert.Contains("; opportunistic, certificate not checked", await world.FirstAttemptAsync(id), StringComparison.Ordinal);
        Assert.StartsWith("tls ", Assert.Single(secure.Messages), StringComparison.Ordinal);

        // TLS that breaks is no reason to keep mail that would have gone without.
        var broken = world.Server(13, world.Untrusted("whoever.example"));
        broken.SpeaksNoTls = true;
        world.Domain("c.example", 13);
        id = await world.SendAsync("bob@c.example");
        Assert.Equal("bob@c.example=delivered", await world.FatesAsync(id));
        Assert.Contains("not encrypted: TLS failed, and no policy asks for it", await world.FirstAttemptAsync(id), StringComparison.Ordinal);
    }

    /// <summary>A domain that is silent delays no other; what will never be taken goes back, with its code.</summary>
    [Fact]
    public async Task To_several_domains_has_a_fate_in_each()
    {
        await using var world = await MxWorld.StartAsync();
        var server = world.Server(11);
        world.Domain("good.example", 11);
        world.Domain("dead.example", 99);
        world.Zone.Set("null.example", "null.example MX 0 .");
        world.Domain("full.example", 12);
        world.Server(12).Recipient = static line => line.Contains("bad@", StringComparison.Ordinal) ? "550 5.1.1 unknown" : null;
        var id = await world.SendAsync("a@dead.example", "b@null.example", "c@good.example", "d@gone.example", "bad@full.example", "e@good.example", "fine@full.example");
        var states = await world.Node.EventuallyAsync(
            reader => reader.QueryAsync<string>("SELECT state FROM mail_recipient WHERE message_id = @Id ORDER BY position", new { Id = id }),
            static rows => rows.Count == 7 && rows.Count(static row => row is "deferred" or "queued") == 1);
        Assert.Equal(["deferred", "failed", "delivered", "failed", "failed", "delivered", "delivered"], states.Select(static state => state == "queued" ? "deferred" : state));
        Assert.Single(server.Messages);
        var reports = string.Concat((await world.Customer.GotAsync(3)).Select(static message => Encoding.UTF8.GetString(message.Content.Span)));
        Assert.Contains("Status: 5.1.10", reports, StringComparison.Ordinal);
        Assert.Contains("Status: 5.1.2", reports, StringComparison.Ordinal);
        Assert.Contains("Status: 5.1.1", reports, StringComparison.Ordinal);

        // A silent domain of strangers is no outage of ours, and its queue goes by the domain's name.
        Assert.Empty(world.Node.Scheduler.Health(["mx:dead.example"]));
        Assert.Contains(world.Node.Scheduler.NextHops(new Tsunagi.Core.Tenants.TenantScope("t_root", "t_root/")), static hop => hop is { NextHop: "mx:dead.example", State: "failing" });
    }

    /// <summary>What somebody between us and the server could do: cut STARTTLS out, bring a certificate of his own, point elsewhere, take the policy away. Nothing leaves in any of these.</summary>
    [Fact]
    public async Task Waits_when_the_policy_of_mta_sts_is_not_met()
    {
        await using var world = await MxWorld.StartAsync();
        var good = world.Server(12, world.Valid("mx.sts.example"));
        world.Domain("sts.example", 12);
        world.Sts("sts.example", "1", MxWorld.Enforce("mx.sts.example"));
        var id = await world.SendAsync("bob@sts.example");
        Assert.Equal("bob@sts.example=delivered", await world.FatesAsync(id));
        Assert.Contains("; MTA-STS (enforce), certificate valid for the server's name", await world.FirstAttemptAsync(id), StringComparison.Ordinal);
        Assert.StartsWith("tls ", Assert.Single(good.Messages), StringComparison.Ordinal);

        // The policy is taken away: no record, no file. The one known holds.
        world.Zone.Set("_mta-sts.sts.example");
        world.Policies.Clear();
        var stripped = world.Server(13, world.Valid("mx.sts.example"));
        stripped.IsStripped = true;
        world.Domain("sts.example", 13);
        await WaitsAsync(world, "sts.example", "4.7.4", "MTA-STS policy (enforce) requires it");

        var strange = world.Server(14, world.Untrusted("mx.sts.example"));
        world.Domain("sts.example", 14);
        await WaitsAsync(world, "sts.example", "4.7.5", "of no authority that is trusted here");

        var expired = world.Server(15, world.Expired("mx.sts.example"));
        world.Domain("sts.example", 15);
        await WaitsAsync(world, "sts.example", "4.7.5", "not valid today");

        var other = world.Server(16, world.Valid("mx.attacker.example"));
        world.Domain("sts.example", 16);
        await WaitsAsync(world, "sts.example", "4.7.5", "for another name");

        world.Zone.Set("sts.example", "sts.example MX 10 mx.attacker.example");
        world.Zone.Set("mx.attacker.example", "mx.attacker.example A 127.0.0.16");
        await WaitsAsync(world, "sts.example", "4.7.5", "does not name it (it names mx.sts.example)");
        Assert.Empty(stripped.Messages.Concat(strange.Messages).Concat(expired.Messages).Concat(other.Messages));

        // In the mode testing all this is only told.
        world.Domain("sts.example", 14);
        world.Sts("sts.example", "2", MxWorld.Enforce("mx.sts.example").Replace("enforce", "testing", StringComparison.Ordinal));
        id = await world.SendAsync("bob@sts.example");
        Assert.Equal("bob@sts.example=delivered", await world.FatesAsync(id));
        Assert.Contains("MTA-STS (testing), failures are reported only: its certificate is of no authority", await world.FirstAttemptAsync(id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waits_when_dane_is_not_met()
    {
        await using var world = await MxWorld.StartAsync(static given => given with { TrustResolver = true });
        var certificate = world.Untrusted("whoever.example");
        var good = world.Server(12, certificate);
        world.Domain("dane.example", 12);
        world.Zone.Signed.Add("dane.example");
        var tlsa = $"_{world.Port}._tcp.mx.dane.example";
        world.Zone.Set(tlsa, $"{tlsa} TLSA {Certificates_under_dane.Record(3, 1, 1, certificate)}");
        var id = await world.SendAsync("bob@dane.example");
        Assert.Equal("bob@dane.example=delivered", await world.FatesAsync(id));
        Assert.Contains("; DANE, certificate as its TLSA records name it", await world.FirstAttemptAsync(id), StringComparison.Ordinal);

        // DANE stands before MTA-STS: a policy that would refuse this certificate changes nothing (RFC 8461 section 2).
        world.Sts("dane.example", "1", MxWorld.Enforce("mx.elsewhere.example"));
        id = await world.SendAsync("bob@dane.example");
        Assert.Equal("bob@dane.example=delivered", await world.FatesAsync(id));
        Assert.Equal(2, good.Messages.Count);

        // Another certificate, valid for everybody else; STARTTLS cut out; records that do not validate.
        var strange = world.Server(13, world.Valid("mx.dane.example"));
        world.Domain("dane.example", 13);
        await WaitsAsync(world, "dane.example", "4.7.5", "not the one that the TLSA records name");
        var stripped = world.Server(14, certificate);
        stripped.IsStripped = true;
        world.Domain("dane.example", 14);
        await WaitsAsync(world, "dane.example", "4.7.4", "does not offer STARTTLS, and DANE (by its TLSA records) requires it");
        world.Domain("dane.example", 12);
        world.Zone.Set(tlsa, $"{tlsa} FAIL TLSA");
        await WaitsAsync(world, "dane.example", "4.7.5", "its TLSA records cannot be looked up (SERVFAIL)");
        Assert.Empty(strange.Messages.Concat(stripped.Messages));
        Assert.Equal(2, good.Messages.Count);

        // Records of which none can be used ask for TLS, and for no name.
        world.Zone.Set(tlsa, $"{tlsa} TLSA 1 1 1 {new string('0', 64)}");
        id = await world.SendAsync("bob@dane.example");
        Assert.Equal("bob@dane.example=delivered", await world.FatesAsync(id));
        Assert.Contains("DANE without a usable record: encrypted, certificate not checked", await world.FirstAttemptAsync(id), StringComparison.Ordinal);

        // What was not validated does not count.
        world.Zone.Signed.Clear();
        world.Domain("open.example", 13);
        world.Zone.Set($"_{world.Port}._tcp.mx.open.example", $"_{world.Port}._tcp.mx.open.example TLSA {Certificates_under_dane.Record(3, 1, 1, certificate)}");
        Assert.Equal("bob@open.example=delivered", await world.FatesAsync(await world.SendAsync("bob@open.example")));
    }

    /// <summary>RFC 8461 section 3.3: what is no policy is not taken for one, and the one known before holds.</summary>
    [Fact]
    public async Task Has_its_policy_fetched_as_the_rfc_says()
    {
        await using var world = await MxWorld.StartAsync();
        var policies = world.Node.Services.GetRequiredService<StsPolicies>();
        world.Sts("sts.example", "1", MxWorld.Enforce("mx.sts.example"));
        Assert.Equal("1", (await policies.OfAsync("sts.example", Cancel)).Id);

        // Version 1 is known: nobody asks for it again, and it is there after a restart, since it stands in the store.
        world.Policies.Clear();
        Assert.NotNull((await policies.OfAsync("sts.example", Cancel)).Policy);
        var anew = ActivatorUtilities.CreateInstance<StsPolicies>(world.Node.Services);
        Assert.Equal("mx.sts.example", Assert.Single((await anew.OfAsync("sts.example", Cancel)).Policy!.Patterns));

        // Version 2 cannot be had, in each of the ways there are.
        (int Status, string Type, string Body, string Why, string As)[] faults =
        [
            (404, "text/plain", "", "answers 404", "sts-policy-fetch-error"), (302, "text/plain", "", "redirects are not followed", "sts-policy-fetch-error"),
            (200, "text/html", MxWorld.Enforce("mx.sts.example"), "not text/plain", "sts-policy-fetch-error"), (200, "text/plain", "version: STSv2\n", "not STSv1", "sts-policy-invalid"),
            (200, "text/plain", new string(' ', 70_000), "larger than 65536", "sts-policy-fetch-error"),
        ];
        for (var i = 0; i < faults.Length; i++)
        {
            world.Sts("sts.example", $"2{i}", faults[i].Body);
            world.Policies["mta-sts.sts.example"] = (faults[i].Status, faults[i].Type, faults[i].Body);
            var state = await policies.OfAsync("sts.example", Cancel);
            Assert.Equal(("1", faults[i].As), (state.Id, state.ProblemAs));
            Assert.Contains(faults[i].Why, state.Problem, StringComparison.Ordinal);
        }

        // A policy host whose certificate is of another name has no policy; one that was asked for in vain is left in peace.
        world.Sts("wrong.example", "1", MxWorld.Enforce("mx.wrong.example"));
        Assert.Equal("sts-webpki-invalid", (await policies.OfAsync("wrong.example", Cancel)).ProblemAs);
        world.Zone.Set("mta-sts.wrong.example");
        Assert.Equal("sts-webpki-invalid", (await policies.OfAsync("wrong.example", Cancel)).ProblemAs);
        world.Zone.Set("_mta-sts.sts.example", "_mta-sts.sts.example FAIL TXT");
        Assert.NotNull((await policies.OfAsync("sts.example", Cancel)).Policy);
    }

    private static async Task WaitsAsync(MxWorld world, string domain, string status, string why)
    {
        // The domain is remembered as failing for a while: its probe is made now.
        world.Node.Scheduler.RetryNow(Tsunagi.Mail.Contract.NextHop.OfDomain(domain), new Tsunagi.Core.Tenants.TenantScope("t_root", "t_root/"));
        var id = await world.SendAsync($"bob@{domain}");
        world.Node.Scheduler.RetryNow(Tsunagi.Mail.Contract.NextHop.OfDomain(domain), new Tsunagi.Core.Tenants.TenantScope("t_root", "t_root/"));
        var attempts = await world.Node.EventuallyAsync(
            reader => reader.QueryAsync<string>("SELECT replies FROM mail_attempt ORDER BY started_at DESC LIMIT 3"), rows => rows.Any(row => row.Contains(why, StringComparison.Ordinal)));
        var said = attempts.First(row => row.Contains(why, StringComparison.Ordinal));
        Assert.Contains($"451 {status} ", said, StringComparison.Ordinal);
        Assert.Contains("nothing is sent in the clear", said, StringComparison.Ordinal);
        Assert.NotNull(id);
    }
}
