using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Mitigate;

namespace Tsunagi.Ddos.Incidents;

/// <summary>One attack as it is told: who, what, which rule fired on which figure, how sure it is. Changed on the collector's turn; written and shown as copies.</summary>
internal sealed class Incident
{
    public const string HostScope = "host";
    public const string PrefixScope = "prefix";

    /// <summary>The metric of incidents that were told by what the traffic is made of: packets a second of the attack's kind.</summary>
    public const string AttackMetric = "attack";

    public const int MostVectors = 8;

    public required string Id { get; init; }

    public required string TenantId { get; init; }

    public required string TenantPath { get; init; }

    public required string SubscriptionId { get; init; }

    /// <summary>The address or prefix, as CIDR.</summary>
    public required string Target { get; init; }

    public required string Scope { get; init; }

    public required string Metric { get; init; }

    public required long LimitValue { get; init; }

    public required string Rule { get; init; }

    /// <summary>The figure that fired the rule.</summary>
    public required long Estimate { get; init; }

    public required long Samples { get; init; }

    public required long SamplingRate { get; init; }

    public required string SamplingSource { get; init; }

    /// <summary>Of the estimate, at 95 %, by sampling: 196·√(1/samples); 0 when every packet was seen.</summary>
    public required double ErrorPercent { get; init; }

    public required long OpenedAt { get; init; }

    public required string Vector { get; set; }

    public long LastAboveAt { get; set; }

    public long? ClosedAt { get; set; }

    public string CloseReason { get; set; } = "";

    public long PeakPackets { get; set; }

    public long PeakBits { get; set; }

    public long PeakFlows { get; set; }

    public long NowPackets { get; set; }

    public long NowBits { get; set; }

    public long Sources { get; set; }

    public long MeanOctets { get; set; }

    public IReadOnlyList<Share> TopSources { get; set; } = [];

    public IReadOnlyList<Share> TopPorts { get; set; } = [];

    /// <summary>Every kind of attack that was seen in it, in the order in which they came.</summary>
    public IReadOnlyList<string> Vectors { get; set; } = [];

    /// <summary>The rules that would stop it, as they were made last; null before there are any.</summary>
    public Proposal? Proposal { get; set; }

    public Incident Copy() => (Incident)MemberwiseClone();
}
