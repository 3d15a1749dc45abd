using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Probes;
using Tsunagi.Connectivity.Sla;
using Tsunagi.Core.Exchange.Credits;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Sla;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Core.Usage;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Sla;

/// <summary>A subscription's month from what probes and people entered, on both stores.</summary>
public class Sla_of_a_subscription
{
    private const long Hour = 3_600_000_000;

    public static TheoryData<SqlDialect> BothStores => ConnectivityWorld.BothStores;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task Outages_of_probes_become_a_proposed_credit_with_each_minute_explained(SqlDialect dialect)
    {
        await using var world = await ConnectivityWorld.OpenAsync(dialect);
        var (subscription, probe, tenant) = await TakeAsync(world, "ntt");
        var start = world.Time.NowMicros();
        var writer = world.Get<ProbeWriter>();
        writer.Add(probe, new PathChange(ProbeState.Lost, start + Hour));
        writer.Add(probe, new PathChange(ProbeState.Up, start + (3 * Hour)));
        for (var minute = start / 60_000_000; minute < (start / 60_000_000) + 240; minute++)
        {
            var tally = new MinuteTally(minute) { Sent = 60, Received = 57, Lost = 3 };
            tally.Delay(50_000_000);
            writer.Add(ProbeMinute.Of(probe, "node-1/1", tally));
        }

        await writer.WriteAsync(null, Cancel);
        world.Time.Advance(TimeSpan.FromHours(4));
        var month = await JudgeAsync(world, subscription);
        var told = month.Statement;
        Assert.Equal((100L, "JPY", 3L), (month.FeeMinor, month.Currency, told.CreditMinor)); // two hours: 1/30 of 100
        Assert.Equal(2 * Hour / 1_000, told.Milliseconds[SlaState.Down]);
        var outage = Assert.Single(Assert.Single(told.Breaks).Facts);
        Assert.Contains(told.Explained, each => each.State == SlaState.Down && each.Facts.SequenceEqual([outage]));
        Assert.True(told.Results.Single(static result => result.Objective.Indicator == SlaIndicator.Delay) is { IsBroken: true, Value: 50_000 });

        // It was the customer's own: nothing is given back, and the customer may read it and may not say so.
        var book = world.Get<OutageBook>();
        var customer = ConnectivityWorld.CallerOf(tenant);
        Assert.Equal(RefusalKind.Forbidden, (await book.JudgeAsync(customer, outage, new OutageJudgement { Cause = OutageCause.Customer }, Cancel)).Refusal?.Kind);
        ConnectivityWorld.Value(await book.JudgeAsync(world.Operator, outage, new OutageJudgement { Cause = OutageCause.Customer, Note = "power of the shop" }, Cancel));
        told = (await JudgeAsync(world, subscription)).Statement;
        Assert.Equal((0, 2 * Hour / 1_000), (told.CreditMinor, told.Milliseconds[SlaState.Customer]));
        Assert.Equal("power of the shop", Assert.Single(await book.ListAsync(customer, "", "", false, "", 10, Cancel)).Note);
    }

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task What_a_month_gives_back_is_proposed_once_it_is_over_and_once(SqlDialect dialect)
    {
        await using var world = await ConnectivityWorld.OpenAsync(dialect);
        var (subscription, _, tenant) = await TakeAsync(world, "ntt", probed: false);
        var start = world.Time.GetUtcNow();
        ConnectivityWorld.Value(await world.Get<OutageBook>().ReportAsync(
            world.Operator, new NewOutage { SubscriptionId = subscription.Id, From = start.AddMinutes(1), To = start.AddHours(2), Note = "fibre cut" }, Cancel));
        var credits = world.Get<SlaCredits>();
        world.Time.Advance(TimeSpan.FromHours(3));
        var month = (await JudgeAsync(world, subscription)).Statement.Period;
        Assert.Equal("connectivity.sla.running", (await credits.ProposeAsync(world.Operator, subscription.Id, month, Cancel)).Refusal?.Code);

        world.Time.Advance(TimeSpan.FromDays(70));
        Assert.Equal("connectivity.sla.operators-only", (await credits.ProposeAsync(ConnectivityWorld.CallerOf(tenant), subscription.Id, month, Cancel)).Refusal?.Code);
        var proposed = ConnectivityWorld.Value(await credits.ProposeAsync(world.Operator, subscription.Id, month, Cancel));
        Assert.Equal(("3.333333", "proposed"), (proposed.Percent, proposed.State)); // an outage of two hours: 1/30
        Assert.Contains("promised", proposed.Reason, StringComparison.Ordinal);
        Assert.Equal(proposed.Id, ConnectivityWorld.Value(await credits.ProposeAsync(world.Operator, subscription.Id, month, Cancel)).Id);

        // A longer outage that is reported later gives back more: not beside the first proposal.
        ConnectivityWorld.Value(await world.Get<OutageBook>().ReportAsync(
            world.Operator, new NewOutage { SubscriptionId = subscription.Id, From = start.AddHours(3), To = start.AddHours(40), Note = "and again" }, Cancel));
        Assert.Equal("connectivity.sla.proposed", (await credits.ProposeAsync(world.Operator, subscription.Id, month, Cancel)).Refusal?.Code);
        await DecideAsync(world, proposed, approved: false);
        var second = ConnectivityWorld.Value(await credits.ProposeAsync(world.Operator, subscription.Id, month, Cancel));
        Assert.NotEqual(proposed.Percent, second.Percent);
        await DecideAsync(world, second, approved: false);
        Assert.Equal("connectivity.sla.rejected", (await credits.ProposeAsync(world.Operator, subscription.Id, month, Cancel)).Refusal?.Code);
        var quiet = BillingPeriod.Parse(month, "Asia/Tokyo").Value!.Plus(1).Name;
        Assert.Equal("connectivity.sla.nothing", (await credits.ProposeAsync(world.Operator, subscription.Id, quiet, Cancel)).Refusal?.Code);
    }

