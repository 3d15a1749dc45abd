using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Delivery;

/// <summary>What a next hop is told of a message before its content.</summary>
internal sealed record Envelope(ReversePath ReversePath, IReadOnlyList<ForwardPath> Recipients, MessageFlags Flags, long SizeBytes)
{
    /// <summary>From the facts of the spool, after a restart or when the envelope was put out of memory. Null when a path no longer reads.</summary>
    public static Envelope? From(AcceptFacts facts)
    {
        var reversePath = ReversePath.Null;
        if (facts.ReversePath.Length > 0)
        {
            if (!Mailbox.TryParse(facts.ReversePath, out var sender))
            {
                return null;
            }

            reversePath = new ReversePath(sender);
        }

        var recipients = new ForwardPath[facts.Recipients.Count];
        for (var i = 0; i < recipients.Length; i++)
        {
            if (!Mailbox.TryParse(facts.Recipients[i], out var recipient))
            {
                return null;
            }

            recipients[i] = new ForwardPath(recipient!);
        }

        return new Envelope(reversePath, recipients, facts.Flags, facts.SizeBytes);
    }
}
