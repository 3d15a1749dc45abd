using System.Text;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Protocols.Mail.Mime;

/// <summary>
/// Files that stand in a text as uuencode(1) writes them (POSIX.1-2017, uuencode): what mail carried before MIME, and what mail programs still show as attachments.
/// <code>
/// begin 644 name                       begin-base64 644 name
/// M length and 60 characters ...       lines of base64
/// `                                    ====
/// end
/// </code>
/// </summary>
public static class Uuencode
{
    private const int MaxHead = 1024;
    private const int MaxName = 255;

    private static ReadOnlySpan<byte> Begin => "begin"u8;

    /// <summary>Finds the next file in a text.</summary>
    /// <param name="text">A text, its transfer encoding taken off.</param>
    /// <param name="from">Where the search begins; for the next file the last one's <see cref="UuencodedFile.End"/>.</param>
    /// <param name="file">Where it stands.</param>
    /// <returns>False when there is no more. A line that says "begin" and has no line of the encoding behind it is no file.</returns>
    public static bool TryFind(ReadOnlySpan<byte> text, int from, out UuencodedFile file)
    {
        file = default;
        while (from < text.Length && text[from..].IndexOf(Begin) is var found && found >= 0)
        {
            int at = from + found;
            from = at + Begin.Length;
            if ((at == 0 || text[at - 1] is (byte)'\n' or (byte)'\r') && TryHead(text, at, out file) && IsFile(text, ref file))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Decodes a file that was found; never more octets than it takes in the text.</summary>
    /// <param name="text">The text it was found in.</param>
    /// <param name="file">Where it stands.</param>
    /// <param name="maxOctets">Most octets given.</param>
    /// <param name="isFlawed">A line is not of the encoding, or the end is missing: others may read other octets.</param>
    public static byte[] Decode(ReadOnlySpan<byte> text, UuencodedFile file, int maxOctets, out bool isFlawed)
    {
        ReadOnlySpan<byte> lines = text[file.DataStart..file.DataEnd];
        isFlawed = !file.IsClosed;
        if (file.IsBase64)
        {
            byte[] octets = TransferEncoding.Decode(lines, MimeEncoding.Base64, maxOctets, out bool isBroken);
            isFlawed |= isBroken;
            return octets;
        }

        byte[] into = new byte[Math.Min(maxOctets, lines.Length)];
        int count = 0;
        while (count < into.Length && NextLine(ref lines, out ReadOnlySpan<byte> line))
        {
            if (!IsLine(line, out int length))
            {
                isFlawed = true;
                continue;
            }

            if (length == 0)
            {
                continue;
            }

            count += DecodeLine(line[1..], Math.Min(length, into.Length - count), into.AsSpan(count));
        }

        return count == into.Length ? into : into[..count];
    }

    // "begin" SP mode SP name | "begin-base64" SP mode SP name ; mode of 3 to 6 octal digits
    private static bool TryHead(ReadOnlySpan<byte> text, int at, out UuencodedFile file)
    {
        file = default;
        ReadOnlySpan<byte> rest = text[at..];
        int lf = rest[..Math.Min(rest.Length, MaxHead)].IndexOf((byte)'\n');
        if (lf < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> line = rest[..lf].TrimEnd(" \t\r"u8)[Begin.Length..];
        bool isBase64 = line.StartsWith("-base64"u8);
        line = isBase64 ? line["-base64"u8.Length..] : line;
        if (line.IsEmpty || line[0] != ' ')
        {
            return false;
        }

        line = line.TrimStart((byte)' ');
        int digits = line.IndexOfAnyExceptInRange((byte)'0', (byte)'7');
        if (digits is < 3 or > 6 || line[digits] != ' ')
        {
            return false;
        }

        string name = DisplayText.Clean(MailCharset.DecodeBare(line[digits..].TrimStart((byte)' ')), MaxName);
        file = new UuencodedFile(name.Length > 0 ? name : "file", at, at + lf + 1, at + lf + 1, at + lf + 1, isBase64, false);
        return name.Length > 0;
    }

    /// <summary>Finds the end; false when not a single line is of the encoding.</summary>
    private static bool IsFile(ReadOnlySpan<byte> text, ref UuencodedFile file)
    {
        ReadOnlySpan<byte> lines = text[file.DataStart..];
        int lineCount = 0;
        while (true)
        {
            int start = text.Length - lines.Length;
            if (!NextLine(ref lines, out ReadOnlySpan<byte> line))
            {
                file = file with { DataEnd = text.Length, End = text.Length };
                return lineCount > 0;
            }

            bool closes = file.IsBase64 ? line.StartsWith("===="u8) : line.SequenceEqual("end"u8);
            if (closes)
            {
                file = file with { DataEnd = start, End = text.Length - lines.Length, IsClosed = true };
                return lineCount > 0;
            }

            // One line that is not of the encoding is passed over as decoders do; behind two the text goes on.
            if (!IsLineOf(line, file.IsBase64) && (lineCount == 0 || lines.IsEmpty || !IsLineOf(Peek(lines), file.IsBase64)))
            {
                file = file with { DataEnd = start, End = start };
                return lineCount > 0;
            }

            lineCount += line.IsEmpty ? 0 : 1;
        }
    }

    private static bool IsLineOf(ReadOnlySpan<byte> line, bool isBase64) =>
        isBase64 ? !line.IsEmpty && line.IndexOfAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="u8) < 0 : line.SequenceEqual("end"u8) || IsLine(line, out _);

    // A length, then 4 characters for each 3 octets; blanks at the end may have been taken off, one or two characters more are a checksum.
    private static bool IsLine(ReadOnlySpan<byte> line, out int length)
    {
        length = 0;
        if (line.IsEmpty)
        {
            return true;
        }

        if (line.ContainsAnyExceptInRange((byte)' ', (byte)'`'))
        {
            return false;
        }

        length = (line[0] - 32) & 63;
        int wanted = (length + 2) / 3 * 4;
        return line.Length - 1 <= wanted + 2 && (length > 0 || line.Length <= 2);
    }

    private static int DecodeLine(ReadOnlySpan<byte> line, int length, Span<byte> into)
    {
        int count = 0;
        for (int at = 0; count < length; at += 4)
        {
            int group = (Value(line, at) << 18) | (Value(line, at + 1) << 12) | (Value(line, at + 2) << 6) | Value(line, at + 3);
            for (int shift = 16; shift >= 0 && count < length; shift -= 8)
            {
                into[count++] = (byte)(group >> shift);
            }
        }

        return count;
    }

    // A blank that was taken off the end of a line is a zero.
    private static int Value(ReadOnlySpan<byte> line, int at) => at < line.Length ? (line[at] - 32) & 63 : 0;

    private static ReadOnlySpan<byte> Peek(ReadOnlySpan<byte> lines)
    {
        int lf = lines.IndexOf((byte)'\n');
        return (lf < 0 ? lines : lines[..lf]).TrimEnd((byte)'\r');
    }

    private static bool NextLine(ref ReadOnlySpan<byte> lines, out ReadOnlySpan<byte> line)
    {
        if (lines.IsEmpty)
        {
            line = default;
            return false;
        }

        int lf = lines.IndexOf((byte)'\n');
        line = (lf < 0 ? lines : lines[..lf]).TrimEnd((byte)'\r');
        lines = lf < 0 ? default : lines[(lf + 1)..];
        return true;
    }
}

/// <summary>A file within a text.</summary>
/// <param name="Name">The name it gives itself, fit to be shown.</param>
/// <param name="Start">Where its "begin" stands.</param>
/// <param name="DataStart">Where its lines begin.</param>
/// <param name="DataEnd">Where they end.</param>
/// <param name="End">Behind its last line.</param>
/// <param name="IsBase64">The lines are base64 (begin-base64).</param>
/// <param name="IsClosed">Its end is there.</param>
public readonly record struct UuencodedFile(string Name, int Start, int DataStart, int DataEnd, int End, bool IsBase64, bool IsClosed);
