using Tsunagi.Connectivity.Sessions;

namespace Tsunagi.Connectivity.Api;

/// <summary>A session as the API tells it.</summary>
/// <param name="EndedAt">Absent while it is open.</param>
/// <param name="Cause">Why it ended: Acct-Terminate-Cause, or Lost-Interim, NAS-Reboot, Superseded where it was closed at the time it was last alive.</param>
/// <param name="OctetsIn">From the customer.</param>
/// <param name="OctetsOut">To the customer.</param>
internal sealed record SessionView(
    string Id, string? TenantId, string? LineId, string? SubscriptionId, string NasId, string Nas, string NasSessionId, string? UserName, string? Station, string? Port, string? V4, string? V6, string? LinkPrefix,
    string? DelegatedPrefix, long StartedAt, long LastSeenAt, long? EndedAt, string? Cause, long Seconds, long OctetsIn, long OctetsOut)
{
    public static SessionView Of(SessionRow row) => new(
        row.Id, LineView.Some(row.TenantId), LineView.Some(row.LineId), LineView.Some(row.SubscriptionId), row.NasId, row.NasName, row.NasSessionId, LineView.Some(row.UserName), LineView.Some(row.Station),
        LineView.Some(row.Port), LineView.Some(row.V4), LineView.Some(row.V6), LineView.Some(row.LinkPrefix), LineView.Some(row.DelegatedPrefix), row.StartedAt, row.LastSeenAt, row.EndedAt, LineView.Some(row.Cause),
        row.Seconds, row.OctetsIn, row.OctetsOut);
}

/// <summary>One session with what was asked of its access server.</summary>
internal sealed record SessionDetail(SessionView Session, IReadOnlyList<SessionActView> Acts);

/// <summary>A Disconnect or CoA request and what became of it.</summary>
/// <param name="Outcome">sent, ack, nak, or no-answer.</param>
internal sealed record SessionActView(string Id, string Kind, string Reason, string MadeBy, string Target, long SentAt, string Outcome, string? ErrorCause, long? AnsweredAt, long Tries)
{
    public static SessionActView Of(SessionActRow row) => new(
        row.Id, row.Kind, row.Reason, row.MadeByName, row.Target, row.SentAt, row.Outcome, LineView.Some(row.ErrorCause), row.AnsweredAt, row.Tries);
}
