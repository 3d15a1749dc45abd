using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Collect;
using Tsunagi.Ddos.Contract;

namespace Tsunagi.Ddos.Traffic;

/// <summary>Live traffic as a caller may see it: this node's counters, for the protected prefixes of his part of the tree.</summary>
internal sealed class TrafficView(ProtectionContracts contracts, TrafficCounter traffic, FlowCollector collector, TimeProvider time)
{
    public const int MostSeconds = TrafficSeries.Seconds - 2;

    /// <summary>Subscriptions of this scope that are protected on this node.</summary>
    public IReadOnlyList<Protection> Protections(TenantScope scope) =>
        [.. contracts.Table.All.Values.Where(each => scope.Covers(each.TenantPath)).OrderBy(static each => each.Subscription, StringComparer.Ordinal)];

    /// <summary>The last seconds of these subscriptions together, the newest last; the second under way is left out.</summary>
    public IReadOnlyList<TrafficSecond> Lately(IReadOnlyCollection<Protection> protections, int seconds)
    {
        var now = time.GetTimestamp() / (time.TimestampFrequency / 1_000) / 1_000;
        var wall = time.NowMicros() / UnixMicros.PerSecond;
        var list = new List<TrafficSecond>(seconds);
        for (var back = seconds; back >= 1; back--)
        {
            var (packets, octets) = (0UL, new ulong[4]);
            foreach (var protection in protections)
            {
                var read = protection.Series.Read(now - back);
                packets += read.Packets;
                for (var kind = 0; kind < 4; kind++)
                {
                    octets[kind] += read.Octets[kind];
                }
            }

            list.Add(new TrafficSecond((wall - back) * UnixMicros.PerSecond, (long)packets, [.. octets.Select(static o => (long)o * 8)]));
        }

        return list;
    }

    /// <summary>The addresses of the scope that got most in the last second.</summary>
    public IReadOnlyList<TopAddress> Top(TenantScope scope, int count)
    {
        var table = contracts.Table;
        lock (collector.Turn)
        {
            return
            [
                .. traffic.Hosts.Largest(address => table.Find(address, out _) is { } owner && scope.Covers(owner.TenantPath), TrafficSlots.At(time) - 1, count)
                    .Select(item => new TopAddress(item.Address.ToString(), table.Find(item.Address, out _)!.Subscription, (long)item.Sums.Packets, (long)item.Sums.Bits, (long)item.Sums.Records)),
            ];
        }
    }
}

/// <summary>One second of traffic; <paramref name="Bits"/> by <see cref="TrafficSeries.Kinds"/>.</summary>
internal sealed record TrafficSecond(long AtMicros, long Packets, IReadOnlyList<long> Bits);

/// <summary>An address and what it got in the last second.</summary>
public sealed record TopAddress(string Address, string SubscriptionId, long PacketsPerSecond, long BitsPerSecond, long FlowsPerSecond);
