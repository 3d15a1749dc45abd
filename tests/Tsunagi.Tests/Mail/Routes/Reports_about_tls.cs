using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Routes;
using Tsunagi.Mail.Signing;
using Tsunagi.Protocols.Mail.Feedback;

namespace Tsunagi.Tests.Mail.Routes;

public class Reports_about_tls
{
    private const long DayMicros = 24 * 3_600 * UnixMicros.PerSecond;

    private static readonly TlsReportOptions On = new() { Organization = "Provider", Contact = "tls@provider.example", From = "tls@one.example", SendAfter = TimeSpan.Zero, MaxToOne = 2, LookEvery = TimeSpan.FromHours(24) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Counted by day, packed, signed, mailed and posted; our own reader reads what a stranger's would. The report's own delivery is not reported on, and no policy holds it back.</summary>
    [Fact]
    public async Task Are_counted_and_sent_once_a_day_signed()
    {
        await using var world = await MxWorld.StartAsync(reports: On);
        var keeper = world.Node.Services.GetRequiredService<SigningKeeper>();
        await PublishAsync(world, keeper);
        world.Server(12, world.Valid("mx.sts.example"));
        world.Domain("sts.example", 12);
        world.Sts("sts.example", "1", MxWorld.Enforce("mx.sts.example"));
        world.Zone.Set("_smtp._tls.sts.example", "_smtp._tls.sts.example TXT v=TLSRPTv1; rua=mailto:tls@reports.example,https://r.reports.example:" + world.PolicyPort + "/tls");
        Assert.Equal("bob@sts.example=delivered", await world.FatesAsync(await world.SendAsync("bob@sts.example")));
        world.Server(13, world.Untrusted("mx.sts.example"));
        world.Domain("sts.example", 13);
        _ = await world.FirstAttemptAsync(await world.SendAsync("bob@sts.example"));

        // The letter's own way has a policy that its server does not meet: a report goes all the same.
        world.Domain("reports.example", 11);
        world.Zone.Set("r.reports.example", "r.reports.example A 127.0.0.1");
        world.Zone.Set("_mta-sts.reports.example", "_mta-sts.reports.example TXT v=STSv1; id=1;");
        await YesterdayAsync(world);
        var run = world.Node.Services.GetRequiredService<TlsReportRun>();
        Assert.Equal(1, await run.SendDueAsync(Cancel));
        Assert.Equal(0, await run.SendDueAsync(Cancel));

        var letter = await world.Node.SoonAsync(() => world.Server(11).Messages.FirstOrDefault(), static message => message is not null);
        Assert.Contains("DKIM-Signature: v=1; a=rsa-sha256; ", letter!, StringComparison.Ordinal);
        Assert.Contains("TLS-Report-Domain: sts.example\r\n", letter!, StringComparison.Ordinal);
        var mailed = Assert.Single(FeedbackReader.ReadMessage(System.Text.Encoding.Latin1.GetBytes(letter!["clear ".Length..])).Reports).Tls!;
        var (path, type, body) = Assert.Single(world.Posted);
        Assert.Equal(("/tls", "application/tlsrpt+gzip"), (path, type));
        var posted = Assert.Single(FeedbackReader.ReadFile("r.json.gz", body).Reports).Tls!;
        Assert.Equal(mailed.ReportId, posted.ReportId);
        Assert.Equal(("Provider", "tls@provider.example"), (mailed.Organization, mailed.Contact));
        var policy = Assert.Single(mailed.Policies);
        Assert.Equal(("sts", "sts.example", 1L), (policy.Type, policy.Domain, policy.Successful));
        Assert.True(policy.Failed >= 1);
        Assert.Equal(["mx.sts.example"], policy.MxHosts);
        Assert.Contains("mode: enforce", policy.Strings);
        var failure = Assert.Single(policy.Failures);
        Assert.Equal(("certificate-not-trusted", "mx.sts.example", "127.0.0.13"), (failure.Result, failure.Mx, failure.ReceivingAddress));

        await world.Node.Services.GetRequiredService<TlsResults>().WriteAsync(Cancel);
        Assert.DoesNotContain("reports.example", await DomainsAsync(world));
    }

    [Fact]
    public async Task Are_limited_for_whom_strangers_name_and_not_sent_where_nobody_asks()
    {
        await using var world = await MxWorld.StartAsync(reports: On);
        await PublishAsync(world, world.Node.Services.GetRequiredService<SigningKeeper>());
        world.Domain("victim.example", 11);
        var results = world.Node.Services.GetRequiredService<TlsResults>();
        foreach (var domain in new[] { "a.example", "b.example", "c.example", "quiet.example", "dark.example" })
        {
            world.Zone.Set($"_smtp._tls.{domain}", domain switch
            {
                "quiet.example" => [],
                "dark.example" => [$"_smtp._tls.{domain} FAIL TXT"],
                _ => new[] { $"_smtp._tls.{domain} TXT v=TLSRPTv1; rua=mailto:victim@victim.example,mailto:Victim@victim.example" },
            });
            results.Add(new TlsResultKind(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1000 / DayMicros * DayMicros, domain, "no-policy-found", "[]", "", "", ""), 3);
        }

        await YesterdayAsync(world);
        Assert.Equal(2, await world.Node.Services.GetRequiredService<TlsReportRun>().SendDueAsync(Cancel));
        var states = await world.Node.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT CASE WHEN domain IN ('a.example', 'b.example', 'c.example') THEN 'one of three' ELSE domain END || '=' || state FROM mail_tls_report ORDER BY 1"), Cancel);
        Assert.Equal(["dark.example=later", "one of three=failed", "one of three=sent", "one of three=sent", "quiet.example=unwanted"], states);
    }

    [Fact]
    public async Task Are_not_counted_until_somebody_says_who_reports()
    {
        await using var world = await MxWorld.StartAsync(reports: On with { Contact = "" });
        world.Domain("a.example", 11);
        Assert.Equal("bob@a.example=delivered", await world.FatesAsync(await world.SendAsync("bob@a.example")));
        await world.Node.Services.GetRequiredService<TlsResults>().WriteAsync(Cancel);
        Assert.Empty(await DomainsAsync(world));
    }

    /// <summary>What was counted today becomes yesterday's.</summary>
    private static async Task YesterdayAsync(MxWorld world)
    {
        await world.Node.Services.GetRequiredService<TlsResults>().WriteAsync(Cancel);
        await world.Node.Stores.Control.WriteAsync(static transaction => transaction.ExecuteAsync("UPDATE mail_tls_result SET day_at = day_at - @Day", new { Day = DayMicros }), Cancel);
    }

    private static async Task<IReadOnlyList<string>> DomainsAsync(MxWorld world) => await world.Node.Stores.Control.ReadAsync(
        static reader => reader.QueryAsync<string>("SELECT DISTINCT domain FROM mail_tls_result ORDER BY domain"), Cancel);

    private static async Task PublishAsync(MxWorld world, SigningKeeper keeper)
    {
        await keeper.KeepAsync(MxWorld.Tenant, "one.example", isAsked: false, Cancel);
        var keys = await world.Node.Stores.Control.ReadAsync(
            static reader => reader.QueryAsync<SigningKey>($"SELECT {SigningKey.Columns} FROM mail_dkim_key WHERE domain = 'one.example' ORDER BY generation, algorithm"), Cancel);
        foreach (var key in keys)
        {
            world.Texts.Texts[key.Name] = [key.Record];
        }

        await keeper.KeepAsync(MxWorld.Tenant, "one.example", isAsked: false, Cancel);
        await world.Node.Services.GetRequiredService<SigningKeys>().LoadAsync(Cancel);
    }
}
