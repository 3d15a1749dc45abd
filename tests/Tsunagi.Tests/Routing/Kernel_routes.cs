namespace Tsunagi.Tests.Routing;

/// <summary>Routes in the real kernel, read back by iproute2.</summary>
public sealed class Kernel_routes
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Are_set_changed_and_taken_back()
    {
        await using var world = await KernelWorld.OpenAsync();
        world.Routes.Want(world.Route(1));
        world.Routes.Want(world.Route(2));
        await world.HasAsync(world.Shown(1), world.Shown(2));
        world.Routes.Want(world.Route(1, "fe80::78"));
        await world.HasAsync(world.Shown(1, "fe80::78"), world.Shown(2));
        world.Routes.Forget(world.Route(2).Prefix);
        await world.HasAsync(world.Shown(1, "fe80::78"));
        Assert.Equal((1, 0, 0), world.Routes.Count());
        await world.Routes.StopAsync(Cancel);
        Assert.Equal("", await world.TableAsync());

        // What comes behind the end is not set.
        world.Routes.Want(world.Route(3));
        Assert.Empty(world.Routes.List("", "", 10));
    }

    [Fact]
    public async Task Are_set_again_when_somebody_takes_them_away()
    {
        await using var world = await KernelWorld.OpenAsync(static options => options with { LookEvery = TimeSpan.FromHours(1) });
        world.Routes.Want(world.Route(1));
        await world.HasAsync(world.Shown(1));
        await world.IpAsync("-6", "route", "del", "2001:db8:1::/48");
        await world.HasAsync(world.Shown(1));
        Assert.Equal(1, world.Routes.Repaired);
    }

    [Fact]
    public async Task Are_set_again_when_their_link_was_down()
    {
        await using var world = await KernelWorld.OpenAsync();
        world.Routes.Want(world.Route(1));
        await world.HasAsync(world.Shown(1));
        await ClientLinkDown(world, "down");
        await world.HasAsync();
        await ClientLinkDown(world, "up");
        await world.HasAsync(world.Shown(1));
    }

    [Fact]
    public async Task Of_others_are_left_alone_and_told()
    {
        await using var world = await KernelWorld.OpenAsync();
        await world.IpAsync("-6", "route", "add", "2001:db8:1::/48", "via", "fe80::99", "dev", world.Link.Interface, "proto", "static", "metric", "1024");
        var theirs = world.Shown(1, "fe80::99").Replace("116", "static", StringComparison.Ordinal);
        world.Routes.Want(world.Route(1));
        await world.FailsAsync(world.Route(1), "a route that is not ours");
        await world.HasAsync(theirs);
        Assert.Contains("not ours", Assert.Single(world.Troubles.Take(10)).Facts, StringComparison.Ordinal);

        // The same trouble is not told at each look.
        await world.FailsAsync(world.Route(1), "not ours");
        Assert.Empty(world.Troubles.Take(10));
        await world.IpAsync("-6", "route", "del", "2001:db8:1::/48", "proto", "static");
        await world.HasAsync(world.Shown(1));
    }

    [Fact]
    public async Task Of_an_earlier_life_go_when_nobody_wants_them()
    {
        await using var world = await KernelWorld.OpenAsync();
        world.Routes.Want(world.Route(1));
        world.Routes.Want(world.Route(2));
        await world.HasAsync(world.Shown(1), world.Shown(2));
        await world.AgainAsync(dies: true);
        world.Routes.Want(world.Route(2));
        world.Routes.Want(world.Route(3));

        // As long as not all is known, what is there stays.
        await world.HasAsync(world.Shown(1), world.Shown(2), world.Shown(3));
        world.Routes.AllKnown();
        await world.HasAsync(world.Shown(2), world.Shown(3));
    }

    [Fact]
    public async Task Stay_over_an_end_where_that_is_chosen()
    {
        await using var world = await KernelWorld.OpenAsync(static options => options with { KeepAtEnd = true });
        world.Routes.Want(world.Route(1));
        await world.HasAsync(world.Shown(1));
        await world.AgainAsync();
        Assert.Equal(world.Shown(1), await world.TableAsync());
        world.Routes.AllKnown();
        await world.HasAsync();
    }

    [Fact]
    public async Task Are_as_many_as_may_be()
    {
        await using var world = await KernelWorld.OpenAsync(static options => options with { MostRoutes = 2 });
        world.Routes.Want(world.Route(1));
        world.Routes.Want(world.Route(2));
        Assert.Empty(world.Troubles.Take(10));
        world.Routes.Want(world.Route(3));
        var told = Assert.Single(world.Troubles.Take(10));
        Assert.Equal("routing.kernel.mostRoutes", told.Subject);
        await world.HasAsync(world.Shown(1), world.Shown(2));
    }

    [Fact]
    public async Task Lead_nowhere_they_may_not()
    {
        await using var world = await KernelWorld.OpenAsync();
        world.Routes.Want(world.Route(1, "fe80::1", "lo"));
        await world.FailsAsync(world.Route(1), "lo is not in routing.kernel.interfaces");
        await world.Link.HostAsync("-6", "route", "add", "2001:db8:ffff::/48", "via", "fe80::99", "dev", world.Link.Interface);
        world.Routes.Want(world.Route(2, "2001:db8:ffff::1", ""));
        await world.FailsAsync(world.Route(2), "2001:db8:ffff::1 is on no link of this machine, but behind fe80::99");
        world.Routes.Want(world.Route(3, "::1", ""));
        await world.FailsAsync(world.Route(3), "::1 is this machine itself");
        await world.HasAsync();

        // One that led to where it may, and is wanted where it may not, is not there any more.
        world.Routes.Want(world.Route(4));
        await world.HasAsync(world.Shown(4));
        world.Routes.Want(world.Route(4, "fe80::1", "lo"));
        await world.HasAsync();
        Assert.Equal((0, 0, 4), world.Routes.Count());
    }

    [Fact]
    public async Task Find_the_link_of_a_relay()
    {
        await using var world = await KernelWorld.OpenAsync();
        await world.Link.HostAsync("-6", "addr", "add", "2001:db8:77::1/64", "dev", world.Link.Interface, "nodad");
        world.Routes.Want(world.Route(1, "2001:db8:77::2", ""));
        await world.HasAsync(world.Shown(1, "2001:db8:77::2"));
        Assert.Equal("set", Assert.Single(world.Routes.List("set", "2001:db8:77::2", 10)).State);
    }

    private static Task ClientLinkDown(KernelWorld world, string state) => world.Link.HostAsync("link", "set", world.Link.Interface, state);
}
