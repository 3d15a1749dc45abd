using System.Collections.Concurrent;
using System.Globalization;
using Tsunagi.Ddos.Archive.Rollups;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Archive;

/// <summary>
/// Answers who has most: (1) the segments of the time that is asked about are shared among a few workers, (2) each reads its blocks (<see cref="FlowScan"/>) and (3) sums by key, (4) what they
/// have is put together, and the largest are named; of flows (2) to (4) happen twice (<see cref="TupleTable"/>). One question at a time, for no longer than its deadline; the next waits.
/// </summary>
internal sealed partial class FlowSearch(FlowSegments segments, ArchiveOptions options, RollupFiles? rolled = null) : IDisposable
{
    private const int MostWorkers = 2;

    // What two workers read in a few seconds; who has most of more is asked of the next coarser level that can say it.
    private const long MostRows = 150_000_000;

    private readonly SemaphoreSlim _one = new(1);

    /// <param name="deadline">After it the answer is what is known by then.</param>
    /// <exception cref="OperationCanceledException">Nobody waits for the answer any more.</exception>
    public async Task<FlowAnswer> TopAsync(FlowQuestion question, TimeSpan deadline, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => AnswerAsync(question, deadline, cancellationToken), cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<FlowAnswer> AnswerAsync(FlowQuestion question, TimeSpan deadline, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(deadline);
        var from = question.From;

        // (1)
        var plan = FlowPlan.Of(question, 0, segments, rolled, MostRows);
        question = question with { From = FlowLevels.Floor(question.From, plan.Level.Milliseconds()) };
        if (plan.Level != FlowLevel.Raw || question.By >= FlowDimension.Service)
        {
            return await ReadRowsAsync(question, plan, over.Token, cancellationToken);
        }

        question = question with { From = from };
        var asked = plan.Segments;
        var names = new ExporterPlaces();
        var scans = Enumerable.Range(0, Math.Clamp(Math.Min(asked.Count, Environment.ProcessorCount), 1, MostWorkers)).Select(_ => new FlowScan(question, options.MostKeys, names)).ToList();

        // Of flows the first reading has half of the time, and what it did not come to is not in the second.
        using var half = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
        if (question.By == FlowDimension.Flow)
        {
            half.CancelAfter(deadline / 2);
        }

        var read = await ReadAllAsync(asked, scans, half.Token);
        if (question.By == FlowDimension.Flow)
        {
            TupleTable.Choose(scans.ConvertAll(static scan => scan.Tuples!));
            read = (await ReadAllAsync(read, scans, over.Token)).Count < asked.Count ? [] : asked;
        }

        cancellationToken.ThrowIfCancellationRequested();

        // (4)
        var first = scans[0];
        foreach (var other in scans.Skip(1))
        {
            first.Add(other);
        }

        if (first.Tuples is { } tuples)
        {
            var (flows, missing) = tuples.Top(question.Count);
            return new FlowAnswer(
                [.. flows.Select(static each => new FlowShare(each.Flow.ToString(), each.Sums))], first.Total, first.Records, first.Keys, (long)Math.Min(missing, long.MaxValue), !over.IsCancellationRequested && read.Count == asked.Count, first.Unread) { Since = plan.Since, From = from };
        }

        var items = first.Top(question.Count).Select(each => new FlowShare(NameOf(question.By, each.Key, names), each.Sums)).ToList();
        return new FlowAnswer(items, first.Total, first.Records, first.Keys, (long)first.Error, !over.IsCancellationRequested && read.Count == asked.Count, first.Unread) { Since = plan.Since, From = from };
    }

    /// <summary>(2) and (3): each worker takes one segment after the other. Those that were read to their end.</summary>
    private async Task<IReadOnlyList<FlowSegment>> ReadAllAsync(IReadOnlyList<FlowSegment> asked, List<FlowScan> scans, CancellationToken over)
    {
        var read = new List<FlowSegment>();
        await ShareAsync(
            asked, scans,
            (scan, segment) =>
            {
                using var file = segments.Read(segment);
                if (file is null)
                {
                    return;
                }

                scan.Read(file, segment.Bytes, over);
                lock (read)
                {
                    if (!over.IsCancellationRequested)
                    {
                        read.Add(segment);
                    }
                }
            },
            over);
        return read;
    }

    /// <summary>Each worker takes one piece after the other, until there are none or the time is over. Threads of their own: the pool may have none to spare for seconds.</summary>
    private static async Task ShareAsync<TPiece, TScan>(IEnumerable<TPiece> pieces, IReadOnlyList<TScan> scans, Action<TScan, TPiece> read, CancellationToken over)
    {
        var waiting = new ConcurrentQueue<TPiece>(pieces);
        void Work(TScan scan)
        {
            while (!over.IsCancellationRequested && waiting.TryDequeue(out var piece))
            {
                read(scan, piece);
            }
        }

        var others = scans.Skip(1).Select(scan => Task.Factory.StartNew(() => Work(scan), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        Work(scans[0]);
        await Task.WhenAll(others);
    }

    private static string NameOf(FlowDimension by, FlowAddress key, ExporterPlaces names) => by switch
    {
        FlowDimension.Destination or FlowDimension.Source => key.ToString(),
        FlowDimension.Exporter => names[(int)key.Low],
        _ => key.Low.ToString(CultureInfo.InvariantCulture),
    };
}

/// <summary>Exporters by a number that is the same in all blocks of a question.</summary>
internal sealed class ExporterPlaces
{
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    public string this[int place] => _names[place];

    public ulong Of(string name)
    {
        lock (_names)
        {
            if (!_places.TryGetValue(name, out var place))
            {
                _places[name] = place = _names.Count;
                _names.Add(name);
            }

            return (ulong)place;
        }
    }
}
