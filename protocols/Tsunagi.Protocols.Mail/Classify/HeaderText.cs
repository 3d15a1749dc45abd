using System.Text;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>Bodies of header fields as characters.</summary>
internal static class HeaderText
{
    private const int MaxField = 2_000;

    /// <summary>ASCII without a copy of its own; everything else as people read it.</summary>
    public static ReadOnlySpan<char> Of(ReadOnlySpan<byte> body, TextBuffers buffers)
    {
        body = body[..Math.Min(body.Length, MaxField)];
        if (body.IndexOf("=?"u8) >= 0 || !Ascii.IsValid(body) || body.IndexOf((byte)27) >= 0)
        {
            return EncodedWord.Decode(body);
        }

        body = HeaderField.UnfoldOctets(body);
        Span<char> to = buffers.Characters(body.Length);
        return to[..Encoding.Latin1.GetChars(body, to)];
    }

    /// <summary>In lower case, as much as there is room for.</summary>
    public static ReadOnlySpan<char> Lower(ReadOnlySpan<char> text, Span<char> to)
    {
        text = text[..Math.Min(text.Length, to.Length)];
        int length = text.ToLowerInvariant(to);
        return to[..Math.Max(0, length)];
    }

    /// <summary>"----=_NextPart_000_01C2" is "-=_a_9_9a9": runs of one kind are told once.</summary>
    public static ReadOnlySpan<char> Shape(ReadOnlySpan<char> text, Span<char> to)
    {
        int length = 0;
        char before = '\0';
        foreach (char c in text)
        {
            char shape = char.IsAsciiDigit(c) ? '9' : char.IsAsciiLetterLower(c) ? 'a' : char.IsAsciiLetterUpper(c) ? 'A' : c < 128 ? c : 'x';
            if (shape == before)
            {
                continue;
            }

            if (length == to.Length)
            {
                break;
            }

            to[length++] = before = shape;
        }

        return to[..length];
    }
}
