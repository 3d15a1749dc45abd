using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Unicode;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>
/// Reads paths and mailboxes (RFC 5321 section 4.1.2, RFC 6531 section 3.3). Two leniences, both of real senders: an underscore
/// in a domain, and dots at the ends of or doubled in an unquoted local part (Japanese mobile carriers gave out such addresses);
/// such a local part is written quoted, as the grammar demands.
/// </summary>
internal static class SmtpPathReader
{
    /// <summary><c>Path = "&lt;" [ A-d-l ":" ] Mailbox "&gt;"</c>; the null path gives a null mailbox.</summary>
    public static bool TryReadPath(ReadOnlySpan<byte> text, SmtpLimits limits, out Mailbox? mailbox, out int consumed, out string reason)
    {
        mailbox = null;
        consumed = 0;
        if (text.IsEmpty || text[0] != '<')
        {
            return Bad("Path must begin with <", out reason);
        }

        int at = 1;
        if (at < text.Length && text[at] == '>')
        {
            consumed = 2;
            reason = "";
            return true;
        }
        if (!TrySkipRoute(text, ref at, limits, out reason))
        {
            consumed = at;
            return false;
        }
        ReadOnlySpan<byte> rest = text[at..];
        int length;
        if (rest.Length > 10 && rest[10] == '>' && Ascii.EqualsIgnoreCase(rest[..10], "postmaster"u8))
        {
            mailbox = Mailbox.Postmaster;
            length = 10;
        }
        else if (!TryReadMailbox(rest, limits, out mailbox, out length, out reason))
        {
            consumed = at + length;
            return false;
        }
        int end = at + length;
        consumed = end;
        if (end >= text.Length || text[end] != '>')
        {
            mailbox = null;
            return Bad("Path must end with >", out reason);
        }
        // The limit counts the path as it is sent on: the route is not (RFC 5321 section 4.1.1.3).
        if (Octets(mailbox!) + 2 > limits.PathOctets)
        {
            mailbox = null;
            return Bad("Path too long", out reason);
        }
        consumed = end + 1;
        return true;
    }

    /// <summary>Local-part "@" ( Domain / address-literal ), up to the first octet that can not belong to it.</summary>
    public static bool TryReadMailbox(ReadOnlySpan<byte> text, SmtpLimits limits, out Mailbox? mailbox, out int consumed, out string reason)
    {
        mailbox = null;
        string? local = text.Length > 0 && text[0] == '"'
            ? ReadQuoted(text, out consumed)
            : ReadDotString(text, out consumed);
        if (local is null)
        {
            return Bad("Malformed local part", out reason);
        }

        if (consumed >= text.Length || text[consumed] != '@')
        {
            return Bad("Address has no domain", out reason);
        }

        if (LocalOctets(local) > limits.LocalPartOctets)
        {
            return Bad("Local part too long", out reason);
        }

        consumed++;
        if (!TryReadDomain(text[consumed..], limits, out string domain, out int length, out reason))
        {
            consumed += length;
            return false;
        }
        consumed += length;
        mailbox = new Mailbox(local, domain);
        return true;
    }

    /// <summary>Domain or address-literal, in lower case.</summary>
    public static bool TryReadDomain(ReadOnlySpan<byte> text, SmtpLimits limits, out string domain, out int consumed, out string reason)
    {
        domain = "";
        if (text.Length > 0 && text[0] == '[')
        {
            return TryReadLiteral(text, limits, out domain, out consumed, out reason);
        }

        int length = 0;
        while (length < text.Length && SmtpText.IsDomainName(text[length]))
        {
            length++;
        }

        consumed = length;
        ReadOnlySpan<byte> name = text[..length];
        if (length > limits.DomainOctets)
        {
            return Bad("Domain too long", out reason);
        }

        if (!IsName(name))
        {
            return Bad("Malformed domain", out reason);
        }

        domain = Lower(name);
        if (!DisplayText.IsClean(domain))
        {
            return Bad("Malformed domain", out reason);
        }

        // The lower form of a letter outside ASCII can take more octets than the letter itself.
        if (domain.Length != length && !FitsInLowerCase(domain, limits))
        {
            return Bad("Domain too long", out reason);
        }

        reason = "";
        return true;
    }

