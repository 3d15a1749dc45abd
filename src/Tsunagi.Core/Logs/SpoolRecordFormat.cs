using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tsunagi.Core.Logs;

/// <summary>
/// What the spool puts in front of the caller's facts. All begin with the item's id (16 bytes).
/// <code>
/// Accept   id, body length (i64), body checksum (u32), body file (16 bytes, zero when the body lies in the record); facts
/// Note     id; note
/// Remove   id; facts
/// Carry    as Accept, then accepted µs (i64), length of the facts (i32), length of the note (i32, -1 when there is none); facts, note
/// Mark     nothing: its fsync tells the checkpoint that everything before it is on the disk
/// </code>
/// </summary>
internal static class SpoolRecordFormat
{
    public const int AcceptPrefix = SpoolId.Size + 8 + 4 + 16;
    public const int CarryPrefix = AcceptPrefix + 8 + 4 + 4;
    public const int IdPrefix = SpoolId.Size;

    public static void WriteAccept(Span<byte> prefix, SpoolId id, in BodyPlace body)
    {
        id.Write(prefix);
        BinaryPrimitives.WriteInt64LittleEndian(prefix[16..], body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(prefix[24..], body.Checksum);
        BinaryPrimitives.WriteUInt128BigEndian(prefix[28..], body.File);
    }

    public static void WriteCarry(Span<byte> prefix, SpoolId id, in BodyPlace body, long acceptedMicros, int factsLength, int noteLength)
    {
        WriteAccept(prefix, id, body);
        BinaryPrimitives.WriteInt64LittleEndian(prefix[44..], acceptedMicros);
        BinaryPrimitives.WriteInt32LittleEndian(prefix[52..], factsLength);
        BinaryPrimitives.WriteInt32LittleEndian(prefix[56..], noteLength);
    }

    /// <summary>False when the record is not as long as its kind demands: written by a program that is not ours.</summary>
    public static bool TryReadAccept(ReadOnlySpan<byte> record, LogPosition home, out SpoolId id, out BodyPlace body, out ReadOnlySpan<byte> facts)
    {
        (id, body) = (default, default);
        facts = default;
        if (record.Length < AcceptPrefix)
        {
            return false;
        }

        id = SpoolId.Read(record);
        body = ReadBody(record, home);
        facts = record[AcceptPrefix..];
        return body.Length >= 0;
    }

    public static bool TryReadCarry(
        ReadOnlySpan<byte> record, LogPosition home, out SpoolId id, out BodyPlace body, out long acceptedMicros, out ReadOnlySpan<byte> facts, out byte[]? note)
    {
        (id, body, acceptedMicros, note) = (default, default, default, null);
        facts = default;
        if (record.Length < CarryPrefix)
        {
            return false;
        }

        id = SpoolId.Read(record);
        body = ReadBody(record, home);
        acceptedMicros = BinaryPrimitives.ReadInt64LittleEndian(record[44..]);
        var factsLength = BinaryPrimitives.ReadInt32LittleEndian(record[52..]);
        var noteLength = BinaryPrimitives.ReadInt32LittleEndian(record[56..]);
        if (body.Length < 0 || factsLength < 0 || noteLength < -1 || CarryPrefix + (long)factsLength + Math.Max(0, noteLength) != record.Length)
        {
            return false;
        }

        facts = record.Slice(CarryPrefix, factsLength);
        note = noteLength < 0 ? null : record[(CarryPrefix + factsLength)..].ToArray();
        return true;
    }

    private static BodyPlace ReadBody(ReadOnlySpan<byte> record, LogPosition home) => new(
        BinaryPrimitives.ReadInt64LittleEndian(record[16..]),
        BinaryPrimitives.ReadUInt32LittleEndian(record[24..]),
        BinaryPrimitives.ReadUInt128BigEndian(record[28..]),
        home);
}

/// <summary>Where a body lies: in a file of its own, or in the record at <paramref name="Record"/> when <paramref name="File"/> is zero.</summary>
/// <param name="Checksum">CRC-32C of a body in a file; the record has its own.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BodyPlace(long Length, uint Checksum, UInt128 File, LogPosition Record)
{
    public bool IsFile => File != UInt128.Zero;
}
