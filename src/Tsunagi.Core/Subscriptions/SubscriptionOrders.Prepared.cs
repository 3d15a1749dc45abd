using System.Text.Json;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Subscriptions;

public sealed partial class SubscriptionOrders
{
    /// <summary>Looks at the request to take a service; nothing is written until the act is applied.</summary>
    /// <param name="planVersion">The prices it is sold at; null for the plan's newest.</param>
    public async ValueTask<Outcome<SubscriptionAct>> PrepareTakeAsync(Caller caller, NewSubscription wanted, long? planVersion, CancellationToken cancellationToken)
    {
        var tenant = await tenants.FindAsync(caller, wanted.TenantId, cancellationToken);
        if (tenant is null)
        {
            return Refusal.NotFound("tenant", wanted.TenantId);
        }

        var plan = await plans.FindAsync(wanted.Plan, cancellationToken);
        if (plan is null)
        {
            return Refusal.Invalid("subscription.plan", "plan", $"there is no plan {wanted.Plan}", "a plan's id or code");
        }

        var specification = specifications.Find(plan.Specification)!;
        var settings = SpecificationCatalogue.CanonicalSettings(specification, wanted.Settings);
        if (!settings.Ok)
        {
            return settings.Refusal;
        }

        if ((CheckName(wanted.Name) ?? CheckQuantity(wanted.Quantity) ?? TenantRules.CheckRefs(wanted.ExternalRefs)) is { } refusal)
        {
            return refusal;
        }

        var now = time.NowMicros();
        var subscription = new Subscription(
            Id.New("s", time), tenant.TenantPath, tenant.Id, plan.Id, wanted.Name, JsonSerializer.Serialize(wanted.ExternalRefs ?? new Dictionary<string, string>()), 1, now);
        var first = new SubscriptionVersion(subscription.Id, 1, tenant.TenantPath, planVersion ?? plan.Version, wanted.Quantity, settings.Value, now, null, now, null);
        return new SubscriptionAct(subscription.Id, async transaction =>
        {
            if ((await CheckCurrencyAsync(transaction, tenant.Id, plan.Id, first.PlanVersion) ?? await CheckRulesAsync(transaction, subscription, specification.Id, settings.Value)) is { } no)
            {
                return no;
            }

            // :: (1), (2), (3)
            var version = first with { KnownFrom = time.NowMicros() };
            await transaction.ExecuteAsync(
                """
                INSERT INTO subscription (id, tenant_path, tenant_id, plan_id, name, external_refs, version, created_at)
                VALUES (@Id, @TenantPath, @TenantId, @PlanId, @Name, @ExternalRefs, @Version, @CreatedAt)
                """,
                subscription);
            await AddVersionAsync(transaction, version);
            await PutWishAsync(transaction, subscription, specification.Id);
            await changes.RecordAsync(
                transaction, caller, "subscription.taken", subscription.Id, subscription.TenantPath, null, new { subscription, version },
                JsonSerializer.Serialize(new { plan = plan.Code, subscription.Name }));
            return null;
        });
    }

    /// <summary>Looks at the request to change one; nothing is written until the act is applied.</summary>
    /// <param name="planVersion">The prices it goes on at; null for what the request says.</param>
    public async ValueTask<Outcome<SubscriptionAct>> PrepareChangeAsync(
        Caller caller, string id, SubscriptionChange wanted, long? planVersion, long? ifVersion, CancellationToken cancellationToken)
    {
        var before = await book.FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("subscription", id);
        }

        var specification = specifications.Find(before.Specification)!;
        var settings = wanted.Settings is { } json ? SpecificationCatalogue.CanonicalSettings(specification, json) : before.Settings;
        if (!settings.Ok)
        {
            return settings.Refusal;
        }

        var plan = (await plans.FindAsync(before.PlanId, cancellationToken))!;
        var name = wanted.Name ?? before.Name;
        var quantity = wanted.Quantity ?? before.Quantity;
        if ((CheckName(name) ?? CheckQuantity(quantity) ?? CheckActive(before) ?? CheckFrom(wanted.From, before)) is { } refusal)
        {
            return refusal;
        }

        var version = planVersion ?? (wanted.ToNewestPrices ? plan.Version : before.PlanVersion);
        var subscription = Of(before) with { Name = name };
        return new SubscriptionAct(id, async transaction =>
        {
            if ((await RaiseVersionAsync(transaction, before, ifVersion) ?? await CheckCurrencyAsync(transaction, before.TenantId, plan.Id, version)
                ?? await CheckRulesAsync(transaction, subscription, specification.Id, settings.Value)) is { } no)
            {
                return no;
            }

            // :: (1), (2), (3)
            await transaction.ExecuteAsync("UPDATE subscription SET name = @Name WHERE id = @Id", new { Name = name, Id = id });
            var now = time.NowMicros();
            var terms = new SubscriptionVersion(id, 0, before.TenantPath, version, quantity, settings.Value, now, null, now, null);
            await SetTermsAsync(transaction, terms, wanted.From is { } from ? UnixMicros.From(from) : null, now);
            await PutWishAsync(transaction, subscription, specification.Id);
            await changes.RecordAsync(transaction, caller, "subscription.changed", id, before.TenantPath, before, new { Name = name, terms, wanted.From });
            return null;
        });
    }

    /// <summary>Looks at the request to end one; nothing is written until the act is applied.</summary>
    /// <param name="at">A past moment from which on it did not run; null for now. It never ends before its last terms began.</param>
    public async ValueTask<Outcome<SubscriptionAct>> PrepareEndAsync(Caller caller, string id, DateTimeOffset? at, long? ifVersion, CancellationToken cancellationToken)
    {
        var before = await book.FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("subscription", id);
        }

        if ((CheckActive(before) ?? CheckFrom(at, before)) is { } refusal)
        {
            return refusal;
        }

        return new SubscriptionAct(id, async transaction =>
        {
            if (await RaiseVersionAsync(transaction, before, ifVersion) is { } stale)
            {
                return stale;
            }

            var now = time.NowMicros();
            await EndTermsAsync(transaction, before, at is { } past ? UnixMicros.From(past) : now, now);
            await desired.WithdrawAsync(transaction, id);
            await changes.RecordAsync(transaction, caller, "subscription.ended", id, before.TenantPath, before, null);
            return null;
        });
    }
}
