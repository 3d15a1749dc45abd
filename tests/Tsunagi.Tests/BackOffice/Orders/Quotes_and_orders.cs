using Tsunagi.BackOffice;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Orders;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Usage;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice.Orders;

/// <summary>From a draft to a subscription and its bill.</summary>
public abstract class Quotes_and_orders(SqlDialect dialect)
{
    private static readonly DateTimeOffset June = new(2027, 6, 1, 0, 0, 1, TimeSpan.FromHours(9));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Quote_goes_from_draft_to_a_running_subscription_at_the_price_list_of_its_day()
    {
        await using var world = await OpenAsync();
        var (tenant, account) = await world.AddCustomerAsync("Customer");
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3_000), new OneTimePrice("Set-up", 10_000));
        world.Time.Advance(TimeSpan.FromDays(2));
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 4_000), new OneTimePrice("Set-up", 12_000));
        var customer = TestProvider.CallerOf(tenant) with { Permissions = new HashSet<string> { "backoffice.quote.read", "backoffice.quote.decide", "backoffice.order.read" } };
        var draft = BackOfficeWorld.Value(await world.Quotes.AddAsync(world.Operator, new NewQuote(tenant.Id, "A line", [Add("line") with { Quantity = 2, DiscountPercent = 10, OnceDiscountPercent = 50 }], PriceDate: "2027-06-02"), Cancel));
        Assert.Equal(("QT-0000001", QuoteState.Draft, 5_400, 10_000), (draft.Number, draft.State, draft.MonthlyMinor, draft.OnceMinor));

        // Nobody but the provider sees a draft; once sent the customer does, and accepts it.
        Assert.Null(await world.OrderBook.QuoteAsync(customer, draft.Id, Cancel));
        Assert.Empty(await world.OrderBook.QuotesAsync(customer, new QuoteFilter(), "", 10, Cancel));
        BackOfficeWorld.Value(await world.Quotes.SendAsync(world.Operator, draft.Id, null, Cancel));
        Assert.Equal("backoffice.quote.state", (await world.Quotes.SendAsync(world.Operator, draft.Id, null, Cancel)).Refusal?.Code);
        var accepted = BackOfficeWorld.Value(await world.Quotes.AcceptAsync(customer, draft.Id, Cancel));
        Assert.Equal((QuoteState.Accepted, customer.ActorName), (accepted.State, accepted.DecidedBy));
        Assert.Equal("backoffice.quote.state", (await world.Quotes.RejectAsync(customer, draft.Id, "too late", Cancel)).Refusal?.Code);
        Assert.Equal(1, await world.Fulfilment.CarryOnAsync(world.Operator, null, Cancel));
        Assert.Equal(0, await world.Fulfilment.CarryOnAsync(world.Operator, null, Cancel));
        var order = (await world.OrderBook.OrderAsync(customer, accepted.OrderId!, Cancel))!;
        var item = Assert.Single(await world.OrderBook.ItemsAsync(customer, order.Id, Cancel));
        Assert.Equal((OrderState.Completed, OrderState.Completed, draft.Id), (order.State, item.State, order.QuoteId));
        var subscription = (await world.Provider.Book.FindAsync(world.Operator, item.SubscriptionId!, Cancel))!;
        Assert.Equal((1L, 2L, "line"), (subscription.PlanVersion, subscription.Quantity, subscription.Name));

        // 28 of 30 days of June at 2 × 2,700, and the set-up at half its price.
        world.Time.Advance(June.AddMonths(1) - world.Time.GetUtcNow());
        await world.BillAsync("2027-06");
        var bill = await world.BillOfAsync(Assert.Single(await world.DocumentsAsync(account.Id)));
        Assert.Equal([("Line (-10 %)", 5_040L), ("Set-up (-50 %)", 10_000L)], bill.Lines.Select(static line => (line.Label, line.AmountMinor)));
    }

    [Fact]
    public async Task Quote_expires_when_its_last_day_is_over_and_is_refused_before_anyone_looked()
    {
        await using var world = await OpenAsync();
        var (tenant, _) = await world.AddCustomerAsync("Customer");
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3_000));
        var first = BackOfficeWorld.Value(await world.Quotes.AddAsync(world.Operator, new NewQuote(tenant.Id, "One", [Add("line")], ValidUntil: "2027-06-03"), Cancel));
        BackOfficeWorld.Value(await world.Quotes.SendAsync(world.Operator, first.Id, null, Cancel));
        world.Time.Advance(new DateTimeOffset(2027, 6, 3, 23, 59, 59, TimeSpan.FromHours(9)) - world.Time.GetUtcNow());
        Assert.Equal(0, await world.Quotes.ExpireAsync(world.Operator, Cancel));
        world.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("backoffice.quote.state", (await world.Quotes.AcceptAsync(world.Operator, first.Id, Cancel)).Refusal?.Code);
        Assert.Equal(1, await world.Quotes.ExpireAsync(world.Operator, Cancel));
        Assert.Equal(QuoteState.Expired, (await world.OrderBook.QuoteAsync(world.Operator, first.Id, Cancel))!.State);
        Assert.Equal(RefusalKind.Conflict, (await world.Quotes.AcceptAsync(world.Operator, first.Id, Cancel)).Refusal?.Kind);
        Assert.Empty(await world.OrderBook.OrdersAsync(world.Operator, new OrderFilter(), "", 10, Cancel));
    }

    [Fact]
    public async Task Draft_is_changed_as_it_was_looked_at_and_what_is_sent_stays()
    {
        await using var world = await OpenAsync();
        var (tenant, _) = await world.AddCustomerAsync("Customer");
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3_000));
        var wanted = new NewQuote(tenant.Id, "One", [Add("line")]);
        var draft = BackOfficeWorld.Value(await world.Quotes.AddAsync(world.Operator, wanted, Cancel));
        var changed = BackOfficeWorld.Value(await world.Quotes.ChangeAsync(world.Operator, draft.Id, wanted with { Title = "Two", Items = [Add("line"), Add("line")] }, 1, Cancel));
        Assert.Equal(("Two", 6_000, 2), (changed.Title, changed.MonthlyMinor, changed.Version));
        Assert.Equal(RefusalKind.PreconditionFailed, (await world.Quotes.ChangeAsync(world.Operator, draft.Id, wanted, 1, Cancel)).Refusal?.Kind);

        // It is priced anew when it is sent; a price that comes later does not reach it.
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3_500));
        Assert.Equal(7_000, BackOfficeWorld.Value(await world.Quotes.SendAsync(world.Operator, draft.Id, null, Cancel)).MonthlyMinor);
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 9_000));
        Assert.Equal("backoffice.quote.state", (await world.Quotes.ChangeAsync(world.Operator, draft.Id, wanted, null, Cancel)).Refusal?.Code);
        BackOfficeWorld.Value(await world.Quotes.AcceptAsync(world.Operator, draft.Id, Cancel));
        await world.Fulfilment.CarryOnAsync(world.Operator, null, Cancel);
        Assert.All(await world.Provider.Book.ListAsync(world.Operator, "", 10, tenant.Id, null, Cancel), static each => Assert.Equal(2, each.PlanVersion));
    }

    [Fact]
    public async Task Preview_of_a_month_has_the_agreed_prices_and_the_lists_where_none_were()
    {
        await using var world = await OpenAsync();
        var (tenant, _) = await world.AddCustomerAsync("Customer");
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3_000));
        await world.OrderAsync(tenant, Add("line") with { Name = "cheap", DiscountPercent = 10, DiscountMonths = 2 });
        var listed = await world.Provider.TakeAsync(tenant, "line", "list");
        var previews = new InvoicePreviews(world.Provider.Stores, world.Provider.Tenants, world.Time, new AgreedPrices(world.Provider.Stores, world.Facts));
        async Task<IEnumerable<(string, long)>> In(string month) =>
            BackOfficeWorld.Value(await previews.MakeAsync(world.Operator, tenant.Id, month, Cancel)).Subscriptions.Select(each => (each.SubscriptionId == listed.Id ? "list" : each.Name, each.TotalMinor)).Order();
        Assert.Equal([("cheap", 2_700L), ("list", 3_000L)], await In("2027-07"));
        Assert.Equal([("cheap", 3_000L), ("list", 3_000L)], await In("2027-09"));
    }

    /// <summary>The program is killed after each statement of an acceptance and of each item in turn and started again: one subscription an item, one term, one charge.</summary>
    [Fact]
    public async Task Killed_at_any_statement_and_started_again_each_item_is_done_once()
    {
        var cuts = 0;
        for (var statements = 0; ; statements += dialect == SqlDialect.Postgres ? 3 : 1)
        {
            await using var world = await OpenAsync();
            var (tenant, _) = await world.AddCustomerAsync("Customer");
            await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3_000));
            await world.OrderAsync(tenant, Add("line") with { MinimumMonths = 12, Name = "old" });
            var old = Assert.Single(await world.Provider.Book.ListAsync(world.Operator, "", 10, tenant.Id, null, Cancel));
            var quote = BackOfficeWorld.Value(await world.Quotes.AddAsync(world.Operator, new NewQuote(tenant.Id, "Q", [Add("line") with { MinimumMonths = 6, DiscountPercent = 10, DiscountMonths = 2 }, End(old.Id)]), Cancel));
            BackOfficeWorld.Value(await world.Quotes.SendAsync(world.Operator, quote.Id, null, Cancel));
            CuttingStore? cutting = null;
            var weak = world.Restarted(stores => stores with { Control = cutting = new CuttingStore(stores.Control) { Left = statements } });
            var killed = false;
            try
            {
                BackOfficeWorld.Value(await weak.Quotes.AcceptAsync(world.Operator, quote.Id, Cancel));
                await weak.Fulfilment.CarryOnAsync(world.Operator, null, Cancel);
            }
            catch (StoreUnavailableException)
            {
                (killed, cuts) = (true, cuts + 1);
            }

            if ((await world.OrderBook.QuoteAsync(world.Operator, quote.Id, Cancel))!.State == QuoteState.Sent)
            {
                BackOfficeWorld.Value(await world.Quotes.AcceptAsync(world.Operator, quote.Id, Cancel));
            }

            await world.Fulfilment.CarryOnAsync(world.Operator, null, Cancel);
            await world.Restarted().Fulfilment.CarryOnAsync(world.Operator, null, Cancel);
            var lines = await world.Provider.Book.ListAsync(world.Operator, "", 10, tenant.Id, null, Cancel);
            Assert.Equal([("line", false), ("old", true)], lines.Select(static each => (each.Name, each.EndedAt is not null)).Order());
            Assert.Equal(3, await CountAsync(world, "SELECT count(*) FROM bo_terms") + await CountAsync(world, "SELECT count(*) FROM bo_agreement WHERE known_to IS NULL"));
            Assert.Equal(1, await CountAsync(world, "SELECT count(*) FROM bo_adjustment"));
            Assert.Equal(2, await CountAsync(world, "SELECT count(*) FROM bo_order WHERE state = 'completed'"));
            if (!killed)
            {
                break;
            }
        }

        Assert.True(cuts > (dialect == SqlDialect.Postgres ? 8 : 25), $"{cuts} cuts");
    }

    [Fact]
    public async Task Waiting_items_are_cancelled_and_nothing_of_them_happens()
    {
        await using var world = await OpenAsync();
        var (tenant, _) = await world.AddCustomerAsync("Customer");
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3_000));
        var order = await world.OrderAsync(tenant, Add("line"), Add("line") with { RequestedOn = "2027-06-10" });
        Assert.Equal(OrderState.InProgress, order.State);
        var cancelled = BackOfficeWorld.Value(await world.ProductOrders.CancelAsync(world.Operator, order.Id, "not wanted any more", Cancel));
        Assert.Equal((OrderState.Partial, world.Operator.ActorName), (cancelled.State, cancelled.CancelledBy));
        Assert.Equal("backoffice.order.state", (await world.ProductOrders.CancelAsync(world.Operator, order.Id, "again", Cancel)).Refusal?.Code);
        world.Time.Advance(TimeSpan.FromDays(20));
        Assert.Equal(0, await world.Fulfilment.CarryOnAsync(world.Operator, null, Cancel));
        Assert.Single(await world.Provider.Book.ListAsync(world.Operator, "", 10, tenant.Id, null, Cancel));
    }

    [Fact]
    public async Task Item_that_a_rule_forbids_says_why_and_is_tried_again()
    {
        await using var world = await OpenAsync();
        var rule = new SwitchedRule { Forbids = true };
        world.Provider.Rules.Add(rule);
        var (tenant, _) = await world.AddCustomerAsync("Customer");
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3_000));
        var order = await world.OrderAsync(tenant, Add("line"));
        var item = Assert.Single(await world.OrderBook.ItemsAsync(world.Operator, order.Id, Cancel));
        Assert.Equal((OrderState.Failed, OrderState.Failed, "not today"), (order.State, item.State, item.Problem));
        rule.Forbids = false;
        Assert.Equal(OrderState.Acknowledged, BackOfficeWorld.Value(await world.ProductOrders.RetryAsync(world.Operator, order.Id, 1, Cancel)).State);
        await world.Fulfilment.CarryOnAsync(world.Operator, null, Cancel);
        Assert.Equal(OrderState.Completed, (await world.OrderBook.OrderAsync(world.Operator, order.Id, Cancel))!.State);
    }

    /// <summary>At 100 per cent an early end costs to the yen what staying to the end of the term would have.</summary>
    [Theory]
    [InlineData(100, 11_129)]
    [InlineData(50, 5_565)]
    [InlineData(0, 0)]
    public async Task Early_end_is_charged_and_explains_itself(int percent, long exact)
    {
        await using var world = await OpenAsync();
        var (tenant, account) = await world.AddCustomerAsync("Customer");
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3_000));
        await world.OrderAsync(tenant, Add("line") with { MinimumMonths = 5, EarlyTerminationPercent = percent });
        var line = Assert.Single(await world.Provider.Book.ListAsync(world.Operator, "", 10, tenant.Id, null, Cancel));
        world.Time.Advance(new DateTimeOffset(2027, 7, 10, 12, 0, 0, TimeSpan.FromHours(9)) - world.Time.GetUtcNow());
        var order = await world.OrderAsync(tenant, End(line.Id));
        var item = Assert.Single(await world.OrderBook.ItemsAsync(world.Operator, order.Id, Cancel));

        // June whole, 9 of July's 31 days (871) used; 2,129 + 3 × 3,000 left to 1 November.
        Assert.Equal((exact, "2027-11-01"), (item.EarlyMinor, item.Item.OrdinaryEnd));
        Assert.Equal(item.EarlyMinor, item.Item.EarlyMinor);
        world.Time.Advance(TimeSpan.FromDays(25));
        await world.BillAsync("2027-07");
        var bill = await world.BillOfAsync((await world.DocumentsAsync(account.Id))[^1]);
        Assert.Equal(3_000 + 871 + exact, bill.NetMinor);
        var early = bill.Lines.Where(static each => each.Kind == BillLineKind.Adjustment).ToList();
        Assert.Equal(percent == 0 ? [] : [$"to 2027-11-01: 2,129 + 3 × 3,000 = 11,129 × {percent} %"], early.Select(static each => each.Explanation));
        Assert.All(early, each => Assert.Equal((line.Id, LineModule.Specification), (each.SubscriptionId, each.Revenue)));

        // Once: the next bill has nothing of it.
        world.Time.Advance(TimeSpan.FromDays(31));
        await world.BillAsync("2027-08");
        Assert.Single(await world.DocumentsAsync(account.Id));
    }

    [Fact]
    public async Task Ended_and_ordered_again_on_one_day_costs_what_going_on_costs()
    {
        await using var world = await OpenAsync();
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3_001));
        var (goesOn, first) = await world.AddCustomerAsync("Goes on");
        var (changes, second) = await world.AddCustomerAsync("Buys again");
        await world.OrderAsync(goesOn, Add("line") with { Quantity = 3 });
        await world.OrderAsync(changes, Add("line") with { Quantity = 3 });
        world.Time.Advance(TimeSpan.FromDays(17));
        var line = Assert.Single(await world.Provider.Book.ListAsync(world.Operator, "", 10, changes.Id, null, Cancel));
        await world.OrderAsync(changes, End(line.Id), Add("line") with { Quantity = 3 });
        world.Time.Advance(June.AddMonths(1) - world.Time.GetUtcNow());
        await world.BillAsync("2027-06");
        Assert.Equal(Assert.Single(await world.DocumentsAsync(first.Id)).NetMinor, Assert.Single(await world.DocumentsAsync(second.Id)).NetMinor);
    }

    [Fact]
    public async Task Order_for_a_day_is_done_on_it_and_what_is_done_late_counts_from_it()
    {
        await using var world = await OpenAsync();
        var (tenant, account) = await world.AddCustomerAsync("Customer");
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3_000));
        await world.OrderAsync(tenant, Add("line"));
        var line = Assert.Single(await world.Provider.Book.ListAsync(world.Operator, "", 10, tenant.Id, null, Cancel));
        await world.OrderAsync(tenant, new NewOrderItem { Action = OrderAction.Modify, SubscriptionId = line.Id, Quantity = 4, RequestedOn = "2027-06-16" });
        Assert.Equal(1, (await world.Provider.Book.FindAsync(world.Operator, line.Id, Cancel))!.Quantity);

        // The program was away for two days: 15 days at one, 15 at four.
        world.Time.Advance(new DateTimeOffset(2027, 6, 18, 3, 0, 0, TimeSpan.FromHours(9)) - world.Time.GetUtcNow());
        await world.Fulfilment.CarryOnAsync(world.Operator, null, Cancel);
        world.Time.Advance(June.AddMonths(1) - world.Time.GetUtcNow());
        await world.BillAsync("2027-06");
        Assert.Equal(1_500 + 6_000, Assert.Single(await world.DocumentsAsync(account.Id)).NetMinor);
    }

    [Fact]
    public async Task What_cannot_be_priced_is_refused_beside_its_field()
    {
        await using var world = await OpenAsync();
        var (tenant, _) = await world.AddCustomerAsync("Customer");
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3_000));
        await world.Provider.AddPlanAsync("dollars", "USD", new FlatPrice("Line", 30));
        var alone = await world.Provider.AddTenantAsync("Nobody pays");
        async Task<string?> CodeAsync(NewOrderItem item, string? whose = null) => (await world.ProductOrders.PlaceAsync(world.Operator, new NewOrder(whose ?? tenant.Id, [item]), Cancel)).Refusal?.Code;
        Assert.Equal("backoffice.order.offering", await CodeAsync(Add("none")));
        Assert.Equal("backoffice.order.currency", await CodeAsync(Add("dollars")));
        Assert.Equal("backoffice.order.percent", await CodeAsync(Add("line") with { DiscountPercent = 10.001m }));
        Assert.Equal("backoffice.order.percent", await CodeAsync(Add("line") with { EarlyTerminationPercent = 101 }));
        Assert.Equal("backoffice.order.term", await CodeAsync(Add("line") with { MinimumMonths = 121 }));
        Assert.Equal("backoffice.order.renewal", await CodeAsync(Add("line") with { RenewalMonths = 1 }));
        Assert.Equal("backoffice.order.date", await CodeAsync(Add("line") with { RequestedOn = "2027-05-31" }));
        Assert.Equal("backoffice.order.account", await CodeAsync(Add("line"), alone.Id));
        Assert.Equal("not-found", await CodeAsync(End("s_none")));
        Assert.Null(await CodeAsync(Add("line") with { MinimumMonths = 120, DiscountPercent = 100, NoticeDays = 400 }));
        Assert.Equal("backoffice.order.items", (await world.ProductOrders.PlaceAsync(world.Operator, new NewOrder(tenant.Id, []), Cancel)).Refusal?.Code);
        Assert.Null((await world.ProductOrders.PlaceAsync(world.Operator, new NewOrder(tenant.Id, [.. Enumerable.Repeat(Add("line"), world.Options.OrderItems)]), Cancel)).Refusal);
        Assert.Equal("backoffice.order.items", (await world.ProductOrders.PlaceAsync(world.Operator, new NewOrder(tenant.Id, [.. Enumerable.Repeat(Add("line"), world.Options.OrderItems + 1)]), Cancel)).Refusal?.Code);
        var reference = new NewOrder(tenant.Id, [Add("line")], "PO-1");
        BackOfficeWorld.Value(await world.ProductOrders.PlaceAsync(world.Operator, reference, Cancel));
        Assert.Equal("backoffice.order.there", (await world.ProductOrders.PlaceAsync(world.Operator, reference, Cancel)).Refusal?.Code);
    }

    private static NewOrderItem Add(string offering) => new() { Offering = offering, Settings = TestProvider.Settings("hall") };

    private static NewOrderItem End(string subscription) => new() { Action = OrderAction.Delete, SubscriptionId = subscription };

    private static async Task<long> CountAsync(BackOfficeWorld world, string sql) => await world.Provider.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>(sql), Cancel);

    private Task<BackOfficeWorld> OpenAsync() => BackOfficeWorld.OpenAsync(June, dialect: dialect, options: new BackOfficeOptions { OrderItems = 5 });

    private sealed class SwitchedRule : ISubscriptionRule
    {
        public bool Forbids { get; set; }

        public ValueTask<Refusal?> CheckAsync(ISqlTransaction transaction, Subscription subscription, string specification, string settings) =>
            ValueTask.FromResult(Forbids ? Refusal.Conflict("test.no", "not today") : null);
    }
}

public sealed class Quotes_and_orders_on_sqlite() : Quotes_and_orders(SqlDialect.Sqlite);

public sealed class Quotes_and_orders_on_postgres() : Quotes_and_orders(SqlDialect.Postgres);
