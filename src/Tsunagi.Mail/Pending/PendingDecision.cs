using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Pending;

/// <summary>What was decided about one pending recipient, as the spool and the trace keep it.</summary>
/// <param name="Position">Of the recipient in the envelope.</param>
/// <param name="IsSent">It goes now; else it is taken back.</param>
/// <param name="Reply">In the words of a reply: it stands in the trace, and in the report about one that is taken back.</param>
internal sealed record PendingDecision(int Position, bool IsSent, SmtpReply Reply)
{
    // RFC 3463: 2.0.0 says no more than the code; X.7.1 is "delivery not authorized, message refused" by the sender's own word here.
    private static readonly EnhancedStatus Goes = new(2, 0, 0);
    private static readonly EnhancedStatus TakenBack = new(5, 7, 1);

    public static PendingDecision Of(PendingRow row) => row.State == PendingState.Sent
        ? new((int)row.Position, true, new SmtpReply(250, Goes, row.ChangedBy.Length > 0 ? $"Sent at once, as {Plain(row.ChangedBy)} asked" : "Its time to be taken back is over"))
        : new((int)row.Position, false, new SmtpReply(554, TakenBack, $"Taken back before it was sent, by {Plain(row.ChangedBy)}"));

    // A reply is one line of printable ASCII.
    private static string Plain(string name) => string.Concat(name.Take(200).Select(static letter => letter is > ' ' and < '\u007f' ? letter : '?'));
}
