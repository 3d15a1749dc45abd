using Tsunagi.Ddos.Archive.Rollups;

namespace Tsunagi.Ddos.Archive;

/// <summary>
/// From what a question is answered. A level answers what it keeps: rolled-up rows know no addresses (but the networks of what is protected, up to five minutes), and of ports the service. Of a level, what is not rolled up
/// to it yet is taken from the next finer one, segment by segment, so that each record counts once.
/// </summary>
/// <param name="Level">What is asked, at its coarsest: times are known to its step.</param>
/// <param name="Since">From when on there is anything, Unix milliseconds; the question's end where there is nothing.</param>
internal sealed record FlowPlan(FlowLevel Level, IReadOnlyList<FlowSegment> Segments, IReadOnlyList<RollupFile> Files, long Since)
{
    public long Rows => Segments.Sum(static segment => segment.Records) + Files.Sum(static file => file.Rows);

    /// <summary>
    /// Of who has most: the finest level that reaches back as far as anything does and can be read in the time there is, unless one is asked for. Of a series: the coarsest whose steps make up those of the series, since sums of sums are the same.
    /// </summary>
    /// <param name="step">Of a series, milliseconds; 0 for none.</param>
    /// <param name="mostRows">How many can be read in time.</param>
    public static FlowPlan Of(FlowQuestion question, long step, FlowSegments segments, RollupFiles? rolled, long mostRows)
    {
        // In this order: a segment that is rolled up between the two, and deleted, is asked of its sums.
        var all = segments.All;
        var list = rolled?.List ?? new RollupList([]);
        List<FlowPlan> plans = [.. ((FlowLevel[])[FlowLevel.Raw, .. FlowLevels.Rolled]).Where(level => Answers(level, question)).Select(level => Of(level, question, all, list))];
        if (question.Level is { } asked)
        {
            return plans.Find(plan => plan.Level == asked) ?? plans[0];
        }

        var oldest = plans.Min(static plan => plan.Since);
        var reaching = plans.Where(plan => plan.Since <= Math.Max(oldest, question.From)).ToList();
        if (step == 0)
        {
            return reaching.Find(plan => plan.Rows <= mostRows) ?? reaching[0];
        }

        return reaching.FindLast(plan => step % plan.Level.Milliseconds() == 0) ?? reaching[0];
    }

    /// <summary>Whether a level keeps what is asked.</summary>
    public static bool Answers(FlowLevel level, FlowQuestion question) => level == FlowLevel.Raw || (AnswersBy(question) && AnswersWhere(level, question));

    private static FlowPlan Of(FlowLevel level, FlowQuestion question, IReadOnlyList<FlowSegment> segments, RollupList list)
    {
        var from = FlowLevels.Floor(question.From, level.Milliseconds());
        bool IsCoarser(FlowLevel finer, long first, long last) => FlowLevels.Rolled.Any(other => other > finer && other <= level && list.IsIn(other, first, last));
        List<RollupFile> files = [.. list.All.Where(file => file.Level <= level && !IsCoarser(file.Level, file.From, file.To))];
        List<FlowSegment> records = [.. segments.Where(segment => !IsCoarser(FlowLevel.Raw, segment.Number, segment.Number))];
        var since = Math.Min(files.Select(static file => file.First).DefaultIfEmpty(long.MaxValue).Min(), records.Select(static segment => segment.First).DefaultIfEmpty(long.MaxValue).Min());
        return new FlowPlan(
            level, [.. records.Where(segment => segment.First < question.To && segment.Last >= from)], [.. files.Where(file => FlowLevels.Floor(file.First, file.Level.Milliseconds()) < question.To && file.Last >= from)],
            Math.Min(since, question.To));
    }

    private static bool AnswersBy(FlowQuestion question) =>
        question.By is not (FlowDimension.Destination or FlowDimension.Source or FlowDimension.SourcePort or FlowDimension.DestinationPort or FlowDimension.Flow);

    private static bool AnswersWhere(FlowLevel level, FlowQuestion question)
    {
        var filter = question.Filter;
        if (filter.Source is not null || filter.AsksPorts)
        {
            return false;
        }

        if (!question.NeedsNetworks)
        {
            return true;
        }

        // Networks are kept whole, of what is protected, and without who told of them.
        return level != FlowLevel.Hour && filter.Exporter is null && (filter.Destination is not { } prefix || (question.IsProtected && prefix.Length <= (prefix.IsIPv6 ? 64 : 24)))
            && question.By is FlowDimension.Network or FlowDimension.Owner or FlowDimension.Protocol or FlowDimension.Service or FlowDimension.Vector or FlowDimension.Nothing;
    }
}
