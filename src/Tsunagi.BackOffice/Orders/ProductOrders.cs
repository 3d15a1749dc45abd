using System.Text.Json;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Orders;

/// <summary>Places orders, cancels what of them still waits, and lets what failed be tried again. What they do to subscriptions is <see cref="Fulfilment"/>.</summary>
internal sealed class ProductOrders(Stores stores, OrderBook book, ItemPricer pricer, OrderSignal signal, BackOfficeOptions options, ChangeRecorder changes, TimeProvider time)
{
    /// <summary>Places an order at today's price list, without a quote.</summary>
    public async ValueTask<Outcome<ProductOrder>> PlaceAsync(Caller caller, NewOrder wanted, CancellationToken cancellationToken)
    {
        var party = await pricer.PartyAsync(caller, wanted.TenantId, cancellationToken);
        if (!party.Ok)
        {
            return party.Refusal;
        }

        if (wanted.Reference is { } reference && (reference.Length is 0 or > 200 || reference.Any(char.IsControl)))
        {
            return Refusal.Invalid("backoffice.order.reference", "reference", "the number is empty, too long, or holds control characters", "1 to 200 characters");
        }

        var items = await pricer.PriceAsync(caller, party.Value, wanted.Items, party.Value.Today, false, cancellationToken);
        if (!items.Ok)
        {
            return items.Refusal;
        }

        var (tenant, account) = (party.Value.Tenant, party.Value.Account);
        var order = Make(tenant.TenantPath, tenant.Id, account.Id, account.Currency, null, wanted.Reference, caller.ActorName) with { CustomerName = tenant.Name };
        return await stores.Control.WriteAsync<Outcome<ProductOrder>>(
            async transaction =>
            {
                if (wanted.Reference is not null && await transaction.FirstOrDefaultAsync<string>(
                    "SELECT number FROM bo_order WHERE tenant_id = @TenantId AND reference = @Reference", new { order.TenantId, order.Reference }) is { } there)
                {
                    return Refusal.Conflict("backoffice.order.there", $"the order {there} has this number already", "reference");
                }

                return await InsertAsync(transaction, caller, order, items.Value)
                    ? (await FindAsync(transaction, order.Id))!
                    : Refusal.Conflict("backoffice.order.there", "another order with this number was placed at the same time", "reference");
            },
            cancellationToken);
    }

    /// <summary>Cancels what still waits; what is done stays done.</summary>
    public async ValueTask<Outcome<ProductOrder>> CancelAsync(Caller caller, string id, string reason, CancellationToken cancellationToken)
    {
        if (await book.OrderAsync(caller, id, cancellationToken) is not { } before)
        {
            return Refusal.NotFound("order", id);
        }

        if (string.IsNullOrWhiteSpace(reason) || reason.Length > QuoteOrders.MaxReason)
        {
            return Refusal.Invalid("backoffice.order.reason", "reason", "a cancellation needs a reason", $"1 to {QuoteOrders.MaxReason} characters");
        }

        return await stores.Control.WriteAsync<Outcome<ProductOrder>>(
            async transaction =>
            {
                if (await transaction.ExecuteAsync("UPDATE bo_order_item SET state = 'cancelled', done_at = @Now WHERE order_id = @Id AND state IN ('acknowledged', 'failed')", new { Now = time.NowMicros(), Id = id }) == 0)
                {
                    return Refusal.Conflict("backoffice.order.state", $"nothing of the order {before.Number} waits any more");
                }

                await transaction.ExecuteAsync("UPDATE bo_order SET cancelled_by = @By, reason = @Reason WHERE id = @Id", new { By = caller.ActorName, Reason = reason.Trim(), Id = id });
                await SettleAsync(transaction, id);
                var after = (await FindAsync(transaction, id))!;
                await changes.RecordAsync(transaction, caller, BackOfficeEvents.OrderCancelled, id, before.TenantPath, before, after, Facts(after), reason.Trim());
                return after;
            },
            cancellationToken);
    }

