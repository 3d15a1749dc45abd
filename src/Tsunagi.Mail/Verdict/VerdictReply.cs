using System.Text;
using Tsunagi.Mail.Checks;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Verdict;

/// <summary>What a sender is told whose message is refused or put off: what was wrong in plain words, the code, and where more is said. Nothing of the evidence's values.</summary>
internal static class VerdictReply
{
    private static readonly EnhancedStatus Refused = new(5, 7, 1);
    private static readonly EnhancedStatus PutOff = new(4, 7, 1);

    /// <param name="why">Address of the page that explains codes, ending in a slash; empty for none.</param>
    public static SmtpReply Of(MessageVerdict verdict, string why, string id)
    {
        var code = EvidenceCatalogue.Find(verdict.Reason);
        var text = new StringBuilder(code?.Tells.En ?? "It was judged to be unwanted.");
        text.Append(" (").Append(verdict.Reason).Append(", ").Append(id).Append(')');
        if (why.Length > 0)
        {
            text.Append(" see ").Append(why).Append(verdict.Reason);
        }

        return verdict.Action == PolicyAction.Defer
            ? new SmtpReply(451, PutOff, "Not taken now: " + text)
            : new SmtpReply(554, Refused, "Not taken: " + text);
    }
}
