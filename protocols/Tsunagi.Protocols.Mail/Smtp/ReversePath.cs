namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>
/// The reverse-path of MAIL (RFC 5321 section 4.1.1.2): where failures are told. The default value is the null path
/// <c>&lt;&gt;</c>, of notices that must not be answered by another notice (RFC 5321 section 4.5.5).
/// </summary>
public readonly record struct ReversePath(Mailbox? Mailbox)
{
    /// <summary>The path <c>&lt;&gt;</c>.</summary>
    public static ReversePath Null => default;

    /// <summary>The path is <c>&lt;&gt;</c>.</summary>
    public bool IsNull => Mailbox is null;

    /// <summary>No part needs SMTPUTF8 (RFC 6531).</summary>
    public bool IsAscii => Mailbox is null || Mailbox.IsAscii;

    /// <summary>Reads <c>"&lt;&gt;"</c> or <c>"&lt;" Mailbox "&gt;"</c>; a source route is read over (RFC 5321 appendix C).</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ReversePath path, SmtpLimits? limits = null)
    {
        bool read = SmtpPathReader.TryReadPath(text, limits ?? SmtpLimits.Default, out Mailbox? mailbox, out int consumed, out _);
        path = new ReversePath(mailbox);
        return read && consumed == text.Length;
    }

    /// <summary>The path with its angle brackets.</summary>
    public override string ToString() => $"<{Mailbox}>";
}
