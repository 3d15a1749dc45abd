using Tsunagi.Ddos.Detect;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Traffic;

/// <summary>
/// Samples of what flows to one subscription's prefixes while nothing is wrong: a few from all over each slot, of the last quarter of an hour or so, the older ones thinner (reservoir;
/// Vitter, 1985). Enough are there after half a minute of busy traffic to know that a rule touches less than half a percent of it. A rule's collateral is what it would have
/// dropped of these. On the collector's turn only.
/// </summary>
internal sealed class UsualTraffic
{
    public const int Kept = 1_024;

    private const int InSlot = 4;

    // What comes after a silence tells of it: an exporter that speaks once a second is listened to for ten slots at once, one that speaks once a minute for ten seconds.
    private const int MostSlots = 100;
    private const int Weight = 8 * InSlot * Kept;

    private readonly List<(TrafficSample Sample, int Slot)> _samples = [];
    private ulong _state = 0x9E3779B97F4A7C15;
    private int _slot;
    private int _seen;
    private int _every = 1;
    private int _room = InSlot;
    private int _offered;
    private long _looks;
    private bool _isPaused;

    /// <summary>For how long it was watched, with traffic or without, while nothing was wrong.</summary>
    public TimeSpan Watched => TrafficSlots.Length * _looks;

    /// <summary>Once a slot. While something is wrong nothing is taken.</summary>
    public void Look(bool isPaused)
    {
        _isPaused = isPaused;
        _looks += isPaused ? 0 : 1;
    }

    public void Offer(in FlowRecord record, int slot)
    {
        if (slot != _slot)
        {
            // As many in each slot as there were in the one before: so those that are taken come from all of it.
            _room = InSlot * (_slot == 0 ? 1 : Math.Clamp(slot - _slot, 1, MostSlots));
            _every = Math.Max(1, _seen / _room);
            (_slot, _seen) = (slot, 0);
        }

        if (_isPaused || _seen++ % _every != 0 || _seen > _every * _room)
        {
            return;
        }

        _offered = Math.Min(_offered + 1, Weight);
        var sample = (TrafficSample.Of(in record, TrafficKind.Of(in record), 1), slot);
        if (_samples.Count < Kept)
        {
            _samples.Add(sample);
            return;
        }

        // xorshift64*: chosen by nobody outside, and the same in every replay.
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        var at = (int)(_state * 0x2545F4914F6CDD1D % (ulong)_offered);
        if (at < Kept)
        {
            _samples[at] = sample;
        }
    }

    /// <summary>What was taken from a slot on was an attack's already, as is known now: it is no part of what is usual, at later attacks neither.</summary>
    public void Forget(int from) => _samples.RemoveAll(each => each.Slot > from);

    /// <summary>Those taken up to a slot: what came in between may belong to the attack that was seen then.</summary>
    public IReadOnlyList<TrafficSample> Until(int slot) => [.. _samples.Where(each => each.Slot <= slot).Select(static each => each.Sample)];
}
