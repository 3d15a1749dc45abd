namespace Tsunagi.Core.Sla;

/// <summary>What a moment of a month is.</summary>
public enum SlaState
{
    Up,
    Down,

    /// <summary>Nobody measured.</summary>
    Unknown,

    /// <summary>Maintenance that was announced in time.</summary>
    Planned,

    /// <summary>Down by the customer's own doing.</summary>
    Customer,

    /// <summary>Down by nobody's.</summary>
    ForceMajeure,
}

/// <summary>A span of the month with what it is and by which fact.</summary>
/// <param name="Facts">Ids of the outages and the maintenance that say so; none for up and unknown.</param>
public sealed record SlaExplained(long From, long To, SlaState State, IReadOnlyList<string> Facts);

/// <summary>One indicator's month.</summary>
/// <param name="Numerator">With <paramref name="Denominator"/> the value, exactly, in the indicator's unit: availability and loss in millionths, repair in seconds (the longest outage), delay in microseconds.</param>
/// <param name="Denominator">0 where there is no value: nothing was measured.</param>
/// <param name="IsBroken">The promise did not hold.</param>
/// <param name="Months">Months in a row, this one among them; 0 when it held.</param>
/// <param name="Share">What its tiers give back.</param>
public sealed record SlaResult(SlaObjective Objective, System.Numerics.BigInteger Numerator, System.Numerics.BigInteger Denominator, bool IsBroken, int Months, SlaQuotient Share)
{
    /// <summary>The value for people; null where there is none.</summary>
    public double? Value => Denominator.IsZero ? null : (double)Numerator / (double)Denominator;
}

/// <summary>An exact share.</summary>
public readonly record struct SlaQuotient(System.Numerics.BigInteger Numerator, System.Numerics.BigInteger Denominator)
{
    public static readonly SlaQuotient Zero = new(0, 1);
}

/// <summary>An outage of the provider's that counts in the month.</summary>
/// <param name="DownMilliseconds">Of it what is downtime by the terms: without maintenance, others' causes, and what lies in another month where months are split.</param>
public sealed record SlaBreak(long From, long To, bool IsOver, long DownMilliseconds, IReadOnlyList<string> Facts);

/// <summary>A month of a service by its terms.</summary>
/// <param name="Judged">What of the month the service was had and is over.</param>
/// <param name="IsWhole">The month is over: nothing more comes but corrections.</param>
/// <param name="IsUnclear">More of it is unknown than the terms bear: a person decides.</param>
/// <param name="Share">What is proposed to be given back of the month's fee: all results', at most what the terms give.</param>
/// <param name="CreditMinor">The same of the fee, in its minor units.</param>
public sealed record SlaStatement(
    SlaTerms Terms, string Period, SlaSpan Judged, bool IsWhole, IReadOnlyDictionary<SlaState, long> Milliseconds, IReadOnlyList<SlaExplained> Explained, IReadOnlyList<SlaBreak> Breaks, IReadOnlyList<SlaResult> Results,
    bool IsUnclear, SlaQuotient Share, long CreditMinor);
