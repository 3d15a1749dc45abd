using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Routing;
using Tsunagi.Routing.Kernel;
using Tsunagi.Tests.Connectivity.Dhcp;

namespace Tsunagi.Tests.Routing;

/// <summary>Routes in a table of the test's own, to a link of its own: nothing of the machine is reached by them, and the kernel is the real one.</summary>
internal sealed class KernelWorld : IAsyncDisposable
{
    public const string NextHop = "fe80::77";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private KernelWorld(ClientLink link, KernelRouteOptions options)
    {
        (Link, Options) = (link, options);
        (Troubles, Routes) = Make();
    }

    public ClientLink Link { get; }

    public KernelRouteOptions Options { get; }

    public KernelTroubles Troubles { get; private set; }

    public KernelRoutes Routes { get; private set; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string TableName => Options.Table.ToString(CultureInfo.InvariantCulture);

    public static async Task<KernelWorld> OpenAsync(Func<KernelRouteOptions, KernelRouteOptions>? change = null)
    {
        var link = await ClientLink.OpenAsync("/usr/sbin/ip", "iproute2");
        var options = new KernelRouteOptions { Interfaces = [link.Interface], Table = TableOf(link), LookEvery = TimeSpan.FromSeconds(1) };
        var world = new KernelWorld(link, change?.Invoke(options) ?? options);
        await world.Routes.StartAsync(Cancel);
        return world;
    }

    /// <summary>A table of a link's own: nobody looks into it.</summary>
    public static int TableOf(ClientLink link) => 100_000 + int.Parse(File.ReadAllText($"/sys/class/net/{link.Interface}/ifindex"), CultureInfo.InvariantCulture);

    public KernelRoute Route(int number, string nextHop = NextHop, string? @interface = null) => new(IPNetwork.Parse($"2001:db8:{number:x}::/48"), IPAddress.Parse(nextHop), @interface ?? Link.Interface);

    /// <summary>The table as iproute2 shows it.</summary>
    public async Task<string> TableAsync()
    {
        var (_, output) = await ClientLink.TryIpAsync("-6", "route", "show", "table", TableName);
        return string.Join('\n', output.Split('\n').Select(static line => line.Trim()).Where(static line => line.StartsWith("2001:", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    /// <summary>What iproute2 shows of a route of ours.</summary>
    public string Shown(int number, string nextHop = NextHop) => $"2001:db8:{number:x}::/48 via {nextHop} dev {Link.Interface} proto 116 metric 1024 pref medium";

    public async Task HasAsync(params string[] lines)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var has = await TableAsync();
            if (has == string.Join('\n', lines.Order(StringComparer.Ordinal)))
            {
                return;
            }

            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"the table has\n{has}\nnot\n{string.Join('\n', lines)}\nand the list {string.Join(", ", Routes.List("", "", 100))}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancel);
        }
    }

    /// <summary>A route is in the list with a reason.</summary>
    public async Task FailsAsync(KernelRoute route, string why)
    {
        var started = Stopwatch.GetTimestamp();
        while (!Routes.List("failed", route.Prefix.ToString(), 10).Any(row => row.Why!.Contains(why, StringComparison.Ordinal)))
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"not \"{why}\" but {string.Join(", ", Routes.List("", "", 100))}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancel);
        }
    }

    public async Task IpAsync(params string[] arguments)
    {
        var (code, output) = await ClientLink.TryIpAsync([.. arguments, "table", TableName]);
        Assert.True(code == 0, $"ip {string.Join(' ', arguments)}: {output}");
    }

    /// <summary>The program ends, or dies without a word, and another begins.</summary>
    public async Task AgainAsync(bool dies = false)
    {
        if (!dies)
        {
            await Routes.StopAsync(Cancel);
        }

        Routes.Dispose();
        (Troubles, Routes) = Make();
        await Routes.StartAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await Routes.StopAsync(CancellationToken.None);
        Routes.Dispose();
        await Link.DisposeAsync();
    }

    private (KernelTroubles Troubles, KernelRoutes Routes) Make()
    {
        var troubles = new KernelTroubles(Options, TimeProvider.System);
        return (troubles, new KernelRoutes(new RoutingOptions { Kernel = Options }, troubles, TimeProvider.System, NullLogger<KernelRoutes>.Instance));
    }
}
