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
public sealed partial class SubscriptionOrders(
    Stores stores, SubscriptionBook book, TenantDirectory tenants, Plans plans, SpecificationCatalogue specifications, IEnumerable<ISubscriptionRule> rules,
    DesiredRecords desired, ChangeRecorder changes, TimeProvider time)
{
    private const long MaxQuantity = 1_000_000;

    public async ValueTask<Outcome<SubscriptionView>> TakeAsync(Caller caller, NewSubscription wanted, CancellationToken cancellationToken) =>
        await CarryOutAsync(caller, await PrepareTakeAsync(caller, wanted, null, cancellationToken), cancellationToken);

    public async ValueTask<Outcome<SubscriptionView>> ChangeAsync(
        Caller caller, string id, SubscriptionChange wanted, long? ifVersion, CancellationToken cancellationToken) =>
        await CarryOutAsync(caller, await PrepareChangeAsync(caller, id, wanted, null, ifVersion, cancellationToken), cancellationToken);

    /// <summary>Ends the subscription now: the wish is withdrawn, the record and its usage stay.</summary>
    public async ValueTask<Outcome<SubscriptionView>> EndAsync(Caller caller, string id, long? ifVersion, CancellationToken cancellationToken) =>
        await CarryOutAsync(caller, await PrepareEndAsync(caller, id, null, ifVersion, cancellationToken), cancellationToken);

    private async ValueTask<Outcome<SubscriptionView>> CarryOutAsync(Caller caller, Outcome<SubscriptionAct> act, CancellationToken cancellationToken) =>
        act.Ok ? await AnswerAsync(caller, act.Value.SubscriptionId, await stores.Control.WriteAsync(act.Value.ApplyAsync, cancellationToken), cancellationToken) : act.Refusal;

    private async ValueTask<Outcome<SubscriptionView>> AnswerAsync(Caller caller, string id, Refusal? refused, CancellationToken cancellationToken) =>
        refused is not null ? refused : (await book.FindAsync(caller, id, cancellationToken))!;

    private static async ValueTask<Refusal?> RaiseVersionAsync(ISqlTransaction transaction, SubscriptionView before, long? ifVersion)
    {
        var expected = ifVersion ?? before.Version;
        var raised = await transaction.ExecuteAsync(
            "UPDATE subscription SET version = version + 1 WHERE id = @Id AND version = @Expected", new { before.Id, Expected = expected });
        return raised == 1 ? null : Refusal.Stale(await transaction.FirstOrDefaultAsync<long>("SELECT version FROM subscription WHERE id = @Id", new { before.Id }));
    }

    /// <summary>The new terms hold from a moment on; null for now.</summary>
    private static async ValueTask SetTermsAsync(ISqlTransaction transaction, SubscriptionVersion terms, long? from, long now)
    {
        var (known, last) = await TimelineAsync(transaction, terms.SubscriptionId);

        // A clock that was set back must not make the new terms begin before the ones they follow.
        var since = from ?? Math.Max(now, known[^1].ValidFrom);
        await KeepAsync(transaction, terms.SubscriptionId, Timeline.Set(known, since, last, terms, now), now);
    }

    private static async ValueTask EndTermsAsync(ISqlTransaction transaction, SubscriptionView view, long at, long now)
    {
        var (known, last) = await TimelineAsync(transaction, view.Id);
        await KeepAsync(transaction, view.Id, Timeline.End(known, Math.Max(at, known[^1].ValidFrom), last, now), now);
    }

    private static async ValueTask<(IReadOnlyList<SubscriptionVersion> Known, long LastNumber)> TimelineAsync(ISqlTransaction transaction, string id)
    {
        var known = await transaction.QueryAsync<SubscriptionVersion>(
            """
            SELECT subscription_id, number, tenant_path, plan_version, quantity, settings, valid_from, valid_to, known_from, known_to
            FROM subscription_version WHERE subscription_id = @Id AND known_to IS NULL ORDER BY valid_from, number
            """,
            new { Id = id });
        return (known, await transaction.FirstOrDefaultAsync<long>("SELECT max(number) FROM subscription_version WHERE subscription_id = @Id", new { Id = id }));
    }

    private static async ValueTask KeepAsync(ISqlTransaction transaction, string id, TimelineChange change, long now)
    {
        await transaction.ExecuteAsync(
            "UPDATE subscription_version SET known_to = @Now WHERE subscription_id = @Id AND number IN @Closed", new { Now = now, Id = id, change.Closed });
        foreach (var row in change.Added)
        {
            await AddVersionAsync(transaction, row);
        }
    }

    private static async ValueTask AddVersionAsync(ISqlTransaction transaction, SubscriptionVersion version) =>
        await transaction.ExecuteAsync(
            """
            INSERT INTO subscription_version (subscription_id, number, tenant_path, plan_version, quantity, settings, valid_from, valid_to, known_from, known_to)
            VALUES (@SubscriptionId, @Number, @TenantPath, @PlanVersion, @Quantity, @Settings, @ValidFrom, @ValidTo, @KnownFrom, @KnownTo)
            """,
            version);

    /// <summary>Writes the wish again from the rows of this transaction, so that holds and terms cannot disagree. An ended subscription wishes nothing.</summary>
    private async ValueTask PutWishAsync(ISqlTransaction transaction, Subscription subscription, string specification)
    {
        var terms = await transaction.FirstOrDefaultAsync<CurrentTerms>(
            "SELECT settings, valid_to FROM subscription_version WHERE subscription_id = @Id AND known_to IS NULL ORDER BY number DESC LIMIT 1", new { subscription.Id });
        if (terms is not { ValidTo: null })
        {
            return;
        }

        var holds = await transaction.QueryAsync<string>(
            "SELECT DISTINCT kind FROM hold WHERE subscription_id = @Id AND lifted_at IS NULL ORDER BY kind", new { subscription.Id });
        var wish = new DesiredRecord(
            subscription.Id, specification, subscription.TenantId, subscription.TenantPath, "subscription", 0, terms.Settings, holds, null, 0);
        await desired.PutAsync(transaction, wish, specifications.ModuleOf(specification));
    }

    private async ValueTask<Refusal?> CheckRulesAsync(ISqlTransaction transaction, Subscription subscription, string specification, string settings)
    {
        foreach (var rule in rules)
        {
            if (await rule.CheckAsync(transaction, subscription, specification, settings) is { } no)
            {
                return no;
            }
        }

        return null;
    }

    /// <summary>One party's bill is in one currency, so its plans are too.</summary>
    private static async ValueTask<Refusal?> CheckCurrencyAsync(ISqlTransaction transaction, string tenantId, string planId, long planVersion)
    {
        var priced = await transaction.FirstOrDefaultAsync<string>(
            "SELECT currency FROM plan_version WHERE plan_id = @Plan AND number = @Number", new { Plan = planId, Number = planVersion });
        var billed = await transaction.FirstOrDefaultAsync<string>("SELECT currency FROM tenant WHERE id = @Tenant", new { Tenant = tenantId });
        return priced == billed
            ? null
            : Refusal.Invalid("subscription.currency", "plan", $"the plan is priced in {priced}, the tenant is billed in {billed}", $"a plan priced in {billed}");
    }

    private static Subscription Of(SubscriptionView view) =>
        new(view.Id, view.TenantPath, view.TenantId, view.PlanId, view.Name, "{}", view.Version, view.CreatedAt);

    private static Refusal? CheckActive(SubscriptionView view) =>
        view.EndedAt is null ? null : Refusal.Conflict("subscription.ended", $"the subscription {view.Id} has ended; take a new one");

    private static Refusal? CheckName(string name) =>
        string.IsNullOrWhiteSpace(name) || name.Length > 200 || name.Any(char.IsControl)
            ? Refusal.Invalid("subscription.name", "name", "the name is empty, longer than 200 characters, or holds control characters", "1 to 200 characters")
            : null;

    private Refusal? CheckFrom(DateTimeOffset? from, SubscriptionView view)
    {
        var micros = from is { } at ? UnixMicros.From(at) : view.CreatedAt;
        return micros < view.CreatedAt || micros > time.NowMicros()
            ? Refusal.Invalid(
                "subscription.from", "from", "a correction can reach back to the beginning of the subscription, and no change lies in the future",
                $"{UnixMicros.ToDateTimeOffset(view.CreatedAt):yyyy-MM-ddTHH:mm:ssZ} to now")
            : null;
    }

    private static Refusal? CheckQuantity(long quantity) =>
        quantity is < 1 or > MaxQuantity ? Refusal.Invalid("subscription.quantity", "quantity", $"the quantity is {quantity}", $"1 to {MaxQuantity}") : null;

    private sealed record CurrentTerms(string Settings, long? ValidTo);
}
