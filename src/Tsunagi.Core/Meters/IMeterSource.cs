namespace Tsunagi.Core.Meters;

/// <summary>
/// Counts a module's meters again from its raw records, by another road than the one that made the deltas. <c>tsunagi meter verify</c> compares
/// the two for a period; they must be equal.
/// </summary>
public interface IMeterSource
{
    /// <summary>Meters this source can derive ("mail.messages").</summary>
    IReadOnlyList<string> Meters { get; }

    /// <summary>Sums per subscription and meter over [from, to), µs UTC, on whole minutes.</summary>
    ValueTask<IReadOnlyList<MeterTotal>> DeriveAsync(long fromMicros, long toMicros, CancellationToken cancellationToken);
}

/// <summary>The total of one meter for one subscription over a period.</summary>
public sealed record MeterTotal(string SubscriptionId, string Meter, long Quantity);
