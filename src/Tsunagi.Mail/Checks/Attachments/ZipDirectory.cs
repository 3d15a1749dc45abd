using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Tsunagi.Mail.Checks.Attachments;

/// <summary>One file of a zip archive.</summary>
/// <param name="Method">0 stored, 8 deflated; others are not unpacked.</param>
/// <param name="DataOffset">Where its packed octets begin.</param>
internal readonly record struct ZipFile(string Name, int Method, bool IsEncrypted, long PackedBytes, long Bytes, int DataOffset);

/// <summary>
/// Reads the central directory of a zip archive (PKWARE APPNOTE 4.3), and each file's own header against it: unpackers follow one or the other, so an archive
/// in which they differ is not one that can be looked into.
/// </summary>
internal static class ZipDirectory
{
    private const int EndBytes = 22;
    private const int LongestComment = ushort.MaxValue;

    /// <summary>False, with the reason, for an archive that cannot be looked into.</summary>
    /// <param name="maxFiles">One more is a reason.</param>
    public static bool TryRead(ReadOnlySpan<byte> archive, int maxFiles, out List<ZipFile> files, out string why)
    {
        files = [];
        var end = FindEnd(archive);
        if (end < 0)
        {
            return Not("it has no central directory", out why);
        }

        var count = BinaryPrimitives.ReadUInt16LittleEndian(archive[(end + 10)..]);
        var size = BinaryPrimitives.ReadUInt32LittleEndian(archive[(end + 12)..]);
        if (count == ushort.MaxValue || size > end)
        {
            return Not("its central directory is broken or of the zip64 form", out why);
        }

        // Octets before the archive (self-extracting programs) move every offset by the same amount.
        var start = end - (int)size;
        var moved = start - (long)BinaryPrimitives.ReadUInt32LittleEndian(archive[(end + 16)..]);
        if (moved < 0)
        {
            return Not("its central directory is not where it says", out why);
        }

        var at = start;
        for (var i = 0; i < count; i++)
        {
            if (i >= maxFiles)
            {
                return Not($"it holds more than {maxFiles} files", out why);
            }

            if (!TryReadFile(archive, end, ref at, moved, out var file, out why))
            {
                return false;
            }

            files.Add(file);
        }

        why = "";
        return at == end || Not("its central directory does not end where it says", out why);
    }

    // central file header: signature(4) made(2) needed(2) flags(2) method(2) time(4) crc(4) packed(4) size(4) name(2) extra(2) comment(2) disk(2) attributes(2+4) offset(4)
    private static bool TryReadFile(ReadOnlySpan<byte> archive, int end, ref int at, long moved, out ZipFile file, out string why)
    {
        file = default;
        var head = archive[at..end];
        if (head.Length < 46 || BinaryPrimitives.ReadUInt32LittleEndian(head) != 0x02014B50)
        {
            return Not("its central directory is broken", out why);
        }

        var flags = BinaryPrimitives.ReadUInt16LittleEndian(head[8..]);
        var method = BinaryPrimitives.ReadUInt16LittleEndian(head[10..]);
        long packed = BinaryPrimitives.ReadUInt32LittleEndian(head[20..]);
        long bytes = BinaryPrimitives.ReadUInt32LittleEndian(head[24..]);
        var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(head[28..]);
        var length = 46 + nameLength + BinaryPrimitives.ReadUInt16LittleEndian(head[30..]) + BinaryPrimitives.ReadUInt16LittleEndian(head[32..]);
        var offset = moved + BinaryPrimitives.ReadUInt32LittleEndian(head[42..]);
        if (length > head.Length || offset + 30 > archive.Length)
        {
            return Not("its central directory is broken", out why);
        }

        // local file header: signature(4) needed(2) flags(2) method(2) time(4) crc(4) packed(4) size(4) name(2) extra(2)
        var name = head.Slice(46, nameLength);
        var local = archive[(int)offset..];
        var localName = BinaryPrimitives.ReadUInt16LittleEndian(local[26..]);
        var data = offset + 30 + localName + BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(local) != 0x04034B50 || data + packed > archive.Length
            || BinaryPrimitives.ReadUInt16LittleEndian(local[8..]) != method || !local.Slice(30, Math.Min(localName, local.Length - 30)).SequenceEqual(name))
        {
            return Not($"the header of {NameOf(name)} differs from the central directory's", out why);
        }

        file = new ZipFile(NameOf(name), method, (flags & 1) != 0, packed, bytes, (int)data);
        at += length;
        why = "";
        return true;
    }

    private static int FindEnd(ReadOnlySpan<byte> archive)
    {
        for (var at = archive.Length - EndBytes; at >= Math.Max(0, archive.Length - EndBytes - LongestComment); at--)
        {
            if (archive[at] == 'P' && BinaryPrimitives.ReadUInt32LittleEndian(archive[at..]) == 0x06054B50)
            {
                return at;
            }
        }

        return -1;
    }

    private static string NameOf(ReadOnlySpan<byte> name) => Utf8.IsValid(name) ? Encoding.UTF8.GetString(name) : Encoding.Latin1.GetString(name);

    private static bool Not(string what, out string why)
    {
        why = what;
        return false;
    }
}
