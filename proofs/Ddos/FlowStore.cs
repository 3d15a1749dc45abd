using System.Collections.Concurrent;
using System.Diagnostics;
using Tsunagi.Core.Disk;
using Tsunagi.Ddos.Archive;
using Tsunagi.Tests.Ddos.Archive;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Proofs.Ddos;

/// <summary>
/// What kept records take on the disk, and how fast it is known who has most: an hour of 20,000 records a second of <see cref="MadeFlows"/> (its traffic is described there), written as the
/// program writes them, then asked with the page cache warm.
/// </summary>
internal sealed class FlowStore : IClaim
{
    private const long Records = 72_000_000;
    private const int PerMillisecond = 20;
    private const int PerSegment = 16;
    private const long Start = 1_782_864_000_000;
    private static readonly TimeSpan Enough = TimeSpan.FromMinutes(2);

    public string Name => "flows.store";

    public string Promise =>
        "72,000,000 records of an access provider's made traffic: at most 16 bytes each; who has most of an hour, exactly, page cache warm: by destination, port and protocol in at most 2 s, by source and by flow (5-tuple) in at most 8 s";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        using var directory = new TemporaryDirectory();
        using var segments = new FlowSegments(new RealDisk(), Path.Combine(directory.Path, "flows"));
        segments.Start();
        var (octets, writing) = Write(segments, progress, cancellationToken);
        var figures = new List<Figure>
        {
            Figure.AtMost("bytes a record", (double)segments.Bytes / Records, 16, "0.00", ""),
            new("CPU to write a record", FormattableString.Invariant($"{writing.TotalSeconds * 1e9 / Records:0} ns")),
        };

        using var search = new FlowSearch(segments, new ArchiveOptions());
        foreach (var (by, bar) in ((FlowDimension, double)[])[(FlowDimension.Destination, 2), (FlowDimension.DestinationPort, 2), (FlowDimension.Protocol, 2), (FlowDimension.Source, 8), (FlowDimension.Flow, 8)])
        {
            var best = double.MaxValue;
            var cpu = TimeSpan.Zero;
            FlowAnswer? answer = null;
            for (var round = 0; round < 3; round++)
            {
                var (started, before) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
                answer = await search.TopAsync(new FlowQuestion(by, FlowOrder.Octets, 0, long.MaxValue, FlowFilter.None, null, 100), Enough, cancellationToken);
                var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                (best, cpu) = seconds < best ? (seconds, Environment.CpuUsage.TotalTime - before) : (best, cpu);
            }

            progress.Say($"{by}: {answer!.Keys:N0} keys");
            figures.Add(Figure.AtMost($"100 largest by {by}, of {answer.Keys:N0}, best of three", best, bar, "0.00", " s", FormattableString.Invariant($"{cpu.TotalSeconds:0.00} s of CPU")));
            var isExact = answer is { Error: 0, IsWhole: true, Unread: 0 } && answer.Total.Flows == Records && answer.Total.Octets == octets;
            figures.Add(new Figure($"sums by {by} are exact", isExact ? "yes" : "no", "yes", isExact));
        }

        return figures;
    }

    // One makes records, the other writes them; what the writer's thread needs is measured.
    private static (ulong Octets, TimeSpan Writing) Write(FlowSegments segments, Progress progress, CancellationToken cancellationToken)
    {
        using var full = new BlockingCollection<FlowBlock>(2);
        using var spare = new BlockingCollection<FlowBlock> { new(), new(), new(), new() };
        var octets = 0UL;
        var maker = new Thread(() =>
        {
            var made = new MadeFlows(1);
            var block = spare.Take(cancellationToken);
            for (var i = 0L; i < Records; i++)
            {
                var at = Start + (i / PerMillisecond);
                var record = made.Next(at, out var exporter);
                octets += record.Octets;
                block.Add(in record, exporter, "", at);
                if (block.IsFull || i == Records - 1)
                {
                    full.Add(block, cancellationToken);
                    block = spare.Take(cancellationToken);
                }
            }

            full.CompleteAdding();
        });
        maker.Start();
        var (writer, blocks, writing) = (new BlockWriter(), 0, TimeSpan.Zero);
        foreach (var block in full.GetConsumingEnumerable(cancellationToken))
        {
            var started = Stopwatch.GetTimestamp();
            segments.Append(writer.Write(block).Span, block.First, block.Last, block.Count);
            if (++blocks % PerSegment == 0)
            {
                segments.Seal();
                progress.Say($"{(long)blocks * FlowBlock.Capacity:N0} records written");
            }

            writing += Stopwatch.GetElapsedTime(started);
            block.Clear();
            spare.Add(block, cancellationToken);
        }

        segments.Seal();
        maker.Join();
        return (octets, writing);
    }
}
