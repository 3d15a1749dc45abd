using System.Globalization;
using System.Text.Json;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Facts;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Orders;

/// <summary>
/// Does what orders say. Each item is one transaction of the control store, so it is done once or not at all, whenever the program is killed: (1) it still waits, (2) the subscription is taken, changed or
/// ended, with the wish that makes the engine follow, (3) what was agreed about prices and the month of the boundary, (4) its term, (5) what an early end costs, for the next bill, (6) the item and its
/// order. A refusal leaves the item failed with the reason, for a person.
/// </summary>
internal sealed class Fulfilment(
    Stores stores, SubscriptionOrders subscriptions, SubscriptionBook book, FactReader facts, ProductOrders orders, SpecificationCatalogue specifications, BackOfficeOptions options, ChangeRecorder changes, TimeProvider time)
{
    private const int AtATime = 50;

    /// <summary>Items whose time has come, oldest first.</summary>
    public ValueTask<IReadOnlyList<OrderItemRow>> DueAsync(CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.QueryAsync<OrderItemRow>(
            $"SELECT {OrderItemRow.Columns} FROM bo_order_item i WHERE i.state = 'acknowledged' AND i.due_at <= @Now ORDER BY i.due_at, i.order_id, i.no LIMIT @Limit", new { Now = time.NowMicros(), Limit = (long)AtATime }),
        cancellationToken);

    /// <summary>Does every item that is due; returns how many it dealt with.</summary>
    public async ValueTask<int> CarryOnAsync(Caller system, ILease? lease, CancellationToken cancellationToken)
    {
        var dealt = 0;
        while (await DueAsync(cancellationToken) is { Count: > 0 } due)
        {
            var before = dealt;
            foreach (var row in due)
            {
                dealt += await DoAsync(system, row, lease, cancellationToken) is { Kind: RefusalKind.PreconditionFailed } ? 0 : 1;
            }

            if (dealt == before)
            {
                break;
            }
        }

        return dealt;
    }

    /// <summary>Does one item. Null when it is done or was meanwhile; else why not.</summary>
    public async ValueTask<Refusal?> DoAsync(Caller system, OrderItemRow row, ILease? lease, CancellationToken cancellationToken)
    {
        var act = await PrepareAsync(system, row, cancellationToken);
        if (act.Ok)
        {
            var refused = await stores.Control.WriteAsync(transaction => ApplyAsync(transaction, system, row, act.Value, lease), cancellationToken);
            if (refused is null or { Kind: RefusalKind.PreconditionFailed })
            {
                // Someone changed the subscription since it was looked at: the next look sees it as it is.
                return refused;
            }

            return await FailAsync(system, row, refused, lease, cancellationToken);
        }

        return await FailAsync(system, row, act.Refusal, lease, cancellationToken);
    }

    private async ValueTask<Outcome<SubscriptionAct>> PrepareAsync(Caller system, OrderItemRow row, CancellationToken cancellationToken)
    {
        var item = row.Item;
        JsonElement? settings = item.Settings is { } text ? JsonSerializer.Deserialize<JsonElement>(text) : null;
        if (item.Action == OrderAction.Add)
        {
            var order = await stores.Control.ReadAsync(
                reader => reader.FirstOrDefaultAsync<string>("SELECT tenant_id FROM bo_order WHERE id = @OrderId", new { row.OrderId }), cancellationToken);
            return await subscriptions.PrepareTakeAsync(
                system, new NewSubscription(order!, item.PlanId, item.Name, settings ?? JsonSerializer.SerializeToElement(new { }), item.Quantity), item.PlanVersion, cancellationToken);
        }

        if (await book.FindAsync(system, item.SubscriptionId!, cancellationToken) is not { } view)
        {
            return Refusal.NotFound("subscription", item.SubscriptionId!);
        }

        // What the program could only do later holds from the day that was agreed, but not from before the terms it follows.
        DateTimeOffset? from = item.RequestedOn is not null && row.DueAt < time.NowMicros() ? UnixMicros.ToDateTimeOffset(Math.Max(row.DueAt, view.ValidFrom)) : null;
        return item.Action == OrderAction.Delete
            ? await subscriptions.PrepareEndAsync(system, view.Id, from, null, cancellationToken)
            : await subscriptions.PrepareChangeAsync(
                system, view.Id, new SubscriptionChange(item.Name, item.Quantity, settings, From: from), item.Reprices ? item.PlanVersion : null, null, cancellationToken);
    }

    private async ValueTask<Refusal?> ApplyAsync(ISqlTransaction transaction, Caller system, OrderItemRow row, SubscriptionAct act, ILease? lease)
    {
        if (lease is not null)
        {
            await lease.GuardAsync(transaction);
        }

        // :: (1)
        if (await transaction.FirstOrDefaultAsync<string>("SELECT state FROM bo_order_item WHERE order_id = @OrderId AND no = @No", new { row.OrderId, row.No }) != OrderState.Acknowledged)
        {
            return null;
        }

        var account = await OrderBook.PayerAsync(transaction, row.TenantPath);
        var open = row.Item.Action == OrderAction.Delete && account is not null ? await facts.OpenTermsAsync(transaction, account, act.SubscriptionId) : [];

        // :: (2)
        if (await act.ApplyAsync(transaction) is { } refused)
        {
            return refused;
        }

        var version = (await transaction.FirstOrDefaultAsync<AppliedVersion>(
            "SELECT tenant_path, plan_version, valid_from, valid_to, known_from FROM subscription_version WHERE subscription_id = @Id AND known_to IS NULL ORDER BY number DESC LIMIT 1", new { Id = act.SubscriptionId }))!;

        // :: (3), (4), (5)
        await AgreeAsync(transaction, row.Item, act.SubscriptionId, version, account?.TimeZone ?? "UTC");
        await BindAsync(transaction, row, act.SubscriptionId, version, account?.TimeZone ?? "UTC");
        var early = await ChargeAsync(transaction, row, act.SubscriptionId, version, account, open);

        // :: (6)
        await transaction.ExecuteAsync(
            "UPDATE bo_order_item SET state = 'completed', subscription_id = @Subscription, done_at = @Now, problem = NULL, early_minor = @Early WHERE order_id = @OrderId AND no = @No",
            new { Subscription = act.SubscriptionId, Now = time.NowMicros(), Early = early, row.OrderId, row.No });
        await orders.SettleAsync(transaction, row.OrderId);
        await changes.RecordAsync(
            transaction, system, BackOfficeEvents.OrderItemDone, row.OrderId, row.TenantPath, null, new { row.No, act.SubscriptionId },
            JsonSerializer.Serialize(new { item = row.No, action = row.Action, subscription = act.SubscriptionId }));
        return null;
    }

    private async ValueTask AgreeAsync(ISqlTransaction transaction, OrderItem item, string subscription, AppliedVersion version, string zone)
    {
        if (item.Action == OrderAction.Delete)
        {
            await KeepAsync(transaction, subscription, version, AgreedTerms.Ended, version.ValidTo!.Value, null, item.Proration);
            return;
        }

        if (!item.Reprices)
        {
            await KeepAsync(transaction, subscription, version, AgreedTerms.Kept, version.ValidFrom, null, item.Proration);
            return;
        }

        await transaction.ExecuteAsync(
            "UPDATE bo_terms SET known_to = @Now WHERE subscription_id = @Id AND known_to IS NULL AND prices IS NOT NULL AND valid_from >= @From", new { Now = version.KnownFrom, Id = subscription, From = version.ValidFrom });
        await KeepAsync(transaction, subscription, version, AgreedTerms.Kept, version.ValidFrom, item is { Action: OrderAction.Add, DiscountPercent: 0, OnceDiscountPercent: 0 } ? null : item.Prices, item.Proration);
        if (item is { DiscountPercent: > 0, DiscountMonths: { } months })
        {
            var over = CivilTime.StartOf(CivilTime.DateAt(version.ValidFrom, zone).AddMonths(months), zone);
            await KeepAsync(transaction, subscription, version, AgreedTerms.Later, over, item.ListPrices, null);
        }
    }

    private async ValueTask KeepAsync(ISqlTransaction transaction, string subscription, AppliedVersion version, string kind, long from, IReadOnlyList<Price>? prices, Proration? proration)
    {
        if (prices is null && proration is null)
        {
            return;
        }

        await transaction.ExecuteAsync(
            """
            INSERT INTO bo_terms (id, tenant_path, subscription_id, kind, valid_from, plan_version, prices, proration, known_from, known_to)
            VALUES (@Id, @TenantPath, @Subscription, @Kind, @From, @PlanVersion, @Prices, @Proration, @KnownFrom, NULL)
            """,
            new
            {
                Id = Id.New("at", time), version.TenantPath, Subscription = subscription, Kind = kind, From = from, version.PlanVersion, Prices = prices is null ? null : JsonSerializer.Serialize(prices, SettingsJson.Options),
                Proration = proration?.ToString(), version.KnownFrom,
            });
    }

    /// <summary>The term an item agrees; a change that agrees none leaves the one there is.</summary>
    private async ValueTask BindAsync(ISqlTransaction transaction, OrderItemRow row, string subscription, AppliedVersion version, string zone)
    {
        var item = row.Item;
        if (item.Action == OrderAction.Delete || (item.MinimumMonths == 0 && item.NoticeDays == 0))
        {
            return;
        }

        await transaction.ExecuteAsync("UPDATE bo_agreement SET known_to = @Now WHERE subscription_id = @Id AND known_to IS NULL", new { Now = version.KnownFrom, Id = subscription });
        await transaction.ExecuteAsync(
            """
            INSERT INTO bo_agreement (id, tenant_path, subscription_id, begins_on, minimum_months, renewal_months, notice_days, early_percent, order_id, known_from, known_to)
            VALUES (@Id, @TenantPath, @Subscription, @BeginsOn, @Minimum, @Renewal, @Notice, @Percent, @OrderId, @KnownFrom, NULL)
            """,
            new
            {
                Id = Id.New("ag", time), version.TenantPath, Subscription = subscription, BeginsOn = CivilTime.Text(CivilTime.DateAt(version.ValidFrom, zone)), Minimum = (long)item.MinimumMonths,
                Renewal = (long)item.RenewalMonths, Notice = (long)item.NoticeDays, Percent = item.EarlyTerminationPercent.ToString(CultureInfo.InvariantCulture), row.OrderId, version.KnownFrom,
            });
    }

    /// <summary>What ending before its time costs: on the next bill, once.</summary>
    private async ValueTask<long> ChargeAsync(ISqlTransaction transaction, OrderItemRow row, string subscription, AppliedVersion version, BillingAccount? account, IReadOnlyList<MonthTerms> open)
    {
        if (row.Item.Action != OrderAction.Delete || account is null)
        {
            return 0;
        }

        var agreement = await transaction.FirstOrDefaultAsync<Agreement>($"SELECT {Agreement.Columns} FROM bo_agreement WHERE subscription_id = @Id AND known_to IS NULL", new { Id = subscription });
        if (agreement is null)
        {
            return 0;
        }

        var given = CivilTime.DateAt(await transaction.FirstOrDefaultAsync<long>("SELECT made_at FROM bo_order WHERE id = @OrderId", new { row.OrderId }), account.TimeZone);
        var ends = CivilTime.DateAt(version.ValidTo!.Value, account.TimeZone);
        var (minor, explanation) = EarlyCharge.Of(
            Currency.Find(account.Currency)!, account, open, ends, row.Item.Proration, agreement.OrdinaryEnd(ends, given), agreement.EarlyTerminationPercent);
        if (minor > 0)
        {
            await NextBill.PutAsync(transaction, time, new NextBillLine(
                $"termination:{row.OrderId}:{row.No.ToString(CultureInfo.InvariantCulture)}", account, (account.Locale == "ja" ? "中途解約金 " : "Early termination: ") + row.Item.Name, minor, options.EarlyTerminationTax,
                specifications.CategoryOf(row.Item.Specification), subscription, row.Item.Specification, explanation, "an end before the term and notice allow it", "system"));
        }

        await transaction.ExecuteAsync("UPDATE bo_agreement SET known_to = @Now WHERE subscription_id = @Id AND known_to IS NULL", new { Now = version.KnownFrom, Id = subscription });
        return minor;
    }

    private ValueTask<Refusal?> FailAsync(Caller system, OrderItemRow row, Refusal refusal, ILease? lease, CancellationToken cancellationToken) => stores.Control.WriteAsync<Refusal?>(
        async transaction =>
        {
            if (lease is not null)
            {
                await lease.GuardAsync(transaction);
            }

            if (await transaction.ExecuteAsync(
                "UPDATE bo_order_item SET state = 'failed', problem = @Problem WHERE order_id = @OrderId AND no = @No AND state = 'acknowledged'", new { Problem = refusal.Message, row.OrderId, row.No }) > 0)
            {
                await orders.SettleAsync(transaction, row.OrderId);
                await changes.RecordAsync(
                    transaction, system, BackOfficeEvents.OrderItemFailed, row.OrderId, row.TenantPath, null, new { row.No, refusal.Code, refusal.Message },
                    JsonSerializer.Serialize(new { item = row.No, refusal.Code }));
            }

            return refusal;
        },
        cancellationToken);

    private sealed record AppliedVersion(string TenantPath, long PlanVersion, long ValidFrom, long? ValidTo, long KnownFrom);
}
