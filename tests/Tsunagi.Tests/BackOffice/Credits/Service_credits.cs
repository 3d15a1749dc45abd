using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Orders;
using Tsunagi.Core.Exchange.Credits;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice.Credits;

/// <summary>From a service's proposal to a line of the next invoice.</summary>
public abstract class Service_credits(SqlDialect dialect)
{
    private static readonly DateTimeOffset June = new(2027, 6, 1, 0, 0, 1, TimeSpan.FromHours(9));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Approved_credit_is_a_line_of_the_next_invoice_once_and_explains_itself()
    {
        await using var world = await BackOfficeWorld.OpenAsync(June, dialect: dialect);
        var (account, line) = await TakeAsync(world);
        world.Time.Advance(June.AddMonths(1) - world.Time.GetUtcNow());
        await world.BillAsync("2027-06");
        var share = BackOfficeWorld.Value(await ProposeAsync(world, Of(line, "june") with { Percent = 12.5m }));
        var amount = BackOfficeWorld.Value(await ProposeAsync(world, Of(line, "fixed") with { AmountMinor = 70 }));
        var refused = BackOfficeWorld.Value(await ProposeAsync(world, Of(line, "no") with { AmountMinor = 5_000 }));

        // 3,004 × 12.5 % = 375.5, half away from zero.
        var approved = BackOfficeWorld.Value(await world.CreditDecisions.ApproveAsync(world.Operator, share.Id, "measured", Cancel));
        Assert.Equal((ServiceCreditState.Approved, 376L, world.Operator.ActorName), (approved.State, approved.CreditedMinor, approved.DecidedBy));
        Assert.Equal("backoffice.service-credit.decided", (await world.CreditDecisions.ApproveAsync(world.Operator, share.Id, "again", Cancel)).Refusal?.Code);
        BackOfficeWorld.Value(await world.CreditDecisions.ApproveAsync(world.Operator, amount.Id, "measured", Cancel));
        Assert.Equal(ServiceCreditState.Rejected, BackOfficeWorld.Value(await world.CreditDecisions.RejectAsync(world.Operator, refused.Id, "planned work", Cancel)).State);
        Assert.Equal("backoffice.service-credit.decided", (await world.CreditDecisions.RejectAsync(world.Operator, amount.Id, "again", Cancel)).Refusal?.Code);
        world.Time.Advance(June.AddMonths(2) - world.Time.GetUtcNow());
        await world.BillAsync("2027-07");
        var bill = await world.BillOfAsync((await world.DocumentsAsync(account))[^1]);
        var credits = bill.Lines.Where(static each => each.Kind == BillLineKind.Adjustment).OrderBy(static each => each.AmountMinor).ToList();
        Assert.Equal([-376L, -70L], credits.Select(static each => each.AmountMinor));
        Assert.Equal("2027-06: 3,004 × 12.5 %; 99.1 % of 99.9 % promised; ev_1", credits[0].Explanation);
        Assert.All(credits, each => Assert.Equal((line, LineModule.Specification), (each.SubscriptionId, each.Revenue)));
        Assert.Equal(3_004 - 446, bill.NetMinor);
        world.Time.Advance(June.AddMonths(3) - world.Time.GetUtcNow());
        await world.BillAsync("2027-08");
        Assert.Equal(3_004, (await world.DocumentsAsync(account))[^1].NetMinor);
    }

    [Fact]
    public async Task Proposal_of_one_key_counts_once_and_other_content_under_it_is_refused()
    {
        await using var world = await BackOfficeWorld.OpenAsync(June, dialect: dialect);
        var (_, line) = await TakeAsync(world);
        var first = BackOfficeWorld.Value(await ProposeAsync(world, Of(line, "k") with { Percent = 10 }));
        Assert.Equal(first, BackOfficeWorld.Value(await ProposeAsync(world, Of(line, "k") with { Percent = 10.00m })));
        Assert.Equal("credit.key", (await ProposeAsync(world, Of(line, "k") with { Percent = 11 })).Refusal?.Code);
        Assert.Equal("not-found", (await ProposeAsync(world, Of("s_none", "x") with { Percent = 11 })).Refusal?.Code);
        Assert.Equal("credit.amount", (await ProposeAsync(world, Of(line, "x"))).Refusal?.Code);
        Assert.Equal("credit.amount", (await ProposeAsync(world, Of(line, "x") with { Percent = 100.01m })).Refusal?.Code);
        Assert.Equal("credit.amount", (await ProposeAsync(world, Of(line, "x") with { AmountMinor = 0 })).Refusal?.Code);
        Assert.Equal("credit.period", (await ProposeAsync(world, Of(line, "x") with { AmountMinor = 1, ToMicros = 0 })).Refusal?.Code);
        Assert.Equal("credit.reason", (await ProposeAsync(world, Of(line, "x") with { AmountMinor = 1, Reason = new string('x', ServiceCredits.MaxReason + 1) })).Refusal?.Code);
        Assert.Equal("credit.text", (await ProposeAsync(world, Of(line, new string('x', ServiceCredits.MaxText + 1)) with { AmountMinor = 1 })).Refusal?.Code);
        Assert.True((await ProposeAsync(world, Of(line, new string('x', ServiceCredits.MaxText)) with { AmountMinor = 1, Reason = new string('x', ServiceCredits.MaxReason) })).Ok);
    }

    [Fact]
    public async Task Shares_of_one_month_are_never_more_than_its_charges()
    {
        await using var world = await BackOfficeWorld.OpenAsync(June, dialect: dialect);
        var (_, line) = await TakeAsync(world);
        async Task<Outcome<ServiceCredit>> GiveAsync(string key, decimal percent) =>
            await world.CreditDecisions.ApproveAsync(world.Operator, BackOfficeWorld.Value(await ProposeAsync(world, Of(line, key) with { Percent = percent })).Id, "measured", Cancel);
        Assert.Equal(2_403, BackOfficeWorld.Value(await GiveAsync("a", 80)).CreditedMinor);
        var second = BackOfficeWorld.Value(await GiveAsync("b", 80));
        Assert.Equal(601, second.CreditedMinor);
        Assert.StartsWith("2027-06: 3,004 × 80 %, 2,403 of it given before; ", second.Explanation, StringComparison.Ordinal);
        Assert.Equal("backoffice.service-credit.nothing", (await GiveAsync("c", 80)).Refusal?.Code);
    }

    private static NewServiceCredit Of(string line, string key) => new(
        "access", key, line, June.AddDays(9).ToUnixTimeMilliseconds() * 1000, June.AddDays(10).ToUnixTimeMilliseconds() * 1000, "99.1 % of 99.9 % promised", "ev_1");

    private static async Task<Outcome<ServiceCredit>> ProposeAsync(BackOfficeWorld world, NewServiceCredit credit) =>
        await world.Provider.Stores.Control.WriteAsync(transaction => world.ServiceCredits.ProposeAsync(transaction, world.Operator, credit), Cancel);

    private static async Task<(string Account, string Line)> TakeAsync(BackOfficeWorld world)
    {
        var (tenant, account) = await world.AddCustomerAsync("Customer");
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3_004));
        await world.OrderAsync(tenant, new NewOrderItem { Offering = "line", Settings = TestProvider.Settings("hall") });
        return (account.Id, Assert.Single(await world.Provider.Book.ListAsync(world.Operator, "", 10, tenant.Id, null, Cancel)).Id);
    }
}

public sealed class Service_credits_on_sqlite() : Service_credits(SqlDialect.Sqlite);

public sealed class Service_credits_on_postgres() : Service_credits(SqlDialect.Postgres);
