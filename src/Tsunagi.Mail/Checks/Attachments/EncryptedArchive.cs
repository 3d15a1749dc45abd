using System.Buffers.Binary;

namespace Tsunagi.Mail.Checks.Attachments;

/// <summary>
/// Whether an archive that is not looked into here is encrypted, by its headers alone: rar of both forms by their flags, 7z by the cipher its header names. A 7z whose header is packed shows its cipher only when the header
/// itself is encrypted.
/// </summary>
internal static class EncryptedArchive
{
    private const int MaxBlocks = 1_000;

    private static ReadOnlySpan<byte> Rar4 => "Rar!\x1A\a\0"u8;

    private static ReadOnlySpan<byte> Rar5 => "Rar!\x1A\a\x01\0"u8;

    // AES-256 and SHA-256, by the number that 7z gives it
    private static ReadOnlySpan<byte> SevenZipCipher => [0x06, 0xF1, 0x07, 0x01];

    /// <summary>The kind of archive that is encrypted ("rar"); empty for one that is not, or that cannot be told.</summary>
    public static string KindOf(ReadOnlySpan<byte> archive) =>
        archive.StartsWith(Rar5) ? IsEncryptedRar5(archive[Rar5.Length..]) ? "rar" : ""
        : archive.StartsWith(Rar4) ? IsEncryptedRar4(archive[Rar4.Length..]) ? "rar" : ""
        : archive.StartsWith((ReadOnlySpan<byte>)[(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C]) && IsEncrypted7z(archive) ? "7z" : "";

    // block: crc(2) type(1) flags(2) size(2), and behind the header as many octets as its next 4 say where flag 0x8000 is set
    private static bool IsEncryptedRar4(ReadOnlySpan<byte> blocks)
    {
        for (var i = 0; i < MaxBlocks && blocks.Length >= 11; i++)
        {
            var (type, flags, size) = (blocks[2], BinaryPrimitives.ReadUInt16LittleEndian(blocks[3..]), BinaryPrimitives.ReadUInt16LittleEndian(blocks[5..]));
            if ((type == 0x73 && (flags & 0x0080) != 0) || (type == 0x74 && (flags & 0x0004) != 0))
            {
                return true;
            }

            long behind = size + ((flags & 0x8000) != 0 ? BinaryPrimitives.ReadUInt32LittleEndian(blocks[7..]) : 0L);
            if (size < 7 || behind > blocks.Length)
            {
                return false;
            }

            blocks = blocks[(int)behind..];
        }

        return false;
    }

    // block: crc(4), then variable integers: size type flags [extra size] [data size]; type 4 is the encryption of all headers, a record 1 in a file's extra area that of the file
    private static bool IsEncryptedRar5(ReadOnlySpan<byte> blocks)
    {
        for (var i = 0; i < MaxBlocks && blocks.Length > 6; i++)
        {
            var at = 4;
            var size = Number(blocks, ref at);
            var end = at + size;
            var (type, flags) = (Number(blocks, ref at), Number(blocks, ref at));
            var extra = (flags & 1) != 0 ? Number(blocks, ref at) : 0;
            var data = (flags & 2) != 0 ? Number(blocks, ref at) : 0;
            if (type == 4 || (type == 2 && extra > 0 && extra <= size && end <= blocks.Length && HasEncryptionRecord(blocks.Slice((int)(end - extra), (int)extra))))
            {
                return true;
            }

            if (size == 0 || end + data > blocks.Length || end + data < 0)
            {
                return false;
            }

            blocks = blocks[(int)(end + data)..];
        }

        return false;
    }

    private static bool HasEncryptionRecord(ReadOnlySpan<byte> extra)
    {
        while (extra.Length > 1)
        {
            var at = 0;
            var size = Number(extra, ref at);
            var end = at + size;
            if (Number(extra, ref at) == 1)
            {
                return true;
            }

            if (size == 0 || end > extra.Length)
            {
                return false;
            }

            extra = extra[(int)end..];
        }

        return false;
    }

    // signature(6) version(2) crc(4) offset(8) size(8) crc(4), behind which the offset counts
    private static bool IsEncrypted7z(ReadOnlySpan<byte> archive)
    {
        if (archive.Length < 32)
        {
            return false;
        }

        var (offset, size) = (BinaryPrimitives.ReadUInt64LittleEndian(archive[12..]), BinaryPrimitives.ReadUInt64LittleEndian(archive[20..]));
        var rest = (ulong)(archive.Length - 32);
        return offset <= rest && size <= rest - offset && archive.Slice(32 + (int)offset, (int)size).IndexOf(SevenZipCipher) >= 0;
    }

    // seven bits an octet, the lowest first; what does not end, or is larger than any archive here, ends the search
    private static long Number(ReadOnlySpan<byte> octets, ref int at)
    {
        long value = 0;
        for (var shift = 0; shift <= 28; shift += 7)
        {
            if (at >= octets.Length)
            {
                return 0;
            }

            var octet = octets[at++];
            value |= (long)(octet & 0x7F) << shift;
            if ((octet & 0x80) == 0)
            {
                return value;
            }
        }

        return long.MaxValue / 4;
    }
}
