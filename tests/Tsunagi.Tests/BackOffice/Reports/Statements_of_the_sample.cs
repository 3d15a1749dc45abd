using System.Numerics;
using System.Text.Json.Nodes;
using Tsunagi.BackOffice;
using Tsunagi.BackOffice.Reports;
using Tsunagi.BackOffice.Sample;
using Tsunagi.BackOffice.Statements;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice.Reports;

/// <summary>The sample's provider, small in customers and whole in yen: each statement holds against the published figures, and against sums taken one by one from what was written.</summary>
public abstract class Statements_of_the_sample(SampleWorld sample)
{
    private const string First07 = "2007-04", Last07 = "2007-09";
    private static readonly MonthSpan Now = new(Month(First07), Month(Last07)), Before = new(Month("2006-04"), Month("2006-09"));
    private readonly BackOfficeWorld _world = sample.World;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Profit_and_loss_is_what_was_published_and_the_sum_of_its_parts()
    {
        var sheet = await MakeAsync("profit-and-loss");
        Assert.Equal((First07, Last07), (sheet.Span!.Value.From, sheet.Span.Value.To));
        foreach (var (row, item) in new[]
        {
            ("revenue", "Total Revenues"), ("cost", "Total Costs"), ("margin", "Gross Margin"), ("expenses", "SG&A/R&D"), ("operating", "Operating Income"), ("pretax", "Income before Income Tax Benefit"), ("net", "Net Income"),
        })
        {
            var published = Published("consolidated_results", item);
            PublishedFigures.Rounds(Number(published, "1H07"), Cell(sheet, row, "now"), PublishedFigures.Billion, 0.1m, item);
            PublishedFigures.Rounds(Number(published, "1H06"), Cell(sheet, row, "before"), PublishedFigures.Billion, 0.1m, item + " before");
            Assert.Equal(Number(published, "yoy_pct"), Cell(sheet, row, "growth"));
            if (row != "revenue")
            {
                Assert.Equal(Number(published, "pct_of_revenue_1H07"), Cell(sheet, row, "share"));
                Assert.Equal(Number(published, "pct_of_revenue_1H06"), Cell(sheet, row, "share.before"));
            }
        }

        var lines = await LinesAsync();
        foreach (var (column, span) in new[] { ("now", Now), ("before", Before) })
        {
            var revenue = Slow(lines, span, static _ => true);
            var cost = await SlowAsync(span, null, "cost.connectivity", "cost.systems");
            var operating = revenue - cost - await SlowAsync(span, null, "sga.sales", "sga.general", "sga.research");
            Assert.Equal((decimal)revenue, Cell(sheet, "revenue", column));
            Assert.Equal((decimal)(revenue - cost), Cell(sheet, "margin", column));
            Assert.Equal((decimal)operating, Cell(sheet, "operating", column));
            Assert.Equal((decimal)(operating + await SlowAsync(span, null, "other.securities", "other.rest", "tax", "minority", "equity")), Cell(sheet, "net", column));
        }
    }

    [Fact]
    public async Task Margin_by_group_and_quarter()
    {
        var sheet = await MakeAsync("margin");
        Assert.Equal(Figure("cost_growth_1H07_yoy_pct", "Connectivity Service and VAS"), Cell(sheet, "cost.connectivity", "growth"));
        Assert.Equal(Figure("cost_growth_1H07_yoy_pct", "SI"), Cell(sheet, "cost.systems", "growth"));
        Assert.Equal(Figure("gross_margin_ratio_pct", "2Q07"), Cell(sheet, "2Q07", "ratio", 1));
        Assert.Equal(Figure("gross_margin_ratio_pct", "change_vs_2Q06_points"), Cell(sheet, "2Q07", "points", 1));
        Assert.Equal(Cell(sheet, "margin", "now"), Cell(sheet, "cost.connectivity.margin", "now") + Cell(sheet, "cost.systems.margin", "now"));
        Assert.Equal(Cell(sheet, "revenue", "now"), Cell(sheet, "1Q07", "revenue", 1) + Cell(sheet, "2Q07", "revenue", 1));
        Assert.Equal((decimal)Slow(await LinesAsync(), Now, static line => line.Category is "connectivity" or "valueAdded"), Cell(sheet, "cost.connectivity.revenue", "now"));
    }

