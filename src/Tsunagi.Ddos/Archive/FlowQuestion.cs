namespace Tsunagi.Ddos.Archive;

/// <summary>Who has most of what was kept.</summary>
/// <param name="By">Of what.</param>
/// <param name="Order">Most of what.</param>
/// <param name="From">Unix milliseconds, with it; received then or later.</param>
/// <param name="To">Without it.</param>
/// <param name="Owners">Only records to what these subscriptions protected then; null for all.</param>
/// <param name="Count">How many of them.</param>
internal sealed record FlowQuestion(FlowDimension By, FlowOrder Order, long From, long To, FlowFilter Filter, IReadOnlySet<string>? Owners, int Count)
{
    /// <summary>From this level and what is not rolled up to it yet; null for the one that fits.</summary>
    public FlowLevel? Level { get; init; }

    /// <summary>All that flows to the filter's destination is somebody's: sums by network know it.</summary>
    public bool IsProtected { get; init; }

    /// <summary>Roll-ups keep two tables: this is about the one by networks.</summary>
    public bool NeedsNetworks => By == FlowDimension.Network || Filter.Destination is not null;
}

/// <summary>What traffic is put together by.</summary>
internal enum FlowDimension
{
    Destination,
    Source,
    SourcePort,
    DestinationPort,
    Protocol,
    Exporter,
    Input,
    Output,
    SourceAs,
    DestinationAs,

    /// <summary>Addresses, ports and protocol together.</summary>
    Flow,

    /// <summary><see cref="FlowService"/></summary>
    Service,

    /// <summary><see cref="FlowVector"/></summary>
    Vector,

    /// <summary>The subscription that protected the destination then.</summary>
    Owner,

    /// <summary>The /24 or /64 of the destination, where somebody protected it.</summary>
    Network,

    /// <summary>Exporter and interface it came in by.</summary>
    Interface,

    /// <summary>All together.</summary>
    Nothing,
}

/// <summary>Most of what.</summary>
internal enum FlowOrder
{
    Octets,
    Packets,
    Flows,
}

/// <param name="Records">Records that were looked at.</param>
/// <param name="Total">All that the question is about.</param>
/// <param name="Keys">How many different ones there are; at least, when there was no room for all.</param>
/// <param name="Error">By how much a figure may be too small, in what was ordered by; of flows, how much one may have that is not named. 0 when all are exact and none is missing.</param>
/// <param name="IsWhole">False when the time for an answer was over before all was looked at.</param>
/// <param name="Unread">Blocks that could not be read.</param>
internal sealed record FlowAnswer(IReadOnlyList<FlowShare> Items, FlowSums Total, long Records, long Keys, long Error, bool IsWhole, int Unread)
{
    /// <summary>What answered.</summary>
    public FlowLevel Level { get; init; }

    /// <summary>From when on there is anything, Unix milliseconds.</summary>
    public long Since { get; init; }

    /// <summary>From when on was asked: where a step of that level begins.</summary>
    public long From { get; init; }
}

/// <summary>One of those who have most; sampling is put back.</summary>
internal sealed record FlowShare(string Key, FlowSums Sums);
