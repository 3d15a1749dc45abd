using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Configuration;
using Tsunagi.Core.Store;
using Tsunagi.Host.Configuration;
using Tsunagi.Host.Running;
using Tsunagi.Routers.Contract;
using Tsunagi.Routers.Devices;
using Tsunagi.Tests.Host;

namespace Tsunagi.Proofs.Routers;

/// <summary>
/// A whole node that boxes with ARMS pull from and are pushed to, in a process of its own that can be killed and started again on the same directory: this very program, started with <see cref="Word"/>.
/// </summary>
internal sealed class PushServerProcess : IDisposable
{
    public const string Word = "--push-server";
    public const string Key = "lskey";
    private const int AtOnce = 8;
    private const string Newest = "FROM router_push_box WHERE push_id = (SELECT max(id) FROM router_push)";
    private const string Email = "operator@localhost";
    private readonly ChildProgram _program;

    private PushServerProcess(ChildProgram program) => _program = program;

    /// <summary>In seconds, user and system, of this life.</summary>
    public double Cpu => Connectivity.ServerCpu.Of(_program.Id, null);

    /// <summary>
    /// What the started program does: <c>--push-server DIRECTORY PORTS BOXES</c>. The first life makes a customer with BOXES sites, each with its subscription, its box and a configuration; then on its input: "push" makes
    /// another version of each configuration and starts a push of all boxes in one ring, "told" is answered with how far it is.
    /// </summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var (directory, ports, boxes) = (args[1], args[2].Split(','), int.Parse(args[3], CultureInfo.InvariantCulture));
        var isFirst = !Directory.Exists(Path.Combine(directory, "keys"));
        var problems = new List<ConfigProblem>();
        var values = new Dictionary<string, string>
        {
            ["data"] = directory, ["console.listen"] = "127.0.0.1:0", ["mail.listen"] = "[]", ["log.level"] = "error",
            ["routers.arms"] = JsonSerializer.Serialize(new
            {
                listen = ports.Select(static port => "127.0.0.1:" + port), retryMax = 20, retryInterval = "00:00:02", connections = new { maxConnections = 20_000, maxPerAddress = 20_000 },
            }),
        };
        var configuration = NodeConfiguration.Load(null, Host.Modules.All, values, problems) ?? throw new InvalidOperationException(string.Join("; ", problems));
        await using var node = await ProviderNode.StartAsync(configuration, Host.Modules.All, TimeProvider.System, CancellationToken.None);
        using var api = new TestApi(node.Url);
        if (isFirst)
        {
            await api.PostAsync("/session/password-link", new { token = node.SetUpLink![(node.SetUpLink!.LastIndexOf('/') + 1)..], password = TestNode.Password });
            await FillAsync(node, api, boxes);
        }
        else
        {
            await api.PostAsync("/session", new { email = Email, password = TestNode.Password });
        }

        Console.WriteLine("ready");
        var version = isFirst ? 1 : 2;
        while (await Console.In.ReadLineAsync() is { } line)
        {
            Console.WriteLine(line == "push" ? await PushAsync(api, ++version) : await ToldAsync(node.Services.GetRequiredService<Stores>()));
        }

