using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Connectivity.Probes;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Protocols.Net.Stamp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Probes;

/// <summary>Real sockets: an engine, a relay that holds and drops and records what it truly did, a reflector. The figures of the promise are those of the claim <c>stamp.accuracy</c>; here the bounds are wide.</summary>
public class Probes_over_loopback
{
    [Fact]
    public async Task Measure_what_a_path_truly_held_and_lost()
    {
        var options = new ProbeOptions { LostAfter = TimeSpan.FromSeconds(1) };
        var errors = new ConcurrentDictionary<uint, long>();
        using var reflector = Reflector(options);
        using var relay = new StampRelay(reflector.EndPoint, static number => number % 10 == 9 ? null : TimeSpan.FromMilliseconds(number % 4));
        using var engine = new ProbeEngine(options, static () => true, TimeProvider.System, NullLogger.Instance) { Settled = (number, delay) => errors[number] = delay };
        engine.Start();
        engine.Follow([(Probe_sessions.Row with { Target = relay.EndPoint.ToString(), EveryMilliseconds = 10 }, null)]);
        List<(ProbeRow Probe, MinuteTally Tally)> minutes = [];
        List<(ProbeRow Probe, PathChange Change)> changes = [];
        void Take(ProbeFindings found)
        {
            minutes.AddRange(found.Minutes);
            changes.AddRange(found.Changes);
        }

        // More than a second of it: what was dropped first is decided.
        var started = TimeProvider.System.GetTimestamp();
        await Eventually.HoldsAsync(
            () =>
            {
                Take(engine.Look());
                return errors.Count >= 120;
            },
            () => $"{errors.Count} settled, {relay.Seen} seen by the relay, {reflector.Reflected} reflected, {reflector.Dropped} not; {string.Join(", ", minutes.Select(static each => $"{each.Tally.Sent} sent, {each.Tally.Received} received, {each.Tally.Unclear} unclear"))}");
        var took = TimeProvider.System.GetElapsedTime(started);
        engine.Stop();
        Take(engine.Close());

        // The relay hears when packets left behind what it forwards.
        await Eventually.HoldsAsync(() => errors.Keys.Count(number => relay.TryGetHold(number, out _)) > 80);

        long[] off = [.. errors.Where(each => relay.TryGetHold(each.Key, out _)).Select(each => each.Value - (relay.TryGetHold(each.Key, out var hold) ? hold : 0)).Order()];
        Assert.True(off[0] > -1_000_000 && off[off.Length / 2] is > 0 and < 5_000_000, $"from {off[0]} ns, middle {off[off.Length / 2]} ns");
        Assert.Equal(minutes.Sum(static each => each.Tally.Sent), minutes.Sum(static each => each.Tally.Received + each.Tally.Lost));
        var lost = minutes.Sum(static each => each.Tally.Lost);
        Assert.True(lost > 0, "nothing is lost, and every tenth packet was dropped");

        // Little is lost that was not dropped; but on a machine so busy that this took more than twice its time, answers came too late, and late is lost.
        Assert.True(lost <= relay.Dropped.Count + (errors.Count / 4) || took > TimeSpan.FromSeconds(5), $"{lost} lost, {relay.Dropped.Count} dropped, in {took}");
        Assert.Equal(ProbeState.Up, changes[0].Change.State);
    }

    [Fact]
    public async Task Are_answered_in_authenticated_mode_over_IPv6_by_a_reflector_that_counts_and_refuses_strangers()
    {
        var key = new StampKey("secret"u8);
        using var reflector = Reflector(new ProbeOptions(), "[::1]:0", key);
        var options = new ProbeOptions();
        var settled = new ConcurrentBag<uint>();
        using var engine = new ProbeEngine(options, static () => true, TimeProvider.System, NullLogger.Instance) { Settled = (number, _) => settled.Add(number) };
        engine.Start();
        var row = Probe_sessions.Row with { Target = reflector.EndPoint.ToString(), EveryMilliseconds = 5 };
        engine.Follow([(row with { Authenticated = true }, key), (row with { Id = "pb_2" }, null), (row with { Id = "pb_3" }, new StampKey("another"u8))]);
        await Eventually.HoldsAsync(() => settled.Count > 20 && reflector.Dropped > 10);
        engine.Follow([]);
        engine.Stop();
        var received = engine.Close().Minutes.GroupBy(static each => each.Probe.Id).ToDictionary(static each => each.Key, static each => each.Sum(static minute => minute.Tally.Received));
        Assert.True(received["pb_1"] > 20);
        Assert.Equal(0, received.GetValueOrDefault("pb_2") + received.GetValueOrDefault("pb_3"));

        // A reply that was on its way when the probe ended is nobody's.
        Assert.InRange(received["pb_1"], settled.Count, reflector.Reflected);
    }

    [Fact]
    public async Task Are_lost_where_nobody_answers()
    {
        var options = new ProbeOptions { LostAfter = TimeSpan.FromMilliseconds(100) };
        using var engine = new ProbeEngine(options, static () => true, TimeProvider.System, NullLogger.Instance);
        using var nobody = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        engine.Start();
        engine.Follow([(Probe_sessions.Row with { Target = nobody.Client.LocalEndPoint!.ToString()!, EveryMilliseconds = 10 }, null)]);
        List<(ProbeRow Probe, PathChange Change)> changes = [];
        await Eventually.HoldsAsync(() =>
        {
            changes.AddRange(engine.Look().Changes);
            return changes.Count > 0;
        });
        Assert.Equal(ProbeState.Lost, changes[0].Change.State);
    }

    [Fact]
    public void Sessions_of_a_reflector_end_at_its_limit_and_go_when_they_are_silent()
    {
        var time = new ManualTime();
        var sessions = new ReflectorSessions(2, TimeSpan.FromMinutes(1), time);
        var first = sessions.Of(new RadiusSource(1, 1), 1);
        Assert.NotNull(first);
        Assert.NotNull(sessions.Of(new RadiusSource(1, 1), 2));
        Assert.Null(sessions.Of(new RadiusSource(2, 1), 1));
        Assert.Same(first, sessions.Of(new RadiusSource(1, 1), 1));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull(sessions.Of(new RadiusSource(2, 1), 1));
        Assert.NotSame(first, sessions.Of(new RadiusSource(1, 1), 1));
        Assert.Equal(2, sessions.Count);
    }

    [Fact]
    public async Task Floods_are_not_answered_beyond_the_limit_nor_networks_that_may_not()
    {
        using var reflector = Reflector(new ProbeOptions { ReflectFor = ["192.0.2.0/24"] });
        using var few = Reflector(new ProbeOptions { MostReflectedPerSecond = 1 });
        using var client = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var test = new byte[44];
        new StampWriter(test, StampMode.Unauthenticated, 1, 1).TryFinish(default, StampErrorEstimate.Of(1, isSynchronized: false, StampFormat.Ntp), null, out _);
        await client.SendAsync(test, reflector.EndPoint, TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => reflector.Dropped == 1);
        for (var i = 0; i < 10; i++)
        {
            await client.SendAsync(test, few.EndPoint, TestContext.Current.CancellationToken);
        }

        await Eventually.HoldsAsync(() => few.Reflected + few.Dropped == 10);
        Assert.InRange(few.Reflected, 1, 9);
    }

    private static StampReflector Reflector(ProbeOptions options, string at = "127.0.0.1:0", StampKey? key = null)
    {
        var reflector = new StampReflector(IPEndPoint.Parse(at), key, options, TimeProvider.System, NullLogger.Instance);
        reflector.Start();
        return reflector;
    }
}
