using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Ddos.Try;

namespace Tsunagi.Proofs.Ddos;

/// <summary>
/// What the counters of a million addresses take, and what a flood to random addresses changes: in a process of its own, with decoder, detector and archive, all by their defaults but for the number of addresses. First it is
/// warmed by traffic to a few and to nobody's (so that the archive has made the blocks it fills in turn), then each of 1,048,576 addresses has traffic, then for a minute every record goes to another address: half to one of the 16,777,216 of the tenant, half to nobody's. All the time
/// 1,000 addresses of a prefix of their own are told of, three times a second each.
/// </summary>
internal sealed class CounterMemory : IClaim
{
    private const int Most = 1_048_576;
    private const int Known = 1_000;
    private const int Few = 1_000;
    private const int SeeRate = 300_000;
    private const int FloodRate = 400_000;
    private const int FloodSeconds = 60;
    private const double Mega = 1e6;
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(330);

    public string Name => "ddos.memory";

    public string Promise =>
        "≤ 150 MB per million tracked addresses, working set and managed heap; flat for a minute of a flood to random destinations within the tenant's 10.0.0.0/8 and outside it, with exact counters of those that have traffic, and what is not counted counted and told";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        if (Environment.ProcessorCount < 2)
        {
            return [new Figure("the claim itself", "not run", "runs", Holds: false, "it needs two cores")];
        }

        using var collector = await FlowCollectorProcess.StartAsync(0, cancellationToken, Most.ToString(CultureInfo.InvariantCulture), "10.0.0.0/8", "172.16.0.0/22");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        progress.Say($"warming by traffic to {Few:N0} addresses");
        var known = TellAsync(collector.Port, stop.Token);
        var warm = await GenerateAsync(collector.Port, FloodRate, 5, Few, "", cancellationToken);
        var nobodys = await GenerateAsync(collector.Port, FloodRate, 5, Few, FlowGenerator.Elsewhere, cancellationToken);
        var before = await AskAsync(collector, cancellationToken);

        progress.Say($"{Most:N0} addresses, each with traffic");
        var seen = await GenerateAsync(collector.Port, SeeRate, (Most / SeeRate) + 1, Most, FlowGenerator.InOrder, cancellationToken);
        var tracked = await AskAsync(collector, cancellationToken);

