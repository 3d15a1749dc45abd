using System.Numerics;
using System.Runtime.InteropServices;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Archive;

/// <summary>
/// Sums by key, in bounded room: when there are more keys than may be, the lighter half of them is left out, and the largest that was is what any figure may be too small by since then
/// (batched Misra-Gries). Exact until that happens. Key and sums lie together, and many keys at once are looked for together, so that memory brings them at the same time.
/// </summary>
internal sealed class KeyTable(int mostKeys, FlowOrder order)
{
    private const int Together = 32;

    private Entry[] _entries = new Entry[1 << 12];

    public int Count { get; private set; }

    /// <summary>By how much a figure may be too small.</summary>
    public ulong Error { get; private set; }

    public IEnumerable<(FlowAddress Key, FlowSums Sums)> All => _entries.Where(static entry => !entry.Sums.IsNothing).Select(static entry => (entry.Key, entry.Sums));

    public void Add(FlowAddress key, in FlowSums sums)
    {
        if (!sums.IsNothing)
        {
            Add(key, in sums, StartOf(key));
        }
    }

    /// <summary>Each key with its sums; those with nothing are none.</summary>
    public void Add(ReadOnlySpan<FlowAddress> keys, ReadOnlySpan<FlowSums> sums)
    {
        Span<int> starts = stackalloc int[Together];
        for (; keys.Length > 0; keys = keys[Math.Min(Together, keys.Length)..], sums = sums[Math.Min(Together, sums.Length)..])
        {
            var count = Math.Min(Together, keys.Length);
            if (Count + count > mostKeys)
            {
                // Each may make the table another.
                for (var i = 0; i < count; i++)
                {
                    Add(keys[i], in sums[i]);
                }

                continue;
            }

            while ((Count + count) * 2 > _entries.Length)
            {
                Grow(_entries.Length * 2, 0);
            }

            // Reads of places that do not wait for each other.
            var touched = 0UL;
            for (var i = 0; i < count; i++)
            {
                starts[i] = StartOf(keys[i]);
                touched |= _entries[starts[i]].Sums.Flows;
            }

            for (var i = 0; i < count && (touched | 1) != 0; i++)
            {
                if (!sums[i].IsNothing)
                {
                    Add(keys[i], in sums[i], starts[i]);
                }
            }
        }
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

    private void Add(FlowAddress key, in FlowSums sums, int start)
    {
        ref var entry = ref Find(key, start);
        if (!entry.Sums.IsNothing)
        {
            entry.Sums.Add(in sums);
            return;
        }

        (entry.Key, entry.Sums) = (key, sums);
        if (++Count > mostKeys)
        {
            LeaveOut();
        }
        else if (Count * 2 > _entries.Length)
        {
            Grow(_entries.Length * 2, 0);
        }
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
        Grow(_entries.Length, least + 1);
    }

    // Into new room, those that have at least so much.
    private void Grow(int length, ulong least)
    {
        var entries = _entries;
        (_entries, Count) = (new Entry[length], 0);
        foreach (ref var entry in entries.AsSpan())
        {
            if (!entry.Sums.IsNothing && entry.Sums.By(order) >= least)
            {
                Find(entry.Key, StartOf(entry.Key)) = entry;
                Count++;
            }
        }
    }

    private int StartOf(FlowAddress key)
    {
        var hash = (key.High * 0x9E3779B97F4A7C15) ^ BitOperations.RotateLeft(key.Low * 0xC2B2AE3D27D4EB4F, 31);
        hash ^= hash >> 32;
        hash *= 0xFF51AFD7ED558CCD;
        return (int)(hash >> 33) & (_entries.Length - 1);
    }

    private ref Entry Find(FlowAddress key, int start)
    {
        var mask = _entries.Length - 1;
        while (!_entries[start].Sums.IsNothing && _entries[start].Key != key)
        {
            start = (start + 1) & mask;
        }

        return ref _entries[start];
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public FlowAddress Key;
        public FlowSums Sums;
    }
}
