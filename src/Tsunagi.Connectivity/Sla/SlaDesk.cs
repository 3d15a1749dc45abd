using System.Text.Json;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Sla;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Core.Usage;

namespace Tsunagi.Connectivity.Sla;

/// <summary>A subscription's month by its terms.</summary>
/// <param name="FeeMinor">The flat monthly prices of the plan version that holds, by the quantity: what the shares are of.</param>
public sealed record SlaMonth(SubscriptionView Subscription, BillingPeriod Month, string Currency, long FeeMinor, SlaStatement Statement);

/// <summary>
/// Judges a subscription's month when somebody asks: (1) its terms and month, in its tenant's time zone; (2) the facts: outages and maintenance that touch the month, what probes measured; (3) for promises of
/// several months running, the months before; (4) <see cref="SlaEngine"/> says the rest. Nothing is stored: a corrected fact corrects the statement. A subscription of several lines is down while any of them is.
/// </summary>
internal sealed class SlaDesk(Stores stores, SubscriptionBook subscriptions, TenantDirectory tenants, TimeProvider time)
{
    private const long MicrosPerMinute = 60 * UnixMicros.PerSecond;
    private const long Margin = 40L * 86_400 * UnixMicros.PerSecond;

    /// <param name="period">"2026-11", or null for the month that is running in the tenant's time zone.</param>
    public async ValueTask<Outcome<SlaMonth>> JudgeAsync(Caller caller, string subscriptionId, string? period, CancellationToken cancellationToken)
    {
        // (1)
        var subscription = await subscriptions.FindAsync(caller, subscriptionId, cancellationToken);
        if (subscription is null || await tenants.FindAsync(caller, subscription.TenantId, cancellationToken) is not { } tenant)
        {
            return Refusal.NotFound("subscription", subscriptionId);
        }

        var terms = TermsOf(subscription);
        var month = period is null ? BillingPeriod.Containing(time.NowMicros(), tenant.TimeZone) : BillingPeriod.Parse(period, tenant.TimeZone);
        if (!month.Ok)
        {
            return month.Refusal;
        }

        var (currency, fee) = await FeeAsync(subscription, cancellationToken);
        var versions = await subscriptions.VersionsAsync(caller, subscription.Id, cancellationToken);
        if (versions.Count == 0)
        {
            // Read in two steps: it was there a moment ago.
            return Refusal.NotFound("subscription", subscriptionId);
        }

        var service = new SlaSpan(versions.Min(static version => version.ValidFrom) / 1_000, (subscription.EndedAt ?? long.MaxValue) / 1_000);
        var statement = await StatementAsync(terms, month.Value, subscription.Id, service, fee, terms.Objectives.Select(static objective => objective.Months).DefaultIfEmpty(1).Max() - 1, cancellationToken);
        return new SlaMonth(subscription, month.Value, currency, fee, statement);
    }

    /// <summary>The terms a subscription's settings name; <see cref="SlaNames.Nothing"/> for none.</summary>
    internal static SlaTerms TermsOf(SubscriptionView subscription)
    {
        using var settings = JsonDocument.Parse(subscription.Settings);
        return settings.RootElement.TryGetProperty("sla", out var name) && name.ValueKind == JsonValueKind.String && SlaNames.Find(name.GetString()!) is { } named ? named : SlaNames.Nothing;
    }

    private async ValueTask<SlaStatement> StatementAsync(SlaTerms terms, BillingPeriod month, string subscription, SlaSpan service, long fee, int monthsBefore, CancellationToken cancellationToken)
    {
        // (3) The month before asks of those before it in turn.
        var broken = new Dictionary<SlaIndicator, int>();
        if (monthsBefore > 0 && month.FromMicros / 1_000 > service.From)
        {
            var before = await StatementAsync(terms, month.Plus(-1), subscription, service, fee, monthsBefore - 1, cancellationToken);
            foreach (var result in before.Results.Where(static result => result.IsBroken))
            {
                broken[result.Objective.Indicator] = result.Months;
            }
        }

        // (2), (4)
        var facts = await FactsAsync(month, subscription, service, cancellationToken);
        return SlaEngine.Judge(terms, month, facts with { BrokenBefore = broken }, fee);
    }

