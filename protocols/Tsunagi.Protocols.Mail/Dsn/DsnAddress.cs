using System.Globalization;
using System.Text;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Protocols.Mail.Dsn;

/// <summary>Typed addresses: <c>rfc822; a@b</c> (RFC 3464 section 2.1.2) and <c>utf-8; ...</c> (RFC 6533 section 3).</summary>
internal static class DsnAddress
{
    /// <summary>In a report for a sender without SMTPUTF8 an address outside ASCII is written as utf-8-addr-xtext, else as it is.</summary>
    public static string Write(Mailbox mailbox, bool utf8) =>
        mailbox.IsAscii ? $"rfc822;{mailbox}" : $"utf-8;{(utf8 ? mailbox.ToString() : Embed(mailbox.ToString()))}";

    public static bool TryRead(string text, out Mailbox? mailbox)
    {
        mailbox = null;
        int semicolon = text.IndexOf(';', StringComparison.Ordinal);
        if (semicolon < 0)
        {
            return false;
        }

        string address = text[(semicolon + 1)..].Trim();
        return text[..semicolon].Trim().ToUpperInvariant() switch
        {
            "RFC822" => Mailbox.TryParse(address, out mailbox),
            "UTF-8" => TryUnembed(address, out string plain) && Mailbox.TryParse(plain, out mailbox),
            _ => false,
        };
    }

    // EmbeddedUnicodeChar = %x5C.78 "{" HEXPOINT "}" ; QCHAR = %x21-2a / %x2c-3c / %x3e-5b / %x5d-7e (RFC 6533 section 3)
    private static string Embed(string address)
    {
        var text = new StringBuilder(address.Length * 2);
        foreach (Rune rune in address.EnumerateRunes())
        {
            if (rune.Value is > 0x20 and < 0x7f and not ('+' or '=' or '\\'))
            {
                text.Append((char)rune.Value);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"\\x{{{rune.Value:X2}}}");
            }
        }
        return text.ToString();
    }

    private static bool TryUnembed(string text, out string address)
    {
        var plain = new StringBuilder(text.Length);
        address = "";
        for (int at = 0; at < text.Length; at++)
        {
            if (!text.AsSpan(at).StartsWith("\\x{"))
            {
                plain.Append(text[at]);
                continue;
            }
            int end = text.IndexOf('}', at);
            if (end < 0 || end - at > 9
                || !int.TryParse(text.AsSpan(at + 3, end - at - 3), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
                || !Rune.IsValid(value))
            {
                return false;
            }

            plain.Append(new Rune(value));
            at = end;
        }
        address = plain.ToString();
        return true;
    }
}
