using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Tsunagi.Ddos.Traffic;

/// <summary>
/// What a record tells of the slots up to the one in which it was told, evenly: each slot gets its part, and what does not divide falls where the record's mark says, so that many records of few
/// packets, told at once, are no burst. Over all slots it is exactly what was told. Made once for a record and added to several rows: the slots of the window stand in the order in which rows keep
/// them, so adding is a few vector additions.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct TrafficSpread
{
    // Beyond this the products would not fit, and what does not divide does not matter.
    private const ulong Huge = ulong.MaxValue >> 24;

    private readonly SlotCounts _packets;
    private readonly SlotCounts _octets;
    private readonly ulong _each;
    private readonly uint _rest;
    private readonly uint _mark;

    /// <param name="mark">Any number of the record's own, different from record to record.</param>
    public TrafficSpread(int slot, int span, ulong packets, ulong octets, ulong mark = 0)
    {
        (Slot, Span, Index) = (slot, span, slot % TrafficSlots.Window);
        if (span == 1)
        {
            _each = packets;
            _packets[Index] = Narrow(packets);
            _octets[Index] = Narrow(octets);
            return;
        }

        var parts = (uint)span;
        _mark = (uint)mark % parts;
        (_each, _rest) = Divide(packets, parts);
        Fill(ref _packets, Index, parts, _each, _rest, _mark);
        var (eachOctets, restOctets) = Divide(octets, parts);
        Fill(ref _octets, Index, parts, eachOctets, restOctets, _mark);
    }

    public int Slot { get; }

    public int Span { get; }

    /// <summary>The slot's place in a window.</summary>
    public int Index { get; }

    /// <summary>For each place of the window that ends with the slot; none where the record's time did not reach.</summary>
    [UnscopedRef]
    public ref readonly SlotCounts Packets => ref _packets;

    [UnscopedRef]
    public ref readonly SlotCounts Octets => ref _octets;

    /// <summary>
    /// Its packets in whole seconds, the newest first, which is the one that the slot is in: the parts of the record's first slots that lie before the oldest asked for are left out.
    /// </summary>
    /// <returns>How many of <paramref name="seconds"/> it reaches; the others are not written.</returns>
    public int Seconds(Span<ulong> seconds)
    {
        var left = Span;
        var (at, mark, slots) = (0, (ulong)_mark, Index + 1);

        // Of a whole second what does not divide is always the same, but for one: one division serves for all of them.
        var (ofWhole, restOfWhole) = Span > TrafficSlots.Window ? Math.DivRem((ulong)_rest * TrafficSlots.Window, (uint)Span) : default;
        for (; at < seconds.Length && left > 0; at++, slots = TrafficSlots.Window)
        {
            slots = Math.Min(slots, left);
            left -= slots;

            // Differences of one rising sum, so nothing is lost or told twice.
            var isWhole = slots == TrafficSlots.Window && Span > TrafficSlots.Window;
            var carry = isWhole ? ofWhole : 0;
            mark += isWhole ? restOfWhole : (ulong)_rest * (uint)slots;
            if (mark >= (uint)Span)
            {
                var over = isWhole ? 1 : mark / (uint)Span;
                carry += over;
                mark -= over * (uint)Span;
            }

            seconds[at] = (_each * (uint)slots) + carry;
        }

        return at;
    }

    private static (ulong Each, uint Left) Divide(ulong amount, uint parts)
    {
        if (amount <= uint.MaxValue)
        {
            var narrow = (uint)amount;
            var each = narrow / parts;
            return (each, narrow - (each * parts));
        }

        var (wide, rest) = Math.DivRem(amount, parts);
        return (wide, amount > Huge ? 0 : (uint)rest);
    }

    // With one division for all of them: what does not divide is carried on from the newest slot to those before it.
    private static void Fill(ref SlotCounts window, int index, uint parts, ulong each, uint rest, uint mark)
    {
        var amount = Narrow(each);
        for (var left = Math.Min(TrafficSlots.Window, (int)parts); left > 0; left--)
        {
            // mark and rest are both below parts.
            mark += rest;
            var over = mark >= parts;
            mark -= over ? parts : 0;
            window[index] = amount + (over && amount != uint.MaxValue ? 1u : 0u);
            index = index == 0 ? TrafficSlots.Window - 1 : index - 1;
        }
    }

    private static uint Narrow(ulong amount) => (uint)Math.Min(uint.MaxValue, amount);
}
