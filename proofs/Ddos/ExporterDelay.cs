using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Tests.Ddos;
using Tsunagi.Tests.Routing;

namespace Tsunagi.Proofs.Ddos;

/// <summary>
/// From an attack's start to the incident and to the rule in a router's table, by what the exporter is set to: NetFlow v9 with active time-outs of 1, 10 and 60 s, sFlow with one of 1, 10, 100 and 1,000 packets. The network of
/// <see cref="TimeToDrop"/>, an exporter for each setting, each with a part of the customer's addresses; FastNetMon, where it is installed, gets copies of the same datagrams. These are figures for whoever
/// sets up routers: most of each is the exporter's own, so there is no bar but that nothing is left behind.
/// </summary>
internal sealed class ExporterDelay : IClaim
{
    private const int FloorPackets = 500;
    private const int MostPackets = 600_000;
    private const int OrdinaryPerSecond = 500;
    private const int Gentle = 1_000;
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10);

    // A rule that is not good enough to go out by itself is asked for after five seconds: then none comes.
    private static readonly TimeSpan AfterIncident = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan LiftedIn = TimeSpan.FromSeconds(40);

    private static readonly Setting[] Settings =
    [
        new("NetFlow v9, time-out 60 s", 0, 60, 0, Rounds: 2, Pause: Gentle, Seconds: 80),
        new("NetFlow v9, time-out 1 s", 32, 1, 0, Rounds: 3, Pause: 100, Seconds: 15),
        new("NetFlow v9, time-out 10 s", 64, 10, 0, Rounds: 3, Pause: 100, Seconds: 30),
        new("sFlow 1:1", 96, 0, 1, Rounds: 3, Pause: 100, Seconds: 15),
        new("sFlow 1:10", 128, 0, 10, Rounds: 3, Pause: 100, Seconds: 15),
        new("sFlow 1:100", 160, 0, 100, Rounds: 3, Pause: 100, Seconds: 20),
        new("sFlow 1:1000", 192, 0, 1_000, Rounds: 3, Pause: 100, Seconds: 30),
    ];

    public string Name => "ddos.exporter-delay";

    public string Promise => "from an attack's start to incident and rule at exporter time-outs of 1, 10 and 60 s and at 1:1, 1:10, 1:100 and 1:1000, FastNetMon beside it at its default and its best setting: printed; no rule is left";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        if (AttackNetwork.WhyNot() is { } whyNot)
        {
            return [new Figure("the claim itself", "not run", "runs", Holds: false, whyNot)];
        }

        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            await using var network = new AttackNetwork();
            await network.OpenAsync(cancellationToken);
            List<FastNetMon> beside = !FastNetMon.IsHere ? [] : [FastNetMon.Start(network, directory, 2_055, averageSeconds: 5, FloorPackets), FastNetMon.Start(network, directory, 2_065, averageSeconds: 1, FloorPackets)];
            await using var router = LiveRouter.Gobgp();
            await using var world = await StartNodeAsync(router, beside);
            using var table = new RouterTable(router);
            var flows = Settings.Select((setting, i) => new StampedFlows(IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"127.0.0.{i + 1}")), world.Collector.Sockets[0].EndPoint, FloorPackets)).ToList();
            StartExporters(network, directory, flows);
            network.StartOrdinary([OrdinaryTraffic.Word, OrdinaryPerSecond.ToString(CultureInfo.InvariantCulture), .. Settings.Select(static setting => setting.Network)]);
            progress.Say($"everyday traffic for {Warm.TotalSeconds:0} s");
            await Task.Delay(Warm, TimeProvider.System, cancellationToken);

            // The slowest goes on beside the others, gently.
            var slow = RunAsync(0, 1);
            var attacks = await RunAsync(1, Settings.Length);
            attacks = [.. await slow, .. attacks];
            flows.ForEach(static each => each.Dispose());
            var left = await TimeToDrop.LeftAsync(router, LiftedIn, cancellationToken);
            var faults = world.Node.TakeFaults();
            return
            [
                .. Settings.SelectMany(setting => Tell(setting, attacks.FindAll(attack => attack.Setting == setting))),
                new Figure("rules left in the router after the last attack's quiet time", left.ToString(CultureInfo.InvariantCulture), "0", left == 0),
                new Figure("errors in the node's log", faults.Length > 0 ? faults : "none", "none", faults.Length == 0),
            ];

            async Task<List<Attack>> RunAsync(int from, int to)
            {
                var own = new List<Attack>();
                for (var i = from; i < to; i++)
                {
                    for (var round = 0; round < Settings[i].Rounds; round++)
                    {
                        await Task.Delay(TimeSpan.FromMilliseconds(500 + (round * 370)), TimeProvider.System, cancellationToken);
                        own.Add(await AttackAsync(network, world, table, beside, flows[i], Settings[i], round, cancellationToken));
                        Console.WriteLine($"  {own[^1]}");
                    }
                }

                return own;
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void StartExporters(AttackNetwork network, string directory, List<StampedFlows> flows)
    {
        for (var i = 0; i < Settings.Length; i++)
        {
            var (cidr, setting) = (Settings[i].Network + "/27", Settings[i]);
            _ = setting.Sampling == 0 ? network.StartSoftflowd(directory, cidr, flows[i].Port, setting.TimeOut) : network.StartSfprobe(directory, cidr, flows[i].Port, setting.Sampling);
        }
    }

    private static async Task<DdosNode> StartNodeAsync(LiveRouter router, List<FastNetMon> beside)
    {
        var exporters = Settings.Select(static (setting, i) => string.Create(CultureInfo.InvariantCulture, $$"""{"network":"127.0.0.{{i + 1}}/32","name":"{{setting.Name}}"{{(setting.Sampling == 0 ? ",\"sampling\":1" : "")}}}"""));
        var copies = beside.SelectMany(static each => (int[])[each.NetFlowPort, each.SflowPort]).Select(static port => string.Create(CultureInfo.InvariantCulture, $"\"{AttackNetwork.Inside}:{port}\""));
        var world = await DdosNode.StartAsync(
            new Dictionary<string, string>
            {
                ["ddos.collect.exporters"] = $"[{string.Join(',', exporters)}]", ["ddos.collect.tee"] = $"[{string.Join(',', copies)}]", ["ddos.mitigate"] = """{"maxPerSubscription":200}""",
                ["routing.identifier"] = "10.0.0.1", ["routing.firstRetry"] = "00:00:00.100", ["routing.longestRetry"] = "00:00:00.500",
                ["routing.peers"] = string.Create(CultureInfo.InvariantCulture, $$"""[{"name":"gobgpd","address":"{{router.Address}}","port":{{router.Port}},"as":64512,"localAddress":"127.0.0.1"}]"""),
            },
            hostPacketsPerSecond: 0);
        await world.Node.Operator.PutAsync($"/ddos/protections/{world.Subscription}/mode", new { mode = "automatic", reason = "measured", withoutReport = true });
        return world;
    }

    private static async Task<Attack> AttackAsync(
        AttackNetwork network, DdosNode world, RouterTable table, List<FastNetMon> beside, StampedFlows flows, Setting setting, int round, CancellationToken cancellationToken)
    {
        var target = string.Create(CultureInfo.InvariantCulture, $"192.0.2.{setting.First + 1 + round}");
        var book = world.Node.Services.GetRequiredService<IncidentBook>();
        flows.Watch(target);
        var (began, started, opened, why) = (TimeProvider.System.NowMicros(), Stopwatch.GetTimestamp(), 0L, "");
        var process = network.StartAttack(target, MostPackets, manySources: false, setting.Pause);
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < setting.Seconds)
        {
            await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
            if (book.OpenOnes.FirstOrDefault(each => each.Target == target + "/32") is { } incident)
            {
                (opened, why) = (incident.OpenedAt, $"{incident.Proposal?.WhyNot}{incident.Proposal?.WhyAsk}");
            }

            var isDone = table.FirstMicros(target) > 0 || (opened > 0 && TimeProvider.System.NowMicros() - opened > AfterIncident.TotalMicroseconds);
            if (isDone && beside.TrueForAll(each => each.BannedMicros(target) > 0))
            {
                break;
            }
        }

        await AttackNetwork.StopAsync(process, cancellationToken);
        return new Attack(setting, target, began, flows.FirstMicros, opened, table.FirstMicros(target), table.FirstMicros(target) == 0 ? why : "", beside.ConvertAll(each => each.BannedMicros(target)));
    }

    private static IEnumerable<Figure> Tell(Setting setting, List<Attack> attacks)
    {
        var peers = attacks[0].Banned.Count == 0 ? null
            : $"FastNetMon bans after {Range(attacks.ConvertAll(static attack => attack.After(attack.Banned[0])))} (averaging 5 s, its default), {Range(attacks.ConvertAll(static attack => attack.After(attack.Banned[1])))} (1 s)";
        yield return new Figure($"{setting.Name}: incident after the attack's start, best to worst of {attacks.Count}", Range(attacks.ConvertAll(static attack => attack.After(attack.Opened))), Peer: peers);
        var ruled = attacks.FindAll(static attack => attack.InTable > 0);
        yield return new Figure(
            $"{setting.Name}: rule in gobgpd", ruled.Count == 0 ? "asked for" : Range(attacks.ConvertAll(static attack => attack.After(attack.InTable))), Peer: attacks.Find(static attack => attack.Why.Length > 0)?.Why);
    }

    private static string Range(List<double> seconds) => $"{Show(seconds.Min())} to {Show(seconds.Max())}";

    private static string Show(double seconds) => double.IsFinite(seconds) ? seconds.ToString("0.00", CultureInfo.InvariantCulture) + " s" : "never";

    /// <param name="First">Of the last octet of its part of 192.0.2.0/24, a /27.</param>
    /// <param name="TimeOut">Seconds; of NetFlow.</param>
    /// <param name="Sampling">One of so many packets; 0 where flows are told.</param>
    /// <param name="Pause">Microseconds between packets of the attack.</param>
    /// <param name="Seconds">The longest that an attack goes on.</param>
    private sealed record Setting(string Name, int First, int TimeOut, int Sampling, int Rounds, int Pause, int Seconds)
    {
        public string Network => string.Create(CultureInfo.InvariantCulture, $"192.0.2.{First}");
    }

    /// <summary>One attack and when what was known, µs UTC; 0 when it never was.</summary>
    private sealed record Attack(Setting Setting, string Target, long Began, long Told, long Opened, long InTable, string Why, List<long> Banned)
    {
        public double After(long at) => at == 0 ? double.PositiveInfinity : (at - Began) / 1e6;

        public override string ToString() =>
            $"{Setting.Name,-26} {Target,-12}: told after {Show(After(Told))}, incident {Show(After(Opened))}, rule {Show(After(InTable))}{(Banned.Count > 0 ? $", FastNetMon {Show(After(Banned[0]))} and {Show(After(Banned[1]))}" : "")} {Why}";
    }
}
