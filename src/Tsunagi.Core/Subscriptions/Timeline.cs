namespace Tsunagi.Core.Subscriptions;

/// <summary>
/// The bitemporal arithmetic of a subscription's versions, pure: which rows are no longer what we know, and which are known instead. The rows known
/// now never overlap in valid time and have no gap between them; the row with the highest number is the last in valid time.
/// </summary>
internal static class Timeline
{
    /// <summary>From <paramref name="from"/> on, these terms hold instead of all that were known to hold then.</summary>
    /// <param name="known">The rows known now, at least one; the last of them is open.</param>
    /// <param name="from">Not before the first row.</param>
    public static TimelineChange Set(IReadOnlyList<SubscriptionVersion> known, long from, long lastNumber, SubscriptionVersion terms, long now)
    {
        var cut = Cut(known, from, lastNumber, now);
        var number = lastNumber + cut.Added.Count + 1;
        return cut with { Added = [.. cut.Added, terms with { Number = number, ValidFrom = from, ValidTo = null, KnownFrom = now, KnownTo = null }] };
    }

    /// <summary>Nothing holds from <paramref name="at"/> on. What began at that very moment is kept as one microsecond, so that the subscription has an end.</summary>
    public static TimelineChange End(IReadOnlyList<SubscriptionVersion> known, long at, long lastNumber, long now) =>
        Cut(known, Math.Max(at, known.Min(static row => row.ValidFrom) + 1), lastNumber, now);

    private static TimelineChange Cut(IReadOnlyList<SubscriptionVersion> known, long at, long lastNumber, long now)
    {
        var closed = known.Where(row => row.ValidTo is null || row.ValidTo > at).ToList();
        var shortened = closed.Where(row => row.ValidFrom < at).Select((row, i) => row with { Number = lastNumber + 1 + i, ValidTo = at, KnownFrom = now });
        return new TimelineChange([.. closed.Select(static row => row.Number)], [.. shortened]);
    }
}

/// <summary>What a change of terms does to the rows.</summary>
/// <param name="Closed">Numbers of the rows that are no longer what we know.</param>
/// <param name="Added">The rows known from now on, in the order of valid time.</param>
internal sealed record TimelineChange(IReadOnlyList<long> Closed, IReadOnlyList<SubscriptionVersion> Added);
