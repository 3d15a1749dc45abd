using System.Diagnostics;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.BackOffice.Reports;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice.Ledger;

/// <summary>The short form of what the claim <c>billing.exact</c> does at length.</summary>
public class Deferrals_against_a_slow_walk
{
    [Fact]
    public void Random_lives_of_deferrals_are_earned_to_the_yen_of_the_slow_walk() =>
        Assert.Empty(Enumerable.Range(1, 300).Select(RandomDeferrals.Check).OfType<string>().Take(3));

    [Fact]
    public void What_was_taken_at_a_later_day_is_not_taken_again_at_an_earlier()
    {
        // Of 300 for 30 days 200 are not earned after ten, and 50 were taken of the 100 left after twenty; one stays for the rounding.
        var deferral = new Deferral(300, new DateOnly(2027, 6, 1), new DateOnly(2027, 7, 1), new DateOnly(2027, 6, 1), [new DeferralCut(new DateOnly(2027, 6, 21), 50)]);
        Assert.Equal(49, deferral.UnearnedOn(new DateOnly(2027, 6, 11)));
        Assert.Equal(50, deferral.UnearnedOn(new DateOnly(2027, 6, 21)));
        Assert.Equal(0, (deferral with { Cuts = [new DeferralCut(new DateOnly(2027, 6, 21), 100)] }).UnearnedOn(new DateOnly(2027, 6, 11)));
    }

    /// <summary>Three of four are earned or taken by the 6th; a cut before it would let the days before be rounded twice, and the last one is needed for that.</summary>
    [Fact]
    public void What_a_later_cut_left_is_not_taken_to_the_last_unit()
    {
        var deferral = new Deferral(4, new DateOnly(2027, 6, 1), new DateOnly(2027, 6, 15), new DateOnly(2027, 6, 1), [new DeferralCut(new DateOnly(2027, 6, 6), 2)]);
        Assert.Equal(1, deferral.UnearnedOn(new DateOnly(2027, 6, 6)));
        Assert.Equal(0, deferral.UnearnedOn(new DateOnly(2027, 6, 3)));
    }

    [Fact]
    public void Last_day_takes_what_rounding_left()
    {
        var deferral = new Deferral(100, new DateOnly(2027, 2, 1), new DateOnly(2027, 2, 4), new DateOnly(2027, 1, 31), []);
        Assert.Equal([0, 33, 67, 100, 100], Enumerable.Range(1, 5).Select(day => deferral.EarnedBefore(new DateOnly(2027, 2, day))));
        Assert.Equal([0, -33, -67, -100, -100], Enumerable.Range(1, 5).Select(day => (deferral with { AmountMinor = -100 }).EarnedBefore(new DateOnly(2027, 2, day))));
    }
}

