using System.Diagnostics;
using System.Globalization;
using Tsunagi.Tests.Ddos;
using Tsunagi.Tests.Routing;

namespace Tsunagi.Proofs.Ddos;

/// <summary>
/// What becomes of rules when machines die: (1) a gobgpd is killed and started again a hundred times under a speaker whose rules change each time; (2) a whole node is killed in mid-attack, again and again, and
/// started again; (3) a node is killed and comes back after the end of one of its rules. The short forms are in the tests, with the disk full and PostgreSQL gone.
/// </summary>
internal sealed class Faults : IClaim
{
    private const int Restarts = 100;
    private const int Rules = 200;
    private const int Kills = 8;
    private const double Bar = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    public string Name => "ddos.faults";

    public string Promise =>
        $"gobgpd killed {Restarts} times with {Rules} rules: its table is what is wanted in ≤ {Bar:0} s each time; a node killed {Kills} times in mid-attack: the table equals the ledger in ≤ {Bar:0} s, nothing withdrawn in between and nothing twice; a rule whose end came while the node was down is withdrawn at its start";

    public bool IsCorrectness => true;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        if (!File.Exists("/usr/bin/gobgpd"))
        {
            return [new Figure("the claim itself", "not run", "runs", Holds: false, "gobgpd is not here (./tsunagi setup)")];
        }

        return [.. await RestartAsync(progress, cancellationToken), .. await KillAsync(progress, cancellationToken)];
    }

    // (1)
    private static async Task<IReadOnlyList<Figure>> RestartAsync(Progress progress, CancellationToken cancellationToken)
    {
        await using var router = LiveRouter.Gobgp();
        await using var wishes = await TestWishes.StartAsync(TestWishes.To(router.Address, router.Port));
        var times = new List<double>();
        for (var round = 0; round < Restarts; round++)
        {
            var wanted = Enumerable.Range(round, Rules).Select(static i => string.Create(CultureInfo.InvariantCulture, $"192.0.{2 + (i / 250)}.{i % 250}/32")).ToList();
            wishes.Want(wanted.Select(static (each, i) => i % 4 == 0 ? TestWishes.Blackhole(each) : TestWishes.FlowSpec($"dst {each} proto udp sport 53 then discard")));
            await router.RestartAsync();
            var order = wanted.Order(StringComparer.Ordinal).ToList();
            times.Add(await UntilAsync(async () => (await GobgpTable.DestinationsAsync(router)).SequenceEqual(order), cancellationToken));
            progress.Say($"restart {round + 1}: {times[^1]:0.00} s");
        }

        return [Figure.AtMost($"gobgpd restarted: its table is what is wanted, worst of {Restarts}", times.Max(), Bar, "0.00", " s", FormattableString.Invariant($"median {times.Order().ElementAt(times.Count / 2):0.00} s; from its start, {Rules} rules"))];
    }

    // (2) and (3)
    private static async Task<IReadOnlyList<Figure>> KillAsync(Progress progress, CancellationToken cancellationToken)
    {
        await using var router = LiveRouter.Gobgp();
        await using var node = await DdosProcess.StartAsync(router);
        await node.Operator.PostAsync("/ddos/mitigations", new { rule = "dst 192.0.2.200/32 then discard", reason = "measured", minutes = 60 });
        await node.Operator.PostAsync("/ddos/mitigations", new { blackhole = "192.0.2.201/32", reason = "measured", minutes = 60 });
        var (times, starts, twice, withdrawn) = (new List<double>(), new List<double>(), 0, new List<string>());
        for (var round = 1; round <= Kills; round++)
        {
            var target = string.Create(CultureInfo.InvariantCulture, $"192.0.2.{round}");
            await UntilAsync(
                async () =>
                {
                    node.Attack(target);
                    return (await GobgpTable.DestinationsAsync(router)) is var shown && shown.Contains(target + "/32") && shown.SequenceEqual(await node.LedgerAsync());
                },
                cancellationToken);
            using var changes = new GobgpChanges(router);
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, cancellationToken);
            node.Attack(target);
            await node.KillAsync();
            var started = Stopwatch.GetTimestamp();
            await node.StartAsync();
            starts.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
            IReadOnlyList<string> shown = [];
            times.Add(await UntilAsync(
                async () =>
                {
                    // Told anew, that is: gobgpd takes no session for five seconds after one has ended, and keeps what it knew.
                    node.Attack(target);
                    var ledger = await node.LedgerAsync();
                    return await node.AnnouncedAsync() == ledger.Count && (shown = await GobgpTable.DestinationsAsync(router)).SequenceEqual(ledger);
                },
                cancellationToken));
            twice += shown.Count - shown.Distinct().Count();
            withdrawn.AddRange(changes.Withdrawn);
            progress.Say($"kill {round}: {times[^1]:0.00} s, {shown.Count} rules, {withdrawn.Count} withdrawn");
        }

        return
        [
            Figure.AtMost($"node killed in mid-attack: the table equals the ledger after its start, worst of {Kills}", times.Max(), Bar, "0.00", " s", FormattableString.Invariant($"the start itself up to {starts.Max():0.0} s, with the router's table as it was")),
            Figure.AtMost("routes that the router forgot in between", withdrawn.Count, 0, "0", "", withdrawn.FirstOrDefault()),
            Figure.AtMost("rules that were there twice", twice, 0, "0", ""),
            .. await OverdueAsync(router, node, progress, cancellationToken),
        ];
    }

    // (3)
    private static async Task<IReadOnlyList<Figure>> OverdueAsync(LiveRouter router, DdosProcess node, Progress progress, CancellationToken cancellationToken)
    {
        const string overdue = "192.0.2.250/32";
        await node.Operator.PostAsync("/ddos/mitigations", new { blackhole = overdue, reason = "measured", minutes = 1 });
        await UntilAsync(async () => (await GobgpTable.DestinationsAsync(router)).Contains(overdue), cancellationToken);
        await node.KillAsync();
        progress.Say("the end of a rule comes while the node is down");
        await Task.Delay(TimeSpan.FromSeconds(63), TimeProvider.System, cancellationToken);
        var isKept = (await GobgpTable.DestinationsAsync(router)).Contains(overdue);
        using var changes = new GobgpChanges(router);
        await node.StartAsync();
        var gone = await UntilAsync(async () => !(await GobgpTable.DestinationsAsync(router)).Contains(overdue), cancellationToken);
        var again = changes.Announced.Count(static line => line.Contains("192.0.2.250", StringComparison.Ordinal));
        return
        [
            new Figure("a rule whose end came while the node was down: meanwhile the router", isKept ? "keeps it" : "has let it go", Peer: "graceful restart: for routing.restartSeconds (120 s) from the session's end"),
            Figure.AtMost("it is withdrawn after the node's start", gone, Bar, "0.00", " s"),
            Figure.AtMost("it was announced again", again, 0, "0", ""),
        ];
    }

    /// <summary>Seconds until it is so; infinite when it never was.</summary>
    private static async Task<double> UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                return double.PositiveInfinity;
            }

            await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
        }

        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
