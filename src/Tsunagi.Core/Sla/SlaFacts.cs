using System.Runtime.InteropServices;

namespace Tsunagi.Core.Sla;

/// <summary>What is known of a service around a month: the engine looks at nothing else. All times are ms since 1970; spans are half open.</summary>
public sealed record SlaFacts
{
    /// <summary>When the service was had.</summary>
    public required SlaSpan Service { get; init; }

    /// <summary>What lies later is not judged yet.</summary>
    public required long Now { get; init; }

    public IReadOnlyList<SlaOutage> Outages { get; init; } = [];

    public IReadOnlyList<SlaMaintenance> Maintenance { get; init; } = [];

    /// <summary>Whether the service is measured at all; without it nothing is unknown, and outages are what was reported.</summary>
    public bool IsMeasured { get; init; }

    /// <summary>When somebody measured.</summary>
    public IReadOnlyList<SlaSpan> Measured { get; init; } = [];

    /// <summary>What test packets came to.</summary>
    public IReadOnlyList<SlaMinute> Minutes { get; init; } = [];

    /// <summary>Months directly before this one in which an indicator was broken, counted back to the first that held.</summary>
    public IReadOnlyDictionary<SlaIndicator, int> BrokenBefore { get; init; } = new Dictionary<SlaIndicator, int>();
}

/// <summary>A span of time, half open.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SlaSpan(long From, long To)
{
    public long Length => To - From;
}

/// <summary>Whose doing an outage was.</summary>
public enum SlaCause
{
    /// <summary>The provider's, and what nobody has judged yet.</summary>
    Provider,

    /// <summary>The customer's own.</summary>
    Customer,

    /// <summary>Nobody's.</summary>
    ForceMajeure,
}

/// <summary>The service was down.</summary>
/// <param name="To">Null while it still is.</param>
public sealed record SlaOutage(string Id, long From, long? To, SlaCause Cause);

/// <summary>Work that was announced.</summary>
public sealed record SlaMaintenance(string Id, long AnnouncedAt, long From, long To);

/// <summary>Test packets sent within a minute.</summary>
/// <param name="From">When it begins, ms since 1970.</param>
/// <param name="Delayed">Packets with a delay; <paramref name="DelayMicros"/> is their sum.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SlaMinute(long From, long Sent, long Lost, long Delayed, long DelayMicros);
