using System.Text.Json;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Exchange.Prices;
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
/// Rates a tenant's month from what is known now: (1) the tenant's subscriptions and the terms that held in the period, at the plans' prices or at what was agreed in their place, (2) the quantities: delta
/// records plus usage records, (3) lines by <see cref="Rater"/>.
/// </summary>
public sealed class InvoicePreviews(Stores stores, TenantDirectory tenants, TimeProvider time, IAgreedPrices? agreed = null)
{
    public static readonly TenantQuery Terms = new("preview.terms", """
        SELECT s.id, s.name, p.code, v.quantity, v.valid_from, v.valid_to, pv.currency, pv.prices
        FROM subscription s JOIN plan p ON p.id = s.plan_id JOIN subscription_version v ON v.subscription_id = s.id
          JOIN plan_version pv ON pv.plan_id = s.plan_id AND pv.number = v.plan_version
        WHERE {tenant:s} AND s.tenant_id = @TenantId AND v.known_to IS NULL AND v.valid_from < @To
        ORDER BY s.created_at, s.id, v.valid_from, v.number
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
        SELECT CAST(sum(quantity) AS bigint) AS quantity FROM (
          SELECT (minute / 300000000) AS slot, quantity FROM meter_delta
            WHERE {tenant} AND minute >= @From AND minute < @To AND subscription_id = @SubscriptionId AND meter = @Meter
          UNION ALL
          SELECT (at / 300000000) AS slot, quantity FROM usage_record
            WHERE {tenant} AND at >= @From AND at < @To AND subscription_id = @SubscriptionId AND meter = @Meter) AS counted
        GROUP BY slot ORDER BY slot
        """);

    private const long SlotMicros = 300 * UnixMicros.PerSecond;

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
        try
        {
            foreach (var own in terms.GroupBy(static t => t.Id))
            {
                var rated = await RateAsync(store, month.Value, [.. own], sums[own.Key], cancellationToken);
                if (rated.Lines.Count > 0 || own.Any(term => term.ValidTo is null || term.ValidTo > month.Value.FromMicros))
                {
                    subscriptions.Add(rated);
                }
            }

            return new InvoicePreview(
                tenant.Id, tenant.Name, month.Value.Name, tenant.TimeZone, tenant.Currency, subscriptions, subscriptions.Sum(static s => s.TotalMinor));
        }
        catch (OverflowException)
        {
            return Refusal.Conflict("preview.too-large", $"the amounts of {month.Value.Name} are too large to be added up; look for a wrong price or a wrong usage record");
        }
    }

    private async ValueTask<PreviewSubscription> RateAsync(
        TenantStore store, BillingPeriod month, IReadOnlyList<Term> terms, IEnumerable<MeterTotal> sums, CancellationToken cancellationToken)
    {
        var last = terms[^1];
        var months = (agreed is null ? null : await agreed.TermsAsync(last.Id, month, cancellationToken)) ?? [.. terms.Select(term =>
        {
            var (from, to) = month.DatesOf(term.ValidFrom, term.ValidTo);
            return new MonthTerms(JsonSerializer.Deserialize<IReadOnlyList<Price>>(term.Prices, SettingsJson.Options)!, term.Quantity, from, to);
        })];
        var samples = new Dictionary<string, IReadOnlyList<decimal>>();
        foreach (var p95 in months[^1].Prices.OfType<P95Price>())
        {
            samples[p95.Meter] = await SamplesAsync(store, month, terms, p95.Meter, cancellationToken);
        }

        var rated = MonthRater.Rate(new MonthInput(
            Currency.Find(last.Currency)!, month.FirstDate, month.AfterDate, months, MonthCharges.All, sums.ToDictionary(static s => s.Meter, static s => (decimal)s.Quantity), samples));
        return new PreviewSubscription(last.Id, last.Name, last.Code, [.. rated.Select(static each => each.Line)], rated.Sum(static each => each.Line.AmountMinor));
    }

    /// <summary>The 5-minute samples of the time the subscription ran in the period, so far: a slot in which nothing was counted is a sample of 0.</summary>
    private async ValueTask<IReadOnlyList<decimal>> SamplesAsync(
        TenantStore store, BillingPeriod month, IReadOnlyList<Term> terms, string meter, CancellationToken cancellationToken)
    {
        var from = Math.Max(month.FromMicros, terms[0].ValidFrom);
        var to = Math.Min(Math.Min(month.ToMicros, terms[^1].ValidTo ?? long.MaxValue), time.NowMicros());
        var counted = await store.QueryAsync<long>(
            Samples, new { From = month.FromMicros, To = month.ToMicros, SubscriptionId = terms[0].Id, Meter = meter }, cancellationToken);
        var slots = to <= from ? 0 : ((to + SlotMicros - 1) / SlotMicros) - (from / SlotMicros);
        var silent = Math.Max(0, slots - counted.Count);
        return [.. counted.Select(static quantity => (decimal)quantity), .. Enumerable.Repeat(0m, (int)silent)];
    }

    private sealed record Term(string Id, string Name, string Code, long Quantity, long ValidFrom, long? ValidTo, string Currency, string Prices);
}
