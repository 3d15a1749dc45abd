using Tsunagi.Core.Store;

namespace Tsunagi.Core.Meters;

/// <summary>Compares the delta records that bills read with what the modules derive again from their raw records. They must be equal.</summary>
public sealed class MeterVerification(Stores stores, IEnumerable<IMeterSource> sources)
{
    public async ValueTask<IReadOnlyList<MeterComparison>> CompareAsync(long fromMicros, long toMicros, CancellationToken cancellationToken)
    {
        var billed = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<MeterTotal>(
                """
                SELECT subscription_id, meter, CAST(sum(quantity) AS bigint) AS quantity FROM meter_delta
                WHERE minute >= @From AND minute < @To GROUP BY subscription_id, meter ORDER BY subscription_id, meter
                """,
                new { From = fromMicros, To = toMicros }),
            cancellationToken);
        var derived = new List<MeterTotal>();
        foreach (var source in sources)
        {
            derived.AddRange(await source.DeriveAsync(fromMicros, toMicros, cancellationToken));
        }

        var left = billed.ToDictionary(static m => (m.SubscriptionId, m.Meter), static m => m.Quantity);
        var right = derived.GroupBy(static m => (m.SubscriptionId, m.Meter)).ToDictionary(static g => g.Key, static g => g.Sum(static m => m.Quantity));
        return [.. left.Keys.Union(right.Keys).Order().Select(key => new MeterComparison(key.SubscriptionId, key.Meter, left.GetValueOrDefault(key), right.GetValueOrDefault(key)))];
    }
}

/// <summary>One meter of one subscription: what bills read, and what the raw records say.</summary>
public sealed record MeterComparison(string SubscriptionId, string Meter, long Billed, long Derived)
{
    public bool Equal => Billed == Derived;
}
