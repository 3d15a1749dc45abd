using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Sla;

/// <summary>An outage that no probe saw.</summary>
public sealed record NewOutage
{
    [Required, MaxLength(40), Description("Whose service was down (s_…).")]
    public string SubscriptionId { get; init; } = "";

    [Description("When it began.")]
    public DateTimeOffset From { get; init; }

    [Description("When it was over; absent while it lasts.")]
    public DateTimeOffset? To { get; init; }

    [Required, MaxLength(500), Description("What happened.")]
    public string Note { get; init; } = "";
}

/// <summary>What a person says of an outage; what is absent stays.</summary>
public sealed record OutageJudgement
{
    [AllowedValues(OutageCause.Provider, OutageCause.Customer, OutageCause.ForceMajeure, null), Description("Whose doing it was: provider, customer or force-majeure.")]
    public string? Cause { get; init; }

    [MaxLength(500), Description("Why.")]
    public string? Note { get; init; }

    [Description("When it was over, for one that no probe saw.")]
    public DateTimeOffset? To { get; init; }
}

/// <summary>Work that will interrupt services.</summary>
public sealed record NewMaintenance
{
    [MaxLength(40), Description("Of one subscription (s_…); absent for all.")]
    public string? SubscriptionId { get; init; }

    [Description("When it begins.")]
    public DateTimeOffset From { get; init; }

    [Description("When it is over.")]
    public DateTimeOffset To { get; init; }

    [Required, MaxLength(500), Description("What is done, as customers read it.")]
    public string Note { get; init; } = "";
}
