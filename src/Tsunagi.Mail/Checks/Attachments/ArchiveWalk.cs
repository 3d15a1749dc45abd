using System.IO.Compression;
using System.Text;
using Tsunagi.Protocols.Mail.Mime;

namespace Tsunagi.Mail.Checks.Attachments;

/// <summary>
/// Looks at one file and, where it is an archive, at the files in it: (1) the name, (2) the kind by its octets, (3) what it holds, until a limit of the
/// message is reached: depth, files, octets unpacked, time. What was not seen is told as unscannable, never taken for clean.
/// </summary>
internal sealed class ArchiveWalk(FilterOptions options, ICollection<Evidence> evidence, CancellationToken cancellationToken)
{
    // Names of MS-CFB storages stand as UTF-16 in its directory.
    private static readonly byte[] VbaProject = Encoding.Unicode.GetBytes("_VBA_PROJECT");
    private static readonly byte[] EncryptedPackage = Encoding.Unicode.GetBytes("EncryptedPackage");

    private long _unpacked;
    private int _files;

    /// <param name="path">The name, behind those of the archives around it: "a.zip/b.exe".</param>
    /// <param name="octets">The whole file, or its head.</param>
    /// <param name="isWhole">All of it is there.</param>
    public void Look(string path, ReadOnlyMemory<byte> octets, bool isWhole, int depth)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // (1)
        var code = FileName.CodeOf(path);
        if (code is not null)
        {
            Add(code, path, "by its name");
        }

        // (2)
        var kind = FileKinds.Of(octets.Span);
        switch (kind)
        {
            case FileKind.Program when code != AttachmentCheck.Executable:
                Add(AttachmentCheck.Executable, path, "by its content");
                break;
            case FileKind.Script when code != AttachmentCheck.Script:
                Add(AttachmentCheck.Script, path, "by its content");
                break;
            case FileKind.ShellLink when code != AttachmentCheck.Shortcut:
                Add(AttachmentCheck.Shortcut, path, "by its content");
                break;
            case FileKind.DiskImage when code != AttachmentCheck.DiskImage:
                Add(AttachmentCheck.DiskImage, path, "by its content");
                break;
            case FileKind.OpaqueArchive when code != AttachmentCheck.Opaque:
                Add(AttachmentCheck.Opaque, path, "by its content");
                break;
        }

        if (kind == FileKind.OpaqueArchive && EncryptedArchive.KindOf(octets.Span) is { Length: > 0 } encrypted)
        {
            Add(AttachmentCheck.Encrypted, path, encrypted);
        }

        if (FileName.KindOf(path) is var promised and not FileKind.Unknown && kind != promised && kind is not FileKind.Unknown && !IsOtherOffice(promised, kind))
        {
            Add(AttachmentCheck.Mismatch, path, kind.ToString());
        }

