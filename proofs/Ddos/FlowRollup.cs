using System.Diagnostics;
using Tsunagi.Core.Disk;
using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Archive.Rollups;
using Tsunagi.Tests.Ddos.Archive;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Proofs.Ddos;

/// <summary>
/// What it takes to roll kept records up, and what roll-ups take: ten minutes of 20,000 records a second of <see cref="MadeFlows"/>, of which what flows to customers is protected, in segments of five minutes, by the minute, by
/// five and by the hour, without the rests between blocks; then the same series from each.
/// </summary>
internal sealed class FlowRollup : IClaim
{
    private const long Records = 12_000_000;
    private const int PerMillisecond = 20;
    private const long PerSegment = 6_000_000;
    private const long Start = 1_782_864_000_000;
    private static readonly TimeSpan Enough = TimeSpan.FromMinutes(2);

    public string Name => "flows.rollups";

    public string Promise => "12,000,000 records of an access provider's made traffic, rolled up by the minute at no more than 2 µs of CPU a record (20,000 a second: 4 % of a core), with at most 50,000 rows a minute and table; sums of whole steps are those of the records";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        using var directory = new TemporaryDirectory();
        var disk = new RealDisk();
        var path = Path.Combine(directory.Path, "flows");
        var rolled = new RollupFiles(disk, path);
        rolled.Start();
        using var segments = new FlowSegments(disk, path);
        segments.Start();
        Write(segments, cancellationToken);
        progress.Say($"{Records:N0} records written, {segments.Bytes:N0} bytes");

        var maker = new RollupMaker(new RollupOptions().MostRows, static () => { });
        var before = Environment.CpuUsage.TotalTime;
        foreach (var segment in segments.All.OrderBy(static segment => segment.Number))
        {
            using var file = segments.Read(segment)!;
            rolled.Add(FlowLevel.Minute, segment.Number, segment.Number, segment.First, segment.Last, write => maker.Make(FlowLevel.Minute, [(file, segment.Bytes)], write));
        }

        var figures = new List<Figure> { Figure.AtMost("CPU to roll a record up by the minute", (Environment.CpuUsage.TotalTime - before).TotalSeconds * 1e6 / Records, 2, "0.00", " µs") };
        foreach (var level in FlowLevels.Rolled)
        {
            if (level != FlowLevel.Minute)
            {
                Together(rolled, maker, level);
            }

            var files = rolled.List.All.Where(file => file.Level == level).ToList();
            var (rows, bytes) = (files.Sum(static file => file.Rows), files.Sum(static file => file.Bytes));
            figures.Add(new(FormattableString.Invariant($"rows by {level.Name()}"), FormattableString.Invariant($"{rows:N0} of {(double)bytes / rows:0.0} bytes: {100.0 * bytes / segments.Bytes:0.0} % of the records'")));
        }

        using var search = new FlowSearch(segments, new ArchiveOptions(), rolled);
        FlowSeries? records = null;
        foreach (var level in (FlowLevel[])[FlowLevel.Raw, FlowLevel.Minute, FlowLevel.FiveMinutes])
        {
            var started = Stopwatch.GetTimestamp();
            var series = await search.SeriesAsync(new FlowQuestion(FlowDimension.Interface, FlowOrder.Octets, Start, Start + 600_000, FlowFilter.None, null, 10) { Level = level }, 300_000, Enough, cancellationToken);
            figures.Add(new($"two steps by exporter and interface from {level.Name()}", FormattableString.Invariant($"{Stopwatch.GetElapsedTime(started).TotalSeconds:0.00} s")));
            records ??= series;
            var isSame = series.IsWhole && records.Total.SequenceEqual(series.Total) && records.Lines.Zip(series.Lines).All(static pair => pair.First.Key == pair.Second.Key && pair.First.Sums.SequenceEqual(pair.Second.Sums));
            figures.Add(new Figure($"sums from {level.Name()} are those of the records", isSame ? "yes" : "no", "yes", isSame));
        }

        return figures;
    }

    private static void Together(RollupFiles rolled, RollupMaker maker, FlowLevel level)
    {
        var finer = rolled.List.All.Where(file => file.Level == level - 1).OrderBy(static file => file.From).ToList();
        var open = finer.ConvertAll(file => (File: rolled.Read(file)!, file.Bytes));
        rolled.Add(level, finer[0].From, finer[^1].To, finer.Min(static file => file.First), finer.Max(static file => file.Last), write => maker.Make(level, open, write));
        open.ForEach(static each => each.File.Dispose());
    }

    private static void Write(FlowSegments segments, CancellationToken cancellationToken)
    {
        var (made, block, writer) = (new MadeFlows(1), new FlowBlock(), new BlockWriter());
        for (var i = 0L; i < Records; i++)
        {
            var at = Start + (i / PerMillisecond);
            var record = made.Next(at, out var exporter);
            block.Add(in record, exporter, record.DestinationAs == 64_500 ? "s_1" : "", at);
            if (block.IsFull || i == Records - 1)
            {
                cancellationToken.ThrowIfCancellationRequested();
                segments.Append(writer.Write(block).Span, block.First, block.Last, block.Count);
                block.Clear();
                if ((i + 1) / PerSegment > (i - FlowBlock.Capacity + 1) / PerSegment || i == Records - 1)
                {
                    segments.Seal();
                }
            }
        }
    }
}
