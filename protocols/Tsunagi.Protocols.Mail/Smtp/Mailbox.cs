using System.Net;
using System.Text;

namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>
/// A mailbox: local part and domain, in the one form in which two mailboxes are compared. The local part is held without its
/// quoting and keeps its case (RFC 5321 section 2.4); the domain is held in lower case. Instances come from the parser only,
/// so neither part ever holds CR, LF, NUL or another control character.
/// </summary>
public sealed record Mailbox
{
    internal Mailbox(string localPart, string domain)
    {
        LocalPart = localPart;
        Domain = domain;
    }

    /// <summary>The recipient that needs no domain and is never refused (RFC 5321 section 4.5.1).</summary>
    public static Mailbox Postmaster { get; } = new("postmaster", "");

    /// <summary>The local part, unquoted.</summary>
    public string LocalPart { get; }

    /// <summary>A domain name in lower case, or an address literal with its brackets; empty for the bare postmaster.</summary>
    public string Domain { get; }

    /// <summary>The domain is an address such as <c>[192.0.2.1]</c>.</summary>
    public bool IsAddressLiteral => Domain.StartsWith('[');

    /// <summary>Postmaster of whatever domain, compared without case (RFC 5321 section 4.5.1).</summary>
    public bool IsPostmaster => LocalPart.Equals("postmaster", StringComparison.OrdinalIgnoreCase);

    /// <summary>No part needs SMTPUTF8 (RFC 6531).</summary>
    public bool IsAscii => Ascii.IsValid(LocalPart) && Ascii.IsValid(Domain);

    /// <summary>The address of an IPv4 or IPv6 literal.</summary>
    public bool TryGetAddress(out IPAddress? address)
    {
        address = null;
        if (!IsAddressLiteral)
        {
            return false;
        }

        ReadOnlySpan<char> inner = Domain.AsSpan(1, Domain.Length - 2);
        if (inner.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase))
        {
            return IPAddress.TryParse(inner[5..], out address);
        }

        // A general literal has a tag and a colon, and may look like an IPv6 address: "[9::192.0.2.1]".
        return !inner.Contains(':') && IPAddress.TryParse(inner, out address);
    }

    /// <summary>Reads <c>Mailbox = Local-part "@" ( Domain / address-literal )</c> (RFC 5321 section 4.1.2), nothing before or behind.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out Mailbox? mailbox, SmtpLimits? limits = null) =>
        SmtpPathReader.TryReadMailbox(text, limits ?? SmtpLimits.Default, out mailbox, out int consumed, out _) && consumed == text.Length;

    /// <summary>The same from a string, as it comes from settings and the API.</summary>
    public static bool TryParse(string? text, out Mailbox? mailbox, SmtpLimits? limits = null)
    {
        mailbox = null;
        // A string that can not be an address is turned away before it costs a copy.
        return text is { Length: > 0 and <= 1024 } && TryParse(Encoding.UTF8.GetBytes(text), out mailbox, limits);
    }

    /// <summary>The address as written on the wire, quoted where it must be.</summary>
    public override string ToString()
    {
        string local = NeedsQuotes(LocalPart) ? Quote(LocalPart) : LocalPart;
        return Domain.Length == 0 ? local : $"{local}@{Domain}";
    }

    internal static bool NeedsQuotes(string localPart)
    {
        if (localPart.Length == 0 || localPart[0] == '.' || localPart[^1] == '.' || localPart.Contains("..", StringComparison.Ordinal))
        {
            return true;
        }

        foreach (char c in localPart)
        {
            if (c < 0x80 && !SmtpText.DotStringChars.Contains(c))
            {
                return true;
            }
        }

        return false;
    }

    internal static string Quote(string localPart)
    {
        var quoted = new StringBuilder(localPart.Length + 8).Append('"');
        foreach (char c in localPart)
        {
            if (c is '"' or '\\')
            {
                quoted.Append('\\');
            }

            quoted.Append(c);
        }
        return quoted.Append('"').ToString();
    }
}
