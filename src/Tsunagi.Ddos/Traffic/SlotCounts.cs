using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tsunagi.Ddos.Traffic;

/// <summary>A number for each slot of a window: slot s stands at s modulo <see cref="TrafficSlots.Window"/>.</summary>
[InlineArray(TrafficSlots.Window)]
internal struct SlotCounts
{
    private const int LastFour = TrafficSlots.Window - 4;

    private uint _first;

    /// <summary>Adds all of the other's; they stop at the largest number instead of going round.</summary>
    public static void Add(Span<uint> to, ReadOnlySpan<uint> what)
    {
        ref var into = ref MemoryMarshal.GetReference(to[..TrafficSlots.Window]);
        ref var from = ref MemoryMarshal.GetReference(what[..TrafficSlots.Window]);

        // Eight, and the last four: the two that are in both come out the same, as both are read before either is written.
        var first = Vector256.LoadUnsafe(ref into);
        var last = Vector128.LoadUnsafe(ref into, LastFour);
        (first + Vector256.Min(Vector256.LoadUnsafe(ref from), ~first)).StoreUnsafe(ref into);
        (last + Vector128.Min(Vector128.LoadUnsafe(ref from, LastFour), ~last)).StoreUnsafe(ref into, LastFour);
    }
}
