namespace Tsunagi.Mail.Checks.Attachments;

/// <summary>What a file is, by its first octets: a name may say anything.</summary>
internal enum FileKind
{
    /// <summary>Nothing that is known here.</summary>
    Unknown,
    /// <summary>Windows, Linux, macOS programs, Java classes, WebAssembly.</summary>
    Program,
    /// <summary>A text that an interpreter runs (a "#!" line).</summary>
    Script,
    /// <summary>A Windows shell link.</summary>
    ShellLink,
    /// <summary>An image of a disk or a CD.</summary>
    DiskImage,
    /// <summary>zip, and what is made of it (office files, jar).</summary>
    Zip,
    Gzip,
    Tar,
    /// <summary>What Outlook sends as winmail.dat.</summary>
    Tnef,
    /// <summary>A text that begins with a uuencoded file.</summary>
    Uuencoded,
    /// <summary>An archive that is not looked into: rar, 7z, cab, xz, bzip2, zstd, ace, arj, lzh.</summary>
    OpaqueArchive,
    /// <summary>A compound file (RFC-less: MS-CFB): old office files, msi, encrypted office files.</summary>
    CompoundFile,
    Pdf,
    Image,
}

/// <summary>Tells files apart by their first octets.</summary>
internal static class FileKinds
{
    /// <summary>How much of a file is needed.</summary>
    public const int HeadBytes = 36 * 1024;

    public static FileKind Of(ReadOnlySpan<byte> head)
    {
        if (head.Length < 4)
        {
            return FileKind.Unknown;
        }

        return head switch
        {
            [(byte)'M', (byte)'Z', ..] => FileKind.Program,
            [0x7F, (byte)'E', (byte)'L', (byte)'F', ..] => FileKind.Program,
            [0xFE, 0xED, 0xFA, 0xCE or 0xCF, ..] or [0xCE or 0xCF, 0xFA, 0xED, 0xFE, ..] or [0xCA, 0xFE, 0xBA, 0xBE, ..] => FileKind.Program,
            [0, (byte)'a', (byte)'s', (byte)'m', ..] => FileKind.Program,
            [(byte)'#', (byte)'!', ..] => FileKind.Script,
            [0x4C, 0, 0, 0, 1, 0x14, 2, 0, ..] => FileKind.ShellLink,
            [(byte)'P', (byte)'K', 3 or 5, 4 or 6, ..] => FileKind.Zip,
            [0x1F, 0x8B, 8, ..] => FileKind.Gzip,
            [0x78, 0x9F, 0x3E, 0x22, ..] => FileKind.Tnef,
            [(byte)'b', (byte)'e', (byte)'g', (byte)'i', (byte)'n', (byte)' ' or (byte)'-', ..] => FileKind.Uuencoded,
            [(byte)'R', (byte)'a', (byte)'r', (byte)'!', ..] => FileKind.OpaqueArchive,
            [(byte)'7', (byte)'z', 0xBC, 0xAF, ..] => FileKind.OpaqueArchive,
            [(byte)'M', (byte)'S', (byte)'C', (byte)'F', ..] => FileKind.OpaqueArchive,
            [0xFD, (byte)'7', (byte)'z', (byte)'X', ..] => FileKind.OpaqueArchive,
            [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', ..] => FileKind.OpaqueArchive,
            [0x28, 0xB5, 0x2F, 0xFD, ..] => FileKind.OpaqueArchive,
            [0x60, 0xEA, ..] => FileKind.OpaqueArchive,
            [_, _, (byte)'-', (byte)'l', (byte)'h' or (byte)'z', _, (byte)'-', ..] => FileKind.OpaqueArchive,
            [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, ..] => FileKind.CompoundFile,
            [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => FileKind.Pdf,
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] or [0xFF, 0xD8, 0xFF, ..] or [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => FileKind.Image,
            _ => Further(head),
        };
    }

    private static FileKind Further(ReadOnlySpan<byte> head)
    {
        if (IsAt(head, 257, "ustar"u8))
        {
            return FileKind.Tar;
        }

        // ISO 9660 section 8.1, ECMA-167; VHD, VHDX, VMDK by their cookies
        return IsAt(head, 32769, "CD001"u8) || IsAt(head, 32769, "BEA01"u8) || head.StartsWith("conectix"u8) || head.StartsWith("vhdxfile"u8) || head.StartsWith("KDMV"u8)
            ? FileKind.DiskImage
            : IsAt(head, 7, "**ACE**"u8) ? FileKind.OpaqueArchive : FileKind.Unknown;
    }

    private static bool IsAt(ReadOnlySpan<byte> head, int offset, ReadOnlySpan<byte> word) => head.Length >= offset + word.Length && head.Slice(offset, word.Length).SequenceEqual(word);
}