    [Fact]
    public async Task Growth_by_category_is_what_was_published()
    {
        var lines = await LinesAsync();
        decimal Growth(Func<SampleLine, bool> which) => decimal.Round((100m * Slow(lines, Now, which) / Slow(lines, Before, which)) - 100, 1, MidpointRounding.AwayFromZero);
        Assert.Equal(Figure("revenue_growth_1H07_yoy_pct", "Connectivity, corporate users"), Growth(static line => line.Revenue == "connectivity.dedicated"));
        Assert.Equal(Figure("revenue_growth_1H07_yoy_pct", "Internet Connectivity Services total"), Growth(static line => line.Category == "connectivity"));
        Assert.Equal(Figure("revenue_growth_1H07_yoy_pct", "VAS"), Growth(static line => line.Category == "valueAdded"));
        Assert.Equal(Figure("revenue_growth_1H07_yoy_pct", "SI"), Growth(static line => line.Category is "construction" or "operation"));

        // The report of the same books says so too, and agrees with the ledger.
        var sheet = await MakeAsync("revenue", new ReportFilter(First07, Last07));
        Assert.Equal(27.0m, Cell(sheet, "connectivity", "growth"));
        Assert.Equal(23.0m, Cell(sheet, "valueAdded", "growth"));
        Assert.Equal(0, sheet.Tie!.DifferenceMinor);
    }

    [Fact]
    public async Task Acquired_business_stands_apart()
    {
        var sheet = await MakeAsync("acquired");
        PublishedFigures.Rounds(Figure("hi_ho", "additional_revenue_jpy_mn_1H07"), Cell(sheet, "revenue", "part"), PublishedFigures.Million, 1, "hi-ho revenue");
        PublishedFigures.Rounds(Figure("hi_ho", "additional_cost_jpy_mn_1H07"), Cell(sheet, "cost", "part"), PublishedFigures.Million, 1, "hi-ho cost");
        PublishedFigures.Rounds(Figure("hi_ho", "sales_and_marketing_jpy_mn"), Cell(sheet, "sales", "part"), PublishedFigures.Million, 1, "hi-ho sales and marketing");
        foreach (var row in new[] { "revenue", "cost", "margin", "sales" })
        {
            Assert.Equal(Cell(sheet, row, "whole"), Cell(sheet, row, "part") + Cell(sheet, row, "without"));
        }
    }

    [Fact]
    public async Task Expenses_and_the_walk_to_net_income()
    {
        var sheet = await MakeAsync("expenses");
        foreach (var (row, item) in new[] { ("sga.sales", "Sales and Marketing"), ("sga.general", "General and Administrative") })
        {
            var published = PublishedFigures.Read()["sga_1H07"]![item]!;
            PublishedFigures.Rounds(Number(published, "amount"), Cell(sheet, row, "now"), PublishedFigures.Million, 1, item);
            Assert.Equal(Number(published, "yoy_pct"), Cell(sheet, row, "growth"));
        }

        Assert.Equal(Cell(sheet, "expenses", "now"), Cell(sheet, "sga.sales", "now") + Cell(sheet, "sga.general", "now") + Cell(sheet, "sga.research", "now"));
        var walk = await MakeAsync("walk");
        var money = PublishedFigures.Read()["operating_and_net_income_1H07_jpy_mn"]!;
        foreach (var (row, item, sign) in new[] { ("operating", "operating_income", 1), ("other.securities", "gain_on_sales_of_AFS_1H07", 1), ("tax", "income_tax_benefit_1H07", 1), ("minority", "minority_interest_in_losses", 1), ("equity", "equity_in_net_loss", -1) })
        {
            PublishedFigures.Rounds(sign * Number(money, item), Cell(walk, row, "now"), PublishedFigures.Million, 1, item);
        }

        PublishedFigures.Rounds(-Number(money, "other_expense"), Cell(walk, "other.securities", "now") + Cell(walk, "other.rest", "now"), PublishedFigures.Million, 1, "other");
        PublishedFigures.Rounds(Number(money["computed_check"]!, "income_before_tax"), Cell(walk, "pretax", "now"), PublishedFigures.Million, 1, "before tax");
        PublishedFigures.Rounds(Number(money["computed_check"]!, "net_income"), Cell(walk, "net", "now"), PublishedFigures.Million, 1, "net income");
        PublishedFigures.Rounds(Number(money, "gain_on_sales_of_AFS_1H06"), Cell(walk, "other.securities", "before"), PublishedFigures.Million, 1, "gain before");
        PublishedFigures.Rounds(Number(money, "income_tax_benefit_1H06"), Cell(walk, "tax", "before"), PublishedFigures.Million, 1, "tax before");
    }

