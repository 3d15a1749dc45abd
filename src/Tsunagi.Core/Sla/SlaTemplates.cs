namespace Tsunagi.Core.Sla;

/// <summary>Term sets in the shape of published ones. What their publishers do not state as an amount is a target without a credit here; a provider writes its own beside them.</summary>
public static class SlaTemplates
{
    private const long Minute = 60;
    private const long Hour = 3_600;

    /// <summary>Mean delay of 25 ms two months running, loss of 0.1 %, always able to connect; the amounts are agreed one by one.</summary>
    public static readonly SlaTerms Iij = new()
    {
        Name = "iij",
        Objectives =
        [
            new(SlaIndicator.Availability, 1_000_000, []), new(SlaIndicator.Delay, 25_000, []) { Months = 2 }, new(SlaIndicator.Loss, 1_000, []),
        ],
    };

    /// <summary>By how long an outage lasted: up to an hour 1/90, to 12 hours 1/30, to a day 1/10, to three days 1/5, beyond that all; mean delay of 40 ms.</summary>
    public static readonly SlaTerms Ntt = new()
    {
        Name = "ntt",
        Objectives =
        [
            new(SlaIndicator.Repair, 0, [new(0, new(1, 90)), new(Hour, new(1, 30)), new(12 * Hour, new(1, 10)), new(24 * Hour, new(1, 5)), new(72 * Hour, new(1, 1))]), new(SlaIndicator.Delay, 40_000, []),
        ],
    };

    /// <summary>Outages above 45 minutes 1/30, 12 hours 1/10, a day 1/3, three days all; availability of 99.9 %; mean delay of 25 ms two months running.</summary>
    public static readonly SlaTerms SoftBank = new()
    {
        Name = "softbank",
        Objectives =
        [
            new(SlaIndicator.Repair, 45 * Minute, [new(45 * Minute, new(1, 30)), new(12 * Hour, new(1, 10)), new(24 * Hour, new(1, 3)), new(72 * Hour, new(1, 1))]), new(SlaIndicator.Availability, 999_000, []),
            new(SlaIndicator.Delay, 25_000, []) { Months = 2 },
        ],
    };

    public static readonly IReadOnlyList<SlaTerms> All = [Iij, Ntt, SoftBank];
}
