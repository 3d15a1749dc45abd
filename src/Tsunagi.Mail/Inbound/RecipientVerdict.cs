using Tsunagi.Mail.Contract;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Inbound;

/// <summary>What RCPT gets, and, where the recipient is taken, whose mail it is and under which address it goes on.</summary>
/// <param name="Gateway">Null for a refused recipient, and for the bare postmaster when no contract serves its address.</param>
/// <param name="Recipient">The address that goes on: as given, or what the bare postmaster stands for.</param>
internal readonly record struct RecipientVerdict(SmtpReply Reply, Gateway? Gateway, ForwardPath Recipient)
{
    public bool IsAccepted => Reply.IsPositive;

    /// <summary>The gateway's own customer sends it, and it leaves by our smarthost, or by MX.</summary>
    public bool IsOutbound { get; init; }

    /// <summary>It is the address of reports about customers' domains: the intake of this node takes it.</summary>
    public bool IsFeedback { get; init; }
}
