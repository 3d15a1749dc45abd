using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Tsunagi.Ddos.Archive;

/// <summary>
/// The head of a block in a segment: little endian, magic "TFB1", version, columns, records, first and last receipt (Unix milliseconds), octets of the whole block, then for each column
/// its number, its codec, its octets and their CRC-32C, and at the end the CRC-32C of all that. Columns follow in the same order.
/// </summary>
internal sealed record BlockHeader(int Records, long First, long Last, int Length, IReadOnlyList<BlockColumn> Columns)
{
    /// <summary>No head is longer: one read gets it.</summary>
    public const int Most = 512;

    private const uint Magic = 0x31424654;
    private const byte Version = 1;
    private const int Fixed = 30;
    private const int PerColumn = 10;
    private const int MostColumns = (Most - Fixed - 4) / PerColumn;

    public int Octets => OctetsOf(Columns.Count);

    public static int OctetsOf(int columns) => Fixed + (columns * PerColumn) + 4;

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, Magic);
        to[4] = Version;
        to[5] = (byte)Columns.Count;
        BinaryPrimitives.WriteInt32LittleEndian(to[6..], Records);
        BinaryPrimitives.WriteInt64LittleEndian(to[10..], First);
        BinaryPrimitives.WriteInt64LittleEndian(to[18..], Last);
        BinaryPrimitives.WriteInt32LittleEndian(to[26..], Length);
        var at = Fixed;
        foreach (var column in Columns)
        {
            to[at] = (byte)column.Column;
            to[at + 1] = (byte)column.Codec;
            BinaryPrimitives.WriteInt32LittleEndian(to[(at + 2)..], column.Octets);
            BinaryPrimitives.WriteUInt32LittleEndian(to[(at + 6)..], column.Crc);
            at += PerColumn;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(to[at..], Crc(to[..at]));
    }

    /// <summary>Null when there is no whole and true head.</summary>
    public static BlockHeader? Read(ReadOnlySpan<byte> from)
    {
        if (from.Length < Fixed + 4 || BinaryPrimitives.ReadUInt32LittleEndian(from) != Magic || from[4] != Version || from[5] > MostColumns || from.Length < OctetsOf(from[5]))
        {
            return null;
        }

        var end = Fixed + (from[5] * PerColumn);
        var records = BinaryPrimitives.ReadInt32LittleEndian(from[6..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(from[end..]) != Crc(from[..end]) || records is <= 0 or > FlowBlock.Capacity)
        {
            return null;
        }

        var columns = new BlockColumn[from[5]];
        var offset = end + 4;
        for (var i = 0; i < columns.Length; i++)
        {
            var at = from[(Fixed + (i * PerColumn))..];
            var octets = BinaryPrimitives.ReadInt32LittleEndian(at[2..]);
            columns[i] = new BlockColumn((FlowColumn)at[0], (ColumnCodec)at[1], offset, octets, BinaryPrimitives.ReadUInt32LittleEndian(at[6..]));
            offset += octets;
        }

        return new BlockHeader(records, BinaryPrimitives.ReadInt64LittleEndian(from[10..]), BinaryPrimitives.ReadInt64LittleEndian(from[18..]), BinaryPrimitives.ReadInt32LittleEndian(from[26..]), columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Crc(ReadOnlySpan<byte> octets)
    {
        var crc = uint.MaxValue;
        for (; octets.Length >= 8; octets = octets[8..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(octets));
        }

        foreach (var octet in octets)
        {
            crc = BitOperations.Crc32C(crc, octet);
        }

        return ~crc;
    }
}

/// <summary>One column of a block.</summary>
/// <param name="Offset">From the block's first octet.</param>
internal sealed record BlockColumn(FlowColumn Column, ColumnCodec Codec, int Offset, int Octets, uint Crc);

/// <summary>How a column is written. The numbers stand in files.</summary>
internal enum ColumnCodec : byte
{
    /// <summary><see cref="NumberCodec"/>.</summary>
    Packed = 0,

    /// <summary>
    /// The most frequent numbers (255 at most), rising, as distances; for each record the place of its own in one octet, 255 for one that is rare, all compressed (Brotli, its length before
    /// it); the rare ones, packed.
    /// </summary>
    FrequentCompressed = 1,

    /// <summary>For each different address of the source or destination column one number, packed.</summary>
    PerAddress = 2,

    /// <summary>Addresses (<see cref="AddressCodec"/>), and how many records have each: the records are in that order.</summary>
    AddressRuns = 3,

    /// <summary>Addresses, and the place of each record's own, packed.</summary>
    AddressPlaces = 4,

    /// <summary>How many, and each with its length before it, in UTF-8.</summary>
    Texts = 5,
}

/// <summary>What <see cref="ColumnCodec.FrequentCompressed"/> is made with.</summary>
internal static class ColumnCodecs
{
    public const int MostFrequent = 255;

    public const byte Rare = 255;
}
