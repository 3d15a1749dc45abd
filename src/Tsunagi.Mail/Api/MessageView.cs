using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Trace;

namespace Tsunagi.Mail.Api;

/// <summary>A message in a list.</summary>
/// <param name="State">queued, held, deferred, delivered, partial, failed, expired, dropped or quarantined.</param>
/// <param name="From">The reverse-path; empty for the null path.</param>
/// <param name="To">The first recipient.</param>
/// <param name="Subject">For the tenant itself only; content is closed to everyone above it.</param>
public sealed record MessageView(
    string Id, string TenantId, string SubscriptionId, long AcceptedAt, string State, string From, string To, long Recipients, long SizeBytes, string MessageId,
    string? Subject, long Attempts, long? NextAt, long? FinishedAt, string? LastReply)
{
    internal static MessageView Of(MessageRow row) => new(
        row.Id, TenantOf(row.TenantPath), row.SubscriptionId, row.AcceptedAt, row.State, row.Sender, row.FirstRecipient, row.Recipients, row.Size, row.MessageId,
        Some(row.Subject), row.Attempts, Some(row.NextAt), Some(row.FinishedAt), Some(row.LastReply));

    internal static string TenantOf(string path) => path.TrimEnd('/') is var trimmed && trimmed.LastIndexOf('/') is var slash ? trimmed[(slash + 1)..] : path;

    internal static string? Some(string text) => text.Length == 0 ? null : text;

    internal static long? Some(long micros) => micros == 0 ? null : micros;
}

/// <summary>The whole story of a message.</summary>
/// <param name="Why">Where it is and why, in the caller's language.</param>
/// <param name="Next">What happens next; absent when nothing does.</param>
/// <param name="Queued">How it stands in this node's queue; absent when it is not there.</param>
/// <param name="SubmittedBy">The name of the credential it was handed in by; absent for mail that was brought.</param>
/// <param name="About">For a report of ours: the message it is about.</param>
/// <param name="Reports">Our reports to the sender about it.</param>
/// <param name="Verdict">Why it was judged as it was; absent where nothing was checked.</param>
public sealed record MessageTraceView(
    MessageView Message, string Why, string? Next, long? NextAt, string ClientAddress, string Helo, string? Tls, string? SubmittedBy, string? TransactionId, string? About,
    IReadOnlyList<string> Reports, IReadOnlyList<RecipientView> Recipients, IReadOnlyList<AttemptView> Attempts, QueuedView? Queued, VerdictView? Verdict)
{
    internal static MessageTraceView Of(MessageTrace trace, QueuedView? queued, string locale)
    {
        var row = trace.Message;
        var next = MessageStory.Next(row, queued);
        return new MessageTraceView(
            MessageView.Of(row), MessageStory.Why(row, queued).In(locale), next?.Text.In(locale), next?.At, row.ClientAddress, row.Helo, MessageView.Some(row.Tls), MessageView.Some(row.SubmittedBy),
            MessageView.Some(row.TransactionId), MessageView.Some(row.AboutId), trace.Reports,
            [.. trace.Recipients.Select(static r => new RecipientView(r.Recipient, r.State, MessageView.Some(r.Reply), r.UpdatedAt))],
            [.. trace.Attempts.Select(attempt => AttemptView.Of(attempt, trace.Recipients))], queued, VerdictView.Of(trace.Verdict, locale));
    }
}

/// <summary>One recipient.</summary>
public sealed record RecipientView(string Address, string State, string? Reply, long UpdatedAt);

/// <summary>One attempt at delivery.</summary>
/// <param name="Address">The address spoken to; absent when no connection came about.</param>
public sealed record AttemptView(
    long Attempt, long StartedAt, long EndedAt, string NextHop, string? Address, string? Tls, long? NextAt, string? ReportId, IReadOnlyList<ReplyView> Replies)
{
    internal static AttemptView Of(AttemptRow row, IReadOnlyList<RecipientRow> recipients) => new(
        row.Attempt, row.StartedAt, row.EndedAt, row.NextHop, MessageView.Some(row.Address), MessageView.Some(row.Tls), MessageView.Some(row.NextAt),
        MessageView.Some(row.ReportId),
        [.. AttemptReplies.Read(row.Replies).Select(reply => new ReplyView(
            [.. recipients.Skip(reply.First).Take(reply.Count).Select(static recipient => recipient.Recipient)], reply.Text))]);
}

/// <summary>What a next hop said, and for which recipients.</summary>
public sealed record ReplyView(IReadOnlyList<string> Recipients, string Reply);
