using Tsunagi.Connectivity.Dhcp4;
using Tsunagi.Connectivity.Leases;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>dhclient and dhcpcd on a link of their own: each takes an address, renews it by itself and gives it back.</summary>
public sealed class Real_dhcp4_clients
{
    private const string Dhclient = "/usr/sbin/dhclient";
    private const string Dhcpcd = "/usr/sbin/dhcpcd";
    private const string Own = "10.20.0.1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dhclient_takes_renews_and_releases()
    {
        await using var link = await OpenAsync(Dhclient, "isc-dhcp-client");
        await using var world = await OpenAsync(link);

        // In place of dhclient's own script, which would write a resolv.conf: it renews and releases from the address that it has.
        var script = link.Directory + "/script";
        await File.WriteAllTextAsync(script, "#!/bin/sh\n[ -z \"$new_ip_address\" ] || exec /usr/sbin/ip -4 addr replace $new_ip_address/22 dev $interface\n", Cancel);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string[] files = ["-lf", link.Directory + "/leases", "-pf", link.Directory + "/pid", "-sf", script];
        await File.WriteAllTextAsync(link.Directory + "/leases", "", Cancel);
        link.Start(Dhclient, ["-4", "-d", "-v", .. files, "c0"]);
        await IsServedAsync(world, link, "bound to 10.20.0.2");
        link.Start(Dhclient, ["-4", "-r", "-d", "-v", .. files, "c0"]);
        await IsReleasedAsync(world, link);
    }

    [Fact]
    public async Task Dhcpcd_takes_renews_and_releases()
    {
        await using var link = await OpenAsync(Dhcpcd, "dhcpcd-base");
        await using var world = await OpenAsync(link);

        // What another life left under the interface's name it would try to go on with.
        File.Delete("/var/lib/dhcpcd/c0.lease");
        await File.WriteAllTextAsync(link.Directory + "/conf", "duid\nnoipv6\nipv4only\nnoarp\nnoipv4ll\noption rapid_commit, classless_static_routes, domain_search\ninterface c0\n", Cancel);
        var client = link.Start(Dhcpcd, "-f", link.Directory + "/conf", "-c", "/bin/true", "-4", "-B", "-d", "c0");
        await IsServedAsync(world, link, "leased 10.20.0.2");

        // It configured what it was told: the address with its mask, and the routes of option 121.
        var shown = await link.InsideAsync("/usr/sbin/ip", "-4", "addr", "show", "dev", "c0");
        Assert.Contains("inet 10.20.0.2/22", shown, StringComparison.Ordinal);
        var routes = await link.InsideAsync("/usr/sbin/ip", "-4", "route");
        Assert.True(routes.Contains("default via 10.20.0.1", StringComparison.Ordinal) && routes.Contains("10.64.0.0/10 via 10.20.0.3", StringComparison.Ordinal), routes);
        await ClientLink.SignalAsync(client, "ALRM");
        await IsReleasedAsync(world, link);
    }

    private static async Task<ClientLink> OpenAsync(string program, string package)
    {
        var link = await ClientLink.OpenAsync(program, package);
        await link.HostAsync("addr", "add", Own + "/22", "dev", link.Interface);
        return link;
    }

    // The shortest lease that configuration may name is a minute; the server takes its words from this record.
    private static async Task<Dhcp4World> OpenAsync(ClientLink link)
    {
        var world = await Dhcp4World.OpenAsync(options => options with
        {
            ClientPort = 68, Links = [new Dhcp4LinkOption { Interface = link.Interface }],
            Default = new Dhcp4PoolOption
            {
                LeaseTime = TimeSpan.FromSeconds(8), DnsServers = ["10.20.0.53"], Routers = [Own], Domains = ["isp.example"], Routes = [new Dhcp4RouteOption { Destination = "10.64.0.0/10", Router = "10.20.0.3" }],
            },
        });
        world.Set(world.Line("c") with { CircuitId = link.Interface });
        return world;
    }

    // T1 is four seconds.
    private static async Task IsServedAsync(Dhcp4World world, ClientLink link, string says)
    {
        await link.UntilAsync("the client has an address", () => Leases(world).Count == 1);
        var first = Leases(world)[0];
        Assert.Equal((LeaseKind.Address4, "10.20.0.2/32"), (first.Kind, first.Prefix.ToString()));
        await link.UntilAsync("the client has read the answer", () => link.Heard().Contains(says, StringComparison.Ordinal));

        // What the disk of a loaded machine makes the client ask twice for is no renewal.
        var since = Leases(world)[0].ChangedAt;
        await link.UntilAsync("the client renewed", () => Leases(world) is [var lease] && lease.ChangedAt > since && lease.Id == first.Id);
    }

    private static async Task IsReleasedAsync(Dhcp4World world, ClientLink link)
    {
        await link.UntilAsync("the client gave it back", () => Leases(world).Count == 0);
        await world.ProjectAsync();
        Assert.Single(await world.LeasesAsync("released"));
        Assert.Equal(0, world.World.Get<Dhcp4Server>().Faults);
        TestContext.Current.TestOutputHelper?.WriteLine(link.Heard());
    }

    private static List<Lease> Leases(Dhcp4World world)
    {
        lock (world.Book.Turn)
        {
            return [.. world.Book.OfLine("ln_c")];
        }
    }
}
