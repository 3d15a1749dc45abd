using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Tsunagi.Ddos.Archive;

/// <summary>
/// Whole numbers in few bits: the smallest is taken off, so many low bits of each are packed together, and what does not fit into them stands apart as exceptions (patched frame of
/// reference; Zukowski and others, 2006). The number of bits is chosen so that all together is smallest. Form, every number but the packed ones as a varint (LEB128):
/// smallest, bits, exceptions, for each exception the distance from the one before and its high part, then the packed bits, least significant first.
/// </summary>
internal static class NumberCodec
{
    /// <summary>Wider ones go to the exceptions, so that each can be read by one load of 64 bits.</summary>
    public const int MostBits = 56;

    /// <summary>Octets behind the packed bits that must be readable.</summary>
    public const int Slack = 8;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(ReadOnlySpan<ulong> values, OctetBuffer to)
    {
        var (smallest, largest) = (ulong.MaxValue, 0UL);
        foreach (var value in values)
        {
            smallest = Math.Min(smallest, value);
            largest = Math.Max(largest, value);
        }

        if (smallest >= largest)
        {
            Same(smallest, values.Length, to);
            return;
        }

        // Two rows that take turns: numbers of one width one after the other would wait for each other.
        Span<int> widths = stackalloc int[2 * 65];
        widths.Clear();
        for (var i = 0; i < values.Length; i++)
        {
            widths[64 - BitOperations.LeadingZeroCount(values[i] - smallest) + ((i & 1) * 65)]++;
        }

        for (var width = 0; width <= 64; width++)
        {
            widths[width] += widths[width + 65];
        }

        var bits = BitsOf(widths[..65], values.Length);
        var exceptions = 0;
        for (var width = bits + 1; width <= 64; width++)
        {
            exceptions += widths[width];
        }

        Varint(smallest, to);
        Varint((ulong)bits, to);
        Varint((ulong)exceptions, to);
        var before = 0;
        for (var i = 0; i < values.Length && exceptions > 0; i++)
        {
            var high = (values[i] - smallest) >> bits;
            if (high != 0)
            {
                Varint((ulong)(i - before), to);
                Varint(high, to);
                before = i;
                exceptions--;
            }
        }

        Pack(values, smallest, bits, to);
    }

    /// <summary>What <see cref="Write"/> makes of so many times the same number.</summary>
    public static void Same(ulong value, int count, OctetBuffer to)
    {
        Varint(count == 0 ? 0 : value, to);
        Varint(0, to);
        Varint(0, to);
        to.GetSpan(Slack)[..Slack].Clear();
        to.Advance(Slack);
    }

    /// <summary>True when this is <see cref="Same"/>.</summary>
    public static bool TrySame(ReadOnlySpan<byte> from, out ulong value)
    {
        var at = 0;
        return TryVarint(from, ref at, out value) && TryVarint(from, ref at, out var bits) && TryVarint(from, ref at, out var exceptions) && bits == 0 && exceptions == 0;
    }

    /// <summary>False when this is not what <see cref="Write"/> makes for so many values. Behind the octets there must be <see cref="Slack"/> more.</summary>
    public static bool TryRead(ReadOnlySpan<byte> from, Span<ulong> values)
    {
        var at = 0;
        if (!TryVarint(from, ref at, out var smallest) || !TryVarint(from, ref at, out var bits) || bits > MostBits || !TryVarint(from, ref at, out var exceptions) || exceptions > (ulong)values.Length)
        {
            return false;
        }

        var patches = at;
        for (var i = 0UL; i < exceptions; i++)
        {
            if (!TryVarint(from, ref at, out _) || !TryVarint(from, ref at, out _))
            {
                return false;
            }
        }

        if ((long)from.Length - at < ((values.Length * (long)bits) + 7) / 8 + Slack)
        {
            return false;
        }

        Unpack(from[at..], smallest, (int)bits, values);
        var place = 0UL;
        for (var i = 0UL; i < exceptions; i++)
        {
            _ = TryVarint(from, ref patches, out var distance);
            _ = TryVarint(from, ref patches, out var high);
            place += distance;
            if (place >= (ulong)values.Length)
            {
                return false;
            }

            values[(int)place] += high << (int)bits;
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Varint(ulong value, OctetBuffer to)
    {
        var span = to.GetSpan(10);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            span[length++] = (byte)(value | 0x80);
        }

        span[length++] = (byte)value;
        to.Advance(length);
    }

    public static bool TryVarint(ReadOnlySpan<byte> from, ref int at, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 64 && at < from.Length; shift += 7)
        {
            var octet = from[at++];
            value |= (ulong)(octet & 0x7F) << shift;
            if (octet < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    // An exception costs its place, about a varint and a half, and its high part.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int BitsOf(ReadOnlySpan<int> widths, int count)
    {
        var (best, least) = (MostBits, long.MaxValue);
        for (var bits = 0; bits <= MostBits; bits++)
        {
            var cost = (long)bits * count;
            for (var width = bits + 1; width <= 64; width++)
            {
                cost += widths[width] * (12L + (8 * ((width - bits + 6) / 7)));
            }

            (best, least) = cost < least ? (bits, cost) : (best, least);
        }

        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack(ReadOnlySpan<ulong> values, ulong smallest, int bits, OctetBuffer to)
    {
        var length = (int)(((values.Length * (long)bits) + 7) / 8);
        var span = to.GetSpan(length + Slack)[..(length + Slack)];
        span[^Slack..].Clear();
        var mask = (1UL << bits) - 1;
        var (word, filled, at) = (0UL, 0, 0);
        foreach (var value in values)
        {
            var low = (value - smallest) & mask;
            word |= low << filled;
            filled += bits;
            if (filled >= 64)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(span[at..], word);
                at += 8;
                filled -= 64;

                // What of it did not fit; a shift by 64 would be none.
                word = filled == 0 ? 0 : low >> (bits - filled);
            }
        }

        // What remains is less than the slack behind it.
        BinaryPrimitives.WriteUInt64LittleEndian(span[at..], word);
        to.Advance(length + Slack);
    }

    private static void Unpack(ReadOnlySpan<byte> from, ulong smallest, int bits, Span<ulong> values)
    {
        if (bits == 0)
        {
            values.Fill(smallest);
            return;
        }

        var mask = (1UL << bits) - 1;
        var at = 0L;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = smallest + ((BinaryPrimitives.ReadUInt64LittleEndian(from[(int)(at >> 3)..]) >> (int)(at & 7)) & mask);
            at += bits;
        }
    }
}
