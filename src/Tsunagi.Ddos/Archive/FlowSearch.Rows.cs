using Tsunagi.Core.Disk;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Archive;

/// <summary>What rolled-up rows and records can say together: who has most, and how much there was step by step.</summary>
internal sealed partial class FlowSearch
{
    /// <summary>(1) Who has most is found, as many as there are to be lines; (2) all is read once more and summed by step of time, for each of them and for all.</summary>
    /// <param name="step">The least step, milliseconds; longer where what reaches back is coarser.</param>
    /// <param name="deadline">After it the answer is what is known by then.</param>
    /// <exception cref="OperationCanceledException">Nobody waits for the answer any more.</exception>
    public async Task<FlowSeries> SeriesAsync(FlowQuestion question, long step, TimeSpan deadline, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => ReadSeriesAsync(question, step, deadline, cancellationToken), cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<FlowSeries> ReadSeriesAsync(FlowQuestion question, long step, TimeSpan deadline, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(deadline);
        var plan = FlowPlan.Of(question, step, segments, rolled, MostRows);
        var least = plan.Level.Milliseconds();
        step = (step + least - 1) / least * least;
        question = question with { From = FlowLevels.Floor(question.From, step) };
        plan = FlowPlan.Of(question with { Level = plan.Level }, step, segments, rolled, MostRows);
        var (exporters, owners) = (new ExporterPlaces(), new ExporterPlaces());
        var scans = Scans(question, plan, exporters, owners);

        // (1)
        IReadOnlyList<FlowAddress> lines = [];
        var (error, isChosen) = (0UL, true);
        if (question.By != FlowDimension.Nothing && question.Count > 0)
        {
            using var half = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
            half.CancelAfter(deadline / 2);
            isChosen = await ReadAllAsync(plan, scans, half.Token);
            foreach (var other in scans.Skip(1))
            {
                scans[0].Keys.Add(other.Keys);
            }

            error = scans[0].Keys.Error;
            lines = [.. Most(scans[0].Keys, question).Select(static each => each.Key)];
        }

        // (2)
        var steps = (int)((question.To - question.From + step - 1) / step);
        scans.ForEach(scan => scan.By(lines, step, steps));
        var isWhole = await ReadAllAsync(plan, scans, over.Token);
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var other in scans.Skip(1))
        {
            scans[0].Add(other);
        }

        return new FlowSeries(
            plan.Level, step, question.From, plan.Since, scans[0].Lines[^1], [.. lines.Select((key, i) => new FlowLine(FlowKeys.NameOf(question.By, key, exporters, owners), scans[0].Lines[i]))],
            (long)error, isChosen && isWhole && scans[0].Unread == 0);
    }

    private async Task<FlowAnswer> ReadRowsAsync(FlowQuestion question, FlowPlan plan, CancellationToken over, CancellationToken cancellationToken)
    {
        var (exporters, owners) = (new ExporterPlaces(), new ExporterPlaces());
        var scans = Scans(question, plan, exporters, owners);
        var isWhole = await ReadAllAsync(plan, scans, over);
        cancellationToken.ThrowIfCancellationRequested();
        var first = scans[0];
        foreach (var other in scans.Skip(1))
        {
            first.Add(other);
        }

        var items = Most(first.Keys, question).Select(each => new FlowShare(FlowKeys.NameOf(question.By, each.Key, exporters, owners), each.Sums)).ToList();
        return new FlowAnswer(items, first.Total, first.Records, first.Keys.Count, (long)first.Keys.Error, isWhole, first.Unread) { Level = plan.Level, Since = plan.Since, From = question.From };
    }

    private static IEnumerable<(FlowAddress Key, FlowSums Sums)> Most(KeyTable keys, FlowQuestion question) =>
        keys.All.OrderByDescending(each => each.Sums.By(question.Order)).ThenBy(static each => each.Key).Take(question.Count);

    private List<RowScan> Scans(FlowQuestion question, FlowPlan plan, ExporterPlaces exporters, ExporterPlaces owners) =>
        [.. Enumerable.Range(0, Math.Clamp(Math.Min(plan.Segments.Count + plan.Files.Count, Environment.ProcessorCount), 1, MostWorkers)).Select(_ => new RowScan(question, options.MostKeys, exporters, owners))];

    // Whether all were read.
    private async Task<bool> ReadAllAsync(FlowPlan plan, List<RowScan> scans, CancellationToken over)
    {
        var isGone = false;
        await ShareAsync(
            plan.Segments.Select(segment => (Open: (Func<IDiskFile?>)(() => segments.Read(segment)), segment.Bytes)).Concat(plan.Files.Select(file => (Open: (Func<IDiskFile?>)(() => rolled!.Read(file)), file.Bytes))), scans,
            (scan, piece) =>
            {
                using var file = piece.Open();
                if (file is null)
                {
                    Volatile.Write(ref isGone, true);
                    return;
                }

                scan.Read(file, piece.Bytes, over);
            },
            over);
        return !isGone && !over.IsCancellationRequested;
    }
}

/// <summary>How much there was step by step; sampling is put back.</summary>
/// <param name="Level">What answered.</param>
/// <param name="Step">Milliseconds.</param>
/// <param name="From">When the first step begins, Unix milliseconds.</param>
/// <param name="Since">From when on there is anything.</param>
/// <param name="Total">Of each step, all together.</param>
/// <param name="Error">By how much those who have most may have more than was seen when they were chosen, in what was ordered by.</param>
/// <param name="IsWhole">False when the time for an answer was over before all was read, or a part could not be read.</param>
internal sealed record FlowSeries(FlowLevel Level, long Step, long From, long Since, IReadOnlyList<FlowSums> Total, IReadOnlyList<FlowLine> Lines, long Error, bool IsWhole);

/// <summary>One of those who have most.</summary>
internal sealed record FlowLine(string Key, IReadOnlyList<FlowSums> Sums);
