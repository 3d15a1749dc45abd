using System.Globalization;
using System.Text;

namespace Tsunagi.Mail.Trace;

/// <summary>A Subject header as people read it: encoded words decoded (RFC 2047), cut at 200 characters.</summary>
internal static class SubjectText
{
    private const int MaxLength = 200;

    static SubjectText() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public static string Decode(string raw)
    {
        var text = raw.Contains("=?", StringComparison.Ordinal) ? DecodeWords(raw) : raw;
        if (text.Length <= MaxLength)
        {
            return text;
        }

        // Not through the middle of a surrogate pair.
        var length = char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength;
        return text[..length];
    }

    // encoded-word = "=?" charset "?" encoding "?" encoded-text "?="; white space between two of them is not part of the text (RFC 2047 section 6.2).
    private static string DecodeWords(string raw)
    {
        var text = new StringBuilder(raw.Length);
        var at = 0;
        var afterWord = false;
        while (raw.IndexOf("=?", at, StringComparison.Ordinal) is >= 0 and var start)
        {
            if (!TryWord(raw, start, out var word, out var end))
            {
                text.Append(raw, at, start + 2 - at);
                at = start + 2;
                afterWord = false;
                continue;
            }

            var between = raw.AsSpan(at, start - at);
            if (!afterWord || !between.IsWhiteSpace())
            {
                text.Append(between);
            }

            text.Append(word);
            at = end;
            afterWord = true;
        }

        text.Append(raw, at, raw.Length - at);
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = char.IsControl(text[i]) ? ' ' : text[i];
        }

        return text.ToString();
    }

    private static bool TryWord(string raw, int start, out string word, out int end)
    {
        word = "";
        end = start;
        var charsetEnd = raw.IndexOf('?', start + 2);
        if (charsetEnd < 0 || charsetEnd + 2 >= raw.Length || raw[charsetEnd + 2] != '?')
        {
            return false;
        }

        var textEnd = raw.IndexOf("?=", charsetEnd + 3, StringComparison.Ordinal);
        if (textEnd < 0)
        {
            return false;
        }

        // RFC 2231 section 5: a language may follow the charset behind "*".
        var charset = raw[(start + 2)..charsetEnd].Split('*')[0];
        var encoded = raw.AsSpan((charsetEnd + 3)..textEnd);
        var bytes = char.ToUpperInvariant(raw[charsetEnd + 1]) switch
        {
            'B' => Base64(encoded),
            'Q' => Quoted(encoded),
            _ => null,
        };
        if (bytes is null || EncodingOf(charset) is not { } encoding)
        {
            return false;
        }

        word = encoding.GetString(bytes);
        end = textEnd + 2;
        return true;
    }

    private static byte[]? Base64(ReadOnlySpan<char> encoded)
    {
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64Chars(encoded, bytes, out var length) ? bytes[..length] : null;
    }

    private static byte[]? Quoted(ReadOnlySpan<char> encoded)
    {
        var bytes = new byte[encoded.Length];
        var length = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] == '=')
            {
                if (i + 2 >= encoded.Length || !byte.TryParse(encoded.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[length]))
                {
                    return null;
                }

                length++;
                i += 2;
            }
            else
            {
                bytes[length++] = encoded[i] == '_' ? (byte)' ' : (byte)encoded[i];
            }
        }

        return bytes[..length];
    }

    private static Encoding? EncodingOf(string charset)
    {
        try
        {
            return Encoding.GetEncoding(charset);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
