namespace Tsunagi.Ddos.DryRun;

/// <summary>What a dry run found. Times are microseconds of Unix time; figures have sampling put back.</summary>
/// <param name="Recorded">Facts first: incidents that were told in that time, in whatever mode.</param>
/// <param name="RecordedCount">How many there were; more than are listed where they are too many.</param>
/// <param name="Replayed">What would have been told of kept records, by the detector as it runs, with the limits as they stand now.</param>
/// <param name="Summed">What sums say where records are not kept any more.</param>
/// <param name="Notes">What this method cannot tell, and what was left out.</param>
public sealed record DryRunReport(
    IReadOnlyList<string> Prefixes, DryRunCover Coverage, IReadOnlyList<RecordedIncident> Recorded, long RecordedCount, IReadOnlyList<ReplayedIncident> Replayed, long ReplayedCount, IReadOnlyList<SummedFinding> Summed,
    long SummedCount, DryRunTotals Totals, DryRunWords Verdict, IReadOnlyList<DryRunWords> Notes);

/// <summary>How much of the time is known.</summary>
/// <param name="Percent">Of its minutes.</param>
/// <param name="Since">From when on anything is known of this protection.</param>
/// <param name="Levels">How finely.</param>
/// <param name="Gaps">Of which nothing is known; the first of them where they are many.</param>
/// <param name="GapCount">How many there are.</param>
public sealed record DryRunCover(double Percent, long Since, IReadOnlyList<DryRunLevel> Levels, IReadOnlyList<DryRunSpan> Gaps, long GapCount);

/// <summary>A part of the time, known from records (raw) or from sums by 1m, 5m or 1h.</summary>
public sealed record DryRunLevel(string Level, long ResolutionMilliseconds, double Percent);

/// <summary>From and to.</summary>
public sealed record DryRunSpan(long From, long To);

/// <summary>An incident as it was recorded.</summary>
/// <param name="Response">What would have been done about its rules in the mode asked about: automatic, ask, or none.</param>
public sealed record RecordedIncident(
    string Id, string Target, string Vector, string Metric, long Limit, long Estimate, double ErrorPercent, long PeakPacketsPerSecond, long OpenedAt, long? ClosedAt, string Response, IReadOnlyList<string> Rules, double Cover,
    double Collateral);

/// <summary>An incident that would have opened.</summary>
/// <param name="Recorded">The recorded one that it is, where there is one.</param>
/// <param name="Response">automatic: rules would have gone out by themselves; ask: they would have waited for a person; none: no rule was found.</param>
/// <param name="Collateral">The part of the target's own samples that the rules match, 0 to 1, as the proposal said.</param>
/// <param name="CollateralBound">…and what it may be at most at 95 % confidence.</param>
/// <param name="UsualPackets">Packets to the target while no incident was open for it, in the records that are kept.</param>
/// <param name="UsualTouched">How many of those its rules match.</param>
public sealed record ReplayedIncident(
    string Target, string Scope, string Vector, string Metric, long Limit, long Estimate, double ErrorPercent, long PeakPacketsPerSecond, long PeakBitsPerSecond, long Sources, long OpenedAt, long? ClosedAt, string? Recorded,
    string Response, string Why, IReadOnlyList<ReplayedRule> Rules, double Cover, double Collateral, double CollateralBound, long UsualPackets, long UsualTouched)
{
    /// <summary>What it stands on.</summary>
    public string Level { get; init; } = "raw";
}

/// <summary>A rule that would have been made.</summary>
/// <param name="At">When.</param>
/// <param name="Refused">Why the guards would not have let it out; absent when they would.</param>
public sealed record ReplayedRule(string Rule, double Cover, double Collateral, long At, string? Refused);

/// <summary>What sums say: a mean over a step, which hides what was shorter.</summary>
/// <param name="IsCertain">The mean alone passes the limit of the whole prefix, so some second did; otherwise it may have.</param>
/// <param name="Mean">The largest, a second.</param>
public sealed record SummedFinding(string Target, string Vector, string Metric, long Limit, long Mean, long From, long To, string Level, bool IsCertain);

/// <summary>All together.</summary>
/// <param name="Opened">Incidents that would have opened, from records.</param>
/// <param name="WithRules">…for which rules would have been proposed.</param>
/// <param name="Answered">…whose rules would have gone out in the mode asked about: by themselves, or when somebody released them.</param>
/// <param name="RulesOut">Rules that would have gone out.</param>
/// <param name="RulesLifted">…and been lifted when the attack was over, before the time ended.</param>
/// <param name="MostRulesAtOnce">Out at one time.</param>
/// <param name="WorstCollateral">The largest part of a target's own samples that its rules match.</param>
/// <param name="UsualPackets">Packets to the targets of rules that would have gone out, beside attacks.</param>
/// <param name="UsualTouchedPart">The largest part of what one of those targets got that the rules for it match, 0 to 1.</param>
/// <param name="Suppressed">Incidents that were not opened since too many were open.</param>
public sealed record DryRunTotals(
    long Opened, long WithRules, long Answered, long RulesOut, long RulesLifted, long MostRulesAtOnce, double WorstCollateral, double WorstCollateralBound, long UsualPackets, long UsualTouched, double UsualTouchedPart, long Suppressed);

/// <summary>Words, with the code that programs read.</summary>
public sealed record DryRunWords(string Code, string En, string Ja);
