using Tsunagi.Ddos.Traffic;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.Contract;

/// <summary>One subscription as the data path sees it. A change of the contract makes a new one; what was counted goes on with it.</summary>
internal sealed class Protection
{
    public required string Subscription { get; init; }

    public required string TenantId { get; init; }

    public required string TenantPath { get; init; }

    public required IReadOnlyList<BgpPrefix> Prefixes { get; init; }

    public required Limits Host { get; init; }

    public required Limits Prefix { get; init; }

    /// <summary>Packets a second of an attack's kind to one address from which it is told; 0 for limits only.</summary>
    public long AttackPackets { get; init; }

    /// <summary>What one slot may hold before it is looked at more closely: half of its part of <see cref="AttackPackets"/>.</summary>
    public ulong HotAttack => AttackPackets == 0 ? ulong.MaxValue : Math.Max(1, (ulong)AttackPackets / (2 * TrafficSlots.Window));

    public required TimeSpan Quiet { get; init; }

    /// <summary>What flows to it, by the second, for pages. Kept over a change of the contract.</summary>
    public required TrafficSeries Series { get; init; }

    /// <summary>Samples of what flows to it while nothing is wrong. Kept likewise.</summary>
    public UsualTraffic Usual { get; init; } = new();

    /// <summary>How many of its targets are watched; the watch list's. Kept likewise.</summary>
    public WatchedTargets Watched { get; init; } = new();

    /// <summary>The prefix that holds this address, the most specific one; null when none does.</summary>
    public BgpPrefix? Find(FlowAddress address)
    {
        BgpPrefix? found = null;
        foreach (var prefix in Prefixes)
        {
            if (address.IsIPv4 != prefix.IsIPv6 && address.Prefix(prefix.Length) == prefix.Address && (found is not { } known || known.Length < prefix.Length))
            {
                found = prefix;
            }
        }

        return found;
    }
}

/// <summary>Changed on the collector's turn only.</summary>
internal sealed class WatchedTargets
{
    public int Count { get; set; }
}

/// <summary>From where on traffic is an attack, a second; 0 is no limit.</summary>
internal sealed record Limits(long Packets, long Bits, long Flows)
{
    /// <summary>What one slot may hold before it is looked at more closely: half of its part of the limit.</summary>
    public ulong HotPackets { get; } = Hot(Packets, 1);

    public ulong HotOctets { get; } = Hot(Bits, 8);

    public ulong HotRecords { get; } = Hot(Flows, 1);

    private static ulong Hot(long limit, int unit) => limit == 0 ? ulong.MaxValue : Math.Max(1, (ulong)(limit / (unit * 2 * TrafficSlots.Window)));
}
