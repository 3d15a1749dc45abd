using System.Buffers;

namespace Tsunagi.Mail.Classify;

/// <summary>
/// The mbox format (RFC 4155 appendix A): each message begins with a line "From SENDER DATE" at the beginning or behind an empty line; ">From " in a text was "From ".
/// </summary>
internal static class Mbox
{
    private static ReadOnlySpan<byte> Mark => "From "u8;

    /// <summary>The file begins as an mbox does.</summary>
    public static bool Is(ReadOnlySpan<byte> file) => file.StartsWith(Mark);

    /// <summary>A file of one message without the line an mbox puts before it.</summary>
    public static byte[] WithoutMark(byte[] message)
    {
        if (!Is(message))
        {
            return message;
        }

        var end = Array.IndexOf(message, (byte)'\n');
        return end < 0 ? [] : message[(end + 1)..];
    }

    /// <summary>The messages of an mbox, in order.</summary>
    public static IEnumerable<byte[]> Split(byte[] file)
    {
        for (var start = 0; start < file.Length;)
        {
            var next = NextMark(file, start + 1);
            yield return Unquote(WithoutMark(file[start..next]));
            start = next;
        }
    }

    private static int NextMark(ReadOnlySpan<byte> file, int from)
    {
        while (file[from..].IndexOf("\nFrom "u8) is var found && found >= 0)
        {
            var at = from + found + 1;
            var before = file[..(at - 1)];
            var isBehindEmpty = before.EndsWith("\n"u8) || before.EndsWith("\n\r"u8);
            var line = file[at..];
            var end = line.IndexOf((byte)'\n');
            if (isBehindEmpty && IsMark(end < 0 ? line : line[..end]))
            {
                return at;
            }

            from = at;
        }

        return file.Length;
    }

    // "From " addr-spec " " date: a time of day is what prose that begins with "From" does not have.
    private static bool IsMark(ReadOnlySpan<byte> line)
    {
        for (var colon = line.IndexOf((byte)':'); colon >= 0 && colon + 2 < line.Length;)
        {
            if (colon >= 2 && IsDigit(line[colon - 1]) && IsDigit(line[colon + 1]) && IsDigit(line[colon + 2]))
            {
                return true;
            }

            var next = line[(colon + 1)..].IndexOf((byte)':');
            colon = next < 0 ? -1 : colon + 1 + next;
        }

        return false;
    }

    private static bool IsDigit(byte octet) => octet is >= (byte)'0' and <= (byte)'9';

    private static byte[] Unquote(byte[] message)
    {
        if (message.AsSpan().IndexOf("\n>From "u8) < 0)
        {
            return message;
        }

        var to = new ArrayBufferWriter<byte>(message.Length);
        ReadOnlySpan<byte> rest = message;
        while (rest.IndexOf("\n>From "u8) is var at && at >= 0)
        {
            to.Write(rest[..(at + 1)]);
            rest = rest[(at + 2)..];
        }

        to.Write(rest);
        return to.WrittenSpan.ToArray();
    }
}
