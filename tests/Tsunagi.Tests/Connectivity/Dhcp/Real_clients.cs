using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Dhcp6;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Routing;
using Tsunagi.Routing.Kernel;
using Tsunagi.Tests.Routing;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>dhclient, dhcp6c and dhcpcd on a link of their own: each takes an address and a prefix, renews both by itself (dhcp6c not here: it waits 18 seconds at the least), and gives them back.</summary>
public sealed class Real_clients
{
    private const string Dhclient = "/usr/sbin/dhclient";
    private const string Dhcp6c = "/usr/sbin/dhcp6c";
    private const string Dhcpcd = "/usr/sbin/dhcpcd";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dhclient_takes_renews_and_releases()
    {
        await using var link = await ClientLink.OpenAsync(Dhclient, "isc-dhcp-client");
        await using var world = await OpenAsync(link);
        string[] files = ["-lf", link.Directory + "/leases", "-pf", link.Directory + "/pid", "-sf", "/bin/true"];
        await File.WriteAllTextAsync(link.Directory + "/leases", "", Cancel);
        link.Start(Dhclient, ["-6", "-P", "-N", "-d", "-v", .. files, "c0"]);
        await IsServedAsync(world, link);
        link.Start(Dhclient, ["-6", "-P", "-N", "-r", "-v", .. files, "c0"]);
        await IsReleasedAsync(world, link);
    }

    [Fact]
    public async Task The_kernel_has_the_route_of_the_prefix_while_dhclient_has_it()
    {
        await using var link = await ClientLink.OpenAsync(Dhclient, "isc-dhcp-client");
        var options = new RoutingOptions { Kernel = new KernelRouteOptions { Interfaces = [link.Interface], Table = KernelWorld.TableOf(link) } };
        using var routes = new KernelRoutes(options, new KernelTroubles(options.Kernel, TimeProvider.System), TimeProvider.System, NullLogger<KernelRoutes>.Instance);
        await routes.StartAsync(Cancel);
        await using var world = await OpenAsync(link, preferredSeconds: 3_600, routes);
        string[] files = ["-lf", link.Directory + "/leases", "-pf", link.Directory + "/pid", "-sf", "/bin/true"];
        await File.WriteAllTextAsync(link.Directory + "/leases", "", Cancel);
        link.Start(Dhclient, ["-6", "-P", "-d", "-v", .. files, "c0"]);
        await link.UntilAsync("the client has a prefix", () => Leases(world).Count == 1);
        var lease = Leases(world)[0];
        await link.UntilAsync("the client has read the reply", () => link.Heard().Contains("Bound to lease", StringComparison.Ordinal));
        await link.UntilAsync("the route is there", () => routes.Count().Set == 1);
        var (_, shown) = await ClientLink.TryIpAsync("-6", "route", "show", "table", options.Kernel.Table.ToString(CultureInfo.InvariantCulture));
        Assert.StartsWith($"{lease.Prefix} via {lease.NextHop.Split('%')[0]} dev {link.Interface} proto 116", shown, StringComparison.Ordinal);
        Assert.StartsWith("fe80::", lease.NextHop, StringComparison.Ordinal);
        link.Start(Dhclient, ["-6", "-P", "-r", "-v", .. files, "c0"]);
        await link.UntilAsync("the client gave it back", () => Leases(world).Count == 0);
        await link.UntilAsync("the route is gone", () => routes.Count() == (0, 0, 0));
        (_, shown) = await ClientLink.TryIpAsync("-6", "route", "show", "table", options.Kernel.Table.ToString(CultureInfo.InvariantCulture));
        Assert.DoesNotContain("2001:", shown, StringComparison.Ordinal);
        await routes.StopAsync(Cancel);
    }

    [Fact]
    public async Task Dhcp6c_takes_and_releases()
    {
        await using var link = await ClientLink.OpenAsync(Dhcp6c, "wide-dhcpv6-client");
        await using var world = await OpenAsync(link);
        await File.WriteAllTextAsync(link.Directory + "/conf", "interface c0 { send ia-na 0; send ia-pd 0; request domain-name-servers; };\nid-assoc na 0 { };\nid-assoc pd 0 { };\n", Cancel);
        var client = link.Start(Dhcp6c, "-f", "-D", "-c", link.Directory + "/conf", "-p", link.Directory + "/pid", "c0");
        await HasBothAsync(world, link);
        await link.UntilAsync("the client has read the reply", () => link.Heard().Contains("got an expected reply", StringComparison.Ordinal));
        await ClientLink.SignalAsync(client, "TERM");
        await IsReleasedAsync(world, link);
    }

