using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Connectivity.Probes;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Proofs.Connectivity;

/// <summary>
/// The program's own prober and reflector with a relay between them that holds each test packet for 0 to 4 ms, drops one of 50, and records by the kernel's stamps how long it truly held each and its reply.
/// A delay is held against that record, packet by packet.
/// </summary>
internal sealed class StampAccuracy : IClaim
{
    private const int Packets = 4_000;
    private const int DroppedOf = 50;
    private const double Percent = 100;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(4);

    public string Name => "stamp.accuracy";

    public string Promise => "delays measured by STAMP through a relay that records what it truly held: off by ≤ 20 µs at p50 and ≤ 100 µs at p99; loss ratio within 1 %";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        var options = new ProbeOptions();
        var measured = new ConcurrentDictionary<uint, long>();
        using var reflector = new StampReflector(IPEndPoint.Parse("127.0.0.1:0"), null, options, TimeProvider.System, NullLogger.Instance);
        reflector.Start();
        using var relay = new StampRelay(reflector.EndPoint, static number => number % DroppedOf == DroppedOf - 1 ? null : TimeSpan.FromMilliseconds(number * 7 % 5));
        var sends = true;
        using var engine = new ProbeEngine(options, () => Volatile.Read(ref sends), TimeProvider.System, NullLogger.Instance) { Settled = (number, delay) => measured[number] = delay };
        engine.Start();
        progress.Say($"{Packets.ToString("#,0", CultureInfo.InvariantCulture)} test packets, one each 10 ms");
        var probe = new ProbeRow("pb_1", "t_1/", "t_1", "ln_1", "s_1", "probe", relay.EndPoint.ToString(), 10, 0, false, ProbeState.Unknown, null, "", 1, 0, null);
        engine.Follow([(probe, null)]);
        var started = TimeProvider.System.GetTimestamp();
        var tallies = new List<(ProbeRow Probe, MinuteTally Tally)>();
        async Task LookUntilAsync(Func<bool> isOver)
        {
            while (!isOver() && TimeProvider.System.GetElapsedTime(started) < Deadline)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
                tallies.AddRange(engine.Look().Minutes); // what is lost is decided as in the program, by looking
            }
        }

        await LookUntilAsync(() => measured.Count >= Packets);

        // Nothing is sent any more, and what is on its way gets the time that it has: the fate of each packet is known then, to the program as to the relay.
        Volatile.Write(ref sends, false);
        var stopped = TimeProvider.System.GetTimestamp();
        await LookUntilAsync(() => TimeProvider.System.GetElapsedTime(stopped) > options.LostAfter + TimeSpan.FromSeconds(1));
        engine.Stop();
        tallies.AddRange(engine.Close().Minutes);
        long[] off = [.. measured.Where(each => relay.TryGetHold(each.Key, out _)).Select(each => each.Value - (relay.TryGetHold(each.Key, out var hold) ? hold : 0)).Order()];
        long[] magnitudes = [.. off.Select(Math.Abs).Order()];
        double sent = tallies.Sum(static each => each.Tally.Sent), lost = tallies.Sum(static each => each.Tally.Lost);
        var decided = tallies.Sum(static each => each.Tally.Received) + lost;
        var truth = relay.Dropped.Count / (double)relay.Seen;
        return
        [
            Figure.AtLeast("delays held against the record", off.Length, Packets * 0.99, "#,0", ""),
            Figure.AtMost("off by, p50", magnitudes[magnitudes.Length / 2] / 1e3, 20, "0.0", " µs", $"from {(off[0] / 1e3).ToString("0.0", CultureInfo.InvariantCulture)} to {(off[^1] / 1e3).ToString("0.0", CultureInfo.InvariantCulture)} µs"),
            Figure.AtMost("off by, p99", magnitudes[magnitudes.Length * 99 / 100] / 1e3, 100, "0.0", " µs"),
            Figure.AtMost("loss ratio off by", Math.Abs((lost / decided) - truth) / truth * Percent, 1, "0.00", " %", $"{(lost / decided * Percent).ToString("0.000", CultureInfo.InvariantCulture)} % of {sent.ToString("#,0", CultureInfo.InvariantCulture)}, truly {(truth * Percent).ToString("0.000", CultureInfo.InvariantCulture)} %"),
        ];
    }
}
