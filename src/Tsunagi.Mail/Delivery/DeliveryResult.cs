using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Delivery;

/// <summary>What became of one transaction with a next hop.</summary>
internal sealed class DeliveryResult(int recipients)
{
    /// <summary>The reply each recipient of the envelope earned; null for those not tried.</summary>
    public SmtpReply?[] Replies { get; } = new SmtpReply?[recipients];

    /// <summary>The next hop takes no mail at all now (421, or it left before a transaction began): its fault, not the message's.</summary>
    public bool NextHopUnavailable { get; set; }

    /// <summary>The connection is of no further use.</summary>
    public bool ConnectionLost { get; set; }

    /// <summary>The connection ended between our final dot and the reply: the next hop may have the message. A retry may deliver it twice (RFC 1047).</summary>
    public bool Ambiguous { get; set; }

    /// <summary>The same reply for every recipient that has none yet.</summary>
    public void FillIn(SmtpReply reply, IReadOnlyList<int> tried)
    {
        foreach (var recipient in tried)
        {
            Replies[recipient] ??= reply;
        }
    }
}
