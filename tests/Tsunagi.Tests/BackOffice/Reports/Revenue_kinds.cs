using Tsunagi.BackOffice.Contract;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Reports;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice.Reports;

/// <summary>What kind of revenue a line is, kept when it is issued, through the same bills, credit notes and ledger as everything else.</summary>
public abstract class Revenue_kinds(SqlDialect dialect) : IAsyncLifetime
{
    private BackOfficeWorld _world = null!;
    private Tenant _tenant = null!;
    private string _account = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await BackOfficeWorld.OpenAsync(dialect: dialect);
        (_tenant, var account) = await _world.AddCustomerAsync("Customer");
        _account = account.Id;
        await _world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 1_000), new OneTimePrice("Set-up", 5_000));
        await PlanAsync("project", ConstructionSettings.Kind, new OneTimePrice("Network", 90_000));
        await PlanAsync("care", OperationSettings.Kind, new FlatPrice("Care", 700));
        await _world.Provider.TakeAsync(_tenant, "line");
        await TakeAsync("project", new { work = "LAN of the head office" });
        await TakeAsync("care", new { system = "LAN of the head office" });
        BackOfficeWorld.Value(await _world.Adjustments.AddAsync(_world.Operator, _account, new NewAdjustment("Visit", 300, "asked for", Category: OfferingCategory.Operation), Cancel));
        BackOfficeWorld.Value(await _world.Adjustments.AddAsync(_world.Operator, _account, new NewAdjustment("Goodwill", -40, "sorry"), Cancel));
        await BillAsync(10);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Lines_and_postings_carry_category_and_nature()
    {
        (string, string?, string?, long)[] kinds =
        [
            ("adjustment", null, "once", -40), ("adjustment", "operation", "once", 300), ("backoffice.construction", "construction", "once", 90_000), ("backoffice.operation", "operation", "recurring", 700),
            ("line.access", "valueAdded", "once", 5_000), ("line.access", "valueAdded", "recurring", 1_000),
        ];
        Assert.Equal(kinds, await KindsAsync("SELECT revenue, category, nature, CAST(sum(amount_minor) AS bigint) FROM bo_line GROUP BY revenue, category, nature"));
        Assert.Equal(kinds, await KindsAsync("SELECT substr(ledger_account, 9), category, nature, CAST(-sum(amount_minor) AS bigint) FROM bo_posting WHERE ledger_account LIKE 'revenue:%' GROUP BY ledger_account, category, nature"));

        // A bill comes out the same when it is made again: what kind it is stands beside it.
        Assert.True(BackOfficeWorld.Value(await _world.Previews.ProveAsync(_world.Operator, (await _world.DocumentsAsync())[0].Id, Cancel)).Identical);
        Assert.Equal(
            [("construction", 90_000m), ("none", -40m), ("operation", 1_000m), ("valueAdded", 6_000m)],
            (await RevenueAsync()).Where(static row => !row.IsSum).OrderBy(static row => row.Key, StringComparer.Ordinal).Select(static row => (row.Key, row.Whole)));
    }

    [Fact]
    public async Task Plan_that_moves_to_another_category_changes_nothing_of_before_and_what_is_given_back_is_counted_where_it_was()
    {
        BackOfficeWorld.Value(await _world.Provider.Plans.ChangeAsync(_world.Operator, "line", new ChangedPlan(OfferingCategory.Connectivity), Cancel));
        var invoice = (await _world.DocumentsAsync())[0];
        var setUp = (await _world.BillOfAsync(invoice)).Lines.Single(static line => line.Label == "Set-up").No;
        BackOfficeWorld.Value(await _world.Credits.CreditAsync(_world.Operator, invoice.Id, new NewCredit("late", [new CreditedLine(setUp, 2_000)]), Cancel));
        await BillAsync(11);
        var rows = await RevenueAsync();
        Assert.Equal((1_000m, 4_000m), (rows.Single(static row => row.Key == "connectivity").Whole, rows.Single(static row => row.Key == "valueAdded").Whole));
        Assert.Equal(90_000m + 5_000 - 2_000 + 300 - 40, rows.Single(static row => row.Key == "once").Whole);
        Assert.Equal(2_000m + 1_400, rows.Single(static row => row.Key == "recurring").Whole);
        var sheet = BackOfficeWorld.Value(await _world.Reports.MakeAsync(_world.Operator, "revenue", new ReportFilter("2026-10", "2026-12"), 10, Cancel));
        Assert.Equal(0, sheet.Tie!.DifferenceMinor);
    }

    [Fact]
    public async Task Set_up_fee_that_is_taken_back_by_a_correction_is_taken_from_one_time_revenue()
    {
        // The contract never began: everything billed for it is withdrawn on the next bill.
        await _world.Provider.Stores.Control.WriteAsync(
            static transaction => transaction.ExecuteAsync(
                "UPDATE plan_version SET prices = replace(prices, 'Set-up', 'Set-up once') WHERE plan_id = (SELECT id FROM plan WHERE code = 'line')"), Cancel);
        var line = (await _world.Provider.Book.ListAsync(_world.Operator, "", 10, null, null, Cancel)).First(static each => each.Name.StartsWith("Line", StringComparison.Ordinal));
        await _world.CountAsync(line, LineModule.Bytes, 1, _world.Time.GetUtcNow().AddDays(-20));
        _world = _world.Restarted();
        await BillAsync(11);
        var lines = await KindsAsync("SELECT charge, category, nature, CAST(sum(amount_minor) AS bigint) FROM bo_line WHERE account_seq = 2 AND charge LIKE '%Set-up%' GROUP BY charge, category, nature");
        Assert.Equal([-5_000L, 5_000L], lines.Select(static each => each.Item4).Order());
        Assert.All(lines, static each => Assert.Equal(("valueAdded", "once"), (each.Item2, each.Item3)));
    }

    [Fact]
    public async Task Span_and_bands_have_limits()
    {
        async Task<string?> CodeAsync(string from, string to) => (await _world.Reports.MakeAsync(_world.Operator, "revenue", new ReportFilter(from, to), 10, Cancel)).Refusal?.Code;
        Assert.Null(await CodeAsync("2016-11", "2026-10"));
        Assert.Equal("backoffice.report.months", await CodeAsync("2016-10", "2026-10"));
        Assert.Equal("backoffice.report.months", await CodeAsync("2026-11", "2026-10"));
        Assert.Equal("backoffice.report.months", await CodeAsync("2026-13", "2026-10"));
        Assert.True(_world.Reports.Question("2016-11", "2026-10", null, "JPY", null, null, null, null).Ok);
        Assert.Equal("backoffice.report.months", _world.Reports.Question("2016-10", "2026-10", null, "JPY", null, null, null, null).Refusal?.Code);
        Assert.Equal("backoffice.report.category", _world.Reports.Question("2026-10", "2026-10", null, "JPY", "other", null, null, null).Refusal?.Code);
        Assert.Equal("backoffice.report.nature", _world.Reports.Question("2026-10", "2026-10", null, "JPY", null, "often", null, null).Refusal?.Code);
        Assert.Equal("backoffice.report.basis", _world.Reports.Question("2026-10", "2026-10", "paid", "JPY", null, null, null, null).Refusal?.Code);
        Assert.Equal("backoffice.report.currency", _world.Reports.Question("2026-10", "2026-10", null, "XXY", null, null, null, null).Refusal?.Code);
        var one = BackOfficeWorld.Value(await _world.Reports.MakeAsync(_world.Operator, "concentration", new ReportFilter(), 1, Cancel)).Tables.Single(static table => table.Key == "customers");
        Assert.Equal((1, null), (one.Rows.Count, one.Note));
        var none = BackOfficeWorld.Value(await _world.Reports.MakeAsync(_world.Operator, "concentration", new ReportFilter(), 0, Cancel)).Tables.Single(static table => table.Key == "customers");
        Assert.Equal((0, "1 more are in the CSV."), (none.Rows.Count, none.Note!.En));
    }

    private async Task PlanAsync(string code, string specification, params Price[] prices) =>
        BackOfficeWorld.Value(await _world.Provider.Plans.PutAsync(_world.Operator, new NewPlan(code, specification, code, null, "JPY", prices), Cancel));

    private async Task TakeAsync(string plan, object settings) => BackOfficeWorld.Value(await _world.Provider.Orders.TakeAsync(
        _world.Operator, new NewSubscription(_tenant.Id, plan, plan, System.Text.Json.JsonSerializer.SerializeToElement(settings)), Cancel));

    private async Task BillAsync(int month)
    {
        var next = new DateTimeOffset(2026, month, 1, 9, 0, 0, TimeSpan.FromHours(9)).AddMonths(1);
        _world.Time.Advance(next - _world.Time.GetUtcNow());
        await _world.BillAsync($"2026-{month}");
    }

    private async Task<List<(string, string?, string?, long)>> KindsAsync(string sql) =>
        [.. (await _world.Provider.Stores.Control.ReadAsync(reader => reader.QueryAsync<(string, string?, string?, long)>(sql), Cancel))
            .OrderBy(static each => each.Item1, StringComparer.Ordinal).ThenBy(static each => each.Item2, StringComparer.Ordinal).ThenBy(static each => each.Item3, StringComparer.Ordinal)];

    private async Task<List<(string Key, bool IsSum, decimal Whole)>> RevenueAsync()
    {
        var table = BackOfficeWorld.Value(await _world.Reports.MakeAsync(_world.Operator, "revenue", new ReportFilter("2026-10", "2026-12"), 10, Cancel)).Tables[0];
        var whole = table.Columns.Select(static column => column.Key).ToList().IndexOf("whole");
        return [.. table.Rows.Select(row => (row.Key, row.IsSum, row.Cells[whole].Number!.Value))];
    }
}

public sealed class Revenue_kinds_on_sqlite() : Revenue_kinds(SqlDialect.Sqlite);

public sealed class Revenue_kinds_on_postgres() : Revenue_kinds(SqlDialect.Postgres);
