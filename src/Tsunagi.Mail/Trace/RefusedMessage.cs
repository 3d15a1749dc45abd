using Tsunagi.Core.Logs;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Trace;

/// <summary>A message, or one subscription's part of it, that was refused after its content was judged.</summary>
/// <param name="Facts">What was known of it, with the verdict.</param>
/// <param name="Reply">What its sender was told.</param>
internal sealed record RefusedMessage(SpoolId Id, AcceptFacts Facts, string Reply, string Reason)
{
    /// <summary>As the trace tells it: one attempt by us, in which every recipient was refused.</summary>
    public AttemptFacts Outcome => new()
    {
        TenantPath = Facts.TenantPath,
        Subscription = Facts.Subscription,
        Attempt = 0,
        StartedMicros = Facts.AcceptedMicros,
        EndedMicros = Facts.AcceptedMicros,
        NextMicros = 0,
        NextHop = "",
        States = [.. Facts.Recipients.Select(static _ => RecipientState.Refused)],
        Replies = [new AttemptReply(0, Facts.Recipients.Count, Reply)],
    };
}