    [Fact]
    public async Task Balance_sheet_prints_each_balance_and_each_change_as_published()
    {
        var sheet = await MakeAsync("balance-sheet");
        string[] rows =
        [
            "balance.cash", "balance.receivable", "balance.inventories", "balance.prepaid", "balance.securities", "balance.property", "balance.intangible", "balance.other", "balance.borrowings", "balance.deficit",
            "balance.comprehensive", "balance.shareholders", "balance.assets",
        ];
        foreach (var (row, published) in rows.Zip((JsonArray)PublishedFigures.Read()["balance_sheet"]!["rows"]!))
        {
            foreach (var (column, at) in new[] { ("now", 1), ("before", 2), ("change", 3) })
            {
                PublishedFigures.Rounds((decimal)published![at]!, Cell(sheet, row, column), PublishedFigures.Million, 1, $"{row} {column}");
            }
        }

        Assert.Equal(Cell(sheet, "balance.assets", "now"), rows[..8].Sum(row => Cell(sheet, row, "now")) + Cell(sheet, "rest", "now"));
    }

    [Fact]
    public async Task Cash_flow_by_quarter_and_nature()
    {
        var sheet = await MakeAsync("cash-flow");
        var published = PublishedFigures.Read()["cash_flows_1H07_jpy_mn"]!;
        foreach (var (row, column, printed) in new[]
        {
            ("cash.operating", "now", Number(published, "operating")), ("cash.operating", "1Q07", Number(published, "operating_1Q")), ("cash.operating", "2Q07", Number(published, "operating_2Q")), ("cash.investing", "now", Number(published, "investing")),
            ("cash.financing", "now", Number(published, "financing")), ("cash.financing.borrowings", "now", Number(published["financing_items"]!, "borrowing")), ("cash.financing.capital leases", "now", Number(published["financing_items"]!, "capital lease principal")),
            ("cash.financing.dividends", "now", Number(published["financing_items"]!, "dividends")), ("cash.investing.acquisition of minority shares", "1Q07", Number(published["investing_items"]!, "acquisition of minority shares 1Q")),
            ("cash.investing.acquisition of hi-ho", "1Q07", Number(published["investing_items"]!, "hi-ho 1Q")), ("cash.investing.property and equipment", "1Q07", Number(published["investing_items"]!, "PPE 1Q")),
            ("cash.investing.property and equipment", "2Q07", Number(published["investing_items"]!, "PPE 2Q")), ("cash.investing.equity method investee", "2Q07", Number(published["investing_items"]!, "equity method investee 2Q")),
        })
        {
            PublishedFigures.Rounds(printed, Cell(sheet, row, column), PublishedFigures.Million, 1, $"{row} {column}");
        }

        Assert.Equal(Cell(sheet, "cash", "now"), Cell(sheet, "cash.operating", "now") + Cell(sheet, "cash.investing", "now") + Cell(sheet, "cash.financing", "now"));
    }

    [Fact]
    public async Task Target_and_actual_of_the_fiscal_year()
    {
        var sheet = await MakeAsync("targets");
        foreach (var (row, item) in new[] { ("revenue", "Total Revenues"), ("operating", "Operating Income"), ("pretax", "Income before Income Tax Expense (Benefit)"), ("net", "Net Income") })
        {
            var published = Published("fy2007_target", item);
            PublishedFigures.Rounds(Number(published, "FY2007_target"), Cell(sheet, row, "target"), PublishedFigures.Billion, 0.1m, item);
            PublishedFigures.Rounds(Number(published, "FY2006_actual"), Cell(sheet, row, "actual"), PublishedFigures.Billion, 0.1m, item + " actual");
            Assert.Equal(Number(published, "yoy_pct"), Cell(sheet, row, "growth"));
            if (row != "revenue")
            {
                Assert.Equal((Number(published, "pct_target"), Number(published, "pct_actual")), (Cell(sheet, row, "share"), Cell(sheet, row, "share.before")));
            }
        }

        var each = Published("fy2007_target", "Net Income per Share (JPY)");
        Assert.Equal((Number(each, "FY2007_target"), Number(each, "FY2006_actual"), Number(each, "yoy_pct")), (Cell(sheet, "eps", "target"), Cell(sheet, "eps", "actual"), Cell(sheet, "eps", "growth")));
        Assert.Equal((1_500m, 1_500m), (Cell(sheet, "dividend", "target"), Cell(sheet, "dividend", "actual")));
    }

