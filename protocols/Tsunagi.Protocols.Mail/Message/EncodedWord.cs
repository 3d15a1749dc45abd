using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Tsunagi.Protocols.Mail.Message;

/// <summary>
/// Text outside ASCII in header fields (RFC 2047), read for people and written. Reading takes what senders really write: words longer than
/// 75 octets, a letter cut between two words, bare ISO-2022-JP, Shift_JIS or UTF-8 without any encoding.
/// </summary>
public static class EncodedWord
{
    // encoded-word = "=?" charset "?" encoding "?" encoded-text "?=" ; at most 75 octets, and 76 to a line that holds one
    // (RFC 2047 section 2): 60 leaves room for a field's name before the first word.
    private const int MaxWordOctets = 60;

    /// <summary>Decodes an unstructured field body; never fails, and gives no control characters.</summary>
    public static string Decode(ReadOnlySpan<byte> body, int maxCharacters = 1000)
    {
        ReadOnlySpan<byte> text = HeaderField.UnfoldOctets(body);
        if (text.IndexOf("=?"u8) < 0)
        {
            return DisplayText.Clean(MailCharset.DecodeBare(text), maxCharacters);
        }

        var shown = new StringBuilder(text.Length);
        var run = new ArrayBufferWriter<byte>(Math.Max(16, text.Length));
        string? runCharset = null;
        while (!text.IsEmpty && shown.Length <= maxCharacters)
        {
            int start = text.IndexOf("=?"u8);
            // White space between two words is not shown (RFC 2047 section 6.2).
            bool adjoins = runCharset is not null && start >= 0 && text[..start].Trim(" \t"u8).IsEmpty;
            if (start >= 0 && TryRead(text[start..], out string charset, out byte[] octets, out int length))
            {
                if (!adjoins || !charset.Equals(runCharset, StringComparison.OrdinalIgnoreCase))
                {
                    Flush(shown, run, runCharset);
                }

                if (!adjoins)
                {
                    shown.Append(MailCharset.DecodeBare(text[..start]));
                }
                // Words of one charset are joined before decoding, since senders cut between the octets of one letter.
                run.Write(octets);
                runCharset = charset;
                text = text[(start + length)..];
                continue;
            }
            Flush(shown, run, runCharset);
            runCharset = null;
            int plain = start < 0 ? text.Length : start + 2;
            shown.Append(MailCharset.DecodeBare(text[..plain]));
            text = text[plain..];
        }
        Flush(shown, run, runCharset);
        return DisplayText.Clean(shown.ToString(), maxCharacters);
    }

    /// <summary>Text as one or more words in UTF-8 and base64, each at most 60 octets and whole letters, to be put on folded lines.</summary>
    public static IReadOnlyList<string> Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        const int room = (MaxWordOctets - 12) / 4 * 3; // "=?UTF-8?B?" and "?="
        var words = new List<string>();
        var octets = new List<byte>(room);
        Span<byte> one = stackalloc byte[4];
        foreach (Rune rune in text.EnumerateRunes())
        {
            int length = rune.EncodeToUtf8(one);
            if (octets.Count + length > room)
            {
                Take();
            }

            octets.AddRange(one[..length]);
        }
        if (octets.Count > 0)
        {
            Take();
        }

        return words;

        void Take()
        {
            words.Add($"=?UTF-8?B?{Convert.ToBase64String(octets.ToArray())}?=");
            octets.Clear();
        }
    }

    private static void Flush(StringBuilder shown, ArrayBufferWriter<byte> run, string? charset)
    {
        if (run.WrittenCount > 0)
        {
            shown.Append(MailCharset.Decode(run.WrittenSpan, charset!));
        }

        run.ResetWrittenCount();
    }

    private static bool TryRead(ReadOnlySpan<byte> text, out string charset, out byte[] octets, out int length)
    {
        charset = "";
        octets = [];
        length = 0;
        int first = text[2..].IndexOf((byte)'?');
        if (first is <= 0 or > 60)
        {
            return false;
        }

        int at = 2 + first;
        if (at + 3 >= text.Length || text[at + 2] != '?')
        {
            return false;
        }

        ReadOnlySpan<byte> encoded = text[(at + 3)..];
        int end = encoded.IndexOf("?="u8);
        if (end < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> name = text.Slice(2, first);
        int language = name.IndexOf((byte)'*'); // RFC 2231 section 5
        charset = Encoding.Latin1.GetString(language < 0 ? name : name[..language]);
        length = at + 3 + end + 2;
        return text[at + 1] switch
        {
            (byte)'B' or (byte)'b' => TryReadBase64(encoded[..end], out octets),
            (byte)'Q' or (byte)'q' => TryReadQuoted(encoded[..end], out octets),
            _ => false,
        };
    }

    private static bool TryReadBase64(ReadOnlySpan<byte> encoded, out byte[] octets)
    {
        // Padding that is missing is supplied: senders forget it.
        byte[] padded = new byte[(encoded.Length + 3) / 4 * 4];
        padded.AsSpan().Fill((byte)'=');
        encoded.CopyTo(padded);
        octets = new byte[padded.Length / 4 * 3];
        OperationStatus status = Base64.DecodeFromUtf8(padded, octets, out _, out int written);
        octets = octets[..written];
        return status == OperationStatus.Done;
    }

    // The "Q" encoding (RFC 2047 section 4.2): "_" is a space, "=XX" an octet; an "=" that is neither stays.
    private static bool TryReadQuoted(ReadOnlySpan<byte> encoded, out byte[] octets)
    {
        octets = new byte[encoded.Length];
        int length = 0;
        for (int at = 0; at < encoded.Length; at++)
        {
            byte octet = encoded[at];
            if (octet == '=' && at + 2 < encoded.Length && char.IsAsciiHexDigit((char)encoded[at + 1]) && char.IsAsciiHexDigit((char)encoded[at + 2]))
            {
                Utf8Parser.TryParse(encoded.Slice(at + 1, 2), out octet, out _, 'X');
                at += 2;
            }
            else if (octet == '_')
            {
                octet = (byte)' ';
            }
            octets[length++] = octet;
        }
        octets = octets[..length];
        return true;
    }
}