    private static async Task DecideAsync(ConnectivityWorld world, ServiceCredit credit, bool approved) => Assert.True(await world.Stores.Control.WriteAsync(
        transaction => world.Get<ServiceCredits>().DecideAsync(transaction, world.Operator, credit, approved, "for the test", approved ? 1 : null, null), Cancel));

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task Maintenance_counts_when_it_was_announced_in_time_and_to_all_as_to_one(SqlDialect dialect)
    {
        await using var world = await ConnectivityWorld.OpenAsync(dialect);
        var (subscription, _, tenant) = await TakeAsync(world, "ntt", probed: false);
        var begins = world.Time.GetUtcNow().AddDays(8);
        var work = world.Get<MaintenanceBook>();
        var all = ConnectivityWorld.Value(await work.AnnounceAsync(world.Operator, new NewMaintenance { From = begins, To = begins.AddHours(2), Note = "core routers" }, Cancel));
        var own = ConnectivityWorld.Value(await work.AnnounceAsync(world.Operator, new NewMaintenance { SubscriptionId = subscription.Id, From = begins.AddDays(-3), To = begins.AddDays(-3).AddHours(2), Note = "too late" }, Cancel));
        foreach (var row in (MaintenanceRow[])[all, own])
        {
            ConnectivityWorld.Value(await world.Get<OutageBook>().ReportAsync(
                world.Operator, new NewOutage { SubscriptionId = subscription.Id, From = UnixMicros.ToDateTimeOffset(row.FromAt), To = UnixMicros.ToDateTimeOffset(row.ToAt), Note = "as announced" }, Cancel));
        }

        world.Time.Advance(TimeSpan.FromDays(20));
        var told = (await JudgeAsync(world, subscription)).Statement;
        var months = told.Milliseconds[SlaState.Planned] + told.Milliseconds[SlaState.Down];
        Assert.Equal(0, told.Milliseconds[SlaState.Unknown]);
        Assert.True(months > 0 && told.Milliseconds[SlaState.Planned] is 0 or (2 * Hour / 1_000), "only what was announced to all was in time");
        Assert.Equal([own.Id], (await work.ListAsync(ConnectivityWorld.CallerOf(tenant), "", 10, Cancel)).Select(static row => row.Id));
        Assert.Equal("connectivity.maintenance.over", (await work.CancelAsync(world.Operator, own.Id, Cancel)).Refusal?.Code);
        var later = ConnectivityWorld.Value(await work.AnnounceAsync(world.Operator, new NewMaintenance { From = world.Time.GetUtcNow().AddDays(1), To = world.Time.GetUtcNow().AddDays(2), Note = "off" }, Cancel));
        Assert.NotNull(ConnectivityWorld.Value(await work.CancelAsync(world.Operator, later.Id, Cancel)).CancelledAt);
        Assert.Equal("connectivity.sla.span", (await work.AnnounceAsync(world.Operator, new NewMaintenance { From = begins, To = begins, Note = "none" }, Cancel)).Refusal?.Code);
    }

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task Sessions_lost_together_are_outages_of_their_lines_until_they_connect_again(SqlDialect dialect)
    {
        await using var world = await ConnectivityWorld.OpenAsync(dialect, new ConnectivityOptions { Account = new Tsunagi.Connectivity.Account.AccountOptions { ManyLost = 3 } });
        var tenant = await world.AddTenantAsync("customer");
        var subscription = await world.BroadbandAsync(tenant, new { sla = "ntt" }, quantity: 9);
        var now = world.Time.NowMicros() / 60_000_000 * 60_000_000;
        var lines = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            lines.Add((await world.AddLineAsync(subscription, $"line{i}@isp.example")).Line.Id);
        }

