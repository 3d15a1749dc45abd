using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Authentication;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Verdict;

/// <summary>
/// What a recipient, a domain or a tenant said of a sender, as evidence for that recipient alone. A block needs no proof of who sends; an allow counts only
/// for an author whose domain is confirmed, and takes away no more than what points are worth: malware and attachments stay what they are.
/// </summary>
internal static class SenderWord
{
    public const string Blocked = "sender.blocked";
    public const string Allowed = "sender.allowed";

    public static readonly IReadOnlyList<EvidenceCode> Codes =
    [
        new(Blocked, new("The sender {0} is blocked here.", "送信者 {0} は受信側で拒否されています。"),
            new("The recipient does not want mail from this sender.", "受信者がこの送信者からのメールを拒否しています。"), 0, PolicyAction.Quarantine, HoldClass.Spam),
        new(Allowed, new("The sender {0} is allowed here, and is who it says it is.", "送信者 {0} は受信側で許可されており、送信元も確認できました。"),
            new("The recipient wants mail from this sender.", "受信者がこの送信者を許可しています。"), 0, PolicyAction.Accept, HoldClass.Spam) { IsNote = true },
    ];

    /// <summary>Null when nobody said anything that counts.</summary>
    /// <param name="from">The author's address, in lower case; empty when none can be read.</param>
    /// <param name="sender">The reverse-path, in lower case; empty for the null path.</param>
    public static Evidence? Of(SenderBook book, string tenantPath, string recipient, string from, string sender, IReadOnlyList<Evidence> found)
    {
        var ofAuthor = from.Length > 0 ? book.Find(tenantPath, recipient, from) : SenderRule.None;
        var ofSender = sender.Length > 0 && sender != from ? book.Find(tenantPath, recipient, sender) : SenderRule.None;
        if (ofAuthor == SenderRule.Block || ofSender == SenderRule.Block)
        {
            return Evidence.Of(Blocked, ("sender", ofAuthor == SenderRule.Block ? from : sender));
        }

        return ofAuthor == SenderRule.Allow && found.Any(static evidence => evidence.Code is AuthenticationCheck.DmarcPass or AuthenticationCheck.Submitted) ? Evidence.Of(Allowed, ("sender", from)) : null;
    }
}
