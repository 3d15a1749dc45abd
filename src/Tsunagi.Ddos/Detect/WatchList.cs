using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.Detect;

/// <summary>The targets that are looked at closely; bounded. On the collector's turn only.</summary>
internal sealed class WatchList(DetectOptions options)
{
    private const int FilterBits = 16;

    private readonly Dictionary<BgpPrefix, Watch> _watches = [];

    // A bit for the hash of each target (8 KB): nearly every address that is not watched is known by it, without a look at the dictionary.
    private readonly ulong[] _filter = new ulong[(1 << FilterBits) / 64];
    private bool _isFilterStale;

    public Dictionary<BgpPrefix, Watch>.ValueCollection All => _watches.Values;

    public int Count => _watches.Count;

    /// <summary>Targets for which there was no room.</summary>
    public long Overflows { get; private set; }

    public Watch? Find(BgpPrefix target) => _watches.GetValueOrDefault(target);

    /// <summary>A record went to this target. It is watched from the first that is worth it, while there is room.</summary>
    public void Note(Protection protection, BgpPrefix target, bool isHot, in TrafficSpread spread, in FlowRecord record, ulong packets, ulong octets)
    {
        if (!MayHold(target) || !_watches.TryGetValue(target, out var watch))
        {
            if (!isHot || Add(protection, target) is not { } added)
            {
                return;
            }

            watch = added;
            watch.FadedSlot = spread.Slot;
        }

        watch.Belongs(protection);
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
        protection.Watched.Count++;
        SetBit(target);
        return watch;
    }

    public void Remove(Watch watch)
    {
        if (_watches.Remove(watch.Target))
        {
            _isFilterStale = true;
            watch.Protection.Watched.Count--;
        }
    }

    /// <summary>Once a look: targets that are not watched any more leave the filter.</summary>
    public void Tidy()
    {
        if (!_isFilterStale)
        {
            return;
        }

        _isFilterStale = false;
        Array.Clear(_filter);
        foreach (var target in _watches.Keys)
        {
            SetBit(target);
        }
    }

    private bool MayHold(BgpPrefix target) => (_filter[BitOf(target) / 64] & (1UL << (BitOf(target) % 64))) != 0;

    private void SetBit(BgpPrefix target) => _filter[BitOf(target) / 64] |= 1UL << (BitOf(target) % 64);

    private static int BitOf(BgpPrefix target) => (int)(((target.Address.High * 0x9E3779B97F4A7C15) ^ target.Address.Low ^ ((ulong)target.Length << 40)) * 0xC2B2AE3D27D4EB4F >> (64 - FilterBits));
}
