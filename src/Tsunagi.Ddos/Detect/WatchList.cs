using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.Detect;

/// <summary>The targets that are looked at closely; bounded. On the collector's turn only.</summary>
internal sealed class WatchList(DetectOptions options)
{
    private readonly Dictionary<BgpPrefix, Watch> _watches = [];
    private readonly Dictionary<string, int> _perSubscription = new(StringComparer.Ordinal);

    public Dictionary<BgpPrefix, Watch>.ValueCollection All => _watches.Values;

    public int Count => _watches.Count;

    /// <summary>Targets for which there was no room.</summary>
    public long Overflows { get; private set; }

    public bool Has(Protection protection) => _perSubscription.ContainsKey(protection.Subscription);

    public Watch? Find(BgpPrefix target) => _watches.GetValueOrDefault(target);

    /// <summary>A record went to this target. It is watched from the first that is worth it, while there is room.</summary>
    public void Note(Protection protection, BgpPrefix target, bool isHot, in TrafficSpread spread, in FlowRecord record, ulong packets, ulong octets)
    {
        if (!_watches.TryGetValue(target, out var watch))
        {
            if (!isHot || Add(protection, target) is not { } added)
            {
                return;
            }

            watch = added;
            watch.FadedSlot = spread.Slot;
        }

        watch.Protection = protection;
        watch.HotSlot = isHot ? spread.Slot : watch.HotSlot;
        watch.Picture.Add(in record, packets, octets, spread.Slot);
        watch.Shape.Add(in record, in spread);
    }

    /// <summary>Null when there is no room.</summary>
    public Watch? Add(Protection protection, BgpPrefix target)
    {
        if (_watches.Count >= options.MaxWatched)
        {
            Overflows++;
            return null;
        }

        var watch = new Watch(target, protection);
        _watches.Add(target, watch);
        _perSubscription[protection.Subscription] = _perSubscription.GetValueOrDefault(protection.Subscription) + 1;
        return watch;
    }

    public void Remove(Watch watch)
    {
        _watches.Remove(watch.Target);
        var left = _perSubscription.GetValueOrDefault(watch.Protection.Subscription) - 1;
        if (left <= 0)
        {
            _perSubscription.Remove(watch.Protection.Subscription);
        }
        else
        {
            _perSubscription[watch.Protection.Subscription] = left;
        }
    }
}
