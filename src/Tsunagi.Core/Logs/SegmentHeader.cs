using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Tsunagi.Core.Logs;

/// <summary>
/// The first 4 KiB of a segment: 40 bytes, twice, 2 KiB apart, so that one bad sector does not cost a segment.
/// <code>
///  0  "TSUNALOG"   8  version (u32)   12  zero   16  base: position of the segment's first byte   24  salt   32  length of the file   40  CRC-32C of 0..40
/// </code>
/// The salt is random and seeds the checksum of every header of the segment: bytes that a stranger sends in a message can never pass for a record.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SegmentHeader(long Base, ulong Salt, long FileLength)
{
    public const int Size = 4096;
    private const int CopySize = 44;
    private const uint Version = 2;

    private static ReadOnlySpan<byte> Magic => "TSUNALOG"u8;

    public static SegmentHeader New(long @base, long fileLength)
    {
        Span<byte> salt = stackalloc byte[8];
        RandomNumberGenerator.Fill(salt);
        return new SegmentHeader(@base, BinaryPrimitives.ReadUInt64LittleEndian(salt), fileLength);
    }

    /// <summary>The seed of the checksum of what lies at this offset of the segment.</summary>
    public uint Seed(long offset) => Crc32C.Append(Crc32C.Append(Crc32C.Append(Crc32C.Initial, (long)Salt), Base), offset);

    public void WriteTo(Span<byte> first4KiB)
    {
        first4KiB[..Size].Clear();
        var copy = first4KiB[..CopySize];
        Magic.CopyTo(copy);
        BinaryPrimitives.WriteUInt32LittleEndian(copy[8..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(copy[16..], Base);
        BinaryPrimitives.WriteUInt64LittleEndian(copy[24..], Salt);
        BinaryPrimitives.WriteInt64LittleEndian(copy[32..], FileLength);
        BinaryPrimitives.WriteUInt32LittleEndian(copy[40..], Crc32C.Of(copy[..40]));
        copy.CopyTo(first4KiB[(Size / 2)..]);
    }

    public static bool TryRead(ReadOnlySpan<byte> first4KiB, out SegmentHeader header) =>
        TryReadCopy(first4KiB, out header) || (first4KiB.Length > Size / 2 && TryReadCopy(first4KiB[(Size / 2)..], out header));

    private static bool TryReadCopy(ReadOnlySpan<byte> copy, out SegmentHeader header)
    {
        header = default;
        if (copy.Length < CopySize
            || !copy.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(copy[40..]) != Crc32C.Of(copy[..40])
            || BinaryPrimitives.ReadUInt32LittleEndian(copy[8..]) != Version)
        {
            return false;
        }

        header = new SegmentHeader(
            BinaryPrimitives.ReadInt64LittleEndian(copy[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(copy[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(copy[32..]));
        return true;
    }
}
