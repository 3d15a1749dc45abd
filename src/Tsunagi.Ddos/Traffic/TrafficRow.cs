using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Traffic;

/// <summary>Counters of one address or prefix in the slots of the last second: 124 bytes. Figures are as before sampling; they stop at the largest number instead of going round.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct TrafficRow
{
    public FlowAddress Address;

    /// <summary>The prefix's length in the upper bits (0 to 128, plus one), so that an unused row is 0.</summary>
    public int Mark;

    /// <summary>The newest slot that holds anything.</summary>
    public int Slot;

    public SlotCounts Packets;
    public SlotCounts Octets;
    public SlotRecords Records;

    public readonly byte Length => (byte)(Mark - 1);

    /// <summary>Adds what a record tells, spread over its slots; only the part inside the window is kept. It counts as one record in the newest slot.</summary>
    public void Add(in TrafficSpread spread)
    {
        Turn(spread.Slot);
        if (spread.Slot == Slot)
        {
            SlotCounts.Add(Packets, spread.Packets);
            SlotCounts.Add(Octets, spread.Octets);
        }
        else if (!AddLate(in spread))
        {
            return;
        }

        ref var records = ref Records[spread.Index];
        records = records == ushort.MaxValue ? records : (ushort)(records + 1);
    }

    // Told in an older slot than the row's newest: a clock that stepped back, in a replay. Its part that is still in the window; false when none is.
    private bool AddLate(in TrafficSpread spread)
    {
        var oldest = Slot - TrafficSlots.Window + 1;
        for (var at = Math.Max(spread.Slot - TrafficSlots.Window + 1, oldest); at <= spread.Slot; at++)
        {
            var index = at % TrafficSlots.Window;
            Packets[index] = (uint)Math.Min(uint.MaxValue, Packets[index] + (ulong)spread.Packets[index]);
            Octets[index] = (uint)Math.Min(uint.MaxValue, Octets[index] + (ulong)spread.Octets[index]);
        }

        return spread.Slot >= oldest;
    }

    /// <summary>What was counted in the window that ends with this slot.</summary>
    public readonly TrafficSums Sum(int last)
    {
        ulong packets = 0, octets = 0, records = 0;
        for (var at = Math.Max(last - TrafficSlots.Window + 1, Slot - TrafficSlots.Window + 1); at <= Math.Min(last, Slot); at++)
        {
            var index = at % TrafficSlots.Window;
            packets += Packets[index];
            octets += Octets[index];
            records += Records[index];
        }

        return new TrafficSums(packets, octets, records);
    }

    /// <summary>Clears the slots between the newest and this one.</summary>
    private void Turn(int slot)
    {
        if (slot <= Slot)
        {
            return;
        }

        for (var at = Math.Max(Slot + 1, slot - TrafficSlots.Window + 1); at <= slot; at++)
        {
            var index = at % TrafficSlots.Window;
            Packets[index] = 0;
            Octets[index] = 0;
            Records[index] = 0;
        }

        Slot = slot;
    }

    [InlineArray(TrafficSlots.Window)]
    internal struct SlotRecords
    {
        private ushort _first;
    }
}

/// <summary>What one second held.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TrafficSums(ulong Packets, ulong Octets, ulong Records)
{
    public ulong Bits => Octets * 8;

    /// <summary>The larger of each.</summary>
    public static TrafficSums Larger(TrafficSums left, TrafficSums right) =>
        new(Math.Max(left.Packets, right.Packets), Math.Max(left.Octets, right.Octets), Math.Max(left.Records, right.Records));
}
