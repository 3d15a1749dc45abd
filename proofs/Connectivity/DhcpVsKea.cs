using System.Globalization;
using Tsunagi.Proofs.Mail;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>
/// DHCPv6 beside Kea, and with three real clients. (1) dhclient, dhcp6c and dhcpcd take, renew and give back an address and a prefix from our server, and are reached under it: <see cref="RealDhcpClients"/>.
/// (2) perfdhcp asks both servers in turn for an address and a prefix for clients that were never there: whole exchanges of four messages for each CPU-second of the server. (3) fsyncs of both are counted by
/// strace in a stretch that is not measured.
/// </summary>
internal sealed class DhcpVsKea : IClaim
{
    private const int Rounds = 5;
    private const int WarmingRounds = 3;
    private const int Clients = 5_000;
    private const int Rate = 1_500;
    private const int Counted = 500;
    private const int Lines = Clients * (WarmingRounds + Rounds + 1);
    private const double IdleSeconds = 0.03;
    private static readonly TimeSpan IdleLook = TimeSpan.FromMilliseconds(500);

    private const string Configurations = """
          both: a namespace each, joined to perfdhcp's by a veth link; 5,000 clients a round that were never there, three rounds to warm up, 1,500 begun a second, each asking for an IA_NA and an IA_PD (Solicit, Advertise, Request, Reply);
            files in one directory of one disk; valid lifetime two hours; one receiving thread
          ours: 45,000 lines told by their clients' DUIDs; shares of pools of 65,536 (connectivity.addresses.shareSlots); leases in the log and synced before the Reply, one fdatasync for as many as came within eight milliseconds and meanwhile. "whole": also brought into SQLite, with who had which
            address, and counted until the process is idle; "answered": without that
          kea-dhcp6 2.2: memfile with persist (each lease is written before the Reply, nothing is synced), lfc-interval 0, no multi-threading (its default), logs warnings only; any client is served
        """;

    public string Name => "dhcp.vs-kea";

    public string Promise =>
        "dhclient, dhcp6c and dhcpcd take, renew and give back address and prefix, the route is in the kernel within 100 ms of the Reply and traffic passes; perfdhcp: ≥ 1.5 × Kea's exchanges per server CPU-second, with leases on the disk before the Reply";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess || RealDhcpClients.WhyNot() is not null)
        {
            return [new Figure("the claim itself", "not run", "runs", Holds: false, RealDhcpClients.WhyNot() ?? "network namespaces need root")];
        }

        Console.WriteLine(Configurations);
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            string Make(string name) => Directory.CreateDirectory(Path.Combine(directory, name)).FullName;
            return
            [
                .. await RealDhcpClients.MeasureAsync(Make("clients"), progress, cancellationToken),
                .. await BesideKeaAsync(Make, progress, cancellationToken),
                new Figure("load average of the machine", (await File.ReadAllTextAsync("/proc/loadavg", cancellationToken)).Split(' ')[0], Peer: $"{Environment.ProcessorCount} cores"),
            ];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Figure>> BesideKeaAsync(Func<string, string> make, Progress progress, CancellationToken cancellationToken)
    {
        if (((string[])[KeaProcess.Program, PerfDhcp.Program]).FirstOrDefault(static program => !File.Exists(program)) is { } missing)
        {
            return [new Figure("exchanges per server CPU-second", "not run", "≥ 1.5 ×", Holds: false, missing + " is not here (packages kea-dhcp6-server, kea-admin)")];
        }

        await using var network = new DhcpNetwork();
        await network.AddAsync("c", cancellationToken);
        foreach (var part in (string[])["a", "w", "k"])
        {
            await network.AddAsync(part, cancellationToken);
            await network.LinkAsync(part, "s0", "c", part + "0", cancellationToken);
        }

        using var bare = await DhcpServerProcess.StartAsync(new DhcpServerSetting(make("answered"), Lines, ["s0"], Projects: false), network["a"], cancellationToken);
        using var whole = await DhcpServerProcess.StartAsync(new DhcpServerSetting(make("whole"), Lines, ["s0"]), network["w"], cancellationToken);
        using var kea = await KeaProcess.StartAsync(network, "k", "s0", make("kea"), cancellationToken);
        Side answered = new("a0", bare.Id), made = new("w0", whole.Id), theirs = new("k0", kea.Id);
        progress.Say("warming");
        Task<Round> RunAsync(Side side, int turn, int clients, bool isOver) => MeasureAsync(network, side, turn * Clients, clients, isOver, cancellationToken);
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
            new Figure("mean delay of Advertise and Reply", Delays(our), Peer: "Kea " + Delays(their)),
            await CountAsync(answered, theirs, side => RunAsync(side, WarmingRounds + Rounds, Counted, isOver: true), cancellationToken),
        ];
    }

    private static async Task<Round> MeasureAsync(DhcpNetwork network, Side side, int first, int clients, bool isOver, CancellationToken cancellationToken)
    {
        var before = side.Cpu;
        var run = await PerfDhcp.RunAsync(network, "c", side.Link, first, clients, Rate, cancellationToken);
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

    // (3)
    private static async Task<Figure> CountAsync(Side ours, Side theirs, Func<Side, Task> run, CancellationToken cancellationToken)
    {
        Task<long?> Of(Side side) => Syncs.CountAsync([side.Process], () => run(side), cancellationToken);
        return await Of(ours) is { } our && await Of(theirs) is { } their
            ? new Figure($"fsync and fdatasync for {Counted} exchanges, ours / Kea", string.Create(CultureInfo.InvariantCulture, $"{our:#,0} / {their:#,0}"), Peer: "counted by strace in a stretch that is not measured")
            : new Figure($"fsync and fdatasync for {Counted} exchanges", "not counted", Peer: "strace is not installed, or may not attach here");
    }

    private sealed record Side(string Link, int Process)
    {
        public double Cpu => ServerCpu.Of(Process, null);
    }

    private sealed record Round(double PerCpuSecond, long Lost, double SolicitMilliseconds, double RequestMilliseconds);
}
