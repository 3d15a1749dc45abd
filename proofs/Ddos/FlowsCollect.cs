using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Ddos.Try;

namespace Tsunagi.Proofs.Ddos;

/// <summary>
/// How many flow records a second one core takes: receive, decode, whose they are, count, detect, store. The generator is on the other core. First at the promised rate, after five seconds of it; then
/// at three times that, while an attack is told of beside it.
/// </summary>
internal sealed class FlowsCollect : IClaim
{
    private const int Bar = 1_000_000;
    private const int Addresses = 65_536;
    private const int WarmSeconds = 5;
    private const int Seconds = 10;
    private const int Overload = 3 * Bar;
    private const int PeerPort = 19_995;
    private const string Victim = "10.0.9.9";

    // The last one shows what is left beyond the bar; nothing is asked of it.
    private static readonly int[] Rates = [Bar / 2, Bar * 3 / 4, Bar, Bar * 5 / 4];

    public string Name => "flows.collect";

    public string Promise =>
        $"NetFlow v9, decode, enrich, detect and store on one core: ≥ {Bar / 1e6:0.0} M flows/s with 0 lost after {WarmSeconds} s, no pause of the receiving thread > 50 ms; offered {Overload / 1e6:0.0} M/s what is lost is counted within 1 % and an attack is told";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        if (Environment.ProcessorCount < 2)
        {
            return [new Figure("the claim itself", "not run", "runs", Holds: false, "it needs two cores")];
        }

        var figures = new List<Figure>();
        var (best, worstBusy, cpu) = (0.0, 0.0, "");
        foreach (var rate in Rates)
        {
            progress.Say($"{rate:N0} flows/s");
            var round = await RoundAsync(rate, cancellationToken);
            Console.WriteLine($"  {round}");
            worstBusy = rate <= Bar ? Math.Max(worstBusy, round.LongestBusyMilliseconds) : worstBusy;
            if (round.IsWhole)
            {
                (best, cpu) = (Math.Max(best, round.Rate), Invariant($"{round.CpuSeconds / round.Taken * 1e6:0.00} CPU-seconds of the collector per million flows, all of its threads and the kernel's part"));
            }
            else
            {
                figures.Add(new Figure(Invariant($"at {rate / 1e6:0.00} M flows/s offered"), Invariant($"{100 * round.LostPart:0.0} % lost"), Peer: Invariant($"{round.CpuSeconds / round.Taken * 1e6:0.00} CPU-s per million flows taken")));
            }
        }

        figures.Add(Figure.AtLeast("largest rate of those offered with nothing lost", best / 1e6, Bar * 0.99 / 1e6, "0.00", " M/s", cpu));
        figures.Add(Figure.AtMost($"longest pause of the receiving thread, up to {Bar / 1e6:0.0} M/s", worstBusy, 50, "0", " ms"));
        figures.AddRange(await OverloadAsync(progress, cancellationToken));
        foreach (var program in (string[])[PeerCollectors.Nfcapd, PeerCollectors.Nfacctd])
        {
            progress.Say($"{Bar:N0} flows/s to {program}");
            figures.Add(await PeerAsync(program, cancellationToken));
        }

