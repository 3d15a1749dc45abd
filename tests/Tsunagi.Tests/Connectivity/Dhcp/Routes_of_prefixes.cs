using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>Which routes delegated prefixes want, from the Reply to their end.</summary>
public sealed class Routes_of_prefixes
{
    private static readonly Ask Prefix = new(Dhcp6Code.IaPd);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_prefix_is_reached_through_its_relay_from_the_reply_to_the_release()
    {
        var routes = new HeardRoutes();
        await using var world = await Dhcp6World.OpenAsync(routes: routes);
        Assert.True(routes.IsAllKnown);
        await world.AskAsync(Dhcp6Type.Solicit, "a", [Prefix]);
        Assert.Equal("", routes.ToString());

        // The address is of no route.
        var bound = await world.BindAsync("a");
        Assert.Equal($"{bound.Prefix.Block.ToNetwork()} via ::1", routes.ToString());
        await world.AskAsync(Dhcp6Type.Renew, "a", Dhcp6World.Named(bound));
        Assert.Equal($"{bound.Prefix.Block.ToNetwork()} via ::1", routes.ToString());
        await world.AskAsync(Dhcp6Type.Release, "a", Dhcp6World.Named(bound));
        Assert.Equal("", routes.ToString());
    }

    [Fact]
    public async Task It_ends_with_its_lease_and_not_before()
    {
        var routes = new HeardRoutes();
        await using var world = await Dhcp6World.OpenAsync(routes: routes);
        await world.BindAsync("a");
        world.World.Time.Advance(TimeSpan.FromSeconds((2 * 3_600) + 59));
        await world.LookAsync();
        Assert.NotEqual("", routes.ToString());
        world.World.Time.Advance(TimeSpan.FromSeconds(2));
        await world.LookAsync();
        Assert.Equal("", routes.ToString());
    }

    [Fact]
    public async Task It_ends_when_the_line_is_suspended()
    {
        var routes = new HeardRoutes();
        await using var world = await Dhcp6World.OpenAsync(routes: routes);
        var bound = await world.BindAsync("a");
        world.Set(world.Line("a") with { SuspendedFor = "non-payment" }, world.Line("probe"));
        await world.AskAsync(Dhcp6Type.Renew, "a", Dhcp6World.Named(bound));
        Assert.Equal("", routes.ToString());
    }

    [Fact]
    public async Task It_is_wanted_again_after_a_start()
    {
        await using var world = await Dhcp6World.OpenAsync(routes: new HeardRoutes());
        var bound = await world.BindAsync("a");
        var gone = await world.BindAsync("b");
        await world.AskAsync(Dhcp6Type.Release, "b", Dhcp6World.Named(gone));
        var routes = new HeardRoutes();
        await using var again = await world.AgainAsync(routes: routes);
        Assert.Equal($"{bound.Prefix.Block.ToNetwork()} via ::1", routes.ToString());
        Assert.True(routes.IsAllKnown);
    }

    [Fact]
    public async Task It_goes_over_to_the_node_that_answers()
    {
        var (here, there) = (new HeardRoutes(), new HeardRoutes());
        await using var one = await Dhcp6World.OpenAsync(routes: here);
        await using var two = await one.BesideAsync(routes: there);
        var bound = await one.BindAsync("a");
        await one.ProjectAsync();
        await two.LookAsync();
        Assert.Equal("", there.ToString());
        one.World.Time.Advance(TimeSpan.FromMinutes(90));
        await two.SendAsync(Dhcp6World.Relayed(two.Message(Dhcp6Type.Rebind, "a", Dhcp6World.Named(bound)), new Hop("port a")));
        var heard = two.HearAsync(60);
        while (!heard.IsCompleted)
        {
            await two.ProjectAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancel);
        }

        Assert.Equal($"{bound.Prefix.Block.ToNetwork()} via ::1", there.ToString());
        await one.LookAsync();
        Assert.Equal("", here.ToString());
    }
}
