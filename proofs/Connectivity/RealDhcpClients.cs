using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>
/// dhclient, dhcp6c and dhcpcd, each in a namespace of its own on a link of its own, and a host behind the server. Each takes an address and a prefix, is reached under its prefix from that host, renews both and
/// gives them back. When Replies went out is heard by tshark, when routes came and went by "ip monitor": both in the server's namespace, both by the same clock.
/// </summary>
internal sealed class RealDhcpClients : IAsyncDisposable
{
    private const string Server = "s";
    private const string Behind = "u";
    private const string Dhclient = "/usr/sbin/dhclient";
    private const string Dhcp6c = "/usr/sbin/dhcp6c";
    private const string Dhcpcd = "/usr/sbin/dhcpcd";
    private const string Tshark = "/usr/bin/tshark";
    private const string Python = "/usr/bin/python3";
    private const int Lifetime = 40;
    private const int MostMilliseconds = 100;
    private static readonly string[] Names = ["dhclient", "dhcp6c", "dhcpcd"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(50);

    private readonly DhcpNetwork _network = new();
    private readonly string _directory;
    private readonly ConcurrentQueue<string> _replies = new();
    private readonly ConcurrentQueue<string> _routes = new();
    private readonly ConcurrentQueue<string> _said = new();

    private RealDhcpClients(string directory) => _directory = directory;

    /// <summary>Null when all that is needed is here.</summary>
    public static string? WhyNot() =>
        ((string[])[Dhclient, Dhcp6c, Dhcpcd, Tshark, Python]).FirstOrDefault(static program => !File.Exists(program)) is { } missing ? missing + " is not here (./tsunagi setup)" : null;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(string directory, Progress progress, CancellationToken cancellationToken)
    {
        await using var clients = new RealDhcpClients(directory);
        return await clients.MeasureAsync(progress, cancellationToken);
    }

    public ValueTask DisposeAsync() => _network.DisposeAsync();

    private async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        await BuildAsync(cancellationToken);
        using var server = await DhcpServerProcess.StartAsync(new DhcpServerSetting(_directory, Links: ["s1", "s2", "s3"], HasRoutes: true, Lifetime: Lifetime), _network[Server], cancellationToken);
        await WatchAsync(cancellationToken);
        var running = await StartClientsAsync(cancellationToken);
        progress.Say("dhclient, dhcp6c and dhcpcd ask");
        var given = await UntilAsync(server, "each client has an address and a prefix", static leases => leases.Count == 6, cancellationToken);
        var prefixes = given.Where(static lease => lease.Kind == "Prefix").OrderBy(static lease => lease.Line, StringComparer.Ordinal).ToList();
        var reached = 0;
        foreach (var prefix in prefixes)
        {
            reached += await PassesAsync(prefix.Line[^1..], IPNetwork.Parse(prefix.Prefix).BaseAddress + "1", cancellationToken) ? 1 : 0;
        }

        progress.Say($"{reached} of 3 prefixes reached; waiting for their Renews");
        var renewed = await UntilAsync(server, "each renewed both", leases => leases.Count == 6 && leases.All(lease => lease.ChangedAt > given.First(was => was.Prefix == lease.Prefix).ChangedAt), cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
        progress.Say("giving back");
        var releasedAt = await ReleaseAsync(running);
        var left = await UntilAsync(server, "each gave both back", static leases => leases.Count == 0, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, cancellationToken);
        var table = await _network.InsideAsync(Server, cancellationToken, DhcpNetwork.Ip, "-6", "route", "show", "proto", "116");
        List<double> came = [.. prefixes.Select(lease => RouteAt(lease.Prefix, isGone: false) - ReplyAt(lease.NextHop, 0))], went = [.. prefixes.Select(lease => RouteAt(lease.Prefix, isGone: true) - ReplyAt(lease.NextHop, releasedAt))];
        string Each(IReadOnlyList<double> times) => string.Join(", ", times.Select((time, i) => string.Create(CultureInfo.InvariantCulture, $"{Names[i]} {time:0.0}")));
        return
        [
            Figure.AtLeast("clients (dhclient, dhcp6c, dhcpcd) that took an address and a prefix, renewed both and gave both back", renewed.Count / 2 * (left.Count == 0 ? 1 : 0), 3, "n0", " of 3"),
            Figure.AtLeast("delegated prefixes reached by TCP from behind the server", reached, 3, "n0", " of 3"),
            Figure.AtMost("from the Reply to its route in the kernel, worst (below 0: the route came first)", came.Max(), MostMilliseconds, "0.0", " ms", Each(came)),
            Figure.AtMost("from the Reply to a Release to the end of its route, worst", went.Max(), MostMilliseconds, "0.0", " ms", Each(went)),
            Figure.AtMost("routes left behind", table.Split('\n').Count(static line => line.Contains("via", StringComparison.Ordinal)), 0, "n0", ""),
        ];
    }

    private async Task BuildAsync(CancellationToken cancellationToken)
    {
        foreach (var part in (string[])[Server, Behind, "c1", "c2", "c3"])
        {
            await _network.AddAsync(part, cancellationToken);
        }

        await _network.LinkAsync(Server, "up0", Behind, "u0", cancellationToken);
        await _network.InsideAsync(Server, cancellationToken, "/bin/sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
        await DhcpNetwork.RunAsync(cancellationToken, "-n", _network[Server], "addr", "add", "2001:db8:ff::1/64", "dev", "up0", "nodad");
        await DhcpNetwork.RunAsync(cancellationToken, "-n", _network[Behind], "addr", "add", "2001:db8:ff::2/64", "dev", "u0", "nodad");
        await DhcpNetwork.RunAsync(cancellationToken, "-n", _network[Behind], "route", "add", "default", "via", "2001:db8:ff::1");
        foreach (var number in (string[])["1", "2", "3"])
        {
            await _network.LinkAsync(Server, "s" + number, "c" + number, "c0", cancellationToken);
            await DhcpNetwork.RunAsync(cancellationToken, "-n", _network[Server], "addr", "add", "fe80::1/64", "dev", "s" + number, "nodad");
            await DhcpNetwork.RunAsync(cancellationToken, "-n", _network["c" + number], "route", "add", "default", "via", "fe80::1", "dev", "c0");
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        _network.Start(Server, _routes.Enqueue, DhcpNetwork.Ip, "-ts", "-6", "monitor", "route");
        _network.Start(
            Server, _replies.Enqueue, Tshark, "-f", "udp port 546", "-i", "s1", "-i", "s2", "-i", "s3", "-l", "-n", "-T", "fields", "-E", "separator=/s", "-e", "frame.time_epoch", "-e", "dhcpv6.msgtype", "-e", "ipv6.dst");
        var started = Stopwatch.GetTimestamp();
        while (!_replies.Any(static line => line.Contains("Capturing on", StringComparison.Ordinal)) && Stopwatch.GetElapsedTime(started) < Patience)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }

        // It says so a moment before it does.
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
    }

    private async Task<IReadOnlyList<Process>> StartClientsAsync(CancellationToken cancellationToken)
    {
        // What another life left under the interface's name dhcpcd would try to go on with.
        if (File.Exists("/var/lib/dhcpcd/c0.lease6"))
        {
            File.Delete("/var/lib/dhcpcd/c0.lease6");
        }

        await File.WriteAllTextAsync(Of("dhclient.leases"), "", cancellationToken);
        await File.WriteAllTextAsync(Of("dhcp6c.conf"), "interface c0 { send ia-na 0; send ia-pd 0; };\nid-assoc na 0 { };\nid-assoc pd 0 { };\n", cancellationToken);
        await File.WriteAllTextAsync(Of("dhcpcd.conf"), "duid\nnoipv6rs\nipv6only\ninterface c0\nia_na 1\nia_pd 2 -\n", cancellationToken);
        return
        [
            _network.Start("c1", _said.Enqueue, Dhclient, "-6", "-P", "-N", "-d", "-v", "-lf", Of("dhclient.leases"), "-pf", Of("dhclient.pid"), "-sf", "/bin/true", "c0"),
            _network.Start("c2", _said.Enqueue, Dhcp6c, "-f", "-D", "-c", Of("dhcp6c.conf"), "-p", Of("dhcp6c.pid"), "c0"),
            _network.Start("c3", _said.Enqueue, Dhcpcd, "-f", Of("dhcpcd.conf"), "-c", "/bin/true", "-6", "-B", "-d", "c0"),
        ];
    }

    private async Task<double> ReleaseAsync(IReadOnlyList<Process> running)
    {
        var now = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        _network.Start("c1", _said.Enqueue, Dhclient, "-6", "-P", "-N", "-r", "-v", "-lf", Of("dhclient.leases"), "-pf", Of("dhclient.pid"), "-sf", "/bin/true", "c0");
        await DhcpNetwork.SignalAsync(running[1], "TERM");
        await DhcpNetwork.SignalAsync(running[2], "ALRM");
        return now;
    }

    /// <summary>A host behind the server asks one with an address of the prefix, and is answered.</summary>
    private async Task<bool> PassesAsync(string number, string address, CancellationToken cancellationToken)
    {
        await DhcpNetwork.RunAsync(cancellationToken, "-n", _network["c" + number], "addr", "add", address + "/128", "dev", "lo", "nodad");
        _network.Start("c" + number, null, Python, "-c", $"import socket\ns = socket.create_server(('{address}', 7000), family=socket.AF_INET6)\nc = s.accept()[0]\nc.sendall(c.recv(5) * 20000)");
        var heard = await _network.InsideAsync(
            Behind, cancellationToken, Python, "-c",
            $"import socket, time\nfor i in range(50):\n  try:\n    c = socket.create_connection(('{address}', 7000), 3)\n    break\n  except OSError: time.sleep(0.1)\nc.sendall(b'hello')\nn = 0\nwhile n < 100000:\n  d = c.recv(65536)\n  if not d: break\n  n += len(d)\nprint(n)");
        return heard.Trim() == "100000";
    }

    private async Task<IReadOnlyList<(string Line, string Kind, string Prefix, string NextHop, long ChangedAt)>> UntilAsync(
        DhcpServerProcess server, string what, Func<IReadOnlyList<(string Line, string Kind, string Prefix, string NextHop, long ChangedAt)>, bool> holds, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var leases = await server.LeasesAsync(cancellationToken);
            if (holds(leases))
            {
                return leases;
            }

            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new InvalidOperationException($"{what}: never; {string.Join("; ", leases)}\n{string.Join('\n', _said)}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    // In milliseconds since 1970: the first Reply (7) to a router at or behind a moment.
    private double ReplyAt(string nextHop, double afterSeconds)
    {
        foreach (var line in _replies)
        {
            if (line.Split(' ') is [var at, "7", var to] && to == nextHop.Split('%')[0] && double.Parse(at, CultureInfo.InvariantCulture) is var seconds && seconds >= afterSeconds)
            {
                return seconds * 1_000;
            }
        }

        throw new InvalidOperationException($"no Reply to {nextHop} was heard: {string.Join('\n', _replies)}");
    }

    // "[2026-11-26T12:00:00.123456] Deleted 2001:db8::/56 via fe80::2 dev s1 proto 116 …"
    private double RouteAt(string prefix, bool isGone)
    {
        foreach (var line in _routes)
        {
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length > 3 && parts[0].StartsWith('[') && parts[1] == (isGone ? "Deleted" : prefix) && parts[isGone ? 2 : 1] == prefix)
            {
                return (DateTimeOffset.Parse(parts[0].Trim('[', ']'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) - DateTimeOffset.UnixEpoch).TotalMilliseconds;
            }
        }

        throw new InvalidOperationException($"the route of {prefix} was not heard to {(isGone ? "go" : "come")}: {string.Join('\n', _routes)}");
    }

    private string Of(string name) => Path.Combine(_directory, name);
}
