using Tsunagi.Ddos.Traffic;

namespace Tsunagi.Ddos.Detect;

/// <summary>
/// Whether sampled packets belong to flows that go on: a flow that is heavy enough to matter is sampled again within seconds, a flood of forged or random ports never is. Flows of the
/// last ten to twenty seconds are remembered by their hash (two bitmaps that take turns); of the newest packets it is counted how many belong to none of them. When many flows come, a
/// part of them is followed, chosen by hash, so that a flow is followed in all its packets or in none. Of a fixed size (2 KB).
/// </summary>
internal sealed class FlowReturns
{
    /// <summary>Packets that must have been seen before anything is said.</summary>
    public const int Enough = 50;

    private const int Bits = 8_192;
    private const int MostFlows = 512;
    private const int FewFlows = 64;
    private const int LeastRoom = 32;
    private const int Seconds = 10;
    private const int SlotsOfGeneration = Seconds * TrafficSlots.Window;

    private readonly (int Second, int Seen, int Fresh)[] _seconds = new (int, int, int)[Seconds];
    private ulong[] _flows = new ulong[Bits / 64];
    private ulong[] _flowsBefore = new ulong[Bits / 64];
    private int _generation;
    private int _second;
    private int _set;
    private int _room = MostFlows;
    private int _mask;

    /// <summary>The part of the newest packets whose flow was not seen before; NaN while too few were seen in the last ten seconds.</summary>
    public double NewPart
    {
        get
        {
            var (seen, fresh) = (0, 0);
            for (var second = _second; second > _second - Seconds && second >= 0 && seen < Enough; second--)
            {
                var of = _seconds[second % Seconds];
                (seen, fresh) = of.Second == second ? (seen + of.Seen, fresh + of.Fresh) : (seen, fresh);
            }

            return seen < Enough ? double.NaN : (double)fresh / seen;
        }
    }

    public void Add(ulong flow, int slot)
    {
        Turn(slot / SlotsOfGeneration);
        _second = Math.Max(_second, slot / TrafficSlots.Window);
        var place = (int)(flow >> 51);
        if (((int)flow & _mask) != 0)
        {
            return;
        }

        ref var word = ref _flows[place / 64];
        var bit = 1UL << (place % 64);
        var isFresh = ((word | _flowsBefore[place / 64]) & bit) == 0;
        _set += (word & bit) == 0 ? 1 : 0;
        word |= bit;
        ref var second = ref _seconds[_second % Seconds];
        second = second.Second == _second ? (_second, second.Seen + 1, second.Fresh + (isFresh ? 1 : 0)) : (_second, 1, isFresh ? 1 : 0);
        if (_set >= _room)
        {
            // Half of the flows from now on, and half as much room for them: the bitmap never fills.
            _mask = (_mask << 1) | 1;
            _room += Math.Max(LeastRoom, MostFlows / (_mask + 1));
        }
    }

    private void Turn(int generation)
    {
        if (generation == _generation)
        {
            return;
        }

        (_flows, _flowsBefore) = (_flowsBefore, _flows);
        Array.Clear(_flows);
        if (generation != _generation + 1)
        {
            Array.Clear(_flowsBefore);
        }

        // Fewer flows: more of them can be followed. Those that were not are new then, once.
        _mask = _set < FewFlows ? _mask >> 1 : _mask;
        (_generation, _set, _room) = (generation, 0, MostFlows);
    }
}
