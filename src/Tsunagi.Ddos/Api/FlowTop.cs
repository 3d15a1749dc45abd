using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Traffic;

namespace Tsunagi.Ddos.Api;

/// <summary>
/// Who has most of the records that are kept on this node, as a caller may ask: the provider's operators of all of them, others of those that went to what their subscriptions protected
/// when they came.
/// </summary>
internal sealed class FlowTop(FlowSearch search, TrafficView traffic, ProtectionContracts contracts, TimeProvider time)
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

        if (FlowSight.WhyNot(caller, Dimensions[query.By ?? "dst"], filter) is { } notYours)
        {
            return notYours;
        }

        var last = query.Last is { } text ? DurationOf(text) : ShortTime;
        if (last > Longest)
        {
            return Refusal.Invalid("ddos.flows.last", "last", "nothing is kept for so long", "at most 366d");
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var owners = caller.IsOperator ? null : traffic.Protections(caller.Scope).Select(static each => each.Subscription).ToHashSet(StringComparer.Ordinal);
        var from = now - (long)last.TotalMilliseconds;

        var question = new FlowQuestion(Dimensions[query.By ?? "dst"], Orders[query.Order ?? "octets"], from, now + 1, filter, owners, query.Top ?? ByDefault)
        {
            Level = query.Level is { } level ? Levels[level] : null, IsProtected = IsProtected(filter, owners),
        };
        if (question.Level is { } asked && !FlowPlan.Answers(asked, question))
        {
            return Refusal.Invalid("ddos.flows.level", "level", $"sums at {query.Level} do not keep what is asked", "raw, or no level");
        }

        var answer = await search.TopAsync(question, Deadline, cancellationToken);

        // Figures a second are of the time that something is kept of.
        from = answer.From;
        var since = Math.Max(from, Math.Min(now, answer.Since));
        var seconds = Math.Max(1, (now - since) / 1_000.0);
        return new FlowTopAnswer(
            from * 1_000, now * 1_000, since * 1_000,
            [.. answer.Items.Select(item => new FlowTopItem(
                item.Key, (long)item.Sums.Octets, (long)item.Sums.Packets, (long)item.Sums.Flows, (long)(item.Sums.Octets * 8.0 / seconds), answer.Total.By(question.Order) == 0 ? 0 : Math.Round((double)item.Sums.By(question.Order) / answer.Total.By(question.Order), 4)))],
            (long)answer.Total.Octets, (long)answer.Total.Packets, (long)answer.Total.Flows, answer.Keys, answer.Error, answer.IsWhole && answer.Unread == 0, answer.Level.Name(), answer.Level.Milliseconds());
    }

    public static IReadOnlyDictionary<string, FlowDimension> Dimensions { get; } = new Dictionary<string, FlowDimension>(StringComparer.Ordinal)
    {
        ["dst"] = FlowDimension.Destination, ["src"] = FlowDimension.Source, ["sport"] = FlowDimension.SourcePort, ["dport"] = FlowDimension.DestinationPort, ["proto"] = FlowDimension.Protocol,
        ["exporter"] = FlowDimension.Exporter, ["input"] = FlowDimension.Input, ["output"] = FlowDimension.Output, ["src-as"] = FlowDimension.SourceAs, ["dst-as"] = FlowDimension.DestinationAs,
        ["flow"] = FlowDimension.Flow, ["service"] = FlowDimension.Service, ["vector"] = FlowDimension.Vector, ["contract"] = FlowDimension.Owner, ["net"] = FlowDimension.Network, ["interface"] = FlowDimension.Interface,
    };

    public static IReadOnlyDictionary<string, FlowLevel> Levels { get; } = new Dictionary<string, FlowLevel>(StringComparer.Ordinal)
    {
        ["raw"] = FlowLevel.Raw, ["1m"] = FlowLevel.Minute, ["5m"] = FlowLevel.FiveMinutes, ["1h"] = FlowLevel.Hour,
    };

    public static IReadOnlyDictionary<string, FlowOrder> Orders { get; } = new Dictionary<string, FlowOrder>(StringComparer.Ordinal)
    {
        ["octets"] = FlowOrder.Octets, ["packets"] = FlowOrder.Packets, ["flows"] = FlowOrder.Flows,
    };

    // A customer's own, or what lies in a protected prefix: sums by network are of such.
    private bool IsProtected(FlowFilter filter, IReadOnlySet<string>? owners) => owners is not null || (filter.Destination is { } prefix && contracts.Table.Holding(prefix) is not null);

    // "10m", as the query's pattern has it.
    internal static TimeSpan DurationOf(string text)
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
    [property: AllowedValues("dst", "src", "sport", "dport", "proto", "exporter", "input", "output", "src-as", "dst-as", "flow", "service", "vector", "contract", "net", "interface", null), Description("What traffic is put together by; dst without it.")] string? By,
    [property: RegularExpression("[1-9][0-9]{0,5}[smhd]"), Description("How far back: 90s, 10m, 6h, 2d; 10m without it.")] string? Last,
    [property: AllowedValues("octets", "packets", "flows", null), Description("Most of what; octets without it.")] string? Order,
    [property: Range(1, 1_000), Description("How many; 10 without it.")] int? Top,
    [property: MaxLength(400), Description("Only records of which all of this holds: " + FlowFilter.Words)] string? Where,
    [property: AllowedValues("raw", "1m", "5m", "1h", null), Description("From records, or from sums by the minute, five minutes or hour; without it the finest that reaches so far back and can be read in time.")] string? Level);

/// <summary>Who has most; times are microseconds of Unix time.</summary>
/// <param name="Since">From when on something is kept: figures a second are of the time since then.</param>
/// <param name="Keys">How many different ones there are; of flows, how many were summed one by one.</param>
/// <param name="Error">By how much a figure may be too small, in what was ordered by; of flows, how much one may have that is not named. 0 when all are exact and none is missing.</param>
/// <param name="IsWhole">False when the time for an answer was over before all was read, or a part could not be read.</param>
/// <param name="Level">What answered: raw, or sums by 1m, 5m, 1h, with what is not rolled up to them yet from finer ones.</param>
/// <param name="ResolutionMilliseconds">Times are known to so much at that level.</param>
public sealed record FlowTopAnswer(
    long From, long To, long Since, IReadOnlyList<FlowTopItem> Items, long TotalOctets, long TotalPackets, long TotalFlows, long Keys, long Error, bool IsWhole, string Level,
    long ResolutionMilliseconds);

/// <summary>One of them; sampling is put back.</summary>
/// <param name="Part">Of all that was asked about, in what was ordered by, 0 to 1.</param>
public sealed record FlowTopItem(string Key, long Octets, long Packets, long Flows, long BitsPerSecond, double Part);
