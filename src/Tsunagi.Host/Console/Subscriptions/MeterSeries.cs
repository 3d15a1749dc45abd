using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Core.Usage;

namespace Tsunagi.Host.Console.Subscriptions;

/// <summary>What the meters of a subscription counted: the month's totals and the last days by the hour.</summary>
internal sealed class MeterSeries(Stores stores, TimeProvider time)
{
    private const long Hour = 3600 * UnixMicros.PerSecond;

    public static readonly TenantQuery Totals = new("console.meter-totals", """
        SELECT meter, CAST(sum(quantity) AS bigint) AS quantity FROM (
          SELECT meter, quantity FROM meter_delta WHERE {tenant} AND subscription_id = @Id AND minute >= @From AND minute < @To
          UNION ALL
          SELECT meter, quantity FROM usage_record WHERE {tenant} AND subscription_id = @Id AND at >= @From AND at < @To) AS counted
        GROUP BY meter ORDER BY meter
        """);

    public static readonly TenantQuery Slots = new("console.meter-slots", """
        SELECT (minute / @Slot) * @Slot AS slot, CAST(sum(quantity) AS bigint) AS quantity FROM meter_delta
        WHERE {tenant} AND subscription_id = @Id AND meter = @Meter AND minute >= @From GROUP BY slot ORDER BY slot
        """);

    /// <summary>Each declared meter with its total of the tenant's running month; 0 where nothing was counted.</summary>
    public async ValueTask<IReadOnlyList<(string Meter, long Quantity)>> MonthAsync(
        Caller caller, string subscriptionId, PlanSpecification specification, string timeZone, CancellationToken cancellationToken)
    {
        var month = BillingPeriod.Containing(time.NowMicros(), timeZone);
        var rows = await new TenantStore(stores.Control, caller.Scope).QueryAsync<Total>(
            Totals, new { Id = subscriptionId, From = month.FromMicros, To = month.ToMicros }, cancellationToken);
        return [.. specification.Meters.Select(meter => (meter, rows.FirstOrDefault(row => row.Meter == meter)?.Quantity ?? 0))];
    }

    /// <summary>The last hours of one meter, without gaps.</summary>
    public async ValueTask<(IReadOnlyList<long> Moments, IReadOnlyList<double?> Values)> HoursAsync(
        Caller caller, string subscriptionId, string meter, int hours, CancellationToken cancellationToken)
    {
        var last = time.NowMicros() / Hour * Hour;
        var from = last - ((hours - 1) * Hour);
        var rows = await new TenantStore(stores.Control, caller.Scope).QueryAsync<Sample>(
            Slots, new { Slot = Hour, Id = subscriptionId, Meter = meter, From = from }, cancellationToken);
        var bySlot = rows.ToDictionary(static row => row.Slot, static row => row.Quantity);
        long[] moments = [.. Enumerable.Range(0, hours).Select(i => from + (i * Hour))];
        return (moments, [.. moments.Select(moment => (double?)bySlot.GetValueOrDefault(moment))]);
    }

    private sealed record Total(string Meter, long Quantity);

    private sealed record Sample(long Slot, long Quantity);
}
