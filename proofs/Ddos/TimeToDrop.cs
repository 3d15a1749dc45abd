using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Tests.Ddos;
using Tsunagi.Tests.Routing;

namespace Tsunagi.Proofs.Ddos;

/// <summary>
/// From the first datagram that tells of an attack to the rule in a router's table and on a scrubber, and to the victim's usual rate. In network namespaces hping3 attacks an address of a customer beside everyday traffic to sixty of them; softflowd (NetFlow v9)
/// and pmacctd (sFlow v5) listen at the router; a whole node with everything by default, protection set to automatic, speaks BGP with gobgpd and sets nftables in the router's namespace, behind the exporters and before
/// the victim. Ten attacks with each, one after another, each on
/// another address and at another moment of the exporter's second; every other one has many sources.
/// </summary>
internal sealed class TimeToDrop : IClaim
{
    private const int Rounds = 10;
    private const int MostPackets = 60_000;
    private const int OrdinaryPerSecond = 400;
    private const double DetectBar = 0.5;
    private const double RuleBar = 1;
    private const int FloorPackets = 500;
    private const double NormalTimes = 1.5;
    private static readonly TimeSpan NormalFor = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LiftedIn = TimeSpan.FromSeconds(30);

    private static readonly string Configurations = $"""
          attack: hping3 --udp -s 53 -p 80 -d 400 -i u100, at most {MostPackets} packets; beside it {OrdinaryPerSecond} packets/s of everyday traffic to 60 addresses for {Warm.TotalSeconds:0} s before, and on
          exporters: softflowd -v 9 -t maxlife=1 -t expint=1 (a record every 1 to 2 s); pmacctd sfprobe, sampling_rate 1, plugin_buffer_size 8192 (by default it holds 1,200 samples back)
          node: SQLite, defaults; settings of the protection: no limits but attackPacketsPerSecond {FloorPackets}, quiet time 5 s, automatic
          router: gobgpd, internal session, ipv4-flowspec; times by gobgp monitor global rib
          scrubber: nft in the router's namespace, inet prerouting -450; times by nft monitor there. The victim's rate: packets of its interface, in windows of 200 ms; normal is ≤ {NormalTimes} times what it was before
        """;

    public string Name => "ddos.time-to-drop";

    public string Promise =>
        $"from the first datagram that tells of an attack, worst of {Rounds} with NetFlow v9 and with sFlow: incident in ≤ {DetectBar} s, rule in the table of gobgpd and on our scrubber in ≤ {RuleBar:0} s";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        if (AttackNetwork.WhyNot() is { } whyNot)
        {
            return [new Figure("the claim itself", "not run", "runs", Holds: false, whyNot)];
        }

