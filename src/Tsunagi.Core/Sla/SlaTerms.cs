using System.Runtime.InteropServices;

namespace Tsunagi.Core.Sla;

/// <summary>What an agreement promises of a service in each month of the contract's time zone, and what it gives back when it does not hold. Data: it has no behaviour.</summary>
public sealed record SlaTerms
{
    /// <summary>What plans call it: "ntt-ocn".</summary>
    public required string Name { get; init; }

    /// <summary>Each is judged by itself; their credits add up to <see cref="Most"/>.</summary>
    public IReadOnlyList<SlaObjective> Objectives { get; init; } = [];

    /// <summary>Maintenance counts as planned when it was announced this long before it begins; announced later, it is an outage like any other.</summary>
    public TimeSpan Notice { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Planned maintenance of a month that does not count; what goes beyond it is downtime where the service was down. Null for any.</summary>
    public TimeSpan? MostPlanned { get; init; }

    /// <summary>Outages that were shorter are none.</summary>
    public TimeSpan ShortestOutage { get; init; }

    /// <summary>What time counts as in which nobody measured.</summary>
    public SlaUnknown Unknown { get; init; } = SlaUnknown.Excluded;

    /// <summary>With more than so many thousandths of the month unknown, its figures are no evidence: a person decides.</summary>
    public int MostUnknownPermille { get; init; } = 50;

    /// <summary>Whether an outage over the end of a month counts in each month by its part, or as a whole in the month in which it ends.</summary>
    public bool SplitsAtMonthEnd { get; init; } = true;

    /// <summary>The most that is given back of a month's fee.</summary>
    public SlaShare Most { get; init; } = new(1, 1);
}

/// <summary>Time in which nobody measured.</summary>
public enum SlaUnknown
{
    /// <summary>Neither up nor down: taken out of the month.</summary>
    Excluded,

    /// <summary>As if the service had run.</summary>
    Up,

    /// <summary>As if it had not.</summary>
    Down,
}

/// <summary>What is promised.</summary>
public enum SlaIndicator
{
    /// <summary>Time up of the time that counts, in millionths. Broken below the target.</summary>
    Availability,

    /// <summary>How long one outage lasted, in seconds; each outage by itself. Broken above the target.</summary>
    Repair,

    /// <summary>Mean round trip of the month's test packets, in microseconds. Broken above the target.</summary>
    Delay,

    /// <summary>Test packets lost of those sent in the month, in millionths. Broken above the target.</summary>
    Loss,
}

/// <summary>One promise.</summary>
/// <param name="Target">In the indicator's unit.</param>
/// <param name="Tiers">What is given back; of those that apply the largest. None: it is promised and nothing is given back.</param>
public sealed record SlaObjective(SlaIndicator Indicator, long Target, IReadOnlyList<SlaTier> Tiers)
{
    /// <summary>So many months one after the other must be broken before anything is given back.</summary>
    public int Months { get; init; } = 1;
}

/// <summary>A step of a credit table.</summary>
/// <param name="Beyond">Below it for availability, above it for the others, in the indicator's unit.</param>
public sealed record SlaTier(long Beyond, SlaShare Share);

/// <summary>A share of a month's fee: 1/30.</summary>
/// <param name="Of">Above 0.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SlaShare(int Parts, int Of)
{
    public override string ToString() => Parts == 0 ? "0" : Parts == Of ? "1" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Parts}/{Of}");
}
