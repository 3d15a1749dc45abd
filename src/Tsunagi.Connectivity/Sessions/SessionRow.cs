using Tsunagi.Connectivity.Account;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Sessions;

/// <summary>One session of a line, made from its accounting.</summary>
/// <param name="SessionKey">NAS, Acct-Session-Id and user name, in one text: what reports find their session by.</param>
/// <param name="LastEventAt">The latest event its reports told of, µs; it was alive then.</param>
/// <param name="LastSeenAt">When the last report came, µs.</param>
/// <param name="EndedAt">Null while it is open.</param>
/// <param name="Cause">Why it ended: Acct-Terminate-Cause, or "Lost-Interim", "NAS-Reboot", "Superseded" where we closed it at the time it was last alive.</param>
/// <param name="Counters">See <see cref="SessionCounters.Text"/>.</param>
public sealed record SessionRow(
    string Id, string SessionKey, string TenantPath, string TenantId, string LineId, string SubscriptionId, string NasId, string NasName, string NasSessionId, string UserName, string Station, string Called, string Port,
    string Source, string V4, string V6, string LinkPrefix, string DelegatedPrefix, long StartedAt, long LastEventAt, long LastSeenAt, long Seconds, long OctetsIn, long OctetsOut, string Counters, long InterimSeconds,
    long? EndedAt, string Cause, string Node, long UpdatedAt)
{
    internal const string LostInterim = "Lost-Interim";
    internal const string NasReboot = "NAS-Reboot";
    internal const string Superseded = "Superseded";

    /// <summary>True when we closed it, not the NAS: a later report shows that it lives.</summary>
    internal bool IsPresumedOver => Cause is LostInterim or NasReboot or Superseded;

    // Clocks of whole seconds, and a NAS that rounds.
    private const long Slack = 2 * UnixMicros.PerSecond;

    /// <summary>
    /// True when a report under the same names speaks of another, later session: it began after this one was last alive and counts from less. NASes use Acct-Session-Ids again after a restart.
    /// </summary>
    internal bool IsBefore(AccountingReport report) =>
        report.BeganAt > LastEventAt + Slack && (report.SessionSeconds < Seconds || (EndedAt is not null && !IsPresumedOver));

    /// <summary>The session as one more report tells it. The same report again, an older one, or one from another node change nothing that is known better.</summary>
    internal SessionRow With(AccountingReport report, string source, string node, long receivedAt, long now)
    {
        var counters = SessionCounters.Of(OctetsIn, OctetsOut, Seconds, Counters).With(report.SessionSeconds, report.OctetsIn, report.OctetsOut, report.HasGigawords);
        var isNewer = report.EventAt >= LastEventAt;
        var row = this with
        {
            StartedAt = Math.Min(StartedAt, report.BeganAt),
            LastEventAt = Math.Max(LastEventAt, report.EventAt),
            LastSeenAt = Math.Max(LastSeenAt, receivedAt),
            Seconds = counters.Seconds, OctetsIn = (long)Math.Min(long.MaxValue, counters.OctetsIn), OctetsOut = (long)Math.Min(long.MaxValue, counters.OctetsOut), Counters = counters.Text(),
            V4 = Newer(isNewer, report.V4, V4), V6 = Newer(isNewer, report.V6, V6), LinkPrefix = Newer(isNewer, report.LinkPrefix, LinkPrefix), DelegatedPrefix = Newer(isNewer, report.DelegatedPrefix, DelegatedPrefix),
            Station = Newer(isNewer, report.Station, Station), Called = Newer(isNewer, report.Called, Called), Port = Newer(isNewer, report.Port, Port), Source = isNewer ? source : Source, Node = node, UpdatedAt = now,
        };
        if (report.Status == AccountingStatus.Stop)
        {
            return EndedAt is null || IsPresumedOver ? row with { EndedAt = Math.Max(report.EventAt, row.StartedAt), Cause = report.Cause } : row;
        }

        // We thought it was over, and it is not.
        return EndedAt is { } ended && IsPresumedOver && report.EventAt > ended + Slack ? row with { EndedAt = null, Cause = "" } : row;
    }

    /// <summary>Over since it was last alive; never later than that.</summary>
    internal SessionRow Presume(string cause, long now) => this with { EndedAt = Math.Max(LastEventAt, StartedAt), Cause = cause, UpdatedAt = now };

    private static string Newer(bool isNewer, string told, string known) => told.Length > 0 && (isNewer || known.Length == 0) ? told : known;
}