        // (3)
        if (kind is FileKind.Zip or FileKind.Gzip or FileKind.Tar or FileKind.CompoundFile || (depth > 0 && kind is FileKind.Tnef or FileKind.Uuencoded))
        {
            LookInside(path, kind, octets, isWhole, depth);
        }
    }

    /// <summary>What lies there could not be read.</summary>
    public void TellUnscannable(string path, string why) => Add(AttachmentCheck.Unscannable, path, why);

    private void LookInside(string path, FileKind kind, ReadOnlyMemory<byte> octets, bool isWhole, int depth)
    {
        if (!isWhole)
        {
            Add(AttachmentCheck.Unscannable, path, "it is too large");
            return;
        }

        if (kind == FileKind.CompoundFile)
        {
            if (octets.Span.IndexOf(EncryptedPackage) >= 0)
            {
                Add(AttachmentCheck.Encrypted, path, "an office file");
            }

            if (octets.Span.IndexOf(VbaProject) >= 0)
            {
                Add(AttachmentCheck.Macro, path, "by its content");
            }

            return;
        }

        if (depth >= options.ArchiveDepth)
        {
            Add(AttachmentCheck.Unscannable, path, $"archives lie deeper than {options.ArchiveDepth}");
            return;
        }

        switch (kind)
        {
            case FileKind.Zip:
                LookIntoZip(path, octets, depth);
                break;
            case FileKind.Gzip:
                LookIntoGzip(path, octets, depth);
                break;
            case FileKind.Tnef:
                LookIntoTnef(path, octets, depth);
                break;
            case FileKind.Uuencoded:
                LookIntoText(path, octets, depth);
                break;
            default:
                LookIntoTar(path, octets, depth);
                break;
        }
    }

    private void LookIntoZip(string path, ReadOnlyMemory<byte> octets, int depth)
    {
        if (!ZipDirectory.TryRead(octets.Span, options.ArchiveFiles - _files, out var files, out var why))
        {
            Add(AttachmentCheck.Unscannable, path, why);
            return;
        }

        var encrypted = false;
        foreach (var file in files)
        {
            _files++;
            var inner = $"{path}/{file.Name}";
            if (file.Name.EndsWith("vbaProject.bin", StringComparison.OrdinalIgnoreCase))
            {
                Add(AttachmentCheck.Macro, path, "by its content");
            }

            if (file.IsEncrypted)
            {
                if (!encrypted)
                {
                    Add(AttachmentCheck.Encrypted, path, file.Name);
                }

                encrypted = true;
                if (FileName.CodeOf(file.Name) is { } code)
                {
                    Add(code, inner, "by its name");
                }

                continue;
            }

            if (file.Name.EndsWith('/'))
            {
                continue;
            }

            if (!TryUnpack(octets.Slice(file.DataOffset, (int)file.PackedBytes), file.Method, out var unpacked, out why))
            {
                Add(AttachmentCheck.Unscannable, inner, why);
                return;
            }

            Look(inner, unpacked, isWhole: true, depth + 1);
        }
    }

    private void LookIntoGzip(string path, ReadOnlyMemory<byte> octets, int depth)
    {
        _files++;
        if (!TryInflate(new GZipStream(Reading(octets), CompressionMode.Decompress), out var unpacked, out var why))
        {
            Add(AttachmentCheck.Unscannable, path, why);
            return;
        }

        var name = path.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase) ? path[..^4] + ".tar" : path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        Look($"{path}/{name[(name.LastIndexOf('/') + 1)..]}", unpacked, isWhole: true, depth + 1);
    }

    // Within archives only: those of the message itself are found before (HiddenFiles).
    private void LookIntoTnef(string path, ReadOnlyMemory<byte> octets, int depth)
    {
        if (!Tnef.TryRead(octets.Span, null, out var tnef))
        {
            return;
        }

        if (tnef!.Problem.Length > 0)
        {
            Add(AttachmentCheck.Unscannable, path, tnef.Problem);
        }

        foreach (var file in tnef.Attachments)
        {
            if (++_files > options.ArchiveFiles)
            {
                Add(AttachmentCheck.Unscannable, path, $"it holds more than {options.ArchiveFiles} files");
                return;
            }

            Look($"{path}/{(file.Names.IsEmpty ? "file" : file.Names[0])}", octets.Slice(file.Start, file.Length), isWhole: true, depth + 1);
            foreach (var other in file.Names.Skip(1))
            {
                Look($"{path}/{other}", default, isWhole: false, depth + 1);
            }
        }
    }

    private void LookIntoText(string path, ReadOnlyMemory<byte> text, int depth)
    {
        for (var from = 0; Uuencode.TryFind(text.Span, from, out var file); from = file.End)
        {
            var unpacked = Uuencode.Decode(text.Span, file, (int)Math.Min(options.ArchiveBytes - _unpacked + 1, Array.MaxLength), out var isFlawed);
            _unpacked += unpacked.Length;
            if (++_files > options.ArchiveFiles || _unpacked > options.ArchiveBytes)
            {
                Add(AttachmentCheck.Unscannable, path, _files > options.ArchiveFiles ? $"it holds more than {options.ArchiveFiles} files" : $"more than {options.ArchiveBytes} octets come out of it");
                return;
            }

            if (isFlawed)
            {
                Add(AttachmentCheck.Unscannable, $"{path}/{file.Name}", "its uuencoding is broken");
            }

            Look($"{path}/{file.Name}", unpacked, isWhole: true, depth + 1);
        }
    }

    // POSIX.1-1988 ustar: blocks of 512; name(100) mode(8) uid(8) gid(8) size(12, octal) ...
    private void LookIntoTar(string path, ReadOnlyMemory<byte> octets, int depth)
    {
        for (var at = 0; at + 512 <= octets.Length && octets.Span[at] != 0;)
        {
            var head = octets.Span.Slice(at, 512);
            long size = 0;
            foreach (var digit in head.Slice(124, 12).Trim(" \0"u8))
            {
                size = digit is >= (byte)'0' and <= (byte)'7' ? (size * 8) + digit - '0' : long.MaxValue / 16;
            }

            if (++_files > options.ArchiveFiles || at + 512 + size > octets.Length)
            {
                Add(AttachmentCheck.Unscannable, path, _files > options.ArchiveFiles ? $"it holds more than {options.ArchiveFiles} files" : "it is broken");
                return;
            }

            var name = head[..100];
            var end = name.IndexOf((byte)0);
            var text = Encoding.UTF8.GetString(end < 0 ? name : name[..end]);
            if (size > 0 && head[156] is (0 or (byte)'0'))
            {
                Look($"{path}/{text}", octets.Slice(at + 512, (int)size), isWhole: true, depth + 1);
            }

            at += 512 + (int)((size + 511) / 512 * 512);
        }
    }

    private bool TryUnpack(ReadOnlyMemory<byte> packed, int method, out ReadOnlyMemory<byte> unpacked, out string why)
    {
        unpacked = packed;
        why = "";
        if (method == 0)
        {
            return true;
        }

        if (method != 8)
        {
            why = $"it is packed by method {method}, which is not known here";
            return false;
        }

        return TryInflate(new DeflateStream(Reading(packed), CompressionMode.Decompress), out unpacked, out why);
    }

    /// <summary>Never more than what the message has left: the octets are counted as they come, whatever the archive says.</summary>
    private bool TryInflate(Stream packed, out ReadOnlyMemory<byte> unpacked, out string why)
    {
        using var closing = packed;
        using var into = new MemoryStream();
        var piece = new byte[16 * 1024];
        (unpacked, why) = (default, "");
        try
        {
            while (packed.Read(piece) is > 0 and var count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _unpacked += count;
                if (_unpacked > options.ArchiveBytes)
                {
                    why = $"more than {options.ArchiveBytes} octets come out of it";
                    return false;
                }

                into.Write(piece, 0, count);
            }
        }
        catch (InvalidDataException)
        {
            why = "it is broken";
            return false;
        }

        unpacked = into.GetBuffer().AsMemory(0, (int)into.Length);
        return true;
    }

    private static MemoryStream Reading(ReadOnlyMemory<byte> octets) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(octets, out var array) ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(octets.ToArray());

    // Office files are a zip or a compound file, by their age and by whether they are encrypted.
    private static bool IsOtherOffice(FileKind promised, FileKind kind) =>
        (promised is FileKind.Zip && kind is FileKind.CompoundFile) || (promised is FileKind.CompoundFile && kind is FileKind.Zip);

    private void Add(string code, string path, string what)
    {
        if (evidence.Count < options.MaxEvidence || !evidence.Any(found => found.Code == code))
        {
            evidence.Add(Evidence.Of(code, ("file", path), ("how", what)));
        }
    }
}
