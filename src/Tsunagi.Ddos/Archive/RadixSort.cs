using System.Runtime.CompilerServices;

namespace Tsunagi.Ddos.Archive;

/// <summary>Sorts numbers by their upper 32 bits without comparing them: three times by eleven bits, from the lowest on, so that equal ones stay in their order. A digit that all have costs nothing.</summary>
internal static class RadixSort
{
    private const int Digits = 3;
    private const int Bits = 11;
    private const int Values = 1 << Bits;

    /// <param name="room">As long as the numbers.</param>
    /// <returns>The sorted numbers: one of the two spans, the other holds no sense any more.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Span<ulong> ByUpperHalf(Span<ulong> numbers, Span<ulong> room)
    {
        Span<int> counts = stackalloc int[Digits * Values];
        counts.Clear();
        foreach (var number in numbers)
        {
            counts[(int)(number >> 32) & (Values - 1)]++;
            counts[Values + ((int)(number >> (32 + Bits)) & (Values - 1))]++;
            counts[(2 * Values) + (int)(number >> (32 + (2 * Bits)))]++;
        }

        for (var digit = 0; digit < Digits && numbers.Length > 0; digit++)
        {
            var of = counts.Slice(digit * Values, Values);
            var shift = 32 + (digit * Bits);
            if (of[(int)(numbers[0] >> shift) & (Values - 1)] == numbers.Length)
            {
                continue;
            }

            var next = 0;
            foreach (ref var count in of)
            {
                (count, next) = (next, next + count);
            }

            foreach (var number in numbers)
            {
                room[of[(int)(number >> shift) & (Values - 1)]++] = number;
            }

            var sorted = room;
            room = numbers;
            numbers = sorted;
        }

        return numbers;
    }
}
