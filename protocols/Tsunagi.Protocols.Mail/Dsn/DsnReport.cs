using System.Collections.Immutable;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Protocols.Mail.Dsn;

/// <summary>
/// A delivery status notification (RFC 3464). It is sent with the null reverse-path, and only about messages that did not have the null
/// reverse-path themselves (RFC 5321 section 4.5.5, RFC 3464 section 2): <see cref="To"/> is a mailbox, so there is always somebody to tell.
/// </summary>
public sealed record DsnReport
{
    /// <summary>The reverse-path a notification is sent with.</summary>
    public static ReversePath EnvelopeSender => ReversePath.Null;

    /// <summary>The host that reports.</summary>
    public required string ReportingMta { get; init; }

    /// <summary>The author of the notice, usually postmaster of the reporting host.</summary>
    public required Mailbox From { get; init; }

    /// <summary>The sender of the message reported on.</summary>
    public required Mailbox To { get; init; }

    /// <summary>Message-ID of the notice, without angle brackets.</summary>
    public required string MessageId { get; init; }

    /// <summary>When the notice is written.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>When the message came to the reporting host.</summary>
    public DateTimeOffset? ArrivalDate { get; init; }

    /// <summary>ENVID of the transaction (RFC 3461 section 4.4).</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>Message-ID of the message reported on, without angle brackets; goes to References.</summary>
    public string? AboutMessageId { get; init; }

    /// <summary>Whom it is about; at least one.</summary>
    public required ImmutableArray<DsnRecipient> Recipients { get; init; }

    /// <summary>The header section of the message, as it came; cut at <see cref="MaxHeaderOctets"/>.</summary>
    public ReadOnlyMemory<byte> OriginalHeader { get; init; }

    /// <summary>Most octets of <see cref="OriginalHeader"/> given back.</summary>
    public int MaxHeaderOctets { get; init; } = 32 * 1024;

    /// <summary>The sender can take UTF-8 in headers and status fields (the message came with SMTPUTF8): RFC 6533.</summary>
    public bool IsUtf8 { get; init; }

    /// <summary>The texts for people, in the order they are shown; English alone unless told otherwise.</summary>
    public ImmutableArray<DsnText> Texts { get; init; } = [DsnText.English];
}
