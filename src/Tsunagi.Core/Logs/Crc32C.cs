using System.Buffers.Binary;
using System.Numerics;

namespace Tsunagi.Core.Logs;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the CPU's own instruction where it has one.</summary>
internal static class Crc32C
{
    public const uint Initial = uint.MaxValue;

    /// <summary>Goes on from <paramref name="crc"/>; start with <see cref="Initial"/>. Not inverted at the end: <see cref="Of"/> is.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return crc;
    }

    public static uint Append(uint crc, long value) => BitOperations.Crc32C(crc, (ulong)value);

    public static uint Of(ReadOnlySpan<byte> bytes) => ~Append(Initial, bytes);
}
