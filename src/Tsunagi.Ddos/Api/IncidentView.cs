using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Mitigate;

namespace Tsunagi.Ddos.Api;

/// <summary>An incident as the API tells it.</summary>
/// <param name="Rule">The rule that fired.</param>
/// <param name="Estimate">The figure that fired it, in the metric's unit a second.</param>
/// <param name="Vectors">Every kind of attack that was seen in it.</param>
/// <param name="Proposal">The rules that would stop it, with their cover and collateral; absent before there are any.</param>
/// <param name="ErrorPercent">Of the estimate by sampling, at 95 %.</param>
public sealed record IncidentView(
    string Id, string TenantId, string SubscriptionId, string Target, string Scope, string Vector, string Metric, long Limit, string Rule, long Estimate, double ErrorPercent, long Samples,
    long SamplingRate, string SamplingSource, long OpenedAt, long? ClosedAt, string? CloseReason, long PeakPacketsPerSecond, long PeakBitsPerSecond, long PeakFlowsPerSecond,
    long NowPacketsPerSecond, long NowBitsPerSecond, long Sources, long MeanOctets, IReadOnlyList<Share> TopSources, IReadOnlyList<Share> TopPorts,
    IReadOnlyList<string> Vectors, Proposal? Proposal)
{
    internal static IncidentView Of(IncidentRow row) => new(
        row.Id, row.TenantId, row.SubscriptionId, row.Target, row.Scope, row.Vector, row.Metric, row.LimitValue, row.Rule, row.Estimate, row.ErrorPercent, row.Samples, row.SamplingRate,
        row.SamplingSource, row.OpenedAt, row.ClosedAt, row.CloseReason.Length > 0 ? row.CloseReason : null, row.PeakPackets, row.PeakBits, row.PeakFlows, row.NowPackets, row.NowBits,
        row.Sources, row.MeanOctets, IncidentRow.Shares(row.TopSources), IncidentRow.Shares(row.TopPorts), IncidentRow.VectorsOf(row.Vectors), IncidentRow.ProposalOf(row.Proposal));
}
