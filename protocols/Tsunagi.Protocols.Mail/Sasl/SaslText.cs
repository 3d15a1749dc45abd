using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Tsunagi.Protocols.Mail.Sasl;

/// <summary>The texts of SASL: base64 of the messages, and the preparation of names and secrets.</summary>
public static class SaslText
{
    /// <summary>Longest name or secret in octets (RFC 4616 section 2 lets a server take no more than 255).</summary>
    public const int MaxOctets = 255;

    // RFC 3454 table B.1: what stands for nothing.
    private static readonly SearchValues<char> Nothing = SearchValues.Create("\u00AD\u034F\u1806\u180B\u180C\u180D\u200B\u200C\u200D\u2060\uFE00\uFE01\uFE02\uFE03\uFE04\uFE05\uFE06\uFE07\uFE08\uFE09\uFE0A\uFE0B\uFE0C\uFE0D\uFE0E\uFE0F\uFEFF");

    // RFC 3454 table C.1.2: spaces that are not the space.
    private static readonly SearchValues<char> Spaces = SearchValues.Create("\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u202F\u205F\u3000");

    /// <summary>
    /// Decodes base64 as RFC 4954 section 4 has it: the alphabet and padding of RFC 4648 section 4, and nothing else, not even white space.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> base64, out byte[] octets)
    {
        octets = [];
        if (base64.Length % 4 != 0 || base64.ContainsAny(" \t\r\n"u8))
        {
            return false;
        }

        byte[] decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        if (Base64.DecodeFromUtf8(base64, decoded, out int consumed, out int written) != OperationStatus.Done || consumed != base64.Length)
        {
            return false;
        }

        octets = decoded[..written];
        return true;
    }

    /// <summary>
    /// Prepares a name or secret that somebody gives, to be compared with a stored one of printable ASCII (SASLprep, RFC 4013 section 2, a query): what is mapped to
    /// nothing or to the space is mapped, full-width forms become what they stand for, control characters are refused. Other characters outside ASCII can be part of no
    /// stored text and are refused as well.
    /// </summary>
    /// <param name="utf8">The text as it came.</param>
    /// <param name="prepared">The text in ASCII, when true is returned; never empty.</param>
    public static bool TryPrepare(ReadOnlySpan<byte> utf8, out string prepared)
    {
        prepared = "";
        if (utf8.Length is 0 or > MaxOctets || !System.Text.Unicode.Utf8.IsValid(utf8))
        {
            return false;
        }

        var text = new StringBuilder(utf8.Length);
        foreach (char c in Encoding.UTF8.GetString(utf8))
        {
            if (c is >= ' ' and <= '~')
            {
                text.Append(c);
            }
            else if (c is >= '\uFF01' and <= '\uFF5E')
            {
                text.Append((char)(c - 0xFF01 + '!')); // NFKC of the full-width forms
            }
            else if (Spaces.Contains(c))
            {
                text.Append(' ');
            }
            else if (!Nothing.Contains(c))
            {
                return false;
            }
        }

        prepared = text.ToString();
        return prepared.Length > 0;
    }
}