        return figures;
    }

    private static async Task<Round> RoundAsync(int rate, CancellationToken cancellationToken)
    {
        using var collector = await FlowCollectorProcess.StartAsync(0, cancellationToken);
        var warm = await GenerateAsync(collector.Port, rate, WarmSeconds, cancellationToken);
        await SettleAsync(collector, cancellationToken);
        var before = await collector.AskAsync(end: false, cancellationToken);
        var sent = await GenerateAsync(collector.Port, rate, Seconds, cancellationToken);
        var after = await SettleAsync(collector, cancellationToken);
        var end = await collector.AskAsync(end: true, cancellationToken);
        return new Round(
            rate, sent, after.Records - before.Records, end.Kept, end.NotKept, after.LongestBusyMilliseconds, after.CpuSeconds - before.CpuSeconds, after.GcMilliseconds - before.GcMilliseconds, after.NotKept - before.NotKept, end.Records,
            end.NotKept > 0 || end.Records < warm.Flows + sent.Flows || end.Octets == warm.Octets + sent.Octets);
    }

    private static async Task<Figure> PeerAsync(string program, CancellationToken cancellationToken)
    {
        var subject = Invariant($"{Path.GetFileName(program)}, at {Bar / 1e6:0.0} M/s offered on the same core");
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        using var process = PeerCollectors.Start(program, 0, PeerPort, directory);
        if (process is null)
        {
            return new Figure(subject, "not installed");
        }

        try
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
            var (drops, cpu) = (PeerCollectors.Drops(PeerPort), PeerCollectors.CpuSeconds(process.Id));
            var sent = await GenerateAsync(PeerPort, Bar, WarmSeconds, cancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
            var lost = PeerCollectors.Drops(PeerPort) - drops;
            cpu = PeerCollectors.CpuSeconds(process.Id) - cpu;
            return new Figure(subject, Invariant($"{100.0 * lost / sent.Datagrams:0.0} % lost"), Peer: Invariant($"{cpu / (sent.Flows * (1 - ((double)lost / sent.Datagrams))) * 1e6:0.00} CPU-s per million flows taken; it stores, or sums, and detects nothing"));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(directory, recursive: true);
        }
    }

    // What waits in the socket's buffer and for the writer is taken, or lost, when nothing moves any more.
    private static async Task<CollectorFigures> SettleAsync(FlowCollectorProcess collector, CancellationToken cancellationToken)
    {
        var busy = 0.0;
        var last = await collector.AskAsync(end: false, cancellationToken);
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(700), TimeProvider.System, cancellationToken);
            busy = Math.Max(busy, last.LongestBusyMilliseconds);
            var now = await collector.AskAsync(end: false, cancellationToken);
            if (now.Datagrams == last.Datagrams && now.Kept == last.Kept)
            {
                return now with { LongestBusyMilliseconds = Math.Max(busy, now.LongestBusyMilliseconds) };
            }

            last = now;
        }
    }

    private static async Task<IReadOnlyList<Figure>> OverloadAsync(Progress progress, CancellationToken cancellationToken)
    {
        progress.Say($"{Overload:N0} flows/s, and an attack beside them");
        using var collector = await FlowCollectorProcess.StartAsync(0, cancellationToken);
        await GenerateAsync(collector.Port, Bar / 4, WarmSeconds, cancellationToken);
        var before = await SettleAsync(collector, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var attack = AttackAsync(collector.Port, stop.Token);
        var generating = GenerateAsync(collector.Port, Overload, Seconds, cancellationToken);
        var (started, told) = (Stopwatch.GetTimestamp(), double.PositiveInfinity);
        while (!generating.IsCompleted)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
            var now = await collector.AskAsync(end: false, cancellationToken);
            told = double.IsFinite(told) || !now.UnderAttack.Contains(Victim + "/32") ? told : Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        var sent = await generating;
        await stop.CancelAsync();
        var attackDatagrams = await attack;
        var after = await SettleAsync(collector, cancellationToken);
        var offered = sent.Datagrams + attackDatagrams;
        var lost = offered - (after.Datagrams - before.Datagrams);
        var counted = after.KernelDrops - before.KernelDrops;
        return
        [
            new Figure("overload: offered, taken", Invariant($"{sent.Flows / sent.Seconds / 1e6:0.00}, {(after.Records - before.Records) / sent.Seconds / 1e6:0.00} M/s"), Peer: Invariant($"generator's core {100 * sent.CpuSeconds / sent.Seconds:0} % busy")),
            Figure.AtMost("overload: lost datagrams not counted", lost == 0 ? 0 : 100.0 * Math.Abs(lost - counted) / lost, 1, "0.00", " %", Invariant($"{lost:N0} of {offered:N0} lost, {counted:N0} counted by the kernel, {(long)after.MissingBySequence - (long)before.MissingBySequence:N0} by sequence numbers")),
            Figure.AtMost("overload: an attack of 10,000 packets/s to one address told after", told, 2, "0.0", " s"),
        ];
    }

    // A datagram of 30 flows of 10 packets each 30 milliseconds, from an exporter of its own.
    private static async Task<long> AttackAsync(int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), CancellationToken.None);
        var sent = 0L;
        var flows = Enumerable.Range(0, 30).Select(static i => new TrialFlow(Invariant($"198.51.100.{i}"), Victim, 17, 389, (ushort)(1_024 + i), 10, 14_000)).ToList();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(30), TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await socket.SendAsync(NetFlow5Datagram.Write((uint)sent * 30, flows, 1_782_864_000), CancellationToken.None);
                sent++;
            }
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }

        return sent;
    }

    private static async Task<Sent> GenerateAsync(int port, int rate, int seconds, CancellationToken cancellationToken)
    {
        using var generator = Process.Start(new ProcessStartInfo(
            "taskset", ["-c", "1", Environment.ProcessPath!, FlowGenerator.Word, .. new[] { port, rate, seconds, Addresses }.Select(static each => each.ToString(CultureInfo.InvariantCulture))])
        {
            RedirectStandardOutput = true,
        })!;
        var said = await generator.StandardOutput.ReadToEndAsync(cancellationToken);
        await generator.WaitForExitAsync(cancellationToken);
        return said.Split(' ', StringSplitOptions.TrimEntries) is [var flows, var datagrams, var octets, var took, var cpu]
            ? new Sent(long.Parse(flows, CultureInfo.InvariantCulture), long.Parse(datagrams, CultureInfo.InvariantCulture), ulong.Parse(octets, CultureInfo.InvariantCulture), double.Parse(took, CultureInfo.InvariantCulture), double.Parse(cpu, CultureInfo.InvariantCulture))
            : throw new IOException("the generator said " + said);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private sealed record Sent(long Flows, long Datagrams, ulong Octets, double Seconds, double CpuSeconds);

    private sealed record Round(int Asked, Sent Sent, long Taken, long Kept, long NotKept, double LongestBusyMilliseconds, double CpuSeconds, double GcMilliseconds, long NotKeptLater, long TakenInAll, bool AreOctetsExact)
    {
        public double Rate => Sent.Flows / Sent.Seconds;

        public double LostPart => 1 - ((double)(Taken - NotKeptLater) / Sent.Flows);

        /// <summary>Nothing was lost on the way, and nothing of it by the archive.</summary>
        public bool IsWhole => Taken == Sent.Flows && NotKeptLater == 0 && AreOctetsExact && Kept + NotKept == TakenInAll;

        public override string ToString() => Invariant(
            $"{Rate / 1e6:0.00} M/s offered (generator's core {100 * Sent.CpuSeconds / Sent.Seconds:0} % busy): {Taken:N0} of {Sent.Flows:N0} taken, {NotKeptLater:N0} of them not kept, {CpuSeconds:0.0} CPU-s, {CpuSeconds / Taken * 1e6:0.00} CPU-s/M flows, collections paused it {GcMilliseconds:0} ms in all, longest pause {LongestBusyMilliseconds:0.0} ms{(AreOctetsExact ? "" : "; THE SUM OF OCTETS IS WRONG")}");
    }
}