        progress.Say($"{FloodRate:N0} records a second to random addresses for {FloodSeconds} s");
        var flood = GenerateAsync(collector.Port, FloodRate, FloodSeconds, Most, FlowGenerator.Anywhere, cancellationToken);
        var (highest, highestHeap, wrong, looks, busy) = (0L, 0L, 0, 0, 0.0);
        while (!flood.IsCompleted)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(470), TimeProvider.System, cancellationToken);
            var now = await collector.AskAsync(end: false, cancellationToken);
            (highest, highestHeap) = (Math.Max(highest, now.Counters.WorkingSetBytes), Math.Max(highestHeap, now.Counters.HeapBytes));
            wrong += now.Counters.KnownPackets == now.Counters.KnownPacketsByAddress && now.Counters.KnownPackets > 0 ? 0 : 1;
            looks++;
            busy = Math.Max(busy, now.LongestBusyMilliseconds);
        }

        var flooded = await flood;
        await stop.CancelAsync();
        var toKnown = await known;
        var after = await AskAsync(collector, cancellationToken);
        var sent = warm.Flows + nobodys.Flows + seen.Flows + flooded.Flows + toKnown;
        var rows = tracked.Counters.Addresses - before.Counters.Addresses;
        var growth = tracked.Counters.WorkingSetBytes - before.Counters.WorkingSetBytes;
        var heap = tracked.Counters.HeapBytes - before.Counters.HeapBytes;
        return
        [
            Figure.AtLeast("addresses that are counted at a time", tracked.Counters.Addresses, Most, "#,0", "", Invariant($"and {tracked.Counters.Prefixes:N0} prefixes")),
            Figure.AtMost("working set per million of them", growth / (double)rows, 150, "0.0", " MB", Invariant($"of the whole process {tracked.Counters.WorkingSetBytes / Mega:0} MB, {before.Counters.WorkingSetBytes / Mega:0} MB before them (FastNetMon 1.2.4: 1,180 MB for as many, by the field notes)")),
            Figure.AtMost("managed heap per million of them", heap / (double)rows, 150, "0.0", " MB", Invariant($"{tracked.Counters.HeapBytes / Mega:0} MB in all")),
            Figure.AtMost("flood: working set at its highest, over that before it", (highest - tracked.Counters.WorkingSetBytes) / Mega, 15, "0.0", " MB", Invariant($"at its end {(after.Counters.WorkingSetBytes - tracked.Counters.WorkingSetBytes) / Mega:0.0} MB, of which the {after.Counters.Prefixes - tracked.Counters.Prefixes:N0} more /24 are {(after.Counters.Prefixes - tracked.Counters.Prefixes) * 131 / Mega:0} MB; managed heap at its highest {highestHeap / Mega:0} MB")),
            new Figure("flood: told of", Invariant($"{flooded.Flows / flooded.Seconds / 1e6:0.00} M records/s, {after.Counters.Unprotected - tracked.Counters.Unprotected:N0} to nobody's addresses"), Peer: Invariant($"{after.Counters.Taken - tracked.Counters.Taken:N0} addresses took the place of one without traffic, {after.Counters.Uncounted - tracked.Counters.Uncounted:N0} records were counted in their prefix only; longest pause of the receiving thread {busy:0} ms")),
            Figure.AtMost($"flood: looks at which {Known:N0} addresses with traffic do not add up to their prefix, of {looks}", wrong, 0, "0", ""),
            Figure.AtMost("records sent and neither counted nor known to be nobody's", sent - after.Counted - after.Counters.Unprotected, 0, "#,0", "", Invariant($"of {sent:N0}")),
        ];
    }

    // Everything that waits has been taken when nothing moves any more; known addresses are told of all the time.
    private static async Task<CollectorFigures> AskAsync(FlowCollectorProcess collector, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
        return await collector.AskAsync(end: false, cancellationToken);
    }

    /// <summary>Tells of one packet to each of the known addresses, three times a second, until it is stopped; returns of how many it told.</summary>
    private static async Task<long> TellAsync(int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), CancellationToken.None);
        var rounds = Enumerable.Range(0, Known).Select(static i => new TrialFlow("198.51.100.9", Invariant($"172.16.{i >> 8}.{i & 255}"), 6, 443, 50_000, 1, 100)).Chunk(NetFlow5Datagram.MostFlows).ToList();
        var told = 0L;
        using var timer = new PeriodicTimer(Every, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                foreach (var flows in rounds)
                {
                    await socket.SendAsync(NetFlow5Datagram.Write((uint)told, flows, 1_782_864_000), CancellationToken.None);
                    told += flows.Length;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }

        return told;
    }

    private static async Task<(long Flows, double Seconds)> GenerateAsync(int port, int rate, int seconds, int addresses, string how, CancellationToken cancellationToken)
    {
        var numbers = new[] { port, rate, seconds, addresses }.Select(static each => each.ToString(CultureInfo.InvariantCulture));
        using var generator = Process.Start(new ProcessStartInfo("taskset", ["-c", "1", Environment.ProcessPath!, FlowGenerator.Word, .. numbers, how]) { RedirectStandardOutput = true })!;
        var said = await generator.StandardOutput.ReadToEndAsync(cancellationToken);
        await generator.WaitForExitAsync(cancellationToken);
        return said.Split(' ', StringSplitOptions.TrimEntries) is [var flows, _, _, var took, _]
            ? (long.Parse(flows, CultureInfo.InvariantCulture), double.Parse(took, CultureInfo.InvariantCulture))
            : throw new IOException("the generator said " + said);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
