using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Traffic;

namespace Tsunagi.Ddos.Api;

/// <summary>
/// Who has most of the records that are kept on this node, as a caller may ask: the provider's operators of all of them, others of those that went to what their subscriptions protected
/// when they came.
/// </summary>
internal sealed class FlowTop(FlowSearch search, FlowSegments segments, TrafficView traffic, TimeProvider time)
{
    public static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    private const int ByDefault = 10;
    private static readonly TimeSpan ShortTime = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    public async Task<Outcome<FlowTopAnswer>> AskAsync(Caller caller, FlowTopQuery query, CancellationToken cancellationToken)
    {
        if (!FlowFilter.TryParse(query.Where ?? "", out var filter, out var wrong))
        {
            return Refusal.Invalid("ddos.flows.where", "where", $"'{wrong}' is no word of a filter", FlowFilter.Words);
        }

        var last = query.Last is { } text ? DurationOf(text) : ShortTime;
        if (last > Longest)
        {
            return Refusal.Invalid("ddos.flows.last", "last", "nothing is kept for so long", "at most 366d");
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var owners = caller.IsOperator ? null : traffic.Protections(caller.Scope).Select(static each => each.Subscription).ToHashSet(StringComparer.Ordinal);
        var from = now - (long)last.TotalMilliseconds;

        // Figures a second are of the time that something is kept of.
        var since = Math.Max(from, segments.All.Count == 0 ? now : segments.All.Min(static segment => segment.First));
        var question = new FlowQuestion(Dimensions[query.By ?? "dst"], Orders[query.Order ?? "octets"], from, now + 1, filter, owners, query.Top ?? ByDefault);
        var answer = await search.TopAsync(question, Deadline, cancellationToken);
        var seconds = Math.Max(1, (now - since) / 1_000.0);
        return new FlowTopAnswer(
            from * 1_000, now * 1_000, since * 1_000,
            [.. answer.Items.Select(item => new FlowTopItem(
                item.Key, (long)item.Sums.Octets, (long)item.Sums.Packets, (long)item.Sums.Flows, (long)(item.Sums.Octets * 8 / seconds), answer.Total.IsNothing ? 0 : Math.Round((double)item.Sums.By(question.Order) / answer.Total.By(question.Order), 4)))],
            (long)answer.Total.Octets, (long)answer.Total.Packets, (long)answer.Total.Flows, answer.Keys, answer.Error, answer.IsWhole && answer.Unread == 0);
    }

    public static IReadOnlyDictionary<string, FlowDimension> Dimensions { get; } = new Dictionary<string, FlowDimension>(StringComparer.Ordinal)
    {
        ["dst"] = FlowDimension.Destination, ["src"] = FlowDimension.Source, ["sport"] = FlowDimension.SourcePort, ["dport"] = FlowDimension.DestinationPort, ["proto"] = FlowDimension.Protocol,
        ["exporter"] = FlowDimension.Exporter, ["input"] = FlowDimension.Input, ["output"] = FlowDimension.Output, ["src-as"] = FlowDimension.SourceAs, ["dst-as"] = FlowDimension.DestinationAs,
        ["flow"] = FlowDimension.Flow,
    };

    public static IReadOnlyDictionary<string, FlowOrder> Orders { get; } = new Dictionary<string, FlowOrder>(StringComparer.Ordinal)
    {
        ["octets"] = FlowOrder.Octets, ["packets"] = FlowOrder.Packets, ["flows"] = FlowOrder.Flows,
    };

    // "10m", as the query's pattern has it.
    private static TimeSpan DurationOf(string text)
    {
        var number = int.Parse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture);
        return text[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            _ => TimeSpan.FromDays(number),
        };
    }
}

/// <summary>Of what, and how far back.</summary>
public sealed record FlowTopQuery(
    [property: AllowedValues("dst", "src", "sport", "dport", "proto", "exporter", "input", "output", "src-as", "dst-as", "flow", null), Description("What traffic is put together by; dst without it.")] string? By,
    [property: RegularExpression("[1-9][0-9]{0,5}[smhd]"), Description("How far back: 90s, 10m, 6h, 2d; 10m without it.")] string? Last,
    [property: AllowedValues("octets", "packets", "flows", null), Description("Most of what; octets without it.")] string? Order,
    [property: Range(1, 1_000), Description("How many; 10 without it.")] int? Top,
    [property: MaxLength(400), Description("Only records of which all of this holds: " + FlowFilter.Words)] string? Where);

/// <summary>Who has most; times are microseconds of Unix time.</summary>
/// <param name="Since">From when on something is kept: figures a second are of the time since then.</param>
/// <param name="Keys">How many different ones there are; of flows, how many were summed one by one.</param>
/// <param name="Error">By how much a figure may be too small, in what was ordered by; of flows, how much one may have that is not named. 0 when all are exact and none is missing.</param>
/// <param name="IsWhole">False when the time for an answer was over before all was read, or a part could not be read.</param>
public sealed record FlowTopAnswer(
    long From, long To, long Since, IReadOnlyList<FlowTopItem> Items, long TotalOctets, long TotalPackets, long TotalFlows, long Keys, long Error, bool IsWhole);

/// <summary>One of them; sampling is put back.</summary>
/// <param name="Part">Of all that was asked about, in what was ordered by, 0 to 1.</param>
public sealed record FlowTopItem(string Key, long Octets, long Packets, long Flows, long BitsPerSecond, double Part);
