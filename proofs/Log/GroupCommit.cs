using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Logs;

namespace Tsunagi.Proofs.Log;

/// <summary>
/// The log against the disk it stands on. Raw is one thread that writes 1 KiB into a file full of zeroes and calls fdatasync, again and again:
/// nothing that acknowledges one record per fsync is faster. Rounds alternate, the middle one counts.
/// </summary>
internal sealed class GroupCommit : IClaim
{
    private const int Rounds = 7;
    private const int RecordBytes = 1024;
    private const int LongBodyBytes = 50_000_000;

    /// <summary>As a sender on a line of 1 Gbit/s.</summary>
    private const double LongBytesPerSecond = 125e6;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2);

    public string Name => "log.group-commit";

    public string Promise =>
        "records/s of 1 KiB: ≥ 0.4 × 64 × the raw fdatasync rate at 64 waiting writers, ≥ 200,000 at 512 on an idle machine; ≤ 0.5 MB allocated per 100,000 appends; "
        + "a writer of 50 MB bodies at 1 Gbit/s beside it costs small writers ≤ 20 %";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        var loadAtStart = double.Parse((await File.ReadAllTextAsync("/proc/loadavg", cancellationToken)).Split(' ')[0], CultureInfo.InvariantCulture);
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        try
        {
            List<double> raw = [], at64 = [], at512 = [], cpu64 = [], cpu512 = [];
            var allocated = 0.0;
            await WithLogAsync(directory, async log =>
            {
                // Warm: the code is compiled, and segments are there to be used again, as in a log that has run for a minute.
                _ = await AppendAsync(log, 64, [], cancellationToken);
                _ = await AppendAsync(log, 512, [], cancellationToken);
                for (var round = 1; round <= Rounds; round++)
                {
                    progress.Say($"round {round} of {Rounds}: raw, 64 writers, 512 writers");
                    raw.Add(RawSyncs(directory));
                    at64.Add(await AppendAsync(log, 64, cpu64, cancellationToken));
                    at512.Add(await AppendAsync(log, 512, cpu512, cancellationToken));
                }

                allocated = await AllocatedAsync(log, cancellationToken);
            });

            var beside = await BesideLongBodiesAsync(directory, progress, cancellationToken);
            var rawRate = Median(raw);
            return
            [
                new Figure("raw: 1 KiB written, fdatasync, one thread", $"{rawRate:n0}/s", Peer: $"rounds {Show(raw)}"),
                Figure.AtLeast("64 waiting writers", Median(at64), 0.4 * 64 * rawRate, "n0", "/s", $"{Median(at64) / rawRate:n1} records for each raw fdatasync; rounds {Show(at64)}"),
                At512(at512, loadAtStart),
                new Figure("CPU of one append, writers and kernel included", $"{Median(cpu64):n1} µs", Peer: $"at 64 writers; {Median(cpu512):n1} µs at 512"),
                Figure.AtMost("allocated by 100,000 appends", allocated / 1e6, 0.5, "n2", " MB"),
                Figure.AtMost("lost by small writers beside 50 MB bodies", beside.Lost * 100, 20, "n1", " %", beside.Told),
                new Figure("load average at the start", $"{loadAtStart:n1}", Peer: $"{Environment.ProcessorCount} cores"),
            ];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>An absolute number is a promise about an idle machine only; with others at work a miss is printed and not judged.</summary>
    private static Figure At512(List<double> rounds, double loadAtStart)
    {
        const double bar = 200_000;
        var figure = Figure.AtLeast("512 waiting writers", Median(rounds), bar, "n0", "/s", $"rounds {Show(rounds)}");
        return figure.Holds || loadAtStart <= Environment.ProcessorCount / 2.0
            ? figure
            : figure with { Bar = null, Holds = true, Peer = $"not judged: {bar:n0}/s is for an idle machine, the load average was {loadAtStart:n1}; {figure.Peer}" };
    }

    private static double RawSyncs(string directory)
    {
        var disk = new RealDisk();
        var path = Path.Combine(directory, "raw");
        using var file = disk.Create(path);
        var zeroes = new byte[16 << 20];
        file.Write(0, zeroes);
        file.Sync(SyncPoints.NewSegment);
        var record = new byte[RecordBytes];
        var started = Stopwatch.GetTimestamp();
        var count = 0;
        for (; Stopwatch.GetElapsedTime(started) < Round; count++)
        {
            file.Write((long)count * RecordBytes % zeroes.Length, record);
            file.SyncData(SyncPoints.Batch);
        }

        var rate = count / Stopwatch.GetElapsedTime(started).TotalSeconds;
        disk.Delete(path);
        return rate;
    }

    private static async Task WithLogAsync(string directory, Func<SegmentLog, Task> use)
    {
        var log = SegmentLog.Open(
            new RealDisk(), Path.Combine(directory, "log"), new SegmentLogOptions(), TimeProvider.System, NullLogger.Instance,
            static start => start, static (in _) => { }, static _ => { });
        await using (log)
        {
            await use(log);
        }

        Directory.Delete(Path.Combine(directory, "log"), recursive: true);
    }

    private static async Task<double> AppendAsync(SegmentLog log, int writers, List<double> cpuMicros, CancellationToken cancellationToken)
    {
        var record = new byte[RecordBytes];
        var cpu = Environment.CpuUsage.TotalTime;
        var started = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, writers).Select(async _ =>
        {
            var count = 0;
            for (; Stopwatch.GetElapsedTime(started) < Round; count++)
            {
                await log.AppendAsync(1, record, default, cancellationToken);
            }

            return count;
        }));
        var rate = counts.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
        cpuMicros.Add((Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / counts.Sum());
        log.ReleaseBefore(log.End);
        return rate;
    }

    private static async Task<double> AllocatedAsync(SegmentLog log, CancellationToken cancellationToken)
    {
        var record = new byte[RecordBytes];
        var go = new TaskCompletionSource();
        const int writers = 64;
        const int each = 100_000 / writers;
        var ends = Enumerable.Range(0, writers).Select(async _ =>
        {
            await go.Task;
            for (var i = 0; i < each; i++)
            {
                await log.AppendAsync(1, record, default, cancellationToken);
            }
        }).ToArray();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        go.SetResult();
        await Task.WhenAll(ends);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    /// <summary>
    /// 64 writers accept, and remove, 1 KiB items, alone and beside one that accepts bodies of 50 MB one after the other. A round is held against the one
    /// before it: the disk's own speed wanders from minute to minute.
    /// </summary>
    private static async Task<(double Lost, string Told)> BesideLongBodiesAsync(string directory, Progress progress, CancellationToken cancellationToken)
    {
        var spool = await Spool.OpenAsync(
            new RealDisk(), Path.Combine(directory, "spool"), new SpoolOptions(), TimeProvider.System, NullLogger.Instance, cancellationToken);
        await using (spool)
        {
            List<double> alone = [], beside = [];
            var longBytes = 0L;
            _ = await SmallItemsAsync(spool, cancellationToken);
            for (var round = 1; round <= Rounds; round++)
            {
                progress.Say($"round {round} of {Rounds}: small items alone, beside 50 MB bodies");
                alone.Add(await SmallItemsAsync(spool, cancellationToken));
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                var longBodies = LongBodiesAsync(spool, stop.Token);
                beside.Add(await SmallItemsAsync(spool, cancellationToken));
                await stop.CancelAsync();
                longBytes += await longBodies;
            }

            var told = $"{Median(alone):n0}/s alone, {Median(beside):n0}/s beside {longBytes / 1e6 / (Rounds * Round.TotalSeconds):n0} MB/s of long bodies";
            return (1 - Median([.. beside.Zip(alone, static (rate, peer) => rate / peer)]), told + $"; rounds {Show(alone)} and {Show(beside)}");
        }
    }

    private static async Task<double> SmallItemsAsync(Spool spool, CancellationToken cancellationToken)
    {
        var content = new byte[RecordBytes];
        var facts = new byte[100];
        var started = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, 64).Select(async _ =>
        {
            var count = 0;
            while (Stopwatch.GetElapsedTime(started) < Round)
            {
                var id = SpoolId.New(TimeProvider.System);
                var body = spool.BeginBody();
                body.Write(content);
                await spool.AcceptAsync(id, facts, body, cancellationToken);
                await spool.RemoveAsync(id, facts, cancellationToken);
                count += 2;
            }

            return count;
        }));
        return counts.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<long> LongBodiesAsync(Spool spool, CancellationToken stop)
    {
        await Task.Yield();
        var part = new byte[64 << 10];
        long written = 0;
        var started = Stopwatch.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            using var body = spool.BeginBody();
            while (body.Length < LongBodyBytes && !stop.IsCancellationRequested)
            {
                body.Write(part);
                written += part.Length;
                var ahead = TimeSpan.FromSeconds(written / LongBytesPerSecond) - Stopwatch.GetElapsedTime(started);
                if (ahead > TimeSpan.FromMilliseconds(1))
                {
                    await Task.Delay(ahead, TimeProvider.System, CancellationToken.None);
                }
            }

            if (!stop.IsCancellationRequested)
            {
                var id = SpoolId.New(TimeProvider.System);
                await spool.AcceptAsync(id, part.AsMemory(0, 100), body, CancellationToken.None);
                await spool.RemoveAsync(id, default, CancellationToken.None);
            }
        }

        return written;
    }

    private static double Median(List<double> rounds) => rounds.Order().ElementAt(rounds.Count / 2);

    private static string Show(List<double> rounds) => string.Join(" ", rounds.Select(rate => $"{rate:n0}"));
}
