using System.Numerics;
using Tsunagi.BackOffice.Reports;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Store;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice.Reports;

/// <summary>Each report of random books, figure by figure, against sums taken one line at a time.</summary>
public abstract class Reports_against_slow_sums(SqlDialect dialect) : IAsyncLifetime
{
    private static readonly MonthSpan Written = new(Month("2024-10"), Month("2026-09"));
    private BackOfficeWorld _world = null!;
    private ReportBooks _books = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await BackOfficeWorld.OpenAsync(dialect: dialect, options: new global::Tsunagi.BackOffice.BackOfficeOptions { RevenueBands = [10_000, 40_000, 90_000] });
        _books = new ReportBooks(_world, 4711);
        await _books.FillAsync(14, 260, Written);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData("booked", "2025-10", "2026-09")]
    [InlineData("service", "2025-10", "2026-09")]
    [InlineData("booked", "2026-02", "2026-08")]
    [InlineData("service", "2024-10", "2024-10")]
    public async Task Revenue_by_category_and_quarter(string basis, string from, string to)
    {
        var sheet = await MakeAsync("revenue", new ReportFilter(from, to, basis));
        var span = new MonthSpan(Month(from), Month(to));
        var table = sheet.Tables[0];
        foreach (var row in table.Rows)
        {
            bool Which(BookedLine line) => line.Currency == "JPY" && row.Key switch
            {
                "total" => true,
                "recurring" => line.IsRecurring,
                "once" => !line.IsRecurring,
                "none" => line.CountedIn is null,
                _ => line.CountedIn == OfferingCategories.Find(row.Key),
            };
            foreach (var quarter in FiscalQuarter.In(span, 4))
            {
                var (now, before) = (Slow(Which, basis, quarter.Span), Slow(Which, basis, quarter.Span.Plus(-12)));
                Assert.Equal(now, Cell(table, row, quarter.Label));
                Assert.Equal(Growth(now, before), Number(table, row, quarter.Label + ".growth"));
            }

            Assert.Equal(Slow(Which, basis, span), Cell(table, row, "whole"));
            Assert.Equal(Slow(Which, basis, span.Plus(-12)), Cell(table, row, "before"));
        }

        // What is left out has nothing in it, then or a year before.
        foreach (var category in OfferingCategories.All.Where(category => table.Rows.All(row => row.Key != category.Word())))
        {
            Assert.DoesNotContain(_books.Lines, line => line.Currency == "JPY" && line.CountedIn == category && (span.Contains(line.In(basis)) || span.Contains(line.In(basis) + 12)));
        }

        // The ledger has the same, by the date of booking.
        var booked = Slow(static line => line.Currency == "JPY", "booked", span);
        Assert.Equal(booked, sheet.Tie!.LedgerMinor);
        Assert.Equal(Cell(table, table.Rows[^1], "whole") - booked, sheet.Tie.DifferenceMinor);
        if (basis == "booked")
        {
            Assert.Equal(0, sheet.Tie.DifferenceMinor);
            Assert.All(table.Rows.Where(static row => !row.IsSum), row => Assert.Equal(Cell(table, row, "whole"), Cell(table, row, "ledger")));
        }

        // What was counted by guess is said.
        var guessed = Slow(static line => line.Currency == "JPY" && line.Nature is null && line.Revenue != "adjustment", basis, span);
        Assert.Equal(guessed == 0 ? [] : [ReportSheets.Money((long)guessed, "JPY")], sheet.Notes.Select(static note => note.En.Split(' ')[0]));
    }

    [Theory]
    [InlineData("booked")]
    [InlineData("service")]
    public async Task Every_figure_is_the_sum_of_the_lines_behind_it(string basis)
    {
        foreach (var name in new[] { "revenue", "concentration", "distribution", "attach", "retention" })
        {
            var sheet = await MakeAsync(name, new ReportFilter("2025-10", "2026-09", basis));
            foreach (var (cell, kind) in sheet.Tables.SelectMany(static table => table.Rows.SelectMany(row => row.Cells.Zip(table.Columns, static (cell, column) => (cell, column.Kind)))).Where(static each => each.cell.Lines is not null))
            {
                var lines = await BehindAsync(cell.Lines!);
                if (kind == ReportValue.Money)
                {
                    Assert.Equal(cell.Number, lines.Sum(static line => line.AmountMinor));
                }
                else
                {
                    Assert.Equal(cell.Number, lines.GroupBy(static line => line.AccountId).Count(static own => own.Sum(static line => line.AmountMinor) > 0));
                }
            }
        }
    }

    [Fact]
    public async Task Concentration_and_distribution()
    {
        var slow = _books.Accounts.Select(account => (account.Id, Amount: Slow(line => line.Currency == "JPY" && line.Account.Id == account.Id, "booked", new MonthSpan(Month("2025-10"), Month("2026-09")))))
            .Where(static each => each.Amount != 0).OrderByDescending(static each => each.Amount).ThenBy(static each => each.Id, StringComparer.Ordinal).ToList();
        var total = slow.Aggregate(BigInteger.Zero, static (sum, each) => sum + each.Amount);
        var sheet = await MakeAsync("concentration", new ReportFilter(To: "2026-09"));
        var list = sheet.Tables.Single(static table => table.Key == "customers");
        Assert.Equal(slow.Select(static each => (each.Id, (decimal)each.Amount)), list.Rows.Select(row => (row.Key, (decimal)Cell(list, row, "revenue"))));
        var sum = BigInteger.Zero;
        foreach (var (row, each) in list.Rows.Zip(slow))
        {
            sum += each.Amount;
            Assert.Equal(Growth(sum + total, total), Number(list, row, "sum"));
        }

        var curve = sheet.Tables.Single(static table => table.Key == "curve");
        Assert.Equal(slow.Take(3).Aggregate(BigInteger.Zero, static (all, each) => all + each.Amount), Cell(curve, curve.Rows.Single(static row => row.Key == "3"), "revenue"));
        Assert.Equal(0, sheet.Tie!.DifferenceMinor);

        var bands = (await MakeAsync("distribution", new ReportFilter(To: "2026-09"))).Tables[0];
        foreach (var (key, from, below) in new[] { ("0", 1L, 9_999L), ("1", 10_000, 39_999), ("2", 40_000, 89_999), ("3", 90_000, long.MaxValue) })
        {
            var own = slow.Where(each => each.Amount >= from && each.Amount <= below).ToList();
            var row = bands.Rows.Single(row => row.Key == key);
            Assert.Equal((own.Count, own.Aggregate(BigInteger.Zero, static (all, each) => all + each.Amount)), ((int)Cell(bands, row, "customers"), Cell(bands, row, "revenue")));
        }

        Assert.Equal(total, Cell(bands, bands.Rows[^1], "revenue"));
    }

    [Fact]
    public async Task Attach_rates_and_gaps()
    {
        var span = new MonthSpan(Month("2026-04"), Month("2026-09"));
        var has = _books.Accounts.ToDictionary(static account => account.Id, account => _books.Lines.Where(static line => line.Revenue != "adjustment").Select(static line => line.Revenue).Distinct()
            .Where(service => Slow(line => line.Currency == "JPY" && line.Account.Id == account.Id && line.Revenue == service, "service", span) > 0).ToHashSet());
        var customers = has.Values.Count(static own => own.Count > 0);
        var sheet = await MakeAsync("attach", new ReportFilter("2026-04", "2026-09"));
        var services = sheet.Tables.Single(static table => table.Key == "services");
        Assert.All(services.Rows, row => Assert.Equal(has.Values.Count(own => own.Contains(row.Key)), (int)Cell(services, row, "customers")));
        Assert.Equal(has.Values.SelectMany(static own => own).Distinct().Count(), services.Rows.Count);
        var pairs = sheet.Tables.Single(static table => table.Key == "pairs");
        foreach (var row in pairs.Rows)
        {
            foreach (var other in services.Rows.Where(other => other.Key != row.Key))
            {
                Assert.Equal(
                    Growth(has.Values.Count(own => own.Contains(row.Key)) + has.Values.Count(own => own.Contains(row.Key) && own.Contains(other.Key)), has.Values.Count(own => own.Contains(row.Key))),
                    Number(pairs, row, other.Key));
            }
        }

        var number = sheet.Tables.Single(static table => table.Key == "perCustomer");
        Assert.All(number.Rows, row => Assert.Equal(has.Values.Count(own => own.Count.ToString(System.Globalization.CultureInfo.InvariantCulture) == row.Key), (int)Cell(number, row, "customers")));
        Assert.Equal(customers, number.Rows.Sum(row => (int)Cell(number, row, "customers")));

        // Who lacks what more than half of its band have: all of them, and nobody else.
        var yearly = _books.Accounts.ToDictionary(static account => account.Id, account => Slow(line => line.Currency == "JPY" && line.Account.Id == account.Id, "booked", new MonthSpan(Month("2025-10"), Month("2026-09"))));
        int Band(string account) => yearly[account] >= 90_000 ? 3 : yearly[account] >= 40_000 ? 2 : yearly[account] >= 10_000 ? 1 : 0;
        var slow = new HashSet<string>();
        foreach (var account in has.Where(each => each.Value.Count > 0 && yearly[each.Key] > 0))
        {
            var like = has.Where(each => each.Value.Count > 0 && yearly[each.Key] > 0 && Band(each.Key) == Band(account.Key)).ToList();
            slow.UnionWith(services.Rows.Select(static row => row.Key).Where(service => !account.Value.Contains(service) && like.Count >= 5 && like.Count(each => each.Value.Contains(service)) * 2 > like.Count)
                .Select(service => account.Key + "/" + service));
        }

        Assert.NotEmpty(slow);
        Assert.Equal(slow.Order(StringComparer.Ordinal), sheet.Tables.Single(static table => table.Key == "gaps").Rows.Select(static row => row.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Retention_adds_up_from_month_to_month()
    {
        bool There(string account, int month) => Slow(line => line.Currency == "JPY" && line.Account.Id == account && line.IsRecurring, "service", new MonthSpan(month, month)) > 0;
        var sheet = await MakeAsync("retention", new ReportFilter("2025-04", "2026-08"));
        var months = sheet.Tables.Single(static table => table.Key == "months");
        Assert.Equal(17, months.Rows.Count);
        foreach (var row in months.Rows)
        {
            var month = Month(row.Key);
            var there = _books.Accounts.Select(static account => account.Id).Where(account => There(account, month)).ToList();
            var before = _books.Accounts.Select(static account => account.Id).Where(account => There(account, month - 1)).ToList();
            var ever = _books.Accounts.Select(static account => account.Id).Where(account => Enumerable.Range(Written.First - 4, month - Written.First + 4).Any(each => There(account, each))).ToList();
            Assert.Equal(there.Count, (int)Cell(months, row, "customers"));
            Assert.Equal(before.Count, (int)Cell(months, row, "before"));
            Assert.Equal(there.Except(ever).Count(), (int)Cell(months, row, "gained"));
            Assert.Equal(there.Intersect(ever).Except(before).Count(), (int)Cell(months, row, "returned"));
            Assert.Equal(before.Except(there).Count(), (int)Cell(months, row, "lost"));
        }
    }

    [Fact]
    public async Task Other_currency_is_a_report_of_its_own()
    {
        var sheet = await MakeAsync("revenue", new ReportFilter("2025-10", "2026-09", Currency: "EUR"));
        Assert.Equal(Slow(static line => line.Currency == "EUR", "booked", new MonthSpan(Month("2025-10"), Month("2026-09"))), Cell(sheet.Tables[0], sheet.Tables[0].Rows[^1], "whole"));
        Assert.Equal((0L, "JPY"), (sheet.Tie!.DifferenceMinor, Assert.Single(sheet.Others)));
    }

    [Fact]
    public async Task Reseller_sees_its_own_customers_and_a_customer_nothing()
    {
        var reseller = await _world.Provider.AddTenantAsync("Reseller", null, "reseller");
        var tenant = await _world.Provider.AddTenantAsync("Its customer", reseller);
        var own = BackOfficeWorld.Value(await _world.AccountOrders.AddAsync(_world.Operator, new global::Tsunagi.BackOffice.Accounts.NewBillingAccount(tenant.Id), Cancel));
        var asked = new ReportFilter("2025-10", "2026-09");
        foreach (var name in ReportNames.Sales)
        {
            Assert.True((await _world.Reports.MakeAsync(TestProvider.CallerOf(reseller), name, asked, 100, Cancel)).Ok);
            Assert.Equal("not-found", (await _world.Reports.MakeAsync(TestProvider.CallerOf(tenant), name, asked, 100, Cancel)).Refusal!.Code.Split('.')[^1]);
        }

        var sheet = BackOfficeWorld.Value(await _world.Reports.MakeAsync(TestProvider.CallerOf(reseller), "revenue", asked, 100, Cancel));
        Assert.Equal((0L, 0L), (sheet.Tie!.ReportMinor, sheet.Tie.LedgerMinor));
        var question = BackOfficeWorld.Value(_world.Reports.Question("2025-10", "2026-09", null, "JPY", null, null, null, null));
        Assert.Empty(BackOfficeWorld.Value(await _world.Reports.LinesAsync(TestProvider.CallerOf(reseller), question, null, 10, Cancel)));
        Assert.False((await _world.Reports.LinesAsync(TestProvider.CallerOf(tenant), question, null, 10, Cancel)).Ok);
        Assert.NotEqual("", own.Id);
    }

    private static int Month(string text) => MonthSpan.TryParse(text, out var month) ? month : throw new FormatException(text);

    private static BigInteger Cell(ReportTable table, ReportRow row, string column) => new(Number(table, row, column)!.Value);

    private static decimal? Number(ReportTable table, ReportRow row, string column) => row.Cells[table.Columns.Select(static each => each.Key).ToList().IndexOf(column)].Number;

    /// <summary>Growth in percent by whole numbers: tenths of a percent, half away from zero.</summary>
    private static decimal? Growth(BigInteger now, BigInteger before)
    {
        if (before <= 0)
        {
            return null;
        }

        var twice = (now - before) * 2000;
        var tenths = BigInteger.DivRem(BigInteger.Abs(twice) + before, before * 2, out _);
        return (decimal)(twice < 0 ? -tenths : tenths) / 10m;
    }

    private BigInteger Slow(Func<BookedLine, bool> which, string basis, MonthSpan span)
    {
        var sum = BigInteger.Zero;
        foreach (var line in _books.Lines)
        {
            if (which(line) && line.In(basis) >= span.First && line.In(basis) <= span.Last)
            {
                sum += line.AmountMinor;
            }
        }

        return sum;
    }

    private async Task<ReportSheet> MakeAsync(string name, ReportFilter filter) => BackOfficeWorld.Value(await _world.Reports.MakeAsync(_world.Operator, name, filter, 1_000, Cancel));

    private async Task<List<ReportLine>> BehindAsync(LineQuestion question)
    {
        var lines = new List<ReportLine>();
        string? after = null;
        while (true)
        {
            var page = BackOfficeWorld.Value(await _world.Reports.LinesAsync(_world.Operator, question, after, 100, Cancel));
            lines.AddRange(page);
            if (page.Count < 100)
            {
                return lines;
            }

            after = ReportLine.PlaceOf(page[^1].InvoiceId, page[^1].No);
        }
    }
}

public sealed class Reports_against_slow_sums_on_sqlite() : Reports_against_slow_sums(SqlDialect.Sqlite);

public sealed class Reports_against_slow_sums_on_postgres() : Reports_against_slow_sums(SqlDialect.Postgres);
