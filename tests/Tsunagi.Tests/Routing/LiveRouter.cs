using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Routing;

/// <summary>A routing program of Debian's on a loopback address of its own, waiting for a session from 127.0.0.1; asked for its routes with its own tool.</summary>
internal sealed class LiveRouter : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ProcessStartInfo _start;
    private Process _process;
    private readonly Func<LiveRouter, Task<string>> _show;

    private LiveRouter(string address, int port, string program, Func<LiveRouter, string> arguments, IReadOnlyDictionary<string, string> files, Func<LiveRouter, Task<string>> show, IReadOnlyDictionary<string, string>? environment = null)
    {
        (Address, Port, _show) = (address, port, show);
        foreach (var (name, content) in files)
        {
            var path = Path.Combine(Directory, name);
            File.WriteAllText(path, content.Replace("DIR", Directory, StringComparison.Ordinal).Replace("PORT", port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
            if (name.EndsWith(".sh", StringComparison.Ordinal))
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }

        // FRR and ExaBGP step down to users of their own where they may.
        File.SetUnixFileMode(Directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        var start = new ProcessStartInfo(program, arguments(this)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Directory };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value.Replace("PORT", port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        }

        _start = start;
        _process = Run();
    }

    public System.Collections.Concurrent.ConcurrentQueue<string> Said { get; } = new();

    public string Address { get; }

    public int Port { get; }

    public string Directory => _directory.Path;

    public int ToolPort { get; } = FreePort("127.0.0.1");

    public static LiveRouter Gobgp() => new(
        "127.0.0.2", FreePort("127.0.0.2"), Need("/usr/bin/gobgpd"), static r => $"-f {r.Directory}/gobgpd.toml --api-hosts 127.0.0.1:{r.ToolPort} --pprof-disable",
        new Dictionary<string, string>
        {
            ["gobgpd.toml"] = """
                [global.config]
                  as = 64512
                  router-id = "10.0.0.2"
                  port = PORT
                  local-address-list = ["127.0.0.2"]
                [[neighbors]]
                  [neighbors.config]
                    neighbor-address = "127.0.0.1"
                    peer-as = 64512
                  [neighbors.transport.config]
                    passive-mode = true
                    local-address = "127.0.0.2"
                  [neighbors.timers.config]
                    hold-time = 9
                    keepalive-interval = 3
                  [neighbors.graceful-restart.config]
                    enabled = true
                    restart-time = 20
                  [[neighbors.afi-safis]]
                    [neighbors.afi-safis.config]
                      afi-safi-name = "ipv4-unicast"
                    [neighbors.afi-safis.mp-graceful-restart.config]
                      enabled = true
                  [[neighbors.afi-safis]]
                    [neighbors.afi-safis.config]
                      afi-safi-name = "ipv6-unicast"
                    [neighbors.afi-safis.mp-graceful-restart.config]
                      enabled = true
                  [[neighbors.afi-safis]]
                    [neighbors.afi-safis.config]
                      afi-safi-name = "ipv4-flowspec"
                    [neighbors.afi-safis.mp-graceful-restart.config]
                      enabled = true
                  [[neighbors.afi-safis]]
                    [neighbors.afi-safis.config]
                      afi-safi-name = "ipv6-flowspec"
                    [neighbors.afi-safis.mp-graceful-restart.config]
                      enabled = true
                """,
        },
        static async r => string.Concat(await Task.WhenAll(
            ((string[])["ipv4", "ipv6", "ipv4-flowspec", "ipv6-flowspec"]).Select(family => AskAsync("/usr/bin/gobgp", $"-u 127.0.0.1 -p {r.ToolPort} neighbor 127.0.0.1 adj-in -a {family}")))));

    public static LiveRouter Bird() => new(
        "127.0.0.3", FreePort("127.0.0.3"), Need("/usr/sbin/bird"), static r => $"-f -c {r.Directory}/bird.conf -s {r.Directory}/bird.ctl -P {r.Directory}/bird.pid",
        new Dictionary<string, string>
        {
            ["bird.conf"] = """
                log stderr all;
                router id 10.0.0.3;
                flow4 table f4;
                flow6 table f6;
                protocol device {}
                protocol bgp speaker {
                  local 127.0.0.3 port PORT as 64512;
                  neighbor 127.0.0.1 as 64512;
                  multihop;
                  passive yes;
                  strict bind yes;
                  hold time 9;
                  ipv4 { import all; export none; };
                  ipv6 { import all; export none; };
                  flow4 { table f4; import all; export none; };
                  flow6 { table f6; import all; export none; };
                }
                """,
        },
        static async r => string.Concat(await Task.WhenAll(
            ((string[])["table master4", "table master6", "table f4", "table f6"]).Select(table => AskAsync("/usr/sbin/birdc", $"-r -s {r.Directory}/bird.ctl show route {table} all")))));

    public static LiveRouter Frr() => new(
        "127.0.0.4", FreePort("127.0.0.4"), Need("/usr/lib/frr/bgpd"),
        static r => $"-f {r.Directory}/bgpd.conf -i {r.Directory}/bgpd.pid --vty_socket {r.Directory} -p {r.Port} -l 127.0.0.4 -A 127.0.0.1 -P {r.ToolPort} -S -Z --log stdout",
        new Dictionary<string, string>
        {
            ["bgpd.conf"] = """
                router bgp 64512
                 bgp router-id 10.0.0.4
                 no bgp ebgp-requires-policy
                 neighbor 127.0.0.1 remote-as 64512
                 neighbor 127.0.0.1 passive
                 neighbor 127.0.0.1 timers 3 9
                 address-family ipv4 unicast
                  neighbor 127.0.0.1 activate
                  neighbor 127.0.0.1 soft-reconfiguration inbound
                 exit-address-family
                 address-family ipv6 unicast
                  neighbor 127.0.0.1 activate
                 exit-address-family
                 address-family ipv4 flowspec
                  neighbor 127.0.0.1 activate
                 exit-address-family
                 address-family ipv6 flowspec
                  neighbor 127.0.0.1 activate
                 exit-address-family
                """,
        },
        static async r => string.Concat(await Task.WhenAll(
            ((string[])["show bgp ipv4 unicast", "show bgp ipv6 unicast", "show bgp ipv4 flowspec detail", "show bgp ipv6 flowspec detail"])
                .Select(command => AskAsync("/usr/bin/vtysh", $"--vty_socket {r.Directory} -d bgpd -c \"{command}\"")))));

    /// <summary>ExaBGP keeps no table: what it hears is written down by a process of its own, and put together here.</summary>
    public static LiveRouter Exabgp() => new(
        "127.0.0.5", FreePort("127.0.0.5"), Need("/usr/sbin/exabgp"), static r => $"{r.Directory}/exabgp.conf",
        new Dictionary<string, string>
        {
            ["watch.sh"] = "#!/bin/sh\ncat >> DIR/heard\n",
            ["exabgp.conf"] = """
                process watch {
                  run DIR/watch.sh;
                  encoder json;
                }
                neighbor 127.0.0.1 {
                  router-id 10.0.0.5;
                  local-address 127.0.0.5;
                  local-as 64512;
                  peer-as 64512;
                  passive;
                  hold-time 9;
                  family { ipv4 unicast; ipv6 unicast; ipv4 flow; ipv6 flow; }
                  api { processes [ watch ]; neighbor-changes; receive { parsed; update; } }
                }
                """,
        },
        static r => Task.FromResult(Heard(Path.Combine(r.Directory, "heard"))),
        new Dictionary<string, string>
        {
            ["exabgp_tcp_bind"] = "127.0.0.5", ["exabgp_tcp_port"] = "PORT", ["exabgp_daemon_user"] = "root", ["exabgp_daemon_drop"] = "false", ["exabgp_api_cli"] = "false", ["exabgp_api_ack"] = "false", ["exabgp_log_destination"] = "stderr",
        });

    /// <summary>Everything the router shows of its routes.</summary>
    public Task<string> ShowAsync() => _show(this);

    /// <summary>Waits until its routes are so; ten seconds at most.</summary>
    public async Task ShowsAsync(Func<string, bool> so, string what)
    {
        var shown = "";
        for (var i = 0; i < 60; i++)
        {
            shown = await ShowAsync();
            if (so(shown))
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(150), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"{what}\nit shows: {shown}\nit said: {string.Join('\n', Said.TakeLast(30))}");
    }

    /// <summary>It is killed and starts again, with nothing in its tables.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        _process = Run();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _directory.Dispose();
    }

    private Process Run()
    {
        var process = Process.Start(_start)!;
        process.OutputDataReceived += (_, line) => Said.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => Said.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task StopAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    // Announced minus withdrawn, line by line; nothing is left of a session that ended.
    private static string Heard(string file)
    {
        if (!File.Exists(file))
        {
            return "";
        }

        var routes = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var line in File.ReadAllLines(file).Where(static l => l.EndsWith('}')))
        {
            if (line.Contains("\"state\": \"down\"", StringComparison.Ordinal))
            {
                routes.Clear();
            }

            if (!line.Contains("\"update\"", StringComparison.Ordinal))
            {
                continue;
            }

            var update = System.Text.Json.Nodes.JsonNode.Parse(line)!["neighbor"]!["message"]!["update"];
            foreach (var (family, hops) in update?["announce"]?.AsObject() ?? [])
            {
                foreach (var (_, list) in hops!.AsObject())
                {
                    Names(family, list).ForEach(name => routes.Add(name));
                }
            }

            foreach (var (family, list) in update?["withdraw"]?.AsObject() ?? [])
            {
                Names(family, list).ForEach(name => routes.Remove(name));
            }
        }

        return string.Join('\n', routes);
    }

    private static List<string> Names(string family, System.Text.Json.Nodes.JsonNode? list) =>
        [.. (list as System.Text.Json.Nodes.JsonArray ?? []).Select(each => $"{family} {(string?)each!["nlri"] ?? (string?)each["string"] ?? each.ToJsonString()}")];

    private static async Task<string> AskAsync(string program, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return await output + await error;
    }

    private static string Need(string program)
    {
        Assert.SkipUnless(File.Exists(program), $"{program} is not here");
        return program;
    }

    private static int FreePort(string address)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