        return 0;
    }

    public static async Task<PushServerProcess> StartAsync(string directory, IReadOnlyList<int> ports, int boxes, CancellationToken cancellationToken)
    {
        var server = new PushServerProcess(ChildProgram.Start(Word, directory, string.Join(',', ports), boxes.ToString(CultureInfo.InvariantCulture)));
        await server._program.ReadAsync("ready", cancellationToken);
        return server;
    }

    /// <summary>Makes another version of each site's configuration and starts the push; the moment it was started.</summary>
    public async Task<long> PushAsync(CancellationToken cancellationToken)
    {
        await _program.SayAsync("push", cancellationToken);
        await _program.ReadAsync("pushed", cancellationToken);
        return TimeProvider.System.GetTimestamp();
    }

    public async Task<PushTold> AskAsync(CancellationToken cancellationToken)
    {
        await _program.SayAsync("told", cancellationToken);
        var words = await _program.ReadAsync("told", cancellationToken);
        return new PushTold(words[1], Number(words[2]), Number(words[3]), Number(words[4]));
    }

    public void Kill() => _program.Kill();

    public void Dispose() => _program.Dispose();

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static async Task FillAsync(ProviderNode node, TestApi api, int boxes)
    {
        await api.PutAsync("/plans/router", new
        {
            code = "router", specification = ManagedRouterSettings.Kind, nameEn = "Router", nameJa = "ルーター", currency = "JPY", prices = new[] { new { model = "perUnit", label = "Days", meter = "routers.devices", amount = 10 } },
        });
        var tenant = (string)(await api.PostAsync("/tenants", new { kind = "customer", name = "fleet" }))["id"]!;
        await EachAsync(Enumerable.Range(0, boxes), async box =>
        {
            var device = HeartbeatServerProcess.IdOf(box).ToString();
            var site = (string)(await api.PostAsync("/sites", new { tenantId = tenant, name = "Site " + device }))["id"]!;
            await api.PostAsync("/subscriptions", new { tenantId = tenant, plan = "router", name = "Router " + device, settings = new { site, device } });
            await ConfigureAsync(api, site, 1);
        });
        var sites = node.Services.GetRequiredService<ManagedSites>();
        while (sites.All.Count < boxes)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }

        // Behind their contracts, which claim them by name.
        await EachAsync(Enumerable.Range(0, boxes), box => api.PostAsync("/routers/devices", new { distributionId = HeartbeatServerProcess.IdOf(box).ToString(), key = Key }));
    }

    private static async Task<string> PushAsync(TestApi api, int version)
    {
        List<string> sites = [];
        for (var cursor = ""; ;)
        {
            var page = await api.GetAsync($"/routers/devices?limit=200{cursor}");
            sites.AddRange(page["items"]!.AsArray().Select(static device => (string)device!["siteId"]!));
            if ((string?)page["next"] is not { } next)
            {
                break;
            }

            cursor = "&cursor=" + Uri.EscapeDataString(next);
        }

        await EachAsync(sites, site => ConfigureAsync(api, site, version));
        var push = (string)(await api.PostAsync("/routers/pushes", new { rings = "100%", budget = 0, why = "a change for all" }))["id"]!;
        await api.PostAsync($"/routers/pushes/{push}/start", new { });
        return "pushed " + push;
    }

    /// <summary>The newest push's state; its boxes that are confirmed, and those that ended otherwise; how often it was told, in all pushes, that a box confirmed.</summary>
    private static async Task<string> ToldAsync(Stores stores)
    {
        var told = await stores.Projections.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM event WHERE type = @Type", new { Type = RouterEvents.PushConfirmed }), CancellationToken.None);
        return await stores.Control.ReadAsync(
            async reader =>
            {
                var state = await reader.FirstOrDefaultAsync<string>("SELECT state FROM router_push ORDER BY id DESC LIMIT 1");
                var confirmed = await reader.FirstOrDefaultAsync<long>($"SELECT count(*) {Newest} AND state = 'confirmed'");
                var otherwise = await reader.FirstOrDefaultAsync<long>($"SELECT count(*) {Newest} AND state NOT IN ('confirmed', 'waiting', 'asked', 'accepted')");
                return string.Create(CultureInfo.InvariantCulture, $"told {state ?? "none"} {confirmed} {otherwise} {told}");
            },
            CancellationToken.None);
    }

    private static Task ConfigureAsync(TestApi api, string site, int version) => api.PutAsync(
        $"/routers/sites/{site}/configuration",
        new { modules = new object[] { new { id = 0, version = "1", info = "main", commitOrder = 0, text = PushBoxesProcess.TextOf(version) }, new { id = 7, version = "1", info = "fw", base64 = "dGFibGUgaW5ldCBmIHt9" } } });

    private static Task EachAsync<T>(IEnumerable<T> items, Func<T, Task> act) =>
        Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (item, _) => await act(item));
}

/// <summary>How far the newest push is.</summary>
/// <param name="Otherwise">Boxes that ended in another way than confirmed.</param>
/// <param name="Told">Events that a box confirmed, of all pushes.</param>
internal sealed record PushTold(string State, long Confirmed, long Otherwise, long Told);