    /// <summary>Of a subscription that the caller has found. What was announced to all is the provider's, and whoever has the subscription may know of it.</summary>
    private ValueTask<SlaFacts> FactsAsync(BillingPeriod month, string subscription, SlaSpan service, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        async reader =>
        {
            var around = new { Subscription = subscription, From = month.FromMicros - Margin, To = month.ToMicros };
            var outages = await reader.QueryAsync<OutageRow>(
                $"SELECT {OutageRow.Columns} FROM connectivity_outage WHERE subscription_id = @Subscription AND from_at < @To AND (to_at IS NULL OR to_at > @From) ORDER BY from_at, id", around);
            var work = await reader.QueryAsync<MaintenanceRow>(
                $"""
                SELECT {MaintenanceRow.Columns} FROM connectivity_maintenance
                WHERE (subscription_id = @Subscription OR subscription_id = '') AND cancelled_at IS NULL AND from_at < @To AND to_at > @From ORDER BY from_at, id
                """,
                around);
            var minutes = await reader.QueryAsync<MinuteSum>(
                """
                SELECT minute, CAST(sum(sent) AS bigint) AS sent, CAST(sum(lost) AS bigint) AS lost, CAST(sum(delayed) AS bigint) AS delayed, CAST(sum(delay_micros) AS bigint) AS delay_micros
                FROM connectivity_probe_minute WHERE subscription_id = @Subscription AND minute >= @From AND minute < @To GROUP BY minute ORDER BY minute
                """,
                new { Subscription = subscription, From = month.FromMicros / MicrosPerMinute, To = month.ToMicros / MicrosPerMinute });
            var probes = await reader.FirstOrDefaultAsync<long>(
                "SELECT count(*) FROM connectivity_probe WHERE subscription_id = @Subscription AND created_at < @To AND (removed_at IS NULL OR removed_at > @First)",
                new { Subscription = subscription, First = month.FromMicros, To = month.ToMicros });
            return FactsOf(service, probes > 0, outages, work, minutes);
        },
        cancellationToken);

    private SlaFacts FactsOf(SlaSpan service, bool isProbed, IReadOnlyList<OutageRow> outages, IReadOnlyList<MaintenanceRow> work, IReadOnlyList<MinuteSum> minutes)
    {
        return new SlaFacts
        {
            Service = service, Now = time.NowMicros() / 1_000, IsMeasured = isProbed || minutes.Count > 0,
            Outages = [.. outages.Select(static outage => new SlaOutage(outage.Id, outage.FromAt / 1_000, outage.ToAt / 1_000, CauseOf(outage.Cause)))],
            Maintenance = [.. work.Select(static each => new SlaMaintenance(each.Id, each.AnnouncedAt / 1_000, each.FromAt / 1_000, each.ToAt / 1_000))],
            Measured = [.. minutes.Where(static minute => minute.Sent > 0).Select(static minute => new SlaSpan(minute.Minute * 60_000, (minute.Minute + 1) * 60_000))],
            Minutes = [.. minutes.Select(static minute => new SlaMinute(minute.Minute * 60_000, minute.Sent, minute.Lost, minute.Delayed, minute.DelayMicros))],
        };
    }

    private async ValueTask<(string Currency, long FeeMinor)> FeeAsync(SubscriptionView subscription, CancellationToken cancellationToken)
    {
        var plan = await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<PlanPrices>("SELECT currency, prices FROM plan_version WHERE plan_id = @PlanId AND number = @PlanVersion", new { subscription.PlanId, subscription.PlanVersion }), cancellationToken);
        var currency = Currency.Find(plan!.Currency)!;
        var monthly = JsonSerializer.Deserialize<IReadOnlyList<Price>>(plan.Prices, SettingsJson.Options)!.OfType<FlatPrice>().Sum(static price => price.Amount);
        return (currency.Code, (long)decimal.Round(monthly * subscription.Quantity * currency.MinorPerUnit, 0, MidpointRounding.AwayFromZero));
    }

    private static SlaCause CauseOf(string cause) => cause switch { OutageCause.Customer => SlaCause.Customer, OutageCause.ForceMajeure => SlaCause.ForceMajeure, _ => SlaCause.Provider };

    private sealed record PlanPrices(string Currency, string Prices);

    private sealed record MinuteSum(long Minute, long Sent, long Lost, long Delayed, long DelayMicros);
}
