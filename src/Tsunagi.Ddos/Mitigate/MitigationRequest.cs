using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>A rule somebody wants: a blackhole or a FlowSpec rule, with why and for how long.</summary>
public sealed record MitigationRequest
{
    [MaxLength(50), Description("A prefix of which all traffic is dropped (RFC 7999). Either this or rule.")]
    public string? Blackhole { get; init; }

    [MaxLength(2_000), Description("A FlowSpec rule with its action: dst 192.0.2.1/32 proto udp sport 53 then discard.")]
    public string? Rule { get; init; }

    [Required, StringLength(300, MinimumLength = 3), Description("Why.")]
    public string Reason { get; init; } = "";

    [Range(1, 43_200), Description("For how many minutes; it ends by itself.")]
    public int Minutes { get; init; } = 30;

    [MaxLength(40), Description("The incident it is against.")]
    public string? Incident { get; init; }
}
