using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tsunagi.Core.Logs;

/// <summary>
/// The 32 bytes in front of every record; records begin at multiples of 8. The header's checksum is a CRC-32C seeded with the segment's salt, its base
/// and the record's offset, and covers the checksums of facts and body, so a record is only valid where it was written. Those two are not seeded: the
/// appender works them out before it is known where the record will lie.
/// <code>
///  0  checksum of 4..32     4  kind (u8) in the top byte, length of the facts (u24)  8  length of the body    12  checksum of the facts
/// 16  checksum of the body  20  offset in the segment before which all was synced   24  time, µs UTC         32  facts, body, zeroes to a multiple of 8
/// </code>
/// No record has kind 0, so none begins with eight zero bytes, and 32 of them mark the end of the last batch. What had been synced when a record was
/// written tells recovery whether bytes before it that hold no record are a loss or were never acknowledged.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RecordHeader(byte Kind, int FactsLength, int BodyLength, uint FactsChecksum, uint BodyChecksum, int SyncedBefore, long TimeMicros)
{
    public const int Size = 32;
    public const int Alignment = 8;
    /// <summary>The kind of what recovery writes over a hole in the last batch, so that no later start takes it for a loss. Never shown.</summary>
    public const byte Hole = 255;

    public const int MaxFacts = (1 << 24) - 1;

    public long TotalLength => Total(FactsLength, BodyLength);

    public static long Total(int factsLength, long bodyLength) => (Size + factsLength + bodyLength + Alignment - 1) & -Alignment;

    /// <summary>What the appender knows of the record whose facts and body are in their place already; the writer completes it with <see cref="Seal"/>.</summary>
    public static void Begin(Span<byte> record, byte kind, int factsLength, int bodyLength)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], ((uint)kind << 24) | (uint)factsLength);
        BinaryPrimitives.WriteInt32LittleEndian(record[8..], bodyLength);
        BinaryPrimitives.WriteUInt32LittleEndian(record[12..], Crc32C.Of(record.Slice(Size, factsLength)));
        BinaryPrimitives.WriteUInt32LittleEndian(record[16..], Crc32C.Of(record.Slice(Size + factsLength, bodyLength)));
    }

    /// <summary>Fills in time, synced mark and checksum of the record at the start of <paramref name="bytes"/>; returns its total length.</summary>
    public static int Seal(Span<byte> bytes, in SegmentHeader segment, long offset, int syncedBefore, long timeMicros)
    {
        var factsLength = (int)(BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) & MaxFacts);
        var bodyLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[20..], syncedBefore);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], timeMicros);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Crc32C.Append(segment.Seed(offset), bytes[4..Size]));
        return (int)Total(factsLength, bodyLength);
    }

    /// <summary>False when the bytes are not a record's header at this offset.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, in SegmentHeader segment, long offset, out RecordHeader header)
    {
        header = default;
        if (bytes.Length < Size || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Crc32C.Append(segment.Seed(offset), bytes[4..Size]))
        {
            return false;
        }

        var kindAndLength = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        header = new RecordHeader(
            (byte)(kindAndLength >> 24),
            (int)(kindAndLength & MaxFacts),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]));
        return header.Kind != 0 && header.BodyLength >= 0 && header.SyncedBefore >= SegmentHeader.Size && header.SyncedBefore <= offset;
    }
}
