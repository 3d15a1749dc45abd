using System.Text.Json;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Changes;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Subscriptions;

/// <summary>
/// Changes subscriptions. Each change is one transaction of the control store: (1) the new version, (2) the wish it means to the engine,
/// (3) audit and event. The reconciler then makes the engine follow.
/// </summary>
public sealed class SubscriptionOrders(
    Stores stores, SubscriptionBook book, TenantDirectory tenants, Plans plans, SpecificationCatalogue specifications, IEnumerable<ISubscriptionRule> rules,
    DesiredRecords desired, ChangeRecorder changes, TimeProvider time)
{
    private const long MaxQuantity = 1_000_000;

    public async ValueTask<Outcome<SubscriptionView>> TakeAsync(Caller caller, NewSubscription wanted, CancellationToken cancellationToken)
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

        if ((CheckName(wanted.Name) ?? CheckQuantity(wanted.Quantity)) is { } refusal)
        {
            return refusal;
        }

        var now = time.NowMicros();
        var subscription = new Subscription(
            Id.New("s", time), tenant.TenantPath, tenant.Id, plan.Id, wanted.Name, JsonSerializer.Serialize(wanted.ExternalRefs ?? new Dictionary<string, string>()), 1, now);
        var version = new SubscriptionVersion(subscription.Id, 1, tenant.TenantPath, plan.Version, wanted.Quantity, settings.Value, now, null, now, null);
        var refused = await stores.Control.WriteAsync(
            async transaction =>
            {
                foreach (var rule in rules)
                {
                    if (await rule.CheckAsync(transaction, subscription, specification.Id, settings.Value) is { } no)
                    {
                        return no;
                    }
                }

                await transaction.ExecuteAsync(
                    """
                    INSERT INTO subscription (id, tenant_path, tenant_id, plan_id, name, external_refs, version, created_at)
                    VALUES (@Id, @TenantPath, @TenantId, @PlanId, @Name, @ExternalRefs, @Version, @CreatedAt)
                    """,
                    subscription);
                await AddVersionAsync(transaction, version);
                await desired.PutAsync(transaction, Wish(subscription, version, specification.Id, []), specifications.ModuleOf(specification.Id));
                await changes.RecordAsync(
                    transaction, caller, "subscription.taken", subscription.Id, subscription.TenantPath, null, new { subscription, version },
                    JsonSerializer.Serialize(new { plan = plan.Code, subscription.Name }));
                return null;
            },
            cancellationToken);
        return await AnswerAsync(caller, subscription.Id, refused, cancellationToken);
    }

    public async ValueTask<Outcome<SubscriptionView>> ChangeAsync(
        Caller caller, string id, SubscriptionChange wanted, long? ifVersion, CancellationToken cancellationToken)
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
        if ((CheckName(name) ?? CheckQuantity(quantity) ?? CheckActive(before)) is { } refusal)
        {
            return refusal;
        }

        var refused = await stores.Control.WriteAsync(
            async transaction =>
            {
                if (await RaiseVersionAsync(transaction, before, ifVersion) is { } stale)
                {
                    return stale;
                }

                var subscription = Of(before) with { Name = name };
                foreach (var rule in rules)
                {
                    if (await rule.CheckAsync(transaction, subscription, specification.Id, settings.Value) is { } no)
                    {
                        return no;
                    }
                }

                var now = time.NowMicros();
                await transaction.ExecuteAsync("UPDATE subscription SET name = @Name WHERE id = @Id", new { Name = name, Id = id });
                var version = await NextVersionAsync(transaction, before, now, wanted.ToNewestPrices ? plan.Version : before.PlanVersion, quantity, settings.Value);
                await PutWishAsync(transaction, before, version);
                await changes.RecordAsync(transaction, caller, "subscription.changed", id, before.TenantPath, before, new { Name = name, version });
                return null;
            },
            cancellationToken);
        return await AnswerAsync(caller, id, refused, cancellationToken);
    }

    /// <summary>Ends the subscription now: the wish is withdrawn, the record and its usage stay.</summary>
    public async ValueTask<Outcome<SubscriptionView>> EndAsync(Caller caller, string id, long? ifVersion, CancellationToken cancellationToken)
    {
        var before = await book.FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("subscription", id);
        }

        if (CheckActive(before) is { } ended)
        {
            return ended;
        }

        var refused = await stores.Control.WriteAsync(
            async transaction =>
            {
                if (await RaiseVersionAsync(transaction, before, ifVersion) is { } stale)
                {
                    return stale;
                }

                await transaction.ExecuteAsync(
                    "UPDATE subscription_version SET valid_to = @Now WHERE subscription_id = @Id AND valid_to IS NULL AND known_to IS NULL",
                    new { Now = time.NowMicros(), Id = id });
                await desired.WithdrawAsync(transaction, id);
                await changes.RecordAsync(transaction, caller, "subscription.ended", id, before.TenantPath, before, null);
                return null;
            },
            cancellationToken);
        return await AnswerAsync(caller, id, refused, cancellationToken);
    }

    public async ValueTask<Outcome<Hold>> PlaceHoldAsync(Caller caller, string id, NewHold wanted, CancellationToken cancellationToken)
    {
        var subscription = await book.FindAsync(caller, id, cancellationToken);
        if (subscription is null)
        {
            return Refusal.NotFound("subscription", id);
        }

        if (!HoldKind.All.Contains(wanted.Kind))
        {
            return Refusal.Invalid("hold.kind", "kind", $"there is no hold of kind {wanted.Kind}", string.Join(", ", HoldKind.All));
        }

        var hold = new Hold(Id.New("h", time), subscription.TenantPath, id, wanted.Kind, caller.ActorName, wanted.Reason, time.NowMicros(), null, null);
        return await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO hold (id, tenant_path, subscription_id, kind, owner, reason, placed_at, lifted_at, lifted_by)
                    VALUES (@Id, @TenantPath, @SubscriptionId, @Kind, @Owner, @Reason, @PlacedAt, @LiftedAt, @LiftedBy)
                    """,
                    hold);
                await PutWishAsync(transaction, subscription, null);
                await changes.RecordAsync(
                    transaction, caller, "subscription.held", id, subscription.TenantPath, null, hold, JsonSerializer.Serialize(new { hold.Kind }), wanted.Reason);
                return hold;
            },
            cancellationToken);
    }

    /// <summary>Lifts one hold and no other.</summary>
    public async ValueTask<Outcome<Hold>> LiftHoldAsync(Caller caller, string id, string holdId, CancellationToken cancellationToken)
    {
        var subscription = await book.FindAsync(caller, id, cancellationToken);
        if (subscription is null)
        {
            return Refusal.NotFound("subscription", id);
        }

        var hold = (await book.HoldsAsync(caller, id, cancellationToken)).FirstOrDefault(h => h.Id == holdId);
        if (hold is null)
        {
            return Refusal.NotFound("hold", holdId);
        }

        if (hold.LiftedAt is not null)
        {
            return hold;
        }

        var lifted = hold with { LiftedAt = time.NowMicros(), LiftedBy = caller.ActorName };
        return await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync("UPDATE hold SET lifted_at = @LiftedAt, lifted_by = @LiftedBy WHERE id = @Id AND lifted_at IS NULL", lifted);
                await PutWishAsync(transaction, subscription, null);
                await changes.RecordAsync(
                    transaction, caller, "subscription.hold-lifted", id, subscription.TenantPath, hold, lifted, JsonSerializer.Serialize(new { hold.Kind }));
                return lifted;
            },
            cancellationToken);
    }

    private async ValueTask<Outcome<SubscriptionView>> AnswerAsync(Caller caller, string id, Refusal? refused, CancellationToken cancellationToken) =>
        refused is not null ? refused : (await book.FindAsync(caller, id, cancellationToken))!;

    private static async ValueTask<Refusal?> RaiseVersionAsync(ISqlTransaction transaction, SubscriptionView before, long? ifVersion)
    {
        var expected = ifVersion ?? before.Version;
        var raised = await transaction.ExecuteAsync(
            "UPDATE subscription SET version = version + 1 WHERE id = @Id AND version = @Expected", new { before.Id, Expected = expected });
        return raised == 1 ? null : Refusal.Stale(await transaction.FirstOrDefaultAsync<long>("SELECT version FROM subscription WHERE id = @Id", new { before.Id }));
    }

    private static async ValueTask<SubscriptionVersion> NextVersionAsync(
        ISqlTransaction transaction, SubscriptionView before, long now, long planVersion, long quantity, string settings)
    {
        var last = await transaction.FirstOrDefaultAsync<long>("SELECT max(number) FROM subscription_version WHERE subscription_id = @Id", new { before.Id });
        await transaction.ExecuteAsync(
            "UPDATE subscription_version SET valid_to = @Now WHERE subscription_id = @Id AND valid_to IS NULL AND known_to IS NULL", new { Now = now, before.Id });
        var version = new SubscriptionVersion(before.Id, last + 1, before.TenantPath, planVersion, quantity, settings, now, null, now, null);
        await AddVersionAsync(transaction, version);
        return version;
    }

    private static async ValueTask AddVersionAsync(ISqlTransaction transaction, SubscriptionVersion version) =>
        await transaction.ExecuteAsync(
            """
            INSERT INTO subscription_version (subscription_id, number, tenant_path, plan_version, quantity, settings, valid_from, valid_to, known_from, known_to)
            VALUES (@SubscriptionId, @Number, @TenantPath, @PlanVersion, @Quantity, @Settings, @ValidFrom, @ValidTo, @KnownFrom, @KnownTo)
            """,
            version);

    /// <summary>Writes the wish again from the rows of this transaction, so that holds and terms cannot disagree.</summary>
    private async ValueTask PutWishAsync(ISqlTransaction transaction, SubscriptionView view, SubscriptionVersion? version)
    {
        var holds = await transaction.QueryAsync<string>(
            "SELECT DISTINCT kind FROM hold WHERE subscription_id = @Id AND lifted_at IS NULL ORDER BY kind", new { view.Id });
        if (view.EndedAt is null)
        {
            var wish = Wish(Of(view), version, view.Specification, holds) with { Settings = version?.Settings ?? view.Settings };
            await desired.PutAsync(transaction, wish, specifications.ModuleOf(view.Specification));
        }
    }

    private static Subscription Of(SubscriptionView view) =>
        new(view.Id, view.TenantPath, view.TenantId, view.PlanId, view.Name, "{}", view.Version, view.CreatedAt);

    private static DesiredRecord Wish(Subscription subscription, SubscriptionVersion? version, string specification, IReadOnlyList<string> holds) =>
        new(subscription.Id, specification, subscription.TenantId, subscription.TenantPath, "subscription", 0, version?.Settings ?? "{}", holds, null, 0);

    private static Refusal? CheckActive(SubscriptionView view) =>
        view.EndedAt is null ? null : Refusal.Conflict("subscription.ended", $"the subscription {view.Id} has ended; take a new one");

    private static Refusal? CheckName(string name) =>
        string.IsNullOrWhiteSpace(name) || name.Length > 200
            ? Refusal.Invalid("subscription.name", "name", "the name is empty or longer than 200 characters", "1 to 200 characters")
            : null;

    private static Refusal? CheckQuantity(long quantity) =>
        quantity is < 1 or > MaxQuantity ? Refusal.Invalid("subscription.quantity", "quantity", $"the quantity is {quantity}", $"1 to {MaxQuantity}") : null;
}