    private static bool FitsInLowerCase(string domain, SmtpLimits limits)
    {
        byte[] name = Encoding.UTF8.GetBytes(domain);
        return name.Length <= limits.DomainOctets && IsName(name);
    }

    // A-d-l = At-domain *( "," At-domain ) ; At-domain = "@" Domain. Accepted and ignored (RFC 5321 section 4.1.1.3, appendix C).
    private static bool TrySkipRoute(ReadOnlySpan<byte> text, ref int at, SmtpLimits limits, out string reason)
    {
        reason = "";
        if (at >= text.Length || text[at] != '@')
        {
            return true;
        }

        while (true)
        {
            if (at >= text.Length || text[at] != '@')
            {
                return Bad("Malformed source route", out reason);
            }

            at++;
            if (!TryReadDomain(text[at..], limits, out _, out int length, out reason))
            {
                return false;
            }

            at += length;
            if (at >= text.Length)
            {
                return Bad("Malformed source route", out reason);
            }

            byte next = text[at++];
            if (next == ':')
            {
                return true;
            }

            if (next != ',')
            {
                return Bad("Malformed source route", out reason);
            }
        }
    }

    private static string? ReadDotString(ReadOnlySpan<byte> text, out int consumed)
    {
        int length = 0;
        while (length < text.Length && SmtpText.IsDotString(text[length]))
        {
            length++;
        }

        consumed = length;
        ReadOnlySpan<byte> local = text[..length];
        return length > 0 && Utf8.IsValid(local) ? Harmless(local) : null;
    }

    // Quoted-string = DQUOTE *QcontentSMTP DQUOTE ; qtextSMTP = %d32-33 / %d35-91 / %d93-126 ; quoted-pairSMTP = %d92 %d32-126
    private static string? ReadQuoted(ReadOnlySpan<byte> text, out int consumed)
    {
        Span<byte> plain = text.Length <= 512 ? stackalloc byte[512] : new byte[text.Length];
        int length = 0;
        int at = 1;
        for (; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\' && (++at >= text.Length || text[at] >= 0x80))
            {
                break;
            }

            if (text[at] is < 32 or 127)
            {
                break;
            }

            plain[length++] = text[at];
        }
        consumed = Math.Min(at, text.Length);
        if (at >= text.Length || text[at] != '"' || !Utf8.IsValid(plain[..length]))
        {
            return null;
        }

        consumed = at + 1;
        return Harmless(plain[..length]);
    }

    // UTF8-non-ascii holds C1 controls, line separators and turns of the reading direction too. No mailbox is named with them, and where an
    // address is shown or written they would do harm, so such an address is refused rather than changed.
    private static string? Harmless(ReadOnlySpan<byte> local)
    {
        string text = Encoding.UTF8.GetString(local);
        return DisplayText.IsClean(text) ? text : null;
    }

    // Domain = sub-domain *("." sub-domain) ; labels of 1 to 63 octets (RFC 1035 section 2.3.4) that neither begin nor end with "-".
    private static bool IsName(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || !Utf8.IsValid(name))
        {
            return false;
        }

