using System.Numerics;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Archive;

/// <summary>
/// Sums by key, in bounded room: when there are more keys than may be, the lighter half of them is left out, and the largest that was is what any figure may be too small by since then
/// (batched Misra-Gries). Exact until that happens.
/// </summary>
internal sealed class KeyTable(int mostKeys, FlowOrder order)
{
    private FlowAddress[] _keys = new FlowAddress[1 << 12];
    private FlowSums[] _sums = new FlowSums[1 << 12];

    public int Count { get; private set; }

    /// <summary>By how much a figure may be too small.</summary>
    public ulong Error { get; private set; }

    public IEnumerable<(FlowAddress Key, FlowSums Sums)> All
    {
        get
        {
            for (var i = 0; i < _keys.Length; i++)
            {
                if (!_sums[i].IsNothing)
                {
                    yield return (_keys[i], _sums[i]);
                }
            }
        }
    }

    public void Add(FlowAddress key, in FlowSums sums)
    {
        if (sums.IsNothing)
        {
            return;
        }

        var at = Find(key);
        if (_sums[at].IsNothing)
        {
            _keys[at] = key;
            _sums[at] = sums;
            if (++Count > mostKeys)
            {
                LeaveOut();
            }
            else if (Count * 2 > _keys.Length)
            {
                Grow(_keys.Length * 2, 0);
            }

            return;
        }

        _sums[at].Add(in sums);
    }

    /// <summary>What another table holds, with what it may be wrong by.</summary>
    public void Add(KeyTable other)
    {
        foreach (var (key, sums) in other.All)
        {
            Add(key, in sums);
        }

        Error += other.Error;
    }

    private void LeaveOut()
    {
        var values = new ulong[Count];
        var next = 0;
        foreach (var (_, sums) in All)
        {
            values[next++] = sums.By(order);
        }

        Array.Sort(values);
        var least = values[values.Length / 2];
        Error += least;
        Grow(_keys.Length, least + 1);
    }

    // Into new room, those that have at least so much.
    private void Grow(int length, ulong least)
    {
        var (keys, sums) = (_keys, _sums);
        (_keys, _sums, Count) = (new FlowAddress[length], new FlowSums[length], 0);
        for (var i = 0; i < keys.Length; i++)
        {
            if (!sums[i].IsNothing && sums[i].By(order) >= least)
            {
                var at = Find(keys[i]);
                (_keys[at], _sums[at]) = (keys[i], sums[i]);
                Count++;
            }
        }
    }

    private int Find(FlowAddress key)
    {
        var hash = (key.High * 0x9E3779B97F4A7C15) ^ BitOperations.RotateLeft(key.Low * 0xC2B2AE3D27D4EB4F, 31);
        hash ^= hash >> 32;
        hash *= 0xFF51AFD7ED558CCD;
        var mask = _keys.Length - 1;
        var at = (int)(hash >> 33) & mask;
        while (!_sums[at].IsNothing && _keys[at] != key)
        {
            at = (at + 1) & mask;
        }

        return at;
    }
}
