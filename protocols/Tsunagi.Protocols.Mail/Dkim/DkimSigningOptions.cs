using System.Collections.Immutable;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Dkim;

/// <summary>Who signs.</summary>
/// <param name="Domain">d=, in A-labels.</param>
/// <param name="Selector">s=.</param>
/// <param name="Key">The private key; the caller keeps and disposes it.</param>
public sealed record DkimSigner(string Domain, string Selector, DkimPrivateKey Key)
{
    /// <summary>Domain and selector may stand in a field, and the key can be asked for there.</summary>
    internal bool IsFit => MailDomain.IsHostName(Domain) && MailDomain.IsHostName(Selector) && MailDomain.CanBeAsked($"{Selector}._domainkey.{Domain}");
}

/// <summary>How a message is signed.</summary>
public sealed record DkimSigningOptions
{
    /// <summary>The defaults.</summary>
    public static DkimSigningOptions Default { get; } = new();

    /// <summary>
    /// Fields that are signed where they stand in the message: each as often as it does (RFC 6376 section 5.4.1). Fields that are changed on the way
    /// (Received, Return-Path, Authentication-Results) are not among them.
    /// </summary>
    public ImmutableArray<string> Fields { get; init; } =
    [
        "From", "Sender", "Reply-To", "Subject", "Date", "Message-ID", "To", "Cc", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
        "Content-ID", "Content-Description", "In-Reply-To", "References", "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc", "Resent-Date",
        "Resent-Message-ID", "List-Id", "List-Help", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Subscribe", "List-Post", "List-Owner", "List-Archive",
        "Auto-Submitted",
    ];

    /// <summary>
    /// Fields that are named once more than they stand there, so that none can be added behind the signature's back (RFC 6376 section 8.15). Those of
    /// which a message has one (RFC 5322 section 3.6) and whose forgery is seen.
    /// </summary>
    public ImmutableArray<string> Oversigned { get; init; } =
        ["From", "Sender", "Reply-To", "Subject", "Date", "Message-ID", "To", "Cc", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "In-Reply-To", "References"];

    /// <summary>c= for the header.</summary>
    public Canonicalization HeaderForm { get; init; } = Canonicalization.Relaxed;

    /// <summary>c= for the body.</summary>
    public Canonicalization BodyForm { get; init; } = Canonicalization.Relaxed;

    /// <summary>i=; null leaves it out.</summary>
    public string? Identity { get; init; }

    /// <summary>How long the signature holds, as x=; null leaves it out.</summary>
    public TimeSpan? Lifetime { get; init; }
}