    [Fact]
    public async Task Concentration_distribution_penetration_and_investment_hold_their_identities()
    {
        var filter = new ReportFilter("2006-10", Last07);
        var lines = await LinesAsync();
        var whole = (decimal)Slow(lines, new MonthSpan(Month("2006-10"), Month(Last07)), static _ => true);
        var concentration = await MakeAsync("concentration", filter);
        Assert.Equal(whole, concentration.Tables[0].Rows[^1].Cells[2].Number);
        Assert.Equal(100.0m, concentration.Tables[0].Rows[^1].Cells[3].Number);
        var shares = concentration.Tables[0].Rows.Select(static row => row.Cells[3].Number!.Value).ToList();
        Assert.True(shares[0] is > 0 and < 100);
        Assert.Equal(0, (await MakeAsync("distribution", filter)).Tie!.DifferenceMinor);

        var penetration = (await MakeAsync("penetration", filter)).Tables[0];
        var markets = await _world.GeneralLedger.MarketsAsync(_world.Operator, Cancel);
        var bought = lines.Where(line => line.Month >= Month("2006-10")).GroupBy(static line => line.AccountId).ToDictionary(static group => group.Key, static group => group.Sum(static line => line.AmountMinor));
        foreach (var row in penetration.Rows.Where(static row => !row.IsSum))
        {
            var majors = markets.Where(each => each.Industry == row.Key && each.Rank <= 10).ToList();
            var customers = majors.Where(each => each.AccountId is { } id && bought.GetValueOrDefault(id) > 0).ToList();
            Assert.Equal((10m, (decimal)customers.Count, customers.Count * 10m, (decimal)customers.Sum(each => bought[each.AccountId!])), (row.Cells[1].Number, row.Cells[2].Number, row.Cells[3].Number, row.Cells[4].Number));
        }

        Assert.Equal(penetration.Rows.Where(static row => !row.IsSum).Sum(static row => row.Cells[2].Number), penetration.Rows[^1].Cells[2].Number);
        var investment = await MakeAsync("investment");
        Assert.Equal(Cell(investment, "ebitda", "now"), Cell(investment, "operating", "now") + Cell(investment, "depreciation", "now"));
        Assert.Equal(Cell(investment, "capital", "now"), Cell(investment, "capital", "1Q07") + Cell(investment, "capital", "2Q07"));
        Assert.Equal((decimal)await SlowAsync(Now, null, "invest.depreciation"), Cell(investment, "depreciation", "now"));
    }

    [Fact]
    public async Task Customer_and_reseller_find_no_statement_and_what_was_not_imported_is_left_out()
    {
        var reseller = await _world.Provider.AddTenantAsync("Reseller", null, "reseller");
        foreach (var name in ReportNames.Statements)
        {
            Assert.Equal(RefusalKind.NotFound, (await _world.Reports.MakeAsync(TestProvider.CallerOf(reseller), name, new ReportFilter(), 10, Cancel)).Refusal?.Kind);
        }

        Assert.Empty(await _world.GeneralLedger.ReadAsync(TestProvider.CallerOf(reseller), "2000-01", "2099-12", Cancel));
        var later = await MakeAsync("profit-and-loss", new ReportFilter("2007-10", "2008-03"));
        Assert.Null(Cell(later, "revenue", "now"));
        Assert.Null(Cell(later, "net", "now"));
        Assert.Equal("backoffice.ledger.line", (await _world.GeneralLedger.WriteAsync(_world.Operator, [new GlEntry("2007-10", "cost.nothing", "", 1)], Cancel)).Refusal?.Code);
        var was = (await _world.GeneralLedger.ReadAsync(_world.Operator, "2007-09", "2007-09", Cancel)).Single(static entry => entry.Line == "sga.research");
        BackOfficeWorld.Value(await _world.GeneralLedger.WriteAsync(_world.Operator, [new GlEntry("2007-09", "sga.research", "", 5)], Cancel));
        Assert.Equal(5, (await _world.GeneralLedger.ReadAsync(_world.Operator, "2007-09", "2007-09", Cancel)).Single(static entry => entry.Line == "sga.research").AmountMinor);

        // The tests of a class share the books.
        BackOfficeWorld.Value(await _world.GeneralLedger.WriteAsync(_world.Operator, [new GlEntry("2007-09", "sga.research", "", was.AmountMinor)], Cancel));
    }

