using System.Text.Json;
using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Mitigate;

namespace Tsunagi.Ddos.Incidents;

/// <summary>An incident as its table holds it.</summary>
public sealed record IncidentRow(
    string Id, string TenantPath, string TenantId, string SubscriptionId, string Node, string Target, string Scope, string Vector, string Metric, long LimitValue, string Rule,
    long Estimate, long Samples, long SamplingRate, string SamplingSource, double ErrorPercent, long OpenedAt, long LastAboveAt, long? ClosedAt, string CloseReason,
    long PeakPackets, long PeakBits, long PeakFlows, long NowPackets, long NowBits, long Sources, long MeanOctets, string TopSources, string TopPorts,
    string Vectors, string Proposal)
{
    internal static IncidentRow Of(Incident incident, string node) => new(
        incident.Id, incident.TenantPath, incident.TenantId, incident.SubscriptionId, node, incident.Target, incident.Scope, incident.Vector, incident.Metric, incident.LimitValue,
        incident.Rule, incident.Estimate, incident.Samples, incident.SamplingRate, incident.SamplingSource, incident.ErrorPercent, incident.OpenedAt, incident.LastAboveAt,
        incident.ClosedAt, incident.CloseReason, incident.PeakPackets, incident.PeakBits, incident.PeakFlows, incident.NowPackets, incident.NowBits, incident.Sources,
        incident.MeanOctets, JsonSerializer.Serialize(incident.TopSources), JsonSerializer.Serialize(incident.TopPorts),
        JsonSerializer.Serialize(incident.Vectors), incident.Proposal is { } proposal ? JsonSerializer.Serialize(proposal) : "");

    internal Incident ToIncident() => new()
    {
        Id = Id, TenantId = TenantId, TenantPath = TenantPath, SubscriptionId = SubscriptionId, Target = Target, Scope = Scope, Metric = Metric, LimitValue = LimitValue, Rule = Rule,
        Estimate = Estimate, Samples = Samples, SamplingRate = SamplingRate, SamplingSource = SamplingSource, ErrorPercent = ErrorPercent, OpenedAt = OpenedAt, Vector = Vector,
        LastAboveAt = LastAboveAt, PeakPackets = PeakPackets, PeakBits = PeakBits, PeakFlows = PeakFlows, Sources = Sources, MeanOctets = MeanOctets,
        TopSources = Shares(TopSources), TopPorts = Shares(TopPorts), Vectors = VectorsOf(Vectors), Proposal = ProposalOf(Proposal),
    };

    internal static IReadOnlyList<string> VectorsOf(string json) => json.Length == 0 ? [] : JsonSerializer.Deserialize<List<string>>(json) ?? [];

    internal static Proposal? ProposalOf(string json) => json.Length == 0 ? null : JsonSerializer.Deserialize<Proposal>(json);

    internal static IReadOnlyList<Share> Shares(string json) => JsonSerializer.Deserialize<List<Share>>(json) ?? [];
}
