using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Archive;

/// <summary>
/// A dictionary of addresses, each once: those of IPv4 in rising order, then the others in rising order. Form: how many of each; IPv4 as distances (varints); the others by the
/// distance of their upper half, and their lower half in 8 octets, or as a distance where the upper half is that of the one before.
/// </summary>
internal static class AddressCodec
{
    /// <param name="addresses">Those of IPv4 first, each in rising order.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(ReadOnlySpan<FlowAddress> addresses, OctetBuffer to)
    {
        var four = 0;
        while (four < addresses.Length && addresses[four].IsIPv4)
        {
            four++;
        }

        NumberCodec.Varint((ulong)four, to);
        NumberCodec.Varint((ulong)(addresses.Length - four), to);
        var before = default(FlowAddress);
        for (var i = 0; i < four; i++)
        {
            NumberCodec.Varint(addresses[i].IPv4 - before.IPv4, to);
            before = addresses[i];
        }

        before = default;
        foreach (var address in addresses[four..])
        {
            NumberCodec.Varint(address.High - before.High, to);
            if (address.High == before.High)
            {
                NumberCodec.Varint(address.Low - before.Low, to);
            }
            else
            {
                BinaryPrimitives.WriteUInt64LittleEndian(to.GetSpan(8), address.Low);
                to.Advance(8);
            }

            before = address;
        }
    }

    /// <summary>How many were read; -1 when this is not what <see cref="Write"/> makes, or there is no room for so many.</summary>
    public static int Read(ReadOnlySpan<byte> from, ref int at, Span<FlowAddress> addresses)
    {
        if (!NumberCodec.TryVarint(from, ref at, out var four) || !NumberCodec.TryVarint(from, ref at, out var others) || four > (ulong)addresses.Length || others > (ulong)addresses.Length - four)
        {
            return -1;
        }

        var before = 0u;
        for (var i = 0; i < (int)four; i++)
        {
            if (!NumberCodec.TryVarint(from, ref at, out var distance))
            {
                return -1;
            }

            before += (uint)distance;
            addresses[i] = FlowAddress.FromIPv4(before);
        }

        var (high, low) = (0UL, 0UL);
        for (var i = 0; i < (int)others; i++)
        {
            if (!NumberCodec.TryVarint(from, ref at, out var distance) || (distance != 0 && from.Length - at < 8) || (distance == 0 && !NumberCodec.TryVarint(from, ref at, out low)))
            {
                return -1;
            }

            if (distance != 0)
            {
                high += distance;
                low = BinaryPrimitives.ReadUInt64LittleEndian(from[at..]);
                at += 8;
            }
            else if (i > 0)
            {
                low += addresses[(int)four + i - 1].Low;
            }

            addresses[(int)four + i] = new FlowAddress(high, low);
        }

        return (int)(four + others);
    }
}