    [Fact]
    public async Task Ledger_of_the_sample_is_balanced_and_its_receivables_are_what_is_open()
    {
        var balances = await _world.Ledger.BalancesAsync(Cancel);
        Assert.Equal(0, balances.Sum(static balance => balance.AmountMinor));
        var open = (await _world.Invoices.OpenAsync(_world.Operator, null, 100_000, Cancel)).Sum(static row => row.OpenMinor);
        Assert.Equal(open, balances.Where(static balance => balance.LedgerAccount.StartsWith("assets:receivable:", StringComparison.Ordinal)).Sum(static balance => balance.AmountMinor));
        var invoice = (await _world.DocumentsAsync())[0];
        Assert.NotNull(await _world.Invoices.DocumentAsync(_world.Operator, invoice.Id, Cancel));
    }

    private async Task<ReportSheet> MakeAsync(string name, ReportFilter? filter = null)
    {
        Assert.SkipUnless(PublishedFigures.IsThere, PublishedFigures.File + " is not there");
        return BackOfficeWorld.Value(await _world.Reports.MakeAsync(_world.Operator, name, filter ?? new ReportFilter(), 10_000, Cancel));
    }

    private async Task<IReadOnlyList<SampleLine>> LinesAsync() => [.. (await _world.Provider.Stores.Control.ReadAsync(
        static reader => reader.QueryAsync<LineOf>("SELECT l.account_id, i.issue_date, l.revenue, l.category, l.amount_minor FROM bo_line l JOIN bo_invoice i ON i.id = l.invoice_id ORDER BY l.invoice_id, l.no"), Cancel))
        .Select(static row => new SampleLine(row.AccountId, Month(row.IssueDate[..7]), row.Revenue, row.Category, row.AmountMinor))];

    private static long Slow(IReadOnlyList<SampleLine> lines, MonthSpan span, Func<SampleLine, bool> which)
    {
        BigInteger sum = 0;
        foreach (var line in lines)
        {
            sum += span.Contains(line.Month) && which(line) ? line.AmountMinor : 0;
        }

        return (long)sum;
    }

    private async Task<long> SlowAsync(MonthSpan span, string? part, params string[] lines)
    {
        BigInteger sum = 0;
        foreach (var entry in await _world.GeneralLedger.ReadAsync(_world.Operator, "0000-00", "9999-99", Cancel))
        {
            sum += span.Contains(Month(entry.Month)) && lines.Contains(entry.Line) && (part is null || part == entry.Part) ? entry.AmountMinor : 0;
        }

        return (long)sum;
    }

    private static decimal? Cell(ReportSheet sheet, string row, string column, int table = 0)
    {
        var at = sheet.Tables[table].Columns.Select(static each => each.Key).ToList().IndexOf(column);
        Assert.True(at > 0, $"{sheet.Name} has no column {column}");
        return sheet.Tables[table].Rows.Single(each => each.Key == row).Cells[at].Number;
    }

    private static JsonNode Published(string table, string item) => ((JsonArray)PublishedFigures.Read()[table]!["rows"]!).Single(row => (string)row!["item"]! == item)!;

    private static decimal Figure(string table, string item) => Number(PublishedFigures.Read()[table]!, item);

    private static decimal Number(JsonNode row, string name) => (decimal)row[name]!;

    private static int Month(string text) => MonthSpan.TryParse(text, out var month) ? month : throw new ArgumentException($"{text} is no month", nameof(text));

