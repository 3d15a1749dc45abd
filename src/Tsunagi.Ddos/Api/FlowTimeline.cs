using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Traffic;

namespace Tsunagi.Ddos.Api;

/// <summary>
/// How kept traffic was over time, as a caller may ask: the provider's operators of all of it, others of what went to what their subscriptions protected when it came. Steps that a caller does not choose are such that
/// there are some hundred of them.
/// </summary>
internal sealed class FlowTimeline(FlowSearch search, TrafficView traffic, ProtectionContracts contracts, TimeProvider time)
{
    public const string All = "all";
    public const string Rest = "rest";

    public const int MostSteps = 2_000;

    private const int LinesByDefault = 5;
    private const int WantedSteps = 300;
    private static readonly TimeSpan ShortTime = TimeSpan.FromHours(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly int[] Steps = [1, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400];

    public static IReadOnlyDictionary<string, FlowDimension> Dimensions { get; } = new Dictionary<string, FlowDimension>(StringComparer.Ordinal)
    {
        [All] = FlowDimension.Nothing, ["contract"] = FlowDimension.Owner, ["proto"] = FlowDimension.Protocol, ["service"] = FlowDimension.Service, ["vector"] = FlowDimension.Vector, ["src-as"] = FlowDimension.SourceAs,
        ["dst-as"] = FlowDimension.DestinationAs, ["interface"] = FlowDimension.Interface, ["exporter"] = FlowDimension.Exporter, ["net"] = FlowDimension.Network,
    };

    public async Task<Outcome<FlowSeriesAnswer>> AskAsync(Caller caller, FlowSeriesQuery query, CancellationToken cancellationToken)
    {
        if (!FlowFilter.TryParse(query.Where ?? "", out var filter, out var wrong))
        {
            return Refusal.Invalid("ddos.flows.where", "where", $"'{wrong}' is no word of a filter", FlowFilter.Words);
        }

        if (FlowSight.WhyNot(caller, Dimensions[query.By ?? All], filter) is { } notYours)
        {
            return notYours;
        }

        var last = query.Last is { } text ? FlowTop.DurationOf(text) : ShortTime;
        if (last > FlowTop.Longest)
        {
            return Refusal.Invalid("ddos.flows.last", "last", "nothing is kept for so long", "at most 366d");
        }

        var step = query.Step is { } given ? FlowTop.DurationOf(given) : TimeSpan.FromSeconds(Array.Find(Steps, each => last.TotalSeconds / each <= WantedSteps) is > 0 and var fits ? fits : Steps[^1]);
        if (step > last)
        {
            return Refusal.Invalid("ddos.flows.step", "step", "a step is longer than the time", "a shorter step, or a longer time");
        }

        if (last / step > MostSteps)
        {
            return Refusal.Invalid("ddos.flows.step", "step", $"these would be more than {MostSteps} steps", "a longer step, or a shorter time");
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var owners = caller.IsOperator ? null : traffic.Protections(caller.Scope).Select(static each => each.Subscription).ToHashSet(StringComparer.Ordinal);
        var question = new FlowQuestion(
            Dimensions[query.By ?? All], FlowTop.Orders[query.Order ?? "octets"], now - (long)last.TotalMilliseconds, now + 1, filter, owners, query.Top ?? LinesByDefault)
        {
            IsProtected = owners is not null || (filter.Destination is { } prefix && contracts.Table.Holding(prefix) is not null),
        };
        return Answer(await search.SeriesAsync(question, (long)step.TotalMilliseconds, Deadline, cancellationToken), question, now);
    }

    private static FlowSeriesAnswer Answer(FlowSeries series, FlowQuestion question, long now)
    {
        // The last step is not over: its figures a second are of the time that it had.
        var seconds = Enumerable.Range(0, series.Total.Count).Select(i => Math.Max(0.001, Math.Min(series.Step, now - (series.From + (i * series.Step))) / 1_000.0)).ToArray();
        FlowSeriesLine Line(string key, IReadOnlyList<FlowSums> sums) => new(
            key, [.. sums.Select((each, i) => Math.Round(each.Octets * 8.0 / seconds[i], 1))], [.. sums.Select((each, i) => Math.Round(each.Packets / seconds[i], 2))], [.. sums.Select((each, i) => Math.Round(each.Flows / seconds[i], 3))],
            FlowSums.Figure(sums.Select(static each => each.Octets)), FlowSums.Figure(sums.Select(static each => each.Packets)), FlowSums.Figure(sums.Select(static each => each.Flows)));
        var lines = series.Lines.Select(line => Line(line.Key, line.Sums)).ToList();
        if (question.By != FlowDimension.Nothing)
        {
            // What rolled-up rows could not keep apart is in it too.
            FlowSums Others(int i) => series.Lines.Where(static line => line.Key != Rest).Aggregate(
                series.Total[i], (left, line) => new FlowSums(left.Octets - line.Sums[i].Octets, left.Packets - line.Sums[i].Packets, left.Flows - line.Sums[i].Flows));
            lines.RemoveAll(static line => line.Key == Rest);
            lines.Add(Line(Rest, [.. Enumerable.Range(0, series.Total.Count).Select(Others)]));
        }

        return new FlowSeriesAnswer(
            series.From * 1_000, now * 1_000, Math.Max(series.From, Math.Min(now, series.Since)) * 1_000, series.Step, series.Level.Name(), series.Level.Milliseconds(),
            [.. Enumerable.Range(0, series.Total.Count).Select(i => (series.From + (i * series.Step)) * 1_000)], Line(All, series.Total), lines, series.Error, series.IsWhole);
    }
}

/// <summary>Of what, how far back, and in which steps.</summary>
public sealed record FlowSeriesQuery(
    [property: AllowedValues("all", "contract", "proto", "service", "vector", "src-as", "dst-as", "interface", "exporter", "net", null), Description("What traffic is stacked by; without it, all together.")] string? By,
    [property: RegularExpression("[1-9][0-9]{0,5}[smhd]"), Description("How far back: 90s, 10m, 6h, 2d; 1h without it.")] string? Last,
    [property: RegularExpression("[1-9][0-9]{0,4}[smhd]"), Description("The step: 10s, 5m, 1h, at most 2,000 of them; without it one that gives some hundred. Longer where what reaches back is coarser.")] string? Step,
    [property: AllowedValues("octets", "packets", "flows", null), Description("Whose lines are shown: who has most of what; octets without it.")] string? Order,
    [property: Range(1, 50), Description("How many lines; 5 without it. All others are one more, the rest.")] int? Top,
    [property: MaxLength(400), Description("Only records of which all of this holds: " + FlowFilter.Words)] string? Where);

/// <summary>Traffic over time; times are microseconds of Unix time. A record counts when it was received, whole.</summary>
/// <param name="Since">From when on something is kept.</param>
/// <param name="StepMilliseconds">The step, as it was asked for or longer.</param>
/// <param name="Level">What answered: raw, or sums by 1m, 5m, 1h, with what is not rolled up to them yet from finer ones.</param>
/// <param name="ResolutionMilliseconds">Times are known to so much at that level.</param>
/// <param name="Moments">When each step begins.</param>
/// <param name="Total">All that was asked about.</param>
/// <param name="Lines">Those who have most, and the rest: together they are the total.</param>
/// <param name="Error">By how much somebody may have more, in all, than was seen when the lines were chosen; 0 when all keys had room.</param>
/// <param name="IsWhole">False when the time for an answer was over before all was read, or a part could not be read.</param>
public sealed record FlowSeriesAnswer(
    long From, long To, long Since, long StepMilliseconds, string Level, long ResolutionMilliseconds, IReadOnlyList<long> Moments, FlowSeriesLine Total, IReadOnlyList<FlowSeriesLine> Lines, long Error, bool IsWhole);

/// <summary>One line: figures a second for each step, and sums of all steps; sampling is put back.</summary>
public sealed record FlowSeriesLine(
    string Key, IReadOnlyList<double> BitsPerSecond, IReadOnlyList<double> PacketsPerSecond, IReadOnlyList<double> FlowsPerSecond, long Octets, long Packets, long Flows);
