using System.Buffers;

namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>The character classes of RFC 5321 section 4.1.2 and RFC 5322 section 3.2.3, as vectorised sets.</summary>
internal static class SmtpText
{
    private const string Alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>atext and the dot between atoms.</summary>
    public static readonly SearchValues<byte> DotString = SearchValues.Create(System.Text.Encoding.ASCII.GetBytes(Alphanumeric + "!#$%&'*+-/=?^_`{|}~."));

    /// <summary>Let-dig, hyphen and dot; the underscore is not in the grammar but is in the hosts that send mail.</summary>
    public static readonly SearchValues<byte> DomainName = SearchValues.Create(System.Text.Encoding.ASCII.GetBytes(Alphanumeric + "-_."));

    /// <summary>esmtp-keyword characters (RFC 5321 section 4.1.2).</summary>
    public static readonly SearchValues<byte> Keyword = SearchValues.Create(System.Text.Encoding.ASCII.GetBytes(Alphanumeric + "-"));

    /// <summary>Characters of a dot-string, for deciding whether a local part must be quoted.</summary>
    public static readonly SearchValues<char> DotStringChars = SearchValues.Create(Alphanumeric + "!#$%&'*+-/=?^_`{|}~.");

    public static bool IsNonAscii(byte octet) => octet >= 0x80;

    /// <summary>atext / "." / UTF8-non-ascii (RFC 6531 section 3.3).</summary>
    public static bool IsDotString(byte octet) => IsNonAscii(octet) || DotString.Contains(octet);

    /// <summary>A letter, digit, hyphen, underscore, dot or UTF8-non-ascii (RFC 6531 section 3.3, U-label).</summary>
    public static bool IsDomainName(byte octet) => IsNonAscii(octet) || DomainName.Contains(octet);

    /// <summary>esmtp-value = 1*(%d33-60 / %d62-126) (RFC 5321 section 4.1.2) / UTF8-non-ascii (RFC 6531 section 3.3).</summary>
    public static bool IsValue(byte octet) => octet is >= 33 and not 61 and not 127;
}