        while (true)
        {
            int dot = name.IndexOf((byte)'.');
            ReadOnlySpan<byte> label = dot < 0 ? name : name[..dot];
            if (label.IsEmpty || label.Length > 63 || label[0] == '-' || label[^1] == '-')
            {
                return false;
            }

            if (dot < 0)
            {
                return true;
            }

            name = name[(dot + 1)..];
        }
    }

    // address-literal = "[" ( IPv4-address-literal / IPv6-address-literal / General-address-literal ) "]" (RFC 5321 section 4.1.3)
    private static bool TryReadLiteral(ReadOnlySpan<byte> text, SmtpLimits limits, out string literal, out int consumed, out string reason)
    {
        literal = "";
        int end = text.IndexOf((byte)']');
        consumed = end < 0 ? text.Length : end + 1;
        if (end < 0 || consumed > limits.DomainOctets)
        {
            return Bad("Malformed address literal", out reason);
        }

        ReadOnlySpan<byte> inner = text[1..end];
        if (inner.Length > 5 && Ascii.EqualsIgnoreCase(inner[..5], "IPv6:"u8))
        {
            if (!TryReadIPv6(inner[5..], out IPAddress? address))
            {
                return Bad("Malformed IPv6 address literal", out reason);
            }

            literal = $"[IPv6:{address}]";
        }
        else if (IsIPv4(inner))
        {
            literal = $"[{IPAddress.Parse(Encoding.ASCII.GetString(inner))}]";
        }
        else
        {
            if (!IsGeneralLiteral(inner))
            {
                return Bad("Malformed address literal", out reason);
            }

            literal = $"[{Encoding.ASCII.GetString(inner)}]";
        }
        reason = "";
        return true;
    }

    private static bool TryReadIPv6(ReadOnlySpan<byte> text, out IPAddress? address)
    {
        address = null;
        foreach (byte octet in text)
        {
            if (!char.IsAsciiHexDigit((char)octet) && octet is not ((byte)':' or (byte)'.'))
            {
                return false;
            }
        }

        return IPAddress.TryParse(Encoding.ASCII.GetString(text), out address) && address.AddressFamily == AddressFamily.InterNetworkV6;
    }

    // Snum 3("." Snum), each 0-255 in decimal. Leading zeros are refused: some readers take them for octal.
    private static bool IsIPv4(ReadOnlySpan<byte> text)
    {
        int parts = 0;
        while (true)
        {
            int dot = text.IndexOf((byte)'.');
            ReadOnlySpan<byte> part = dot < 0 ? text : text[..dot];
            if (part.Length is 0 or > 3 || part.ContainsAnyExceptInRange((byte)'0', (byte)'9') || (part.Length > 1 && part[0] == '0'))
            {
                return false;
            }

            int value = 0;
            foreach (byte digit in part)
            {
                value = value * 10 + digit - '0';
            }

            if (value > 255)
            {
                return false;
            }

            parts++;
            if (dot < 0)
            {
                return parts == 4;
            }

            text = text[(dot + 1)..];
        }
    }

    // General-address-literal = Standardized-tag ":" 1*dcontent ; dcontent = %d33-90 / %d94-126
    private static bool IsGeneralLiteral(ReadOnlySpan<byte> inner)
    {
        int colon = inner.IndexOf((byte)':');
        if (colon <= 0 || colon == inner.Length - 1 || inner[..colon].ContainsAnyExcept(SmtpText.Keyword) || inner[colon - 1] == '-')
        {
            return false;
        }

        foreach (byte octet in inner[(colon + 1)..])
        {
            if (octet is < 33 or (> 90 and < 94) or > 126)
            {
                return false;
            }
        }

        return !Ascii.EqualsIgnoreCase(inner[..colon], "IPv6"u8);
    }

    private static string Lower(ReadOnlySpan<byte> name)
    {
        if (Ascii.IsValid(name))
        {
            return string.Create(name.Length, name, static (chars, source) =>
            {
                for (int i = 0; i < source.Length; i++)
                {
                    chars[i] = char.ToLowerInvariant((char)source[i]);
                }
            });
        }

        return Encoding.UTF8.GetString(name).ToLowerInvariant();
    }

    private static int Octets(Mailbox mailbox) =>
        LocalOctets(mailbox.LocalPart) + (mailbox.Domain.Length == 0 ? 0 : 1 + Encoding.UTF8.GetByteCount(mailbox.Domain));

    private static int LocalOctets(string local) =>
        Encoding.UTF8.GetByteCount(Mailbox.NeedsQuotes(local) ? Mailbox.Quote(local) : local);

    private static bool Bad(string why, out string reason)
    {
        reason = why;
        return false;
    }
}
