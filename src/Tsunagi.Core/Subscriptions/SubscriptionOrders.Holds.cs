using System.Text.Json;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Subscriptions;

public sealed partial class SubscriptionOrders
{
    /// <summary>Places a hold of the caller's. A customer places "customer" holds on his own; the other kinds are for those above him.</summary>
    public async ValueTask<Outcome<Hold>> PlaceHoldAsync(Caller caller, string id, NewHold wanted, CancellationToken cancellationToken)
    {
        var subscription = await book.FindAsync(caller, id, cancellationToken);
        if (subscription is null)
        {
            return Refusal.NotFound("subscription", id);
        }

        if ((CheckHold(caller, subscription, wanted) ?? CheckActive(subscription)) is { } refusal)
        {
            return refusal;
        }

        var hold = new Hold(
            Id.New("h", time), subscription.TenantPath, id, wanted.Kind, caller.ActorName, caller.Scope.Path, wanted.Reason, time.NowMicros(), null, null);
        return await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO hold (id, tenant_path, subscription_id, kind, owner, owner_path, reason, placed_at, lifted_at, lifted_by)
                    VALUES (@Id, @TenantPath, @SubscriptionId, @Kind, @Owner, @OwnerPath, @Reason, @PlacedAt, @LiftedAt, @LiftedBy)
                    """,
                    hold);
                await CountChangeAsync(transaction, id);
                await PutWishAsync(transaction, Of(subscription), subscription.Specification);
                await changes.RecordAsync(
                    transaction, caller, "subscription.held", id, subscription.TenantPath, null, hold, JsonSerializer.Serialize(new { hold.Kind }), wanted.Reason);
                return hold;
            },
            cancellationToken);
    }

    /// <summary>Lifts one hold and no other. Lifting a lifted hold changes nothing.</summary>
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

        if (!caller.Scope.Covers(hold.OwnerPath))
        {
            return new Refusal(RefusalKind.Forbidden, "hold.owner", $"this {hold.Kind} hold was placed by those who provide the service; ask them to lift it");
        }

        var lifted = hold with { LiftedAt = time.NowMicros(), LiftedBy = caller.ActorName };
        return await stores.Control.WriteAsync(
            async transaction =>
            {
                if (await transaction.ExecuteAsync("UPDATE hold SET lifted_at = @LiftedAt, lifted_by = @LiftedBy WHERE id = @Id AND lifted_at IS NULL", lifted) == 0)
                {
                    return (await transaction.FirstOrDefaultAsync<Hold>($"SELECT {HoldColumns} FROM hold WHERE id = @Id", new { lifted.Id }))!;
                }

                await CountChangeAsync(transaction, id);
                await PutWishAsync(transaction, Of(subscription), subscription.Specification);
                await changes.RecordAsync(
                    transaction, caller, "subscription.hold-lifted", id, subscription.TenantPath, hold, lifted, JsonSerializer.Serialize(new { hold.Kind }));
                return lifted;
            },
            cancellationToken);
    }

    /// <summary>
    /// Places a hold inside a transaction of the caller's, so that it stands or falls with what it is placed for. For the program and those above: the caller has been asked whether he may.
    /// </summary>
    /// <returns>Null when there is no such running subscription.</returns>
    public async ValueTask<Hold?> PlaceHoldAsync(ISqlTransaction transaction, Caller caller, string id, NewHold wanted)
    {
        var row = await FindAsync(transaction, id);
        if (row is null || await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM subscription_version WHERE subscription_id = @Id AND known_to IS NULL AND valid_to IS NULL", new { Id = id }) == 0)
        {
            return null;
        }

        var hold = new Hold(Id.New("h", time), row.TenantPath, id, wanted.Kind, caller.ActorName, caller.Scope.Path, wanted.Reason, time.NowMicros(), null, null);
        await transaction.ExecuteAsync(
            $"INSERT INTO hold ({HoldColumns}) VALUES (@Id, @TenantPath, @SubscriptionId, @Kind, @Owner, @OwnerPath, @Reason, @PlacedAt, @LiftedAt, @LiftedBy)", hold);
        await CountChangeAsync(transaction, id);
        await PutWishAsync(transaction, row.Subscription, row.Specification);
        await changes.RecordAsync(transaction, caller, "subscription.held", id, row.TenantPath, null, hold, JsonSerializer.Serialize(new { hold.Kind }), wanted.Reason);
        return hold;
    }

    /// <summary>Lifts one hold and no other, inside a transaction of the caller's. False when it was lifted before.</summary>
    public async ValueTask<bool> LiftHoldAsync(ISqlTransaction transaction, Caller caller, string holdId)
    {
        var hold = await transaction.FirstOrDefaultAsync<Hold>($"SELECT {HoldColumns} FROM hold WHERE id = @Id AND lifted_at IS NULL", new { Id = holdId });
        if (hold is null || await FindAsync(transaction, hold.SubscriptionId) is not { } row)
        {
            return false;
        }

        var lifted = hold with { LiftedAt = time.NowMicros(), LiftedBy = caller.ActorName };
        await transaction.ExecuteAsync("UPDATE hold SET lifted_at = @LiftedAt, lifted_by = @LiftedBy WHERE id = @Id", lifted);
        await CountChangeAsync(transaction, hold.SubscriptionId);
        await PutWishAsync(transaction, row.Subscription, row.Specification);
        await changes.RecordAsync(transaction, caller, "subscription.hold-lifted", hold.SubscriptionId, row.TenantPath, hold, lifted, JsonSerializer.Serialize(new { hold.Kind }));
        return true;
    }

    private static ValueTask<SubscriptionOf?> FindAsync(ISqlTransaction transaction, string id) => transaction.FirstOrDefaultAsync<SubscriptionOf>(
        "SELECT s.id, s.tenant_path, s.tenant_id, s.plan_id, s.name, s.external_refs, s.version, s.created_at, p.specification FROM subscription s JOIN plan p ON p.id = s.plan_id WHERE s.id = @Id", new { Id = id });

    private sealed record SubscriptionOf(string Id, string TenantPath, string TenantId, string PlanId, string Name, string ExternalRefs, long Version, long CreatedAt, string Specification)
    {
        public Subscription Subscription => new(Id, TenantPath, TenantId, PlanId, Name, ExternalRefs, Version, CreatedAt);
    }

    private const string HoldColumns = "id, tenant_path, subscription_id, kind, owner, owner_path, reason, placed_at, lifted_at, lifted_by";
    private const int MaxReason = 500;

    private static async ValueTask CountChangeAsync(ISqlTransaction transaction, string id) =>
        await transaction.ExecuteAsync("UPDATE subscription SET version = version + 1 WHERE id = @Id", new { Id = id });

    private static Refusal? CheckHold(Caller caller, SubscriptionView subscription, NewHold wanted)
    {
        if (!HoldKind.All.Contains(wanted.Kind))
        {
            return Refusal.Invalid("hold.kind", "kind", $"there is no hold of kind {wanted.Kind}", string.Join(", ", HoldKind.All));
        }

        if (string.IsNullOrWhiteSpace(wanted.Reason) || wanted.Reason.Length > MaxReason)
        {
            return Refusal.Invalid("hold.reason", "reason", "a hold needs a reason that fits on a line or two", $"1 to {MaxReason} characters");
        }

        var above = caller.IsOperator || subscription.TenantPath != caller.Scope.Path;
        return above || wanted.Kind == HoldKind.Customer
            ? null
            : new Refusal(RefusalKind.Forbidden, "hold.kind", $"a {wanted.Kind} hold is placed by those who provide the service", "kind", HoldKind.Customer);
    }
}