/// <summary>What is billed in advance is revenue day by day, through bills, corrections, credit notes and closings, on both stores.</summary>
public abstract class Deferred_revenue(SqlDialect dialect) : IAsyncLifetime
{
    private BackOfficeWorld _world = null!;
    private Tenant _tenant = null!;
    private string _account = "";
    private SubscriptionView _line = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await BackOfficeWorld.OpenAsync(dialect: dialect);
        (_tenant, var account) = await _world.AddCustomerAsync("Customer");
        _account = account.Id;
        await _world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 31_000, Charged.Advance), new FlatPrice("Router", 700), new OneTimePrice("Set-up", 36_500, SpreadMonths: 12));
        _line = await _world.Provider.TakeAsync(_tenant, "line");
        await BillAsync(10); // on November 1: October and November of the line, October of the router, the set-up fee
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Advance_and_set_up_are_liabilities_until_their_months_are_closed()
    {
        // October is over as it is invoiced; November and the fee's year from October 1 on are deferred.
        Assert.Equal(31_700, await RevenueAsync());
        Assert.Equal(31_000 + 36_500, await DeferredAsync());

        // A month that runs is not closed; what is closed twice is booked once.
        Assert.Equal("backoffice.closing.month", (await _world.Closer.CloseAsync(_world.Operator, "2026-11", Cancel)).Refusal?.Code);
        Assert.Equal("backoffice.closing.operator", (await _world.Closer.CloseAsync(TestProvider.CallerOf(_tenant), "2026-10", Cancel)).Refusal?.Code);
        Assert.Equal(0, BackOfficeWorld.Value(await _world.Closer.CloseAsync(_world.Operator, "2026-10", Cancel)).Entries);
        await BillAsync(11);
        Assert.Equal(1, BackOfficeWorld.Value(await _world.Closer.CloseAsync(_world.Operator, "2026-11", Cancel)).Entries);
        Assert.Equal(0, BackOfficeWorld.Value(await _world.Closer.CloseAsync(_world.Operator, "2026-11", Cancel)).Entries);

        // November of the line, and October and November of the fee: 61 of 365 days of 36,500.
        Assert.Equal(31_700 + 31_000 + 6_100 + 700, await RevenueAsync());
        Assert.Equal(31_000 + 30_400, await DeferredAsync());
        var revenue = await SheetAsync("revenue", "2026-11", "2026-11");
        Assert.Equal((31_700 + 31_000 + 6_100, 0L), (revenue.Tie!.ReportMinor, revenue.Tie.DifferenceMinor));
        var behind = BackOfficeWorld.Value(await _world.Reports.LinesAsync(_world.Operator, revenue.Tables[0].Rows[^1].Cells[1].Lines!, null, 100, Cancel));
        Assert.Equal([700, 6_100, 31_000, 31_000], behind.Select(static line => line.AmountMinor).Order());

        // What is on the way agrees with the ledger and comes to the balance.
        var sheet = await SheetAsync("deferred", "2026-11", "2026-11");
        Assert.Equal([0m, 67_500, 0, -37_100, 30_400, 30_400], Figures(sheet, "balance", "total"));
        var december = await SheetAsync("deferred", "2026-12", "2026-12");
        Assert.Equal([30_400m, 31_000, 0, 0, 61_400, 61_400], Figures(december, "balance", "total"));
        var schedule = Figures(december, "schedule", "total");
        Assert.Equal((0m, 31_000m + 3_100, 61_400m), (schedule[0], schedule[1], schedule.Sum()));
        Assert.Empty(december.Notes); // December runs: there is nothing to be closed
        AdvanceTo(2027, 1, 2);
        december = await SheetAsync("deferred", "2026-12", "2026-12");
        Assert.Equal((31_000m + 3_100, 0m), (Figures(december, "schedule", "total")[0], Figures(december, "schedule", "total")[1]));
        Assert.Contains("34,100", Assert.Single(december.Notes).En, StringComparison.Ordinal);
    }

    [Fact]
    public async Task End_in_the_middle_takes_back_what_is_not_earned_and_leaves_the_rest_of_the_fee()
    {
        // Ended on December 11: of December 21 days are taken back, the fee is earned to the end.
        await BillAsync(11);
        AdvanceTo(2026, 12, 11);
        BackOfficeWorld.Value(await _world.Provider.Orders.EndAsync(_world.Operator, _line.Id, null, Cancel));
        BackOfficeWorld.Value(await _world.Adjustments.AddAsync(_world.Operator, _account, new NewAdjustment("Visit", 50_000, "so that something is to be paid"), Cancel));
        AdvanceTo(2026, 12, 20);
        await _world.BillAsync("2026-12");

        // By December 20 19 of its 31 days were earned: of the 21 that are taken back 12 came out of what was not. November and the fee wait for their months.
        Assert.Equal(31_000 + 19_000 + 36_500, await DeferredAsync());
        AdvanceTo(2027, 1, 5);
        BackOfficeWorld.Value(await _world.Closer.CloseAsync(_world.Operator, "2026-12", Cancel));
        Assert.Equal(0, await DeferredAsync());
        Assert.Equal(await LinesAsync(), await RevenueAsync());
        await AssertTiesAsync();
    }

    [Fact]
    public async Task Credit_note_takes_first_what_is_not_earned()
    {
        var invoice = (await _world.DocumentsAsync())[0];
        var november = (await _world.BillOfAsync(invoice)).Lines.Single(static line => line is { Label: "Line", Month: "2026-11" }).No;
        AdvanceTo(2026, 11, 16);
        BackOfficeWorld.Value(await _world.Credits.CreditAsync(_world.Operator, invoice.Number, new NewCredit("half", [new CreditedLine(november, 20_000)]), Cancel));

        // 15 of 30 days are earned: 15,500 were left to take; the rest comes out of revenue.
        Assert.Equal(36_500 + 15_500, await DeferredAsync());
        Assert.Equal(31_700 - 4_500, await RevenueAsync());
        AdvanceTo(2026, 12, 2);
        BackOfficeWorld.Value(await _world.Closer.CloseAsync(_world.Operator, "2026-11", Cancel));
        Assert.Equal(31_700 - 4_500 + 15_500 + 6_100, await RevenueAsync());
        await AssertTiesAsync();
    }

    [Fact]
    public async Task What_is_booked_into_a_closed_month_is_released_when_it_is_closed_again_and_hledger_agrees()
    {
        await BillAsync(11);
        BackOfficeWorld.Value(await _world.Closer.CloseAsync(_world.Operator, "2026-11", Cancel));
        var (other, _) = await _world.AddCustomerAsync("Late");
        await _world.Provider.TakeAsync(other, "line");
        AdvanceTo(2027, 1, 4);
        var run = BackOfficeWorld.Value(await _world.RunOrders.MakeAsync(_world.Operator, new global::Tsunagi.BackOffice.Runs.NewRun("2026-12", "2026-12-31"), Cancel));
        await _world.Engine.CarryOnAsync(run.Id, null, Cancel);
        BackOfficeWorld.Value(await _world.RunOrders.ReleaseAsync(_world.Releaser, run.Id, Cancel));
        BackOfficeWorld.Value(await _world.Closer.CloseAsync(_world.Operator, "2026-12", Cancel));
        var before = await DeferredAsync();
        await _world.Engine.CarryOnAsync(run.Id, null, Cancel);
        Assert.NotEqual(before, await DeferredAsync());
        Assert.True(BackOfficeWorld.Value(await _world.Closer.CloseAsync(_world.Operator, "2026-12", Cancel)).Entries > 0);
        Assert.Equal(0, BackOfficeWorld.Value(await _world.Closer.CloseAsync(_world.Operator, "2026-12", Cancel)).Entries);
        await AssertTiesAsync();
        if (File.Exists("/usr/bin/hledger") && dialect == SqlDialect.Sqlite)
        {
            await CheckHledgerAsync();
        }
    }

    [Fact]
    public async Task What_is_taken_back_after_its_plan_moved_leaves_the_category_it_was_deferred_in()
    {
        // Ended on November 11, billed on the 16th: of 20,667 that are taken back 15,500 were not earned.
        BackOfficeWorld.Value(await _world.Provider.Plans.ChangeAsync(_world.Operator, "line", new ChangedPlan(OfferingCategory.Operation), Cancel));
        AdvanceTo(2026, 11, 11);
        BackOfficeWorld.Value(await _world.Provider.Orders.EndAsync(_world.Operator, _line.Id, null, Cancel));
        BackOfficeWorld.Value(await _world.Adjustments.AddAsync(_world.Operator, _account, new NewAdjustment("Visit", 50_000, "so that something is to be paid"), Cancel));
        AdvanceTo(2026, 11, 16);
        await _world.BillAsync("2026-11");
        var correction = (await _world.BillOfAsync((await _world.DocumentsAsync())[^1])).Lines.Single(static line => line is { Label: "Line", Kind: BillLineKind.Correction });
        Assert.Equal((-20_667, 15_500), (correction.AmountMinor, await SumAsync("SELECT amount_minor FROM bo_deferral_cut")));
        Assert.Equal(36_500 + 15_500, await DeferredAsync());
        AdvanceTo(2026, 12, 2);
        BackOfficeWorld.Value(await _world.Closer.CloseAsync(_world.Operator, "2026-11", Cancel));
        var left = await _world.Provider.Stores.Control.ReadAsync(
            static reader => reader.QueryAsync<(string Category, long AmountMinor)>("SELECT category, CAST(sum(amount_minor) AS bigint) FROM bo_posting WHERE ledger_account LIKE 'liabilities:deferred:%' GROUP BY category"), Cancel);
        Assert.Equal([("valueAdded", 0L)], left);
        var sheet = (await SheetAsync("revenue", "2026-11", "2026-11")).Tables[0];
        var whole = sheet.Columns.ToList().FindIndex(static column => column.Key == "whole");
        foreach (var category in new[] { "valueAdded", "operation" })
        {
            Assert.Equal(-await SumAsync($"SELECT p.amount_minor FROM bo_posting p JOIN bo_entry e ON e.id = p.entry_id WHERE p.ledger_account LIKE 'revenue:%' AND p.category = '{category}' AND e.booked_on >= '2026-11-01'"),
                sheet.Rows.Single(row => row.Key == category).Cells[whole].Number);
        }

        await AssertTiesAsync();
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(36_500)]
    public async Task Set_up_fee_that_is_given_back_and_billed_again_is_spread_again(long amount)
    {
        var invoice = (await _world.DocumentsAsync())[0];
        var fee = (await _world.BillOfAsync(invoice)).Lines.Single(static line => line.Label == "Set-up").No;
        BackOfficeWorld.Value(await _world.Credits.CreditAsync(_world.Operator, invoice.Number, new NewCredit("wrong", [new CreditedLine(fee, amount)], BillAgain: true), Cancel));

        // Something of October is corrected, so it is rated again.
        await _world.CountAsync(_line, LineModule.Bytes, 1, _world.Time.GetUtcNow().AddDays(-20));
        await BillAsync(11);
        Assert.Equal([(36_500L, "2026-10-01", "2027-10-01"), (amount, "2026-10-01", "2027-10-01")], await _world.Provider.Stores.Control.ReadAsync(
            static reader => reader.QueryAsync<(long AmountMinor, string First, string After)>("SELECT amount_minor, first_day, after_day FROM bo_deferral WHERE spread = 1 ORDER BY invoice_id"), Cancel));
        BackOfficeWorld.Value(await _world.Closer.CloseAsync(_world.Operator, "2026-11", Cancel));
        await AssertTiesAsync();
    }

    [Fact]
    public async Task Who_is_billed_in_advance_has_the_service_before_its_month_is_closed()
    {
        var (other, _) = await _world.AddCustomerAsync("Ahead");
        await _world.Provider.AddPlanAsync("ahead", "JPY", new FlatPrice("Ahead", 5_000, Charged.Advance));
        await _world.Provider.TakeAsync(other, "ahead");
        await BillAsync(11);
        await BillAsync(12);
        var services = (await SheetAsync("attach", "2027-01", "2027-01")).Tables.Single(static table => table.Key == "services");
        Assert.Equal(2, Assert.Single(services.Rows).Cells[1].Number);
    }

    [Fact]
    public async Task Two_closings_at_once_book_what_was_earned_once()
    {
        await BillAsync(11);
        var closings = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () => BackOfficeWorld.Value(await _world.Closer.CloseAsync(_world.Operator, "2026-11", Cancel)), Cancel)));
        Assert.Equal(1, closings.Sum(static closing => closing.Entries));
        Assert.Equal(31_700 + 31_000 + 6_100 + 700, await RevenueAsync());
        Assert.Equal(0, BackOfficeWorld.Value(await _world.Closer.CloseAsync(_world.Operator, "2026-11", Cancel)).Entries);
    }

    /// <summary>Another closing that books the same at the same moment breaks this one's constraint: it is tried again, and not for ever.</summary>
    [Theory]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public async Task Closing_that_meets_others_is_tried_again_some_times(int others, bool closes)
    {
        await BillAsync(11);
        RacingStore? racing = null;
        var closer = _world.Restarted(stores => stores with { Control = racing = new RacingStore(stores.Control) { Races = others } }).Closer;
        if (closes)
        {
            Assert.Equal(1, BackOfficeWorld.Value(await closer.CloseAsync(_world.Operator, "2026-11", Cancel)).Entries);

            // Where nothing differs nothing is written but that it was closed.
            racing!.Writes = 0;
            Assert.Equal(0, BackOfficeWorld.Value(await closer.CloseAsync(_world.Operator, "2026-11", Cancel)).Entries);
            Assert.Equal(1, racing.Writes);
        }
        else
        {
            await Assert.ThrowsAsync<ConstraintViolationException>(() => closer.CloseAsync(_world.Operator, "2026-11", Cancel).AsTask());
        }
    }

    [Fact]
    public async Task Releases_are_never_changed() => await Assert.ThrowsAnyAsync<Exception>(async () => await _world.Provider.Stores.Control.WriteAsync(
        static transaction => transaction.ExecuteAsync("UPDATE bo_deferral SET amount_minor = 0"), Cancel));

    private async Task CheckHledgerAsync()
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "ledger.journal");
        await using (var writer = new StreamWriter(file))
        {
            await _world.Ledger.WriteAsync(writer, hledger: true, "0000", "9999", Cancel);
        }

        using var process = Process.Start(new ProcessStartInfo("/usr/bin/hledger", ["check", "-f", file, "accounts", "commodities", "ordereddates", "balancednoautoconversion"]) { RedirectStandardError = true })!;
        Assert.Equal("", await process.StandardError.ReadToEndAsync(Cancel));
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(0, process.ExitCode);
        using var balance = Process.Start(new ProcessStartInfo("/usr/bin/hledger", ["bal", "-f", file, "-N", "-O", "csv", "--depth", "2", "liabilities:deferred"]) { RedirectStandardOutput = true })!;
        Assert.Contains($"\"JPY {-await DeferredAsync()}\"", await balance.StandardOutput.ReadToEndAsync(Cancel), StringComparison.Ordinal);
    }

    /// <summary>Each month's report is the ledger's, line by line and category by category, and the deferred balance of the report is the ledger's.</summary>
    private async Task AssertTiesAsync()
    {
        foreach (var month in new[] { "2026-10", "2026-11", "2026-12", "2027-01" })
        {
            foreach (var name in new[] { "revenue", "concentration" })
            {
                var sheet = await SheetAsync(name, month, month);
                Assert.Equal(0, sheet.Tie!.DifferenceMinor);
            }

            var revenue = (await SheetAsync("revenue", month, month)).Tables[0].Rows[^1].Cells[1];
            var lines = BackOfficeWorld.Value(await _world.Reports.LinesAsync(_world.Operator, revenue.Lines!, null, 100, Cancel));
            Assert.Equal(revenue.Number, lines.Sum(static line => line.AmountMinor));
            var balance = Figures(await SheetAsync("deferred", month, month), "balance", "total");
            Assert.Equal(balance[5], balance[4]);
            Assert.Equal(balance[4], Figures(await SheetAsync("deferred", month, month), "schedule", "total").Sum());
        }
    }

    private static decimal[] Figures(ReportSheet sheet, string table, string row) =>
        [.. sheet.Tables.Single(each => each.Key == table).Rows.Single(each => each.Key == row).Cells.Skip(1).Select(static cell => cell.Number!.Value)];

    private async Task<ReportSheet> SheetAsync(string name, string from, string to) => BackOfficeWorld.Value(await _world.Reports.MakeAsync(_world.Operator, name, new ReportFilter(from, to), 100, Cancel));

    private async Task<long> RevenueAsync() => -(await _world.Ledger.BalancesAsync(Cancel)).Where(static row => row.LedgerAccount.StartsWith("revenue:", StringComparison.Ordinal)).Sum(static row => row.AmountMinor);

    private async Task<long> DeferredAsync() => -(await _world.Ledger.BalancesAsync(Cancel)).Where(static row => row.LedgerAccount.StartsWith(LedgerWriter.Deferred, StringComparison.Ordinal)).Sum(static row => row.AmountMinor);

    private async Task<long> SumAsync(string select) => (await _world.Provider.Stores.Control.ReadAsync(reader => reader.QueryAsync<long>(select), Cancel)).Sum();

    private async Task<long> LinesAsync() => await _world.Provider.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT CAST(sum(amount_minor) AS bigint) FROM bo_line"), Cancel);

    private void AdvanceTo(int year, int month, int day) => _world.Time.Advance(new DateTimeOffset(year, month, day, 9, 0, 0, TimeSpan.FromHours(9)) - _world.Time.GetUtcNow());

    private async Task BillAsync(int month)
    {
        _world.Time.Advance(new DateTimeOffset(2026, 10, 1, 0, 0, 1, TimeSpan.FromHours(9)).AddMonths(month - 9) - _world.Time.GetUtcNow());
        await _world.BillAsync($"2026-{month}");
    }
}

public sealed class Deferred_revenue_on_sqlite() : Deferred_revenue(SqlDialect.Sqlite);

public sealed class Deferred_revenue_on_postgres() : Deferred_revenue(SqlDialect.Postgres);
