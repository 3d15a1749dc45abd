using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Probes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Net.Stamp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Probes;

/// <summary>Probes as they are kept, and what is kept of their work, on both stores.</summary>
public class Probes_of_lines
{
    public static TheoryData<SqlDialect> BothStores => ConnectivityWorld.BothStores;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task Minutes_outages_and_events_are_durable_and_told_once(SqlDialect dialect)
    {
        await using var world = await ConnectivityWorld.OpenAsync(dialect);
        var (probe, _) = await AddAsync(world);
        var writer = world.Get<ProbeWriter>();
        var at = world.Time.NowMicros();
        writer.Add(probe, new PathChange(ProbeState.Up, at));
        writer.Add(probe, new PathChange(ProbeState.Lost, at + 10_000_000));
        writer.Add(probe, new PathChange(ProbeState.Lost, at + 20_000_000)); // another node's view of the same
        writer.Add(probe, new PathChange(ProbeState.Up, at + 100_000_000));
        writer.Add(probe, new PathChange(ProbeState.Lost, at + 200_000_000));
        var tally = new MinuteTally(at / 60_000_000) { Sent = 60, Received = 58, Lost = 2, Duplicates = 1, Reordered = 3 };
        tally.Delay(20_000_000);
        writer.Add(ProbeMinute.Of(probe, "node-1/1", tally));
        writer.Add(ProbeMinute.Of(probe, "node-1/1", new MinuteTally(tally.Minute) { Sent = 1 })); // a second time: the first holds
        writer.Add(ProbeMinute.Of(probe, "node-2/2", new MinuteTally(tally.Minute) { Sent = 5, Lost = 5 }));
        await writer.WriteAsync(null, Cancel);

        var book = world.Get<ProbeBook>();
        Assert.Equal((ProbeState.Lost, at + 200_000_000, "node-1"), await book.FindAsync(world.Operator, probe.Id, Cancel) is { } now ? (now.State, now.StateSince, now.Node) : default);
        var outages = await OutagesAsync(world);
        Assert.Equal([(at + 10_000_000, at + 100_000_000), (at + 200_000_000, null)], outages);
        var events = await EventsAsync(world);
        Assert.Equal(2, events.Count(static each => each.Contains("connectivity.path.lost@1", StringComparison.Ordinal)));
        Assert.Contains(events, static each => each.Contains("connectivity.path.back@1", StringComparison.Ordinal) && each.Contains("90", StringComparison.Ordinal));
        var minutes = await book.MinutesAsync(probe, 0, long.MaxValue, 10, Cancel);
        Assert.Equal([(60L, 2L, "node-1/1"), (5L, 5L, "node-2/2")], minutes.Select(static minute => (minute.Sent, minute.Lost, minute.Node)));
        Assert.InRange(minutes[0].P99!.Value, 19_900_000, 20_100_000);
        Assert.Null(minutes[1].P50);

        // It is removed: what it saw lost ends, and after the days of the options all is forgotten.
        ConnectivityWorld.Value(await book.RemoveAsync(world.Operator, probe.Id, Cancel));
        Assert.DoesNotContain(await OutagesAsync(world), static outage => outage.To is null);
        Assert.Empty(await book.ListAsync(world.Operator, "", "", "", "", 10, Cancel));
        world.Time.Advance(TimeSpan.FromDays(world.Get<ProbeOptions>().KeepDays + 1));
        await writer.ForgetAsync(Cancel);
        Assert.Empty(await book.MinutesAsync(probe, 0, long.MaxValue, 10, Cancel));
        Assert.Empty(await OutagesAsync(world));
    }

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task A_node_that_lost_the_lease_writes_nothing(SqlDialect dialect)
    {
        await using var world = await ConnectivityWorld.OpenAsync(dialect);
        var (probe, _) = await AddAsync(world);
        var writer = world.Get<ProbeWriter>();
        await using (var lease = (await world.Get<ILeases>().TryAcquireAsync(Prober.LeaseName, Cancel))!)
        {
            Assert.Equal("node-1/1", writer.SenderOf(lease));
            writer.Add(probe, new PathChange(ProbeState.Up, 1));
            await writer.WriteAsync(lease, Cancel);
            await world.Stores.Control.WriteAsync(static transaction => transaction.ExecuteAsync("UPDATE lease_fence SET epoch = epoch + 1 WHERE name = 'connectivity.probes'"), Cancel);
            writer.Add(probe, new PathChange(ProbeState.Lost, 2));
            await Assert.ThrowsAsync<StaleLeaseException>(async () => await writer.WriteAsync(lease, Cancel));
        }

        Assert.Equal(ProbeState.Up, (await world.Get<ProbeBook>().FindAsync(world.Operator, probe.Id, Cancel))!.State);
        Assert.Empty(await OutagesAsync(world));
    }

