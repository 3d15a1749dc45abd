using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Protocols.Mail.Dsn;

/// <summary>The fields of one recipient (RFC 3464 section 2.3).</summary>
public sealed record DsnRecipient
{
    /// <summary>The address it was tried with.</summary>
    public required Mailbox FinalRecipient { get; init; }

    /// <summary>The address the sender wrote, as ORCPT gave it (RFC 3461 section 4.2).</summary>
    public Mailbox? OriginalRecipient { get; init; }

    /// <summary>What became of it.</summary>
    public required DsnAction Action { get; init; }

    /// <summary>Why, for programs.</summary>
    public required EnhancedStatus Status { get; init; }

    /// <summary>The host that gave <see cref="Reply"/>; null when none was reached.</summary>
    public string? RemoteMta { get; init; }

    /// <summary>What the remote host said; written as Diagnostic-Code of type smtp.</summary>
    public SmtpReply? Reply { get; init; }

    /// <summary>The last try.</summary>
    public DateTimeOffset? LastAttempt { get; init; }

    /// <summary>For a delay: how long it is tried further.</summary>
    public DateTimeOffset? WillRetryUntil { get; init; }
}
