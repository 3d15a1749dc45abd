using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tsunagi.Ddos.Traffic;

/// <summary>
/// What a record tells of the slots up to the one in which it was told, evenly: each slot gets its part, and what does not divide falls where the record's mark says, so that many records of few
/// packets, told at once, are no burst. Over all slots it is exactly what was told. Made once for a record and added to several rows.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct TrafficSpread
{
    // Beyond this the products would not fit, and what does not divide does not matter.
    private const ulong Huge = ulong.MaxValue >> 24;

    private readonly ulong _packets;
    private readonly ulong _octets;
    private readonly ulong _mark;
    private readonly Window _packetsAt;
    private readonly Window _octetsAt;

    /// <param name="mark">Any number of the record's own, different from record to record.</param>
    public TrafficSpread(int slot, int span, ulong packets, ulong octets, ulong mark = 0)
    {
        (Slot, Span, _packets, _octets) = (slot, span, packets, octets);
        if (span == 1)
        {
            return;
        }

        _mark = mark % (ulong)span;
        Fill(ref _packetsAt, packets, (uint)span, _mark);
        Fill(ref _octetsAt, octets, (uint)span, _mark);
    }

    // The same as Between for each age, with one division for all of them: what does not divide is carried on from age to age.
    private static void Fill(ref Window window, ulong amount, uint span, ulong mark)
    {
        var (each, rest) = Math.DivRem(amount, span);
        if (amount > Huge)
        {
            (rest, mark) = (0, 0);
        }

        var ages = Math.Min(TrafficSlots.Window, (int)span);
        for (var age = 0; age < ages; age++)
        {
            mark += rest;
            var carry = mark >= span ? 1UL : 0;
            mark -= carry * span;
            window[age] = each + carry;
        }
    }

    public int Slot { get; }

    public int Span { get; }

    /// <summary>Of a slot of the window that ends with the newest.</summary>
    public ulong PacketsAt(int slot) => Span == 1 ? _packets : _packetsAt[Slot - slot];

    public ulong OctetsAt(int slot) => Span == 1 ? _octets : _octetsAt[Slot - slot];

    /// <summary>Of the slots from the first to the last, both with it; none of them outside of the record's time.</summary>
    public ulong PacketsIn(int first, int last) => Span == 1 ? _packets : Between(_packets, Slot - last, Slot - first + 1);

    // What falls between two ages, the younger one with it: differences of one rising sum, so nothing is lost or told twice.
    private ulong Between(ulong amount, int from, int to)
    {
        if (amount > Huge)
        {
            return amount / (ulong)Span * (ulong)(to - from);
        }

        return ((((ulong)to * amount) + _mark) / (ulong)Span) - ((((ulong)from * amount) + _mark) / (ulong)Span);
    }

    [InlineArray(TrafficSlots.Window)]
    private struct Window
    {
        private ulong _first;
    }
}