    [Fact]
    public async Task The_prober_follows_the_book_with_the_keys_that_were_given()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        using var reflector = new StampReflector(IPEndPoint.Parse("127.0.0.1:0"), new StampKey("a secret key"u8), new ProbeOptions(), TimeProvider.System, NullLogger.Instance);
        reflector.Start();
        var (probe, _) = await AddAsync(world, reflector.EndPoint.ToString(), "a secret key");
        using var engine = new ProbeEngine(new ProbeOptions(), static () => true, TimeProvider.System, NullLogger.Instance);
        engine.Start();
        await world.Get<Prober>().LookAsync(engine, null, Cancel);
        await Eventually.HoldsAsync(() => reflector.Reflected > 0);
        var seen = ProbeState.Unknown;
        for (var i = 0; i < 500 && seen != ProbeState.Up; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancel);
            await world.Get<Prober>().LookAsync(engine, null, Cancel);
            seen = (await world.Get<ProbeBook>().FindAsync(world.Operator, probe.Id, Cancel))!.State;
        }

        Assert.Equal(ProbeState.Up, seen);
    }

    [Fact]
    public async Task Limits_hold_and_only_operators_set_them()
    {
        await using var world = await ConnectivityWorld.OpenAsync(options: new ConnectivityOptions { Probes = new ProbeOptions { MostPerLine = 2, MostProbes = 3 } });
        var (first, tenant) = await AddAsync(world);
        var book = world.Get<ProbeBook>();
        var wanted = new NewProbe { LineId = first.LineId, Target = "192.0.2.1:862" };
        ConnectivityWorld.Value(await book.AddAsync(world.Operator, wanted, Cancel));
        Assert.Equal("connectivity.probe.most-of-line", (await book.AddAsync(world.Operator, wanted, Cancel)).Refusal?.Code);
        var (third, _) = await AddAsync(world, name: "other");
        Assert.Equal("connectivity.probe.most", (await book.AddAsync(world.Operator, wanted with { LineId = third.LineId }, Cancel)).Refusal?.Code);
        Assert.Equal("connectivity.probe.target", (await book.AddAsync(world.Operator, wanted with { Target = "192.0.2.1" }, Cancel)).Refusal?.Code);
        var customer = ConnectivityWorld.CallerOf(tenant);
        Assert.Equal(RefusalKind.Forbidden, (await book.AddAsync(customer, wanted, Cancel)).Refusal?.Kind);
        Assert.Equal(RefusalKind.Forbidden, (await book.RemoveAsync(customer, first.Id, Cancel)).Refusal?.Kind);
        Assert.Equal(2, (await book.ListAsync(customer, "", "", "", "", 10, Cancel)).Count);
        Assert.Equal(RefusalKind.NotFound, (await book.RemoveAsync(customer, third.Id, Cancel)).Refusal?.Kind);
    }

    internal static async Task<(ProbeRow Probe, Tsunagi.Core.Tenants.Tenant Tenant)> AddAsync(ConnectivityWorld world, string target = "127.0.0.1:9", string? key = null, string name = "customer")
    {
        var tenant = await world.AddTenantAsync(name);
        var subscription = await world.BroadbandAsync(tenant, new { });
        var line = (await world.AddLineAsync(subscription, name + "@isp.example")).Line;
        return (ConnectivityWorld.Value(await world.Get<ProbeBook>().AddAsync(world.Operator, new NewProbe { LineId = line.Id, Target = target, Key = key, EveryMilliseconds = 100 }, Cancel)), tenant);
    }

    private static async Task<IReadOnlyList<string>> EventsAsync(ConnectivityWorld world) =>
        await world.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT event FROM outbox ORDER BY position"), Cancel);

    private static async Task<IReadOnlyList<(long From, long? To)>> OutagesAsync(ConnectivityWorld world) =>
        [.. (await world.Stores.Control.ReadAsync(static reader => reader.QueryAsync<Outage>("SELECT from_at, to_at FROM connectivity_outage ORDER BY from_at"), Cancel)).Select(static each => (each.FromAt, each.ToAt))];

    private sealed record Outage(long FromAt, long? ToAt);
}
