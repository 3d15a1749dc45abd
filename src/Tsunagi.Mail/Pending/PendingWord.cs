using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Pending;

/// <summary>
/// Says of mail that a customer sends to others whether it waits before it leaves, and for whom: (1) mail without a sender (reports) leaves at once, for there is nobody to take it back; (2) the sender's own
/// policy counts: the person in the From field where that is of a domain of this customer's, else the sender of the envelope; (3) domains that look like mistakes are found; (4) where only they are to wait, the
/// others leave at once.
/// </summary>
internal sealed class PendingWord(PolicyWatch policies, RecipientLists lists, Correspondents correspondents, GatewayContracts contracts)
{
    /// <summary>Null when all of it leaves at once.</summary>
    /// <param name="from">The first address of the From field; empty when there is none.</param>
    public PendingOrder? Of(Gateway gateway, ReversePath reversePath, string from, IReadOnlyList<ForwardPath> recipients, long nowMicros)
    {
        // (1)
        if (reversePath.Mailbox is not { } envelope)
        {
            return null;
        }

        // (2)
        var sender = Mailbox.TryParse(from, out var person) && IsOwn(gateway, person!) ? person! : envelope;
        var policy = PolicyDesk.For(policies.Table, gateway.TenantPath, IsOwn(gateway, sender) ? contracts.Table.ForDomain(sender.Domain) : null, sender, lists).Pending;
        if (!policy.IsOn)
        {
            return null;
        }

        // (3)
        var doubts = new string[recipients.Count];
        for (var i = 0; i < doubts.Length; i++)
        {
            doubts[i] = correspondents.DoubtOf(gateway.TenantPath, recipients[i].Mailbox.Domain);
        }

        // (4)
        var waits = Array.ConvertAll(doubts, doubt => policy.Which == PendingMail.All || doubt.Length > 0);
        return !waits.Contains(true) ? null : new PendingOrder(
            nowMicros + (policy.Minutes!.Value * 60 * UnixMicros.PerSecond),
            policy.Notice!.Value && IsOwn(gateway, envelope),
            waits,
            doubts);
    }

    /// <summary>Mail that does not wait makes its domains known.</summary>
    public void Left(string tenantPath, IReadOnlyList<ForwardPath> recipients)
    {
        foreach (var domain in recipients.Select(static recipient => recipient.Mailbox.Domain).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            correspondents.Wrote(tenantPath, domain);
        }
    }

    /// <summary>Only who is of the customer's own domains is told, and speaks for a policy: a link that takes mail back is not sent to strangers.</summary>
    private bool IsOwn(Gateway gateway, Mailbox mailbox) => contracts.Table.ForDomain(mailbox.Domain)?.TenantPath == gateway.TenantPath;
}

/// <summary>How a message waits.</summary>
/// <param name="Waits">For each recipient: it waits.</param>
/// <param name="Doubts">For each recipient: the domain that was probably meant, or an empty text.</param>
internal sealed record PendingOrder(long UntilMicros, bool TellsSender, IReadOnlyList<bool> Waits, IReadOnlyList<string> Doubts);
