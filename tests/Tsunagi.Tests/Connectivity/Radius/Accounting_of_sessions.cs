using FsCheck.Fluent;
using Tsunagi.Connectivity.Account;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Radius;

public class Accounting_of_sessions
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<SqlDialect> BothStores => ConnectivityWorld.BothStores;

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task Is_counted_once_however_often_and_in_whatever_order_it_comes(SqlDialect dialect)
    {
        await using var world = await RadiusWorld.OpenAsync(dialect: dialect);
        world.Set(world.Line("joe", "secret"));
        byte id = 0;
        byte[] Report(uint status, uint seconds, ulong octetsIn, ulong octetsOut) => world.Report(status, "a", seconds, octetsIn, octetsOut, identifier: ++id);
        await world.AccountAsync(Report(1, 0, 0, 0));
        world.World.Time.Advance(TimeSpan.FromMinutes(10));
        await world.AccountAsync(Report(3, 600, 5_000_000_000, 100));
        await world.AccountAsync(Report(3, 600, 5_000_000_000, 100));
        await world.ProjectAsync();
        await world.AccountAsync(Report(3, 300, 1_000, 50));
        world.World.Time.Advance(TimeSpan.FromMinutes(5));
        await world.AccountAsync(Report(2, 900, 6_000_000_000, 200));
        await world.AccountAsync(Report(2, 900, 6_000_000_000, 200));
        await world.AccountAsync(Report(3, 600, 5_000_000_000, 100));
        await world.ProjectAsync();
        var session = Assert.Single(await world.SessionsAsync());
        Assert.Equal((6_000_000_000, 200, 900), (session.OctetsIn, session.OctetsOut, session.Seconds));
        Assert.NotNull(session.EndedAt);
        Assert.Equal(6_000_000_000, await world.MeterAsync(ConnectivityMeters.OctetsIn));
        Assert.Equal(200, await world.MeterAsync(ConnectivityMeters.OctetsOut));
        Assert.Equal(900, await world.MeterAsync(ConnectivityMeters.Seconds));
        var derived = await world.World.Get<IMeterSource>().DeriveAsync(0, long.MaxValue, Cancel);
        Assert.Equal(6_000_000_000, derived.Single(static total => total.Meter == ConnectivityMeters.OctetsIn).Quantity);
    }

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task By_several_nodes_is_one_session(SqlDialect dialect)
    {
        await using var one = await RadiusWorld.OpenAsync(dialect: dialect);
        one.Set(one.Line("joe", "secret"));
        await using var two = await one.BesideAsync("node-2");
        await one.AccountAsync(one.Report(1, "a", 0, 0, 0));
        one.World.Time.Advance(TimeSpan.FromMinutes(5));
        await two.AccountAsync(one.Report(3, "a", 300, 1_000, 10, identifier: 2));
        one.World.Time.Advance(TimeSpan.FromMinutes(5));
        await one.AccountAsync(one.Report(3, "a", 600, 3_000, 30, identifier: 3));
        await two.AccountAsync(one.Report(3, "a", 600, 3_000, 30, identifier: 3));
        await two.ProjectAsync();
        await one.ProjectAsync();
        one.World.Time.Advance(TimeSpan.FromMinutes(1));
        await two.AccountAsync(one.Report(2, "a", 660, 4_000, 40, identifier: 4));
        await Task.WhenAll(one.ProjectAsync(), two.ProjectAsync());
        var session = Assert.Single(await one.SessionsAsync());
        Assert.Equal((4_000, 40, 660), (session.OctetsIn, session.OctetsOut, session.Seconds));
        Assert.Equal(4_000, await one.MeterAsync(ConnectivityMeters.OctetsIn));
        Assert.Equal(660, await one.MeterAsync(ConnectivityMeters.Seconds));
    }

    [Fact]
    public async Task Of_a_nas_that_starts_anew_closes_what_was_open_when_it_was_last_alive()
    {
        await using var world = await RadiusWorld.OpenAsync(RadiusWorld.Options(account: static own => own with { ManyLost = 3 }));
        world.Set(world.Line("joe", "secret"));
        for (byte i = 1; i <= 3; i++)
        {
            await world.AccountAsync(world.Report(3, "s" + i, 60, 100, 10, identifier: i));
        }

        var alive = world.World.Time.GetUtcNow();
        world.World.Time.Advance(TimeSpan.FromMinutes(2));
        await world.AccountAsync(world.Accounting(7, "", identifier: 9));
        await world.AccountAsync(world.Report(1, "s1", 0, 0, 0, identifier: 10)); // the NAS counts its ids anew
        await world.ProjectAsync();
        var sessions = await world.SessionsAsync();
        Assert.Equal(4, sessions.Count);
        Assert.Equal(3, sessions.Count(session => session.Cause == "NAS-Reboot" && session.EndedAt == UnixMicros.From(alive)));
        Assert.Single(sessions, static session => session.EndedAt is null);
        var events = await world.World.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT event FROM outbox ORDER BY position"), Cancel);
        Assert.Single(events, static each => each.Contains(SessionEvents.SessionsLost, StringComparison.Ordinal));
    }

    [Fact]
    public async Task That_falls_silent_is_closed_at_its_last_sign_and_lives_on_when_it_speaks_again()
    {
        await using var world = await RadiusWorld.OpenAsync();
        world.Set(world.Line("joe", "secret"));
        await world.AccountAsync(world.Report(3, "a", 60, 100, 10));
        await world.ProjectAsync();
        var alive = UnixMicros.From(world.World.Time.GetUtcNow());
        var sweeper = world.World.Get<SessionSweeper>();
        world.World.Time.Advance(TimeSpan.FromMinutes(19));
        Assert.Equal(0, await sweeper.SweepAsync(Cancel));
        world.World.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(1, await sweeper.SweepAsync(Cancel));
        var lost = Assert.Single(await world.SessionsAsync());
        Assert.Equal(("Lost-Interim", alive, 60, 100), (lost.Cause, lost.EndedAt!.Value, lost.Seconds, lost.OctetsIn));
        await world.AccountAsync(world.Report(3, "a", 1_320, 400, 40, identifier: 2));
        await world.ProjectAsync();
        var back = Assert.Single(await world.SessionsAsync());
        Assert.Equal((null, "", 400), (back.EndedAt, back.Cause, back.OctetsIn));
        Assert.Equal(400, await world.MeterAsync(ConnectivityMeters.OctetsIn));
    }

    [Fact]
    public async Task With_zeros_at_the_end_takes_nothing_back()
    {
        await using var world = await RadiusWorld.OpenAsync();
        world.Set(world.Line("joe", "secret"));
        await world.AccountAsync(world.Report(3, "a", 600, 100, 10));
        await world.AccountAsync(world.Report(2, "a", 0, 0, 0, identifier: 2));
        await world.ProjectAsync();
        var session = Assert.Single(await world.SessionsAsync());
        Assert.Equal((100, 10, 600), (session.OctetsIn, session.OctetsOut, session.Seconds));
    }

    [Fact]
    public async Task Is_found_by_class_when_the_nas_changes_the_name()
    {
        await using var world = await RadiusWorld.OpenAsync();
        world.Set(world.Line("joe", "secret"));
        await world.AccountAsync(world.Accounting(1, "a", static (ref writer) => writer.Add(RadiusType.Class, "ts1:ln_joe"u8), user: "00:11:22:33:44:55"));
        await world.AccountAsync(world.Accounting(1, "b", user: "stranger", identifier: 2));
        await world.ProjectAsync();
        Assert.Equal(["", "ln_joe"], (await world.SessionsAsync()).Select(static session => session.LineId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task With_a_wrong_authenticator_is_not_taken()
    {
        await using var world = await RadiusWorld.OpenAsync();
        var request = world.Report(1, "a", 0, 0, 0);
        request[^1] ^= 1;
        Assert.Null(await world.AskAsync(world.AccountsAt, request, seconds: 0.2));
        await world.ProjectAsync();
        Assert.Empty(await world.SessionsAsync());
    }

    // Any order, any repetition, any loss but that of the last: the counters are those of the last; and wraps of 32 bits are seen through when no two steps are lost.
    [Fact]
    public void Adds_up_whatever_the_order_of_its_reports() => Properties.Holds(
        from steps in Gen.Choose(1, 8)
        from rates in Gen.ArrayOf(Gen.Choose(1, int.MaxValue), steps)
        from order in Gen.Shuffle(Enumerable.Range(0, steps).Concat(Enumerable.Range(0, steps)).ToArray())
        from hasGigawords in Gen.Elements(true, false)
        select (rates, order, hasGigawords),
        static drawn =>
        {
            var totals = new ulong[drawn.rates.Length];
            for (var i = 0; i < totals.Length; i++)
            {
                totals[i] = (i == 0 ? 0 : totals[i - 1]) + (uint)drawn.rates[i];
            }

            var counters = SessionCounters.None;
            foreach (var step in drawn.order)
            {
                var (octetsIn, octetsOut) = drawn.hasGigawords ? (totals[step], totals[step] / 3) : (totals[step] & uint.MaxValue, totals[step] / 3 & uint.MaxValue);
                var next = counters.With((step + 1) * 60, octetsIn, octetsOut, drawn.hasGigawords);
                Assert.True(next.OctetsIn >= counters.OctetsIn && next.OctetsOut >= counters.OctetsOut, "nothing is taken back");
                counters = SessionCounters.Of((long)next.OctetsIn, (long)next.OctetsOut, next.Seconds, next.Text());
            }

            Assert.Equal((totals[^1], totals[^1] / 3, totals.Length * 60L), (counters.OctetsIn, counters.OctetsOut, counters.Seconds));
        });
}