        await SessionAsync(world, "cs_0", lines[0], now - Hour, now + 1_000_000, "Lost-Carrier");
        await SessionAsync(world, "cs_1", lines[1], now - Hour, now + 2_000_000, "NAS-Reboot");
        await SessionAsync(world, "cs_2", lines[2], now - Hour, now + 3_000_000, "Port-Error");
        await SessionAsync(world, "cs_3", lines[3], now - Hour, now + 4_000_000, "User-Request");
        await SessionAsync(world, "cs_4", lines[2], now - Hour, null, ""); // the line has a second one
        await SessionAsync(world, "cs_5", lines[1], now + 62_000_000, null, ""); // it is back already
        await SessionAsync(world, "cs_6", lines[4], now - Hour, now + 61_000_000, "Lost-Carrier"); // alone in its minute
        var watch = world.Get<IncidentWatch>();
        await watch.LookAsync(Cancel);
        await watch.LookAsync(Cancel);
        var book = world.Get<OutageBook>();
        var outages = (await book.ListAsync(world.Operator, "", "", false, "", 10, Cancel)).OrderBy(static each => each.FromAt).ToList();
        Assert.Equal([(lines[0], now + 1_000_000, null), (lines[1], now + 2_000_000, now + 62_000_000)], outages.Select(static each => (each.LineId, each.FromAt, each.ToAt)));

        await SessionAsync(world, "cs_7", lines[0], now + 120_000_000, null, "");
        await watch.LookAsync(Cancel);
        Assert.Empty(await book.ListAsync(world.Operator, "", "", true, "", 10, Cancel));
        world.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(119_000, Assert.Single((await JudgeAsync(world, subscription)).Statement.Breaks).DownMilliseconds); // of two lines that overlap: one
    }

    private static async Task SessionAsync(ConnectivityWorld world, string id, string line, long from, long? to, string cause) => await world.Stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            """
            INSERT INTO connectivity_session (id, session_key, tenant_path, tenant_id, line_id, subscription_id, nas_id, nas_name, nas_session_id, user_name, station, called, port, source, v4, v6, link_prefix,
              delegated_prefix, started_at, last_event_at, last_seen_at, seconds, octets_in, octets_out, counters, interim_seconds, ended_at, cause, node, updated_at)
            SELECT @Id, @Id, tenant_path, tenant_id, id, subscription_id, 'na_x', 'bras', 's1', user_name, '', '', '', '192.0.2.1:1813', '', '', '', '', @From, @From, @From, 60, 1, 2, 'g', 300, @To, @Cause, 'node-1', @Now
            FROM connectivity_line WHERE id = @Line
            """,
            new { Id = id, Line = line, From = from, To = to, Cause = cause, Now = world.Time.NowMicros() }),
        Cancel);

    [Fact]
    public async Task A_contract_that_names_no_terms_promises_nothing_and_a_wrong_name_is_refused()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        var (subscription, _, _) = await TakeAsync(world, "", probed: false);
        Assert.Empty((await JudgeAsync(world, subscription)).Statement.Results);
        Assert.Equal("period", (await world.Get<SlaDesk>().JudgeAsync(world.Operator, subscription.Id, "2026-13", Cancel)).Refusal?.Code);
        Assert.Equal(RefusalKind.NotFound, (await world.Get<SlaDesk>().JudgeAsync(ConnectivityWorld.CallerOf(await world.AddTenantAsync("another")), subscription.Id, null, Cancel)).Refusal?.Kind);
        Assert.Equal("connectivity.sla.terms", new Tsunagi.Connectivity.Contract.BroadbandSettings { Sla = "none such" }.Check()?.Code);
        Assert.Null(new Tsunagi.Connectivity.Contract.DedicatedSettings { UserName = "a@isp.example", Sla = "softbank" }.Check());
    }

    private static async Task<(SubscriptionView Subscription, ProbeRow Probe, Tenant Tenant)> TakeAsync(ConnectivityWorld world, string terms, bool probed = true)
    {
        var tenant = await world.AddTenantAsync("customer");
        var subscription = await world.BroadbandAsync(tenant, new { sla = terms });
        var line = (await world.AddLineAsync(subscription, "customer@isp.example")).Line;
        return (subscription, probed ? ConnectivityWorld.Value(await world.Get<ProbeBook>().AddAsync(world.Operator, new NewProbe { LineId = line.Id, Target = "192.0.2.1:862" }, Cancel)) : null!, tenant);
    }

    private static async Task<SlaMonth> JudgeAsync(ConnectivityWorld world, SubscriptionView subscription) =>
        ConnectivityWorld.Value(await world.Get<SlaDesk>().JudgeAsync(world.Operator, subscription.Id, null, Cancel));
}
