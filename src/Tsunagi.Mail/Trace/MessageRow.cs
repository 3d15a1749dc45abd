namespace Tsunagi.Mail.Trace;

/// <summary>A message as its table holds it. Times of 0 mean "not".</summary>
public sealed record MessageRow(
    string Id, string TenantPath, string SubscriptionId, long AcceptedAt, string State, string Sender, string FromDomain, string MessageId, string Subject,
    long Size, string ClientAddress, string Helo, string Tls, long Flags, string TransactionId, string AboutId, long Recipients, long Attempts, long NextAt,
    long FinishedAt, string LastReply, string SubmittedBy, string FirstRecipient);

/// <summary>One recipient of a message.</summary>
public sealed record RecipientRow(long Position, string Recipient, string State, string Reply, long UpdatedAt);

/// <summary>One attempt; <paramref name="Replies"/> as <see cref="AttemptReplies"/> writes them.</summary>
public sealed record AttemptRow(
    long Attempt, long StartedAt, long EndedAt, string NextHop, string Address, string Tls, long NextAt, string Replies, string ReportId);

/// <summary>Everything the trace knows of one message.</summary>
/// <param name="Reports">Ids of our reports to the sender about it.</param>
/// <param name="Verdict">The verdict with all it rests on, as <c>VerdictFacts</c> writes it, in base64; empty where nothing was checked.</param>
public sealed record MessageTrace(
    MessageRow Message, IReadOnlyList<RecipientRow> Recipients, IReadOnlyList<AttemptRow> Attempts, IReadOnlyList<string> Reports, string Verdict);

/// <summary>What messages are asked for.</summary>
/// <param name="Text">A recipient, a sender, a Message-ID or an id of ours; empty for all.</param>
/// <param name="State">One of <see cref="MessageState.All"/>, or empty.</param>
/// <param name="Before">Only messages with a smaller id; empty for the newest.</param>
public sealed record MessageFilter(string Text, string State, string Subscription, long FromMicros, long ToMicros, string Before)
{
    public static readonly MessageFilter Newest = new("", "", "", 0, long.MaxValue, "");
}