        Console.WriteLine(Configurations);
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            await using var network = new AttackNetwork();
            await network.OpenAsync(cancellationToken);
            await using var router = LiveRouter.Gobgp();
            await using var world = await StartNodeAsync(router, network);
            using var table = new RouterTable(router);
            var figures = await MeasureAsync(network, world, router, table, directory, progress, cancellationToken);
            return world.Node.TakeFaults() is { Length: > 0 } faults ? [.. figures, new Figure("errors in the node's log", faults, "none", Holds: false)] : figures;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<DdosNode> StartNodeAsync(LiveRouter router, AttackNetwork network)
    {
        var world = await DdosNode.StartAsync(
            new Dictionary<string, string>
            {
                ["ddos.collect.exporters"] = """[{"network":"127.0.0.1/32","name":"netflow","sampling":1},{"network":"127.0.0.2/32","name":"sflow"}]""",
                ["routing.identifier"] = "10.0.0.1", ["routing.firstRetry"] = "00:00:00.100", ["routing.longestRetry"] = "00:00:00.500",
                ["routing.scrubbers"] = JsonSerializer.Serialize(new[] { new { name = "scrubber", command = network.RouterNft } }),
                ["routing.peers"] = string.Create(CultureInfo.InvariantCulture, $$"""[{"name":"gobgpd","address":"{{router.Address}}","port":{{router.Port}},"as":64512,"localAddress":"127.0.0.1"}]"""),
            },
            hostPacketsPerSecond: 0);
        await world.Node.Operator.PutAsync($"/ddos/protections/{world.Subscription}/mode", new { mode = "automatic", reason = "measured", withoutReport = true });
        return world;
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(
        AttackNetwork network, DdosNode world, LiveRouter router, RouterTable table, string directory, Progress progress, CancellationToken cancellationToken)
    {
        var collector = world.Collector.Sockets[0].EndPoint;
        using var netflow = new StampedFlows(IPAddress.Parse("127.0.0.1"), collector, FloorPackets);
        using var sflow = new StampedFlows(IPAddress.Parse("127.0.0.2"), collector, FloorPackets);
        network.StartSoftflowd(directory, "192.0.2.0/27", netflow.Port, seconds: 1);
        network.StartSfprobe(directory, "192.0.2.32/27", sflow.Port, sampling: 1);
        network.StartOrdinary(OrdinaryTraffic.Word, OrdinaryPerSecond.ToString(CultureInfo.InvariantCulture), "192.0.2.0", "192.0.2.32");
        progress.Say($"everyday traffic for {Warm.TotalSeconds:0} s");
        await Task.Delay(Warm, TimeProvider.System, cancellationToken);

        var scrubber = new ScrubberTable(network);
        await using var victim = new VictimRate(network.StartAtVictim().Id);
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, cancellationToken);
        var normal = victim.Lately(TimeSpan.FromSeconds(2));
        Console.WriteLine(FormattableString.Invariant($"  the victim's usual rate: {normal:0} packets/s"));
        var attacks = new List<Attack>();
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (name, flows, first) in ((string, StampedFlows, int)[])[("NetFlow v9", netflow, 1), ("sFlow", sflow, 33)])
            {
                // At another moment of the exporter's second each time.
                await Task.Delay(TimeSpan.FromMilliseconds(600 + (round * 370 % 1_000)), TimeProvider.System, cancellationToken);
                var attack = await AttackAsync(new Bench(network, world, table, scrubber, victim, normal), flows, name, string.Create(CultureInfo.InvariantCulture, $"192.0.2.{first + round}"), round % 2 == 1, cancellationToken);
                attacks.Add(attack);
                Console.WriteLine($"  {attack}");
            }
        }

        var left = await LeftAsync(router, LiftedIn, cancellationToken);
        var drops = await DropsAsync(world, attacks.Count);
        return [.. Judge(attacks, "NetFlow v9"), .. Judge(attacks, "sFlow"), new Figure("the victim's usual rate, and its highest in the attacks", FormattableString.Invariant($"{normal:0}, {attacks.Max(static attack => attack.Peak):0} packets/s")), drops, new Figure("rules left in the router after the last attack's quiet time", left.ToString(CultureInfo.InvariantCulture), "0", left == 0)];
    }

    private static async Task<Attack> AttackAsync(
        Bench bench, StampedFlows flows, string exporter, string target, bool manySources, CancellationToken cancellationToken)
    {
        var table = bench.Router;
        var book = bench.World.Node.Services.GetRequiredService<IncidentBook>();
        flows.Watch(target);
        var (began, started, opened) = (TimeProvider.System.NowMicros(), Stopwatch.GetTimestamp(), 0L);
        var why = "";
        var attack = bench.Network.StartAttack(target, MostPackets, manySources);
        while ((table.FirstMicros(target) == 0 || !bench.IsStopped(target, began)) && Stopwatch.GetElapsedTime(started) < Patience)
        {
            await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
            if (book.OpenOnes.FirstOrDefault(each => each.Target == target + "/32") is { } incident)
            {
                (opened, why) = (incident.OpenedAt, $"{incident.Vector}: {incident.Proposal?.WhyNot}{incident.Proposal?.WhyAsk}");
            }
        }

        var (peak, lastAbove) = bench.Victim.Since(began, bench.Normal * NormalTimes);
        var normalAt = bench.IsStopped(target, began) ? lastAbove : 0;
        await AttackNetwork.StopAsync(attack, cancellationToken);
        return new Attack(
            exporter, target, manySources, began, flows.FirstMicros, flows.FirstPackets, flows.FloorMicros, opened, table.FirstMicros(target), bench.Scrubber.FirstMicros(target), peak, normalAt, table.FirstMicros(target) == 0 ? why : "");
    }

    /// <summary>Rules that a router still has after so long at most.</summary>
    internal static async Task<int> LeftAsync(LiveRouter router, TimeSpan within, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var left = (await router.ShowAsync()).Split('\n').Count(static line => line.Contains("destination: ", StringComparison.Ordinal));
            if (left == 0 || Stopwatch.GetElapsedTime(started) > within)
            {
                return left;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
        }
    }

    private static IEnumerable<Figure> Judge(IReadOnlyList<Attack> attacks, string exporter)
    {
        var own = attacks.Where(attack => attack.Exporter == exporter).ToList();
        yield return Worst($"{exporter}: incident after the first datagram, worst of {own.Count}", own.ConvertAll(static attack => attack.Detected), DetectBar);
        yield return Worst($"{exporter}: rule in gobgpd after the first datagram, worst of {own.Count}", own.ConvertAll(static attack => attack.Ruled), RuleBar);
        yield return Worst($"{exporter}: rule on the scrubber after the first datagram, worst of {own.Count}", own.ConvertAll(static attack => attack.Scrubbed), RuleBar);
        yield return new Figure($"{exporter}: the victim's rate normal after the first datagram: best, median, worst", Range(own.ConvertAll(static attack => attack.Normal)), Holds: own.TrueForAll(static attack => double.IsFinite(attack.Normal)));
        yield return new Figure($"{exporter}: the victim's rate normal after the attack's start: best, median, worst", Range(own.ConvertAll(static attack => attack.NormalInAll)));
        yield return new Figure($"{exporter}: rule after the attack's start: best, median, worst", Range(own.ConvertAll(static attack => attack.InAll)));
    }

    private static Figure Worst(string subject, List<double> seconds, double bar) =>
        Figure.AtMost(subject, seconds.Max(), bar, "0.00", " s", $"best {Show(seconds.Min())}, median {Show(seconds.Order().ElementAt(seconds.Count / 2))}");

    private static string Range(List<double> seconds) => $"{Show(seconds.Min())}, {Show(seconds.Order().ElementAt(seconds.Count / 2))}, {Show(seconds.Max())}";

    private static string Show(double seconds) => double.IsFinite(seconds) ? seconds.ToString("0.00", CultureInfo.InvariantCulture) + " s" : "never";

    // What the API tells of the rules' counters.
    private static async Task<Figure> DropsAsync(DdosNode world, int attacks)
    {
        var rules = (JsonArray)(await world.Node.Operator.GetAsync("/ddos/mitigations?limit=200"))["items"]!;
        var drops = rules.SelectMany(static rule => (JsonArray)rule!["drops"]!).Select(static drop => (long)drop!["packets"]!).ToList();
        return new Figure(
            "dropped by the scrubber, by the rules' own pages", FormattableString.Invariant($"{drops.Sum()} packets by {drops.Count(static packets => packets > 0)} of {rules.Count} rules"), FormattableString.Invariant($"≥ {attacks} rules"),
            drops.Count(static packets => packets > 0) >= attacks);
    }

    private sealed record Bench(AttackNetwork Network, DdosNode World, RouterTable Router, ScrubberTable Scrubber, VictimRate Victim, double Normal)
    {
        /// <summary>The scrubber has a rule, and the victim gets no more than usual since a while.</summary>
        public bool IsStopped(string target, long began) =>
            Scrubber.FirstMicros(target) > 0 && Victim.Since(began, Normal * NormalTimes) is { LastAboveUntil: > 0 and var last } && TimeProvider.System.NowMicros() - last > NormalFor.TotalMicroseconds;
    }

    /// <summary>One attack and when what was known, µs UTC; 0 when it never was.</summary>
    private sealed record Attack(string Exporter, string Target, bool ManySources, long Began, long Told, ulong FirstPackets, long FloorTold, long Opened, long InTable, long OnScrubber, double Peak, long NormalAt, string Why)
    {
        public double Detected => Between(Told, Opened);

        public double Ruled => Between(Told, InTable);

        public double Scrubbed => Between(Told, OnScrubber);

        /// <summary>From the datagram to the end of the last window with more than the usual rate.</summary>
        public double Normal => Between(Told, NormalAt);

        public double NormalInAll => Between(Began, NormalAt);

        public double InAll => Between(Began, InTable);

        public override string ToString() =>
            $"{Exporter,-10} {Target,-11} {(ManySources ? "many sources" : "one source"),-12}: told after {Show(Between(Began, Told))} (of {FirstPackets} packets, of {FloorPackets} after {Show(Between(Began, FloorTold))}), then incident {Show(Detected)}, rule {Show(Ruled)}, on the scrubber {Show(Scrubbed)}, the victim's rate normal {Show(Normal)} (peak {Peak:0}/s), in all {Show(InAll)} {Why}";

        private static double Between(long from, long to) => from == 0 || to == 0 ? double.PositiveInfinity : (to - from) / 1e6;
    }
}