    private sealed record LineOf(string AccountId, string IssueDate, string Revenue, string? Category, long AmountMinor);

    private sealed record SampleLine(string AccountId, int Month, string Revenue, string? Category, long AmountMinor);
}

public sealed class Statements_of_the_sample_on_sqlite(SampleOnSqlite sample) : Statements_of_the_sample(sample), IClassFixture<SampleOnSqlite>;

public sealed class Statements_of_the_sample_on_postgres(SampleOnPostgres sample) : Statements_of_the_sample(sample), IClassFixture<SampleOnPostgres>;

/// <summary>The sample's yen for many seeds, without a store.</summary>
public sealed class Sample_totals
{
    [Fact]
    public void Every_seed_is_calibrated_and_customers_come_to_the_totals()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var totals = new SampleTotals(seed);
            var figures = new StatementFigures(
                [.. SampleStreams.All.SelectMany(stream => SampleTotals.Months.Months.Select(month => new RevenueCell(month, stream.Category(), stream == SampleStream.AcquiredLines ? SampleTotals.Acquired : "", totals.Revenue(stream, month))))],
                [.. totals.Entries.Select(static entry => new GlCell(MonthSpan.TryParse(entry.Month, out var month) ? month : 0, entry.Line, entry.Part, entry.AmountMinor))]);
            var (now, before) = (new MonthSpan(SampleTotals.Months.Last - 5, SampleTotals.Months.Last), new MonthSpan(SampleTotals.Months.First, SampleTotals.Months.First + 5));
            foreach (var (figure, printed, then, growth) in new (Func<MonthSpan, long?> Figure, decimal Printed, decimal Then, decimal Growth)[]
            {
                (span => figures.Revenue(span), 30.0m, 26.4m, 13.4m), (figures.Cost, 23.8m, 21.6m, 10.3m), (figures.GrossMargin, 6.2m, 4.9m, 27.1m), (figures.Expenses, 4.4m, 3.5m, 25.0m), (figures.Operating, 1.8m, 1.4m, 32.5m),
                (figures.Pretax, 1.7m, 2.1m, -20.8m), (figures.Net, 3.5m, 2.9m, 21.8m),
            })
            {
                PublishedFigures.Rounds(printed, figure(now), PublishedFigures.Billion, 0.1m, $"seed {seed}");
                PublishedFigures.Rounds(then, figure(before), PublishedFigures.Billion, 0.1m, $"seed {seed}");
                Assert.Equal(growth, decimal.Round(100m * (figure(now)!.Value - figure(before)!.Value) / figure(before)!.Value, 1, MidpointRounding.AwayFromZero));
            }
        }

        var plan = new SamplePlan(7, 400);
        foreach (var month in SampleTotals.Months.Months)
        {
            foreach (var stream in SampleStreams.All)
            {
                Assert.Equal(plan.Totals.Revenue(stream, month), plan.Customers.Sum(customer => customer.In(month).Where(line => line.Stream == stream).Sum(static line => line.Amount)));
            }
        }

        Assert.Equal(400, plan.Customers.Count(static customer => SampleTotals.Months.Months.Any(month => customer.In(month).Count > 0)));
    }

    [Fact]
    public void Same_seed_is_the_same_sample_and_another_is_another()
    {
        static string Told(int seed) => string.Join('\n', new SamplePlan(seed, 60).Customers.SelectMany(static customer => SampleTotals.Months.Months.SelectMany(month => customer.In(month).Select(line => $"{customer.Name} {month} {line}"))));
        Assert.Equal(Told(3), Told(3));
        Assert.NotEqual(Told(3), Told(4));
    }

    [Fact]
    public void Splits_add_up()
    {
        Assert.Equal([34, 33, 33], SampleTotals.Split(100, [1, 1, 1]));
        Assert.Equal([0, 7], SampleTotals.Split(7, [0, 2]));
        for (var seed = 0; seed < 500; seed++)
        {
            var draw = new SampleDraw(seed);
            var weights = Enumerable.Range(0, 1 + draw.Next(50)).Select(_ => draw.Weight()).ToArray();
            var amount = (long)draw.Next(int.MaxValue) * 50;
            Assert.Equal(amount, SampleTotals.Split(amount, weights).Sum());
        }
    }
}
