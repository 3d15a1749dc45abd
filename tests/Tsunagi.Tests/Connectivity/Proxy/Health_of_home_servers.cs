using System.Net;
using System.Net.Sockets;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Proxy;
using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Proxy;

public class Health_of_home_servers
{
    private static readonly ProxyOptions Options = new();

    private readonly ManualTime _time = new();

    [Fact]
    public void Is_judged_by_requests_until_status_server_was_answered_once()
    {
        var health = new HomeHealth(Options, true, _time);

        // Once at the start, and an answer that does not come is nothing.
        Assert.True(health.IsToBeAsked());
        Assert.False(health.IsToBeAsked());
        Miss(health, isProbe: true);
        Assert.Equal(HomeState.Answering, health.State);

        // One lost datagram; it is asked, every so often, and however often it does not answer that it is not dead.
        Miss(health);
        Assert.Equal(HomeState.Silent, health.State);
        for (var turn = 0; turn < 10; turn++)
        {
            Assert.True(health.IsToBeAsked());
            Miss(health, isProbe: true);
            Assert.False(health.IsToBeAsked());
            _time.Advance(Options.ProbeEvery);
        }

        Assert.Equal(HomeState.Silent, health.State);
        _time.Advance(Options.DeadFor);
        Assert.False(health.IsToBeAsked());
        Assert.Equal(HomeState.Answering, health.State);

        // From its first answer on, Status-Server says how it is, and lost requests do not.
        health.Heard(true);
        for (var turn = 0; turn < 10; turn++)
        {
            Assert.False(Miss(health));
        }

        Assert.Equal(HomeState.Silent, health.State);
        _time.Advance(Options.DeadFor);
        Assert.True(health.IsToBeAsked());
        Assert.Equal([false, false, true], Enumerable.Range(0, Options.ProbesToDie).Select(_ => Miss(health, isProbe: true)));
        _time.Advance(Options.DeadFor);
        Assert.True(health.IsToBeAsked());
        Assert.Equal(HomeState.Dead, health.State);
    }

    [Fact]
    public void Without_status_server_gives_silent_and_dead_ones_another_chance()
    {
        var health = new HomeHealth(Options, false, _time);
        Assert.False(health.IsToBeAsked());
        Miss(health);
        Assert.Equal(HomeState.Silent, health.State);
        _time.Advance(Options.DeadFor - TimeSpan.FromSeconds(1));
        Assert.False(health.IsToBeAsked());
        Assert.Equal(HomeState.Silent, health.State);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(health.IsToBeAsked());
        Assert.Equal(HomeState.Answering, health.State);

        // What it answers forgets what it did not.
        Assert.False(health.Heard(false));
        Assert.Equal([false, false, true], Enumerable.Range(0, Options.ProbesToDie).Select(_ => Miss(health)));
        Assert.Equal(HomeState.Dead, health.State);

        // A dead one has one request to answer, and operators know already; what was asked before its chance tells nothing.
        var before = _time.GetTimestamp();
        _time.Advance(Options.DeadFor);
        health.IsToBeAsked();
        Assert.Equal(HomeState.Answering, health.State);
        Assert.False(health.Missed(false, before, out var isDead));
        Assert.False(isDead);
        Assert.Equal(HomeState.Answering, health.State);
        Assert.False(Miss(health));
        Assert.Equal(HomeState.Dead, health.State);
        _time.Advance(Options.DeadFor);
        health.IsToBeAsked();
        Assert.True(health.Heard(false));
    }

    [Fact]
    public async Task Takes_its_sockets_along_when_it_is_dead_and_what_waits_there_ends_unanswered()
    {
        await using var world = await ProxyWorld.OpenAsync(proxy: static options => options with { ProbesToDie = 1, Servers = [options.Servers[0] with { StatusServer = false }] });
        world.Homes[0].Answers = static _ => [];
        var lane = world.Proxy.Servers.Single().Access!;
        var first = lane.AskAsync(Write, null, TestContext.Current.CancellationToken);
        world.Time.Advance(TimeSpan.FromSeconds(2));
        var second = lane.AskAsync(Write, null, TestContext.Current.CancellationToken);
        world.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await first);
        Assert.Null(await second);
        Assert.Equal((HomeState.Dead, 0, 2L), (lane.State, lane.InFlight, lane.Unanswered));

        // A socket of its own time when it has another chance.
        world.Homes[0].Answers = static asked => [FakeHomeServer.Answer(asked)];
        Assert.NotNull(await lane.AskAsync(Write, null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Is_not_asked_where_the_machine_gives_no_socket()
    {
        await using var world = await ProxyWorld.OpenAsync();
        using var metrics = new ConnectivityMetrics();
        using var lane = new HomeLane(world.Proxy.Servers.Single(), new HomeServerOption(), new Unknown(), false, Options, metrics, _time);
        Assert.Null(await lane.AskAsync(Write, null, TestContext.Current.CancellationToken));
        Assert.Equal(0, lane.Sent);
    }

    private static int Write(byte identifier, Span<byte> buffer)
    {
        var writer = new RadiusWriter(buffer, RadiusCode.AccessRequest, identifier);
        writer.AddMessageAuthenticator();
        return writer.TryFinishAccess(FakeHomeServer.Shared, out var length) ? length : 0;
    }

    private bool Miss(HomeHealth health, bool isProbe = false) => health.Missed(isProbe, _time.GetTimestamp(), out _);

    /// <summary>An address of a kind that no kernel of today has sockets for.</summary>
    private sealed class Unknown() : IPEndPoint(IPAddress.Loopback, 1)
    {
        public override AddressFamily AddressFamily => AddressFamily.Cluster;
    }
}