    // One that is told to stop in the middle of a Renew gives nothing back: so two lives.
    [Fact]
    public async Task Dhcpcd_takes_and_renews()
    {
        await using var link = await ClientLink.OpenAsync(Dhcpcd, "dhcpcd-base");
        await using var world = await OpenAsync(link);
        await StartDhcpcdAsync(link);
        await IsServedAsync(world, link);
    }

    [Fact]
    public async Task Dhcpcd_takes_and_releases()
    {
        await using var link = await ClientLink.OpenAsync(Dhcpcd, "dhcpcd-base");
        await using var world = await OpenAsync(link, preferredSeconds: 3_600);
        var client = await StartDhcpcdAsync(link);
        await HasBothAsync(world, link);
        await link.UntilAsync("the client has read the reply", () => link.Heard().Contains("BOUND6", StringComparison.Ordinal));
        await ClientLink.SignalAsync(client, "ALRM");
        await IsReleasedAsync(world, link);
    }

    private static async Task<Process> StartDhcpcdAsync(ClientLink link)
    {
        // What another life left under the interface's name it would try to go on with.
        if (File.Exists("/var/lib/dhcpcd/c0.lease6"))
        {
            File.Delete("/var/lib/dhcpcd/c0.lease6");
        }

        await File.WriteAllTextAsync(link.Directory + "/conf", "duid\nnoipv6rs\nipv6only\ninterface c0\nia_na 1\nia_pd 2 -\n", Cancel);
        return link.Start(Dhcpcd, "-f", link.Directory + "/conf", "-c", "/bin/true", "-6", "-B", "-d", "c0");
    }

    private static async Task<Dhcp6World> OpenAsync(ClientLink link, int preferredSeconds = 4, KernelRoutes? routes = null)
    {
        var world = await Dhcp6World.OpenAsync(options => options with
        {
            Links = [new Dhcp6LinkOption { Interface = link.Interface }],
            Default = new Dhcp6PoolOption { PreferredLifetime = TimeSpan.FromSeconds(preferredSeconds), ValidLifetime = TimeSpan.FromSeconds(7_200), DnsServers = ["2001:db8::53"] },
        }, routes: routes);
        world.Set(world.Line("c") with { CircuitId = link.Interface });
        return world;
    }

    private static async Task<List<Lease>> HasBothAsync(Dhcp6World world, ClientLink link)
    {
        await link.UntilAsync("the client has an address and a prefix", () => Leases(world).Select(static lease => lease.Kind).Distinct().Count() == 2);
        var first = Leases(world);
        Assert.Equal([LeaseKind.Address, LeaseKind.Prefix], first.Select(static lease => lease.Kind));
        Assert.True(AddressBlock.Parse("2001:db8:1::/112").Contains(first[0].Prefix) && AddressBlock.Parse("2001:db8:100::/44").Contains(first[1].Prefix));
        return first;
    }

    // T1 is two seconds.
    private static async Task IsServedAsync(Dhcp6World world, ClientLink link)
    {
        var first = await HasBothAsync(world, link);
        await link.UntilAsync("the client renewed both", () => Leases(world) is [var address, var prefix] && address.ChangedAt > first[0].ChangedAt && prefix.ChangedAt > first[1].ChangedAt);
        Assert.Equal(first.Select(static lease => (lease.Id, lease.Prefix)), Leases(world).Select(static lease => (lease.Id, lease.Prefix)));
    }

    private static async Task IsReleasedAsync(Dhcp6World world, ClientLink link)
    {
        await link.UntilAsync("the client gave both back", () => Leases(world).Count == 0);
        await world.ProjectAsync();
        Assert.Equal(2, (await world.LeasesAsync("released")).Count);
        Assert.Equal(0, world.World.Get<Dhcp6Server>().Faults);
        TestContext.Current.TestOutputHelper?.WriteLine(link.Heard());
    }

    private static List<Lease> Leases(Dhcp6World world)
    {
        lock (world.Book.Turn)
        {
            return [.. world.Book.OfLine("ln_c").OrderBy(static lease => lease.Kind)];
        }
    }
}
