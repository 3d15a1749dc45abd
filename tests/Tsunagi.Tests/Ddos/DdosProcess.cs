using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Tsunagi.Tests.Host;
using Tsunagi.Tests.Routing;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos;

/// <summary>
/// The program as a process of its own that collects flows and speaks BGP with a router, and can be killed and started again on the same data: one customer whose 192.0.2.0/24 is protected, set to automatic.
/// </summary>
internal sealed class DdosProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(60);

    // No attack is over before its test is: a rule that is gone was lost, not lifted.
    private const int Quiet = 600;

    private readonly TemporaryDirectory _directory = new();
    private readonly string[] _settings;
    private readonly Socket _sender = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly IPEndPoint _collector;
    private readonly List<string> _log = [];
    private Process? _process;
    private uint _sequence;

    private DdosProcess(LiveRouter router)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _collector = (IPEndPoint)probe.LocalEndPoint!;
        _settings =
        [
            "data=" + Data, "console.listen=127.0.0.1:0", "mail.listen=[\"127.0.0.1:0\"]", "log.level=warning", $"ddos.collect.listen=[\"{_collector}\"]",
            """ddos.collect.exporters=[{"network":"127.0.0.1/32","name":"edge"}]""", """ddos.mitigate={"mostCollateralPermille":100,"maxPerSubscription":100}""",
            "routing.identifier=10.0.0.1", "routing.firstRetry=00:00:00.100", "routing.longestRetry=00:00:00.500",
            string.Create(CultureInfo.InvariantCulture, $$"""routing.peers=[{"name":"gobgpd","address":"{{router.Address}}","port":{{router.Port}},"as":64512,"localAddress":"127.0.0.1"}]"""),
        ];
        _sender.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }

    public string Data => Path.Combine(_directory.Path, "data");

    public TestApi Operator { get; private set; } = null!;

    public string Subscription { get; private set; } = "";

    public static async Task<DdosProcess> StartAsync(LiveRouter router)
    {
        var node = new DdosProcess(router);
        try
        {
            await ReadyTables.PlaceAsync(node.Data);
            await node.StartAsync();
            (_, _, node.Subscription) = await DdosNode.BuyAsync(node.Operator, hostPacketsPerSecond: 1_000, Quiet);
            await DdosNode.UntilAsync(async () => ((JsonArray)(await node.Operator.GetAsync("/ddos/protections"))["items"]!).Count == 1);
            await node.Operator.PutAsync($"/ddos/protections/{node.Subscription}/mode", new { mode = "automatic", reason = "a test", withoutReport = true });
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>The program again, until it is ready and its operator signed in.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "tsunagi-host"), ["run", .. _settings.SelectMany(static setting => (string[])["--set", setting])])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginErrorReadLine();
        using var deadline = new CancellationTokenSource(StartsWithin, TimeProvider.System);
        string? url = null, link = null;
        while (await _process.StandardOutput.ReadLineAsync(deadline.Token) is { } line and not "ready")
        {
            url = line.StartsWith("console ", StringComparison.Ordinal) ? line["console ".Length..^"/console".Length] : url;
            link = line.StartsWith("set up ", StringComparison.Ordinal) ? line[(line.LastIndexOf('/') + 1)..] : link;
        }

        Assert.True(url is not null, $"the program did not start:\n{Log()}");
        Operator?.Dispose();
        Operator = new TestApi(url);
        await (link is null
            ? Operator.PostAsync("/session", new { email = "operator@localhost", password = TestNode.Password })
            : Operator.PostAsync("/session/password-link", new { token = link, password = TestNode.Password }));
    }

    /// <summary>kill -9: nothing is written and no connection ended by the program.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>A tenth of a second of an attack on an address, and of what else flows to it, as a router tells it.</summary>
    public void Attack(string target = "192.0.2.1")
    {
        for (var i = 0; i < 20; i++)
        {
            _sender.SendTo(
                i % 2 == 0 ? Exports.NetFlow5(30, _sequence, packets: 10, destination: target)
                    : Exports.NetFlow5(30, _sequence, packets: 10, octetsEach: 1_400, destination: target, protocol: 6, flags: 0x18, sourcePort: 443),
                _collector);
            _sequence += 30;
        }
    }

    /// <summary>The rules in force, as the ledger has them: their destinations, each as often as it is there.</summary>
    public async Task<IReadOnlyList<string>> LedgerAsync() =>
        [.. ((JsonArray)(await Operator.GetAsync("/ddos/mitigations?limit=200"))["items"]!).Where(static row => row!["endedAt"] is null)
            .Select(static row => (string)row!["rule"]!).Select(static rule => rule.StartsWith("dst ", StringComparison.Ordinal) ? rule.Split(' ')[1] : rule).Order(StringComparer.Ordinal)];

    /// <summary>How many routes the router has been told in the session that is up now; 0 without one.</summary>
    public async Task<int> AnnouncedAsync() => (int)((JsonArray)(await Operator.GetAsync("/routing/sessions"))["items"]!).Single()!["announced"]!;

    /// <summary>What the program has logged.</summary>
    public string Log()
    {
        lock (_log)
        {
            return string.Join('\n', _log.TakeLast(60));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Operator?.Dispose();
        _sender.Dispose();
        if (_process is not null)
        {
            await KillAsync();
        }

        _directory.Dispose();
    }

    private void Note(string? line)
    {
        lock (_log)
        {
            _log.Add(line ?? "");
        }
    }
}
