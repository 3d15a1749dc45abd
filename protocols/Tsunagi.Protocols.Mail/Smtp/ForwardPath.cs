namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>The forward-path of RCPT (RFC 5321 section 4.1.1.3): one recipient; <c>&lt;Postmaster&gt;</c> may stand without a domain.</summary>
public readonly record struct ForwardPath(Mailbox Mailbox)
{
    /// <summary>Reads <c>"&lt;Postmaster&gt;"</c> or <c>"&lt;" Mailbox "&gt;"</c>; a source route is read over (RFC 5321 appendix C).</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ForwardPath path, SmtpLimits? limits = null)
    {
        bool read = SmtpPathReader.TryReadPath(text, limits ?? SmtpLimits.Default, out Mailbox? mailbox, out int consumed, out _);
        path = new ForwardPath(mailbox!);
        return read && mailbox is not null && consumed == text.Length;
    }

    /// <summary>The path with its angle brackets.</summary>
    public override string ToString() => $"<{Mailbox}>";
}
