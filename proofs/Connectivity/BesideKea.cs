using System.Globalization;
using Tsunagi.Proofs.Mail;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>
/// perfdhcp asks our server of one family and Kea's in turn, for clients that were never there: whole exchanges of four messages for each CPU-second of the server. fsyncs of both are counted by strace in a
/// stretch that is not measured.
/// </summary>
internal static class BesideKea
{
    private const int Rounds = 5;
    private const int WarmingRounds = 3;
    private const int Clients = 5_000;
    private const int Rate = 1_500;
    private const int Counted = 500;
    private const int Lines = Clients * (WarmingRounds + Rounds + 1);
    private const double IdleSeconds = 0.03;
    private static readonly TimeSpan IdleLook = TimeSpan.FromMilliseconds(500);

    /// <param name="version">6 or 4.</param>
    public static async Task<IReadOnlyList<Figure>> MeasureAsync(int version, Func<string, string> make, Progress progress, CancellationToken cancellationToken)
    {
        if (((string[])[KeaProcess.Program(version), PerfDhcp.Program]).FirstOrDefault(static program => !File.Exists(program)) is { } missing)
        {
            return [new Figure("exchanges per server CPU-second", "not run", "≥ 1.5 ×", Holds: false, missing + " is not here (packages kea-dhcp6-server, kea-dhcp4-server, kea-admin)")];
        }

        await using var network = new DhcpNetwork();
        await network.AddAsync("c", cancellationToken);
        foreach (var part in (string[])["a", "w", "k"])
        {
            await network.AddAsync(part, cancellationToken);
            await network.LinkAsync(part, "s0", "c", part + "0", cancellationToken);
            if (version == 4)
            {
                await DhcpNetwork.RunAsync(cancellationToken, "-n", network[part], "addr", "add", Own(part, 1) + "/24", "dev", "s0");
                await DhcpNetwork.RunAsync(cancellationToken, "-n", network["c"], "addr", "add", Own(part, 2) + "/24", "dev", part + "0");
            }
        }

        using var bare = await DhcpServerProcess.StartAsync(new DhcpServerSetting(make("answered"), Lines, ["s0"], Projects: false, Version: version), network["a"], cancellationToken);
        using var whole = await DhcpServerProcess.StartAsync(new DhcpServerSetting(make("whole"), Lines, ["s0"], Version: version), network["w"], cancellationToken);
        using var kea = await KeaProcess.StartAsync(network, "k", "s0", make("kea"), version, Own("k", 2), cancellationToken);
        Side answered = new("a0", bare.Id), made = new("w0", whole.Id), theirs = new("k0", kea.Id);
        progress.Say("warming");
        Task<Round> RunAsync(Side side, int turn, int clients, bool isOver) => RoundAsync(network, version, side, turn * Clients, clients, isOver, cancellationToken);
        for (var turn = 0; turn < WarmingRounds; turn++)
        {
            foreach (var side in (Side[])[answered, made, theirs])
            {
                await RunAsync(side, turn, Clients, isOver: false);
            }
        }

        List<Round> our = [], ourWhole = [], their = [];
        for (var round = 1; round <= Rounds; round++)
        {
            our.Add(await RunAsync(answered, WarmingRounds + round - 1, Clients, isOver: true));
            ourWhole.Add(await RunAsync(made, WarmingRounds + round - 1, Clients, isOver: false));
            their.Add(await RunAsync(theirs, WarmingRounds + round - 1, Clients, isOver: true));
            progress.Say(string.Create(CultureInfo.InvariantCulture, $"round {round} of {Rounds}: {our[^1].PerCpuSecond:#,0}, {ourWhole[^1].PerCpuSecond:#,0} and Kea {their[^1].PerCpuSecond:#,0} a CPU-second"));
        }

        return
        [
            Judge("exchanges per server CPU-second, leases on the disk and answered, beside Kea", our, their, 1.5),
            Judge("the same with leases and holders of addresses in SQLite, beside Kea", ourWhole, their, null),
            new Figure("exchanges not finished at once", $"{our.Sum(static run => run.Lost)} and {ourWhole.Sum(static run => run.Lost)} of {Rounds * Clients}", Peer: $"Kea {their.Sum(static run => run.Lost)}"),
            new Figure(version == 4 ? "mean delay of Offer and Ack" : "mean delay of Advertise and Reply", Delays(our), Peer: "Kea " + Delays(their)),
            await CountAsync(answered, theirs, side => RunAsync(side, WarmingRounds + Rounds, Counted, isOver: true), cancellationToken),
        ];
    }

    private static async Task<Round> RoundAsync(DhcpNetwork network, int version, Side side, int first, int clients, bool isOver, CancellationToken cancellationToken)
    {
        var before = side.Cpu;
        var run = await PerfDhcp.RunAsync(network, "c", side.Link, first, clients, Rate, version, cancellationToken);
        double last, now = side.Cpu;
        while (!isOver)
        {
            last = now;
            await Task.Delay(IdleLook, TimeProvider.System, cancellationToken);
            now = side.Cpu;
            isOver = now - last <= IdleSeconds;
        }

        return new Round(run.Exchanges / Math.Max(now - before, 0.01), run.Lost, run.SolicitMilliseconds, run.RequestMilliseconds);
    }

    private static Figure Judge(string what, List<Round> ours, List<Round> theirs, double? bar)
    {
        double our = Median(ours, static round => round.PerCpuSecond), their = Median(theirs, static round => round.PerCpuSecond);
        var both = string.Create(CultureInfo.InvariantCulture, $"{our:#,0} and {their:#,0} a CPU-second");
        return bar is { } least ? Figure.AtLeast(what, our / their, least, "0.00", " ×", both) : new Figure(what, (our / their).ToString("0.00", CultureInfo.InvariantCulture) + " ×", Peer: both);
    }

    private static string Delays(List<Round> rounds) =>
        string.Create(CultureInfo.InvariantCulture, $"{Median(rounds, static round => round.SolicitMilliseconds):0.0} and {Median(rounds, static round => round.RequestMilliseconds):0.0} ms");

    private static double Median(List<Round> rounds, Func<Round, double> of) => rounds.Select(of).Order().ElementAt(Rounds / 2);

    private static async Task<Figure> CountAsync(Side ours, Side theirs, Func<Side, Task> run, CancellationToken cancellationToken)
    {
        Task<long?> Of(Side side) => Syncs.CountAsync([side.Process], () => run(side), cancellationToken);
        return await Of(ours) is { } our && await Of(theirs) is { } their
            ? new Figure($"fsync and fdatasync for {Counted} exchanges, ours / Kea", string.Create(CultureInfo.InvariantCulture, $"{our:#,0} / {their:#,0}"), Peer: "counted by strace in a stretch that is not measured")
            : new Figure($"fsync and fdatasync for {Counted} exchanges", "not counted", Peer: "strace is not installed, or may not attach here");
    }

    /// <summary>The addresses of the link that a server is on, where perfdhcp is a relay.</summary>
    private static string Own(string part, int end) => string.Create(CultureInfo.InvariantCulture, $"172.16.{(int)part[0]}.{end}");

    private sealed record Side(string Link, int Process)
    {
        public double Cpu => ServerCpu.Of(Process, null);
    }

    private sealed record Round(double PerCpuSecond, long Lost, double SolicitMilliseconds, double RequestMilliseconds);
}
