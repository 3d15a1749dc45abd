using Tsunagi.Core.Logs;
using Tsunagi.Mail.Shadow;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Trace;

/// <summary>A message, or one subscription's part of it, that was judged and never was ours: refused after its content was judged, or only watched for another mail server.</summary>
/// <param name="Facts">What was known of it, with the verdict.</param>
/// <param name="Reply">What its sender was told; empty for one that was only watched.</param>
internal sealed record JudgedMessage(SpoolId Id, AcceptFacts Facts, string Reply, string Reason)
{
    /// <summary>What both filters said, where it was only watched.</summary>
    public ShadowWord? Shadow { get; init; }

    /// <summary>As the trace tells it: one attempt by us, in which every recipient was refused, or left to the server that asked.</summary>
    public AttemptFacts Outcome => new()
    {
        TenantPath = Facts.TenantPath,
        Subscription = Facts.Subscription,
        Attempt = 0,
        StartedMicros = Facts.AcceptedMicros,
        EndedMicros = Facts.AcceptedMicros,
        NextMicros = 0,
        NextHop = "",
        States = [.. Facts.Recipients.Select(_ => Shadow is null ? RecipientState.Refused : RecipientState.Watched)],
        Replies = [new AttemptReply(0, Facts.Recipients.Count, Reply)],
    };
}
