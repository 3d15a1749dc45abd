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

    /// <summary>
    /// Adds what was seen in the last <paramref name="span"/> slots up to <paramref name="slot"/>, evenly; only the part inside the window is kept. What does
    /// not divide goes to the newest slot, so within a window nothing is lost.
    /// </summary>
    public void Add(int slot, int span, ulong packets, ulong octets)
    {
        Turn(slot);
        var newest = Math.Max(slot, Slot);
        var first = Math.Max(slot - span + 1, newest - TrafficSlots.Window + 1);
        var (packetsEach, octetsEach) = (packets / (uint)span, octets / (uint)span);
        for (var at = first; at < slot; at++)
        {
            Put(at, packetsEach, octetsEach);
        }

        if (slot > newest - TrafficSlots.Window)
        {
            Put(slot, packetsEach + (packets % (uint)span), octetsEach + (octets % (uint)span));
            ref var records = ref Records[slot % TrafficSlots.Window];
            records = records == ushort.MaxValue ? records : (ushort)(records + 1);
        }
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

    private void Put(int slot, ulong packets, ulong octets)
    {
        var index = slot % TrafficSlots.Window;
        Packets[index] = (uint)Math.Min(uint.MaxValue, Packets[index] + packets);
        Octets[index] = (uint)Math.Min(uint.MaxValue, Octets[index] + octets);
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
    internal struct SlotCounts
    {
        private uint _first;
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
}
