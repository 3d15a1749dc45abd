using Tsunagi.Connectivity.Sla;
using Tsunagi.Core.Sla;

namespace Tsunagi.Connectivity.Api;

/// <summary>A subscription's month by its terms. Times are ms since 1970. What is proposed to be given back is a proposal: nothing is booked by it.</summary>
/// <param name="Whole">The month is over.</param>
/// <param name="Unclear">More of it is unknown than the terms bear: its figures are no evidence, a person decides.</param>
/// <param name="FeeMinor">The month's flat prices that shares are of, in minor units.</param>
/// <param name="CreditShare">Of the fee: 1/30.</param>
internal sealed record SlaView(
    string SubscriptionId, string Month, string TimeZone, string Terms, bool Whole, bool Unclear, long From, long To, long UpMilliseconds, long DownMilliseconds, long UnknownMilliseconds, long PlannedMilliseconds,
    long CustomerMilliseconds, long ForceMajeureMilliseconds, string Currency, long FeeMinor, string CreditShare, long CreditMinor, IReadOnlyList<SlaIndicatorView> Indicators, IReadOnlyList<SlaBreakView> Outages,
    IReadOnlyList<SlaSpanView> Spans)
{
    public static SlaView Of(SlaMonth month)
    {
        var told = month.Statement;
        long Length(SlaState state) => told.Milliseconds[state];
        return new SlaView(
            month.Subscription.Id, told.Period, month.Month.TimeZone, told.Terms.Name, told.IsWhole, told.IsUnclear, told.Judged.From, told.Judged.To, Length(SlaState.Up), Length(SlaState.Down), Length(SlaState.Unknown),
            Length(SlaState.Planned), Length(SlaState.Customer), Length(SlaState.ForceMajeure), month.Currency, month.FeeMinor, Share(told.Share), told.CreditMinor, [.. told.Results.Select(SlaIndicatorView.Of)],
            [.. told.Breaks.Select(static each => new SlaBreakView(each.From, each.IsOver ? each.To : null, each.DownMilliseconds, each.Facts))],
            [.. told.Explained.Select(static each => new SlaSpanView(each.From, each.To, each.State, each.Facts))]);
    }

    internal static string Share(SlaQuotient share) => share.Numerator.IsZero ? "0" : $"{share.Numerator}/{share.Denominator}";
}

/// <summary>One promise of the month. Values and targets: availability and loss in millionths, repair in seconds (the longest outage), delay in microseconds.</summary>
/// <param name="Value">Absent where nothing was measured.</param>
/// <param name="BrokenMonths">Months in a row, this one among them; 0 when it held.</param>
internal sealed record SlaIndicatorView(SlaIndicator Indicator, double? Value, long Target, bool Broken, int BrokenMonths, int MonthsNeeded, string Share)
{
    public static SlaIndicatorView Of(SlaResult result) => new(result.Objective.Indicator, result.Value, result.Objective.Target, result.IsBroken, result.Months, result.Objective.Months, SlaView.Share(result.Share));
}

/// <summary>An outage that counts; several that overlap are one.</summary>
/// <param name="To">Absent while it lasts.</param>
/// <param name="DownMilliseconds">Of it what counts as down in this month.</param>
/// <param name="Facts">Ids of the outages it is made of.</param>
internal sealed record SlaBreakView(long From, long? To, long DownMilliseconds, IReadOnlyList<string> Facts);

/// <summary>What a span of the month is, and by which facts.</summary>
internal sealed record SlaSpanView(long From, long To, SlaState State, IReadOnlyList<string> Facts);

/// <summary>An outage as the API tells it.</summary>
/// <param name="Source">probe, session (lost with many others) or reported.</param>
/// <param name="Cause">provider, customer or force-majeure; absent until it was judged, which counts as the provider's.</param>
internal sealed record OutageView(string Id, string TenantId, string? LineId, string SubscriptionId, string Source, string? SourceId, string? Cause, string? Note, long From, long? To, long Version)
{
    public static OutageView Of(OutageRow row) => new(
        row.Id, row.TenantId, LineView.Some(row.LineId), row.SubscriptionId, row.Source, row.SourceId == row.Id ? null : row.SourceId, LineView.Some(row.Cause), LineView.Some(row.Note), row.FromAt, row.ToAt, row.Version);
}

/// <summary>Announced maintenance as the API tells it.</summary>
/// <param name="SubscriptionId">Absent for all.</param>
internal sealed record MaintenanceView(string Id, string? SubscriptionId, string Note, long AnnouncedAt, long From, long To, long? CancelledAt)
{
    public static MaintenanceView Of(MaintenanceRow row) => new(row.Id, LineView.Some(row.SubscriptionId), row.Note, row.AnnouncedAt, row.FromAt, row.ToAt, row.CancelledAt);
}