    /// <summary>An item that could not be done waits again.</summary>
    public async ValueTask<Outcome<ProductOrder>> RetryAsync(Caller caller, string id, int no, CancellationToken cancellationToken)
    {
        if (await book.OrderAsync(caller, id, cancellationToken) is not { } before)
        {
            return Refusal.NotFound("order", id);
        }

        return await stores.Control.WriteAsync<Outcome<ProductOrder>>(
            async transaction =>
            {
                if (await transaction.ExecuteAsync("UPDATE bo_order_item SET state = 'acknowledged', problem = NULL WHERE order_id = @Id AND no = @No AND state = 'failed'", new { Id = id, No = (long)no }) == 0)
                {
                    return Refusal.Conflict("backoffice.order.state", $"item {no} of the order {before.Number} did not fail");
                }

                await SettleAsync(transaction, id);
                var after = (await FindAsync(transaction, id))!;
                await changes.RecordAsync(transaction, caller, BackOfficeEvents.OrderRetried, id, before.TenantPath, before, after, Facts(after));
                transaction.OnCommitted(signal.Pulse);
                return after;
            },
            cancellationToken);
    }

    public ProductOrder Make(string tenantPath, string tenantId, string accountId, string currency, string? quote, string? reference, string by) => new(
        Id.New("or", time), tenantPath, tenantId, accountId, "", OrderState.Acknowledged, quote, reference, currency, 1, by, time.NowMicros(), null, null, null, "");

    /// <summary>Keeps an order with its items, inside a transaction of the caller's. False when another one has its reference.</summary>
    public async ValueTask<bool> InsertAsync(ISqlTransaction transaction, Caller caller, ProductOrder order, IReadOnlyList<OrderItem> items)
    {
        var number = InvoiceIssuer.NumberOf(options.OrderSeries, await InvoiceIssuer.TakeNumbersAsync(transaction, "order:" + options.OrderSeries, 1));
        var zone = (await transaction.FirstOrDefaultAsync<string>("SELECT time_zone FROM bo_account WHERE id = @Id", new { Id = order.AccountId }))!;
        var now = time.NowMicros();
        if (await transaction.ExecuteAsync(
            """
            INSERT INTO bo_order (id, tenant_path, tenant_id, account_id, number, state, quote_id, reference, currency, version, made_by, made_at)
            VALUES (@Id, @TenantPath, @TenantId, @AccountId, @Number, @State, @QuoteId, @Reference, @Currency, @Version, @MadeBy, @MadeAt)
            ON CONFLICT (tenant_id, reference) DO NOTHING
            """,
            order with { Number = number, MadeAt = now }) == 0)
        {
            return false;
        }

        var today = CivilTime.DateAt(now, zone);
        foreach (var item in items)
        {
            // A day that has passed while the quote was open is today.
            var due = item.RequestedOn is { } day && CivilTime.Read(day) > today ? CivilTime.Read(day) : today;
            await transaction.ExecuteAsync(
                """
                INSERT INTO bo_order_item (order_id, no, tenant_path, action, state, subscription_id, content, due_on, due_at, done_at, problem, early_minor)
                VALUES (@OrderId, @No, @TenantPath, @Action, 'acknowledged', @SubscriptionId, @Content, @DueOn, @DueAt, NULL, NULL, 0)
                """,
                new
                {
                    OrderId = order.Id, No = (long)item.No, order.TenantPath, Action = item.Action.ToString(), item.SubscriptionId, Content = StoredJson.Write(item), DueOn = CivilTime.Text(due),
                    DueAt = due > today ? CivilTime.StartOf(due, zone) : now,
                });
        }

        await changes.RecordAsync(transaction, caller, BackOfficeEvents.OrderPlaced, order.Id, order.TenantPath, null, new { number, order.QuoteId, items }, JsonSerializer.Serialize(new { number, items = items.Count }));
        transaction.OnCommitted(signal.Pulse);
        return true;
    }

    /// <summary>Puts an order into the state its items say.</summary>
    public async ValueTask SettleAsync(ISqlTransaction transaction, string id)
    {
        var state = OrderState.Of([.. await transaction.QueryAsync<string>("SELECT state FROM bo_order_item WHERE order_id = @Id ORDER BY no", new { Id = id })]);
        long? ended = state is OrderState.Completed or OrderState.Partial or OrderState.Cancelled ? time.NowMicros() : null;
        await transaction.ExecuteAsync("UPDATE bo_order SET state = @State, ended_at = @Ended, version = version + 1 WHERE id = @Id", new { State = state, Ended = ended, Id = id });
    }

    private static ValueTask<ProductOrder?> FindAsync(ISqlReader reader, string id) =>
        reader.FirstOrDefaultAsync<ProductOrder>($"SELECT {ProductOrder.Columns} FROM bo_order o JOIN tenant t ON t.id = o.tenant_id WHERE o.id = @Id", new { Id = id });

    private static string Facts(ProductOrder order) => JsonSerializer.Serialize(new { number = order.Number, order.State });
}
