using System.Text.Json;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Usage;

/// <summary>
/// Rates a tenant's month from what is known now: (1) the tenant's subscriptions and the terms that held in the period, (2) the quantities: delta
/// records plus usage records, (3) lines by <see cref="Rater"/>.
/// </summary>
public sealed class InvoicePreviews(Stores stores, TenantDirectory tenants, TimeProvider time)
{
    public static readonly TenantQuery Terms = new("preview.terms", """
        SELECT s.id, s.name, p.code, v.number, v.quantity, v.valid_from, v.valid_to, v.plan_version, pv.currency, pv.prices
        FROM subscription s JOIN plan p ON p.id = s.plan_id JOIN subscription_version v ON v.subscription_id = s.id
          JOIN plan_version pv ON pv.plan_id = s.plan_id AND pv.number = v.plan_version
        WHERE {tenant:s} AND s.tenant_id = @TenantId AND v.known_to IS NULL AND v.valid_from < @To AND (v.valid_to IS NULL OR v.valid_to > @From)
        ORDER BY s.created_at, s.id, v.number
        """);

    public static readonly TenantQuery Sums = new("preview.sums", """
        SELECT subscription_id, meter, CAST(sum(quantity) AS bigint) AS quantity FROM (
          SELECT subscription_id, meter, quantity FROM meter_delta
            WHERE {tenant} AND minute >= @From AND minute < @To
              AND subscription_id IN (SELECT id FROM subscription WHERE tenant_id = @TenantId)
          UNION ALL
          SELECT subscription_id, meter, quantity FROM usage_record
            WHERE {tenant} AND at >= @From AND at < @To
              AND subscription_id IN (SELECT id FROM subscription WHERE tenant_id = @TenantId)) AS counted
        GROUP BY subscription_id, meter ORDER BY subscription_id, meter
        """);

    public static readonly TenantQuery Samples = new("preview.samples", """
        SELECT subscription_id, meter, (minute / 300000000) * 300000000 AS slot, CAST(sum(quantity) AS bigint) AS quantity FROM meter_delta
        WHERE {tenant} AND minute >= @From AND minute < @To AND subscription_id = @SubscriptionId AND meter = @Meter
        GROUP BY subscription_id, meter, slot ORDER BY slot
        """);

    /// <param name="period">"2026-11", or null for the month that is running in the tenant's time zone.</param>
    public async ValueTask<Outcome<InvoicePreview>> MakeAsync(Caller caller, string tenantId, string? period, CancellationToken cancellationToken)
    {
        var tenant = await tenants.FindAsync(caller, tenantId, cancellationToken);
        if (tenant is null)
        {
            return Refusal.NotFound("tenant", tenantId);
        }

        var month = period is null ? BillingPeriod.Containing(time.NowMicros(), tenant.TimeZone) : BillingPeriod.Parse(period, tenant.TimeZone);
        if (!month.Ok)
        {
            return month.Refusal;
        }

        var store = new TenantStore(stores.Control, caller.Scope);
        var range = new { TenantId = tenant.Id, From = month.Value.FromMicros, To = month.Value.ToMicros };

        // (1)
        var terms = await store.QueryAsync<Term>(Terms, range, cancellationToken);

        // (2)
        var sums = (await store.QueryAsync<MeterTotal>(Sums, range, cancellationToken)).ToLookup(static s => s.SubscriptionId);

        // (3)
        var subscriptions = new List<PreviewSubscription>();
        foreach (var own in terms.GroupBy(static t => t.Id))
        {
            subscriptions.Add(await RateAsync(store, month.Value, [.. own], sums[own.Key], cancellationToken));
        }

        return new InvoicePreview(
            tenant.Id, tenant.Name, month.Value.Name, tenant.TimeZone, tenant.Currency, subscriptions, subscriptions.Sum(static s => s.TotalMinor));
    }

    /// <summary>
    /// Usage is rated once, by the last terms of the period; recurring amounts by each version's own days, so a change in mid-month pays both parts.
    /// </summary>
    private static async ValueTask<PreviewSubscription> RateAsync(
        TenantStore store, BillingPeriod month, IReadOnlyList<Term> terms, IEnumerable<MeterTotal> sums, CancellationToken cancellationToken)
    {
        var lines = new List<RatedLine>();
        var last = terms[^1];
        var charged = 0;
        foreach (var term in terms)
        {
            // A day that two versions share is charged once, to the later one.
            var days = Math.Min(month.ActiveDays(term.ValidFrom, ReferenceEquals(term, last) ? term.ValidTo : DayBefore(term.ValidTo)), month.Days - charged);
            charged += days;
            var prices = JsonSerializer.Deserialize<IReadOnlyList<Price>>(term.Prices, SettingsJson.Options)!;
            var wanted = prices.Where(price => price is FlatPrice ? days > 0 : ReferenceEquals(term, last)).ToList();
            var samples = new Dictionary<string, IReadOnlyList<decimal>>();
            foreach (var p95 in wanted.OfType<P95Price>())
            {
                var slots = await store.QueryAsync<Sample>(
                    Samples, new { From = month.FromMicros, To = month.ToMicros, SubscriptionId = term.Id, p95.Meter }, cancellationToken);
                samples[p95.Meter] = [.. slots.Select(static s => (decimal)s.Quantity)];
            }

            lines.AddRange(Rater.Rate(new RatingInput(
                Currency.Find(term.Currency)!, wanted, term.Quantity, days, month.Days, sums.ToDictionary(static s => s.Meter, static s => (decimal)s.Quantity), samples)));
        }

        return new PreviewSubscription(last.Id, last.Name, last.Code, lines, lines.Sum(static l => l.AmountMinor));
    }

    private static long? DayBefore(long? micros) => micros - TimeSpan.TicksPerDay / TimeSpan.TicksPerMicrosecond;

    private sealed record Term(
        string Id, string Name, string Code, long Number, long Quantity, long ValidFrom, long? ValidTo, long PlanVersion, string Currency, string Prices);

    private sealed record Sample(string SubscriptionId, string Meter, long Slot, long Quantity);
}
