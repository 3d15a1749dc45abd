using System.Globalization;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.BackOffice.Statements;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;

namespace Tsunagi.BackOffice.Reports;

/// <summary>
/// Makes the management's reports, from issued lines and the ledger, never from usage that runs: (1) who asks is the provider, or a reseller for its own
/// customers; (2) which currency and months; (3) sums over the lines the asker may see; (4) the report, a pure function of those rows; (5) what the ledger has for the
/// same months; (6) the sheet that page, API, CSV and PDF are written from.
/// </summary>
internal sealed class ReportBook(Stores stores, SpecificationCatalogue specifications, CivilDay day, GeneralLedger ledger, BackOfficeOptions options)
{
    public static readonly TenantQuery Books = new("backoffice.report.books", """
        SELECT currency, max(issue_date) AS last_day, max(period) AS last_period FROM bo_invoice WHERE {tenant} AND kind <> 'opening' GROUP BY currency ORDER BY count(*) DESC, currency
        """);

    public static readonly TenantQuery ByCategory = new("backoffice.report.by-category", $$"""
        SELECT month, category, nature, revenue, CAST(sum(amount_minor) AS bigint) AS amount_minor FROM ({{Lines}}) AS line
        WHERE month >= @From AND month <= @To GROUP BY month, category, nature, revenue ORDER BY month, revenue
        """);

    public static readonly TenantQuery ByService = new("backoffice.report.by-service", $$"""
        SELECT account_id, revenue, CAST(sum(amount_minor) AS bigint) AS amount_minor FROM ({{Lines}}) AS line
        WHERE month >= @From AND month <= @To GROUP BY account_id, revenue ORDER BY account_id, revenue
        """);

    public static readonly TenantQuery ByMonth = new("backoffice.report.by-month", $$"""
        SELECT account_id, month, CAST(sum(amount_minor) AS bigint) AS amount_minor FROM ({{Lines}}) AS line
        WHERE month <= @To AND coalesce(nature, 'recurring') = 'recurring' AND revenue <> 'adjustment' GROUP BY account_id, month ORDER BY account_id, month
        """);

    // A line's part of the span: as the ledger has it what it asks in its own month less what of it is earned later (or took back what was not earned), and what of it was earned in months that were closed.
    public static readonly TenantQuery Detail = new("backoffice.report.lines", """
        SELECT invoice_id, no, number, kind, issue_date, account_id, counterparty, month, charge, revenue, category, nature, amount_minor FROM (
          SELECT i.id AS invoice_id, l.no, i.number, i.kind, i.issue_date, l.account_id, i.counterparty, l.month, l.charge, l.revenue, l.category, l.nature, d.line_no AS deferred,
            CASE WHEN @Basis = 'service' THEN l.amount_minor ELSE CAST(
              CASE WHEN substr(i.issue_date, 1, 7) >= @From AND substr(i.issue_date, 1, 7) <= @To THEN l.amount_minor - coalesce(d.amount_minor, 0)
                + coalesce((SELECT sum(c.amount_minor) FROM bo_deferral_cut c WHERE c.by_invoice_id = l.invoice_id AND c.by_line_no = l.no), 0) ELSE 0 END
              + CASE WHEN d.line_no IS NULL THEN 0 ELSE coalesce((SELECT sum(r.amount_minor) FROM bo_release r WHERE r.invoice_id = l.invoice_id AND r.line_no = l.no AND r.month >= @From AND r.month <= @To), 0) END AS bigint) END AS amount_minor,
            CASE WHEN @Basis = 'service' THEN l.month ELSE substr(i.issue_date, 1, 7) END AS counted
          FROM bo_line l JOIN bo_invoice i ON i.id = l.invoice_id LEFT JOIN bo_deferral d ON d.invoice_id = l.invoice_id AND d.line_no = l.no
          WHERE {tenant:l} AND i.currency = @Currency AND (@Account = '' OR l.account_id = @Account) AND (@Service = '' OR l.revenue = @Service)) AS line
        WHERE ((counted >= @From AND counted <= @To AND (deferred IS NULL OR amount_minor <> 0)) OR (@Basis = 'booked' AND deferred IS NOT NULL AND amount_minor <> 0))
          AND (@Category = '' OR category = @Category OR (category IS NULL AND revenue IN @Specifications) OR (@Category = 'none' AND category IS NULL AND revenue NOT IN @Known))
          AND (@Nature = '' OR nature = @Nature OR (nature IS NULL AND @Nature = CASE WHEN revenue = 'adjustment' THEN 'once' ELSE 'recurring' END))
          AND (invoice_id < @Invoice OR (invoice_id = @Invoice AND no > @No)) ORDER BY invoice_id DESC, no LIMIT @Limit
        """);

    public static readonly TenantQuery Names = new("backoffice.report.names", "SELECT id, name FROM bo_account WHERE {tenant}");

    public static readonly TenantQuery Ledger = new("backoffice.report.ledger", """
        SELECT p.ledger_account, p.category, CAST(-sum(p.amount_minor) AS bigint) AS amount_minor FROM bo_posting p JOIN bo_entry e ON e.id = p.entry_id
        WHERE {tenant:p} AND p.ledger_account >= 'revenue:' AND p.ledger_account < 'revenue;' AND p.currency = @Currency AND e.booked_on >= @First AND e.booked_on <= @Last GROUP BY p.ledger_account, p.category ORDER BY p.ledger_account, p.category
        """);

    public static readonly TenantQuery Open = new("backoffice.report.open", $$"""
        SELECT account_id, bucket, count(*) AS items, CAST(sum(total_minor - settled_minor) AS bigint) AS open_minor FROM (
          SELECT account_id, total_minor, settled_minor,
            CASE WHEN due_date >= @Today THEN 0 WHEN due_date >= @Days30 THEN 1 WHEN due_date >= @Days60 THEN 2 WHEN due_date >= @Days90 THEN 3 ELSE 4 END AS bucket
          FROM (SELECT {{InvoiceRow.Columns}} FROM bo_invoice i WHERE {tenant:i} AND i.kind <> 'credit' AND i.currency = @Currency) AS each_one WHERE total_minor > settled_minor) AS open_ones
        GROUP BY account_id, bucket ORDER BY account_id, bucket
        """);

    // What stands behind every figure, so that the report and the ledger are the same sum: each issued line, and by the ledger less what of it is earned later (of one that takes back: but for what was not
    // earned), plus what each month earned. Adjustments and what was issued before lines carried it have no category.
    private const string Lines = """
        SELECT CASE WHEN @Basis = 'service' THEN l.month ELSE substr(i.issue_date, 1, 7) END AS month, l.account_id, l.revenue, l.category, l.nature, l.amount_minor
        FROM bo_line l JOIN bo_invoice i ON i.id = l.invoice_id WHERE {tenant:l} AND i.currency = @Currency
        UNION ALL SELECT substr(d.booked_on, 1, 7), d.account_id, d.revenue, d.category, d.nature, -d.amount_minor FROM bo_deferral d WHERE {tenant:d} AND d.currency = @Currency AND @Basis = 'booked'
        UNION ALL SELECT substr(c.on_day, 1, 7), l.account_id, l.revenue, l.category, l.nature, c.amount_minor
        FROM bo_deferral_cut c JOIN bo_line l ON l.invoice_id = c.by_invoice_id AND l.no = c.by_line_no JOIN bo_invoice i ON i.id = l.invoice_id WHERE {tenant:c} AND i.currency = @Currency AND @Basis = 'booked'
        UNION ALL SELECT r.month, d.account_id, d.revenue, d.category, d.nature, r.amount_minor
        FROM bo_release r JOIN bo_deferral d ON d.invoice_id = r.invoice_id AND d.line_no = r.line_no WHERE {tenant:r} AND d.currency = @Currency AND @Basis = 'booked'
        """;

    /// <summary>Where a list of lines begins: before every id.</summary>
    private const string Newest = "~";

    /// <param name="most">Rows of a list of customers; a note says how many are left out.</param>
    public async ValueTask<Outcome<ReportSheet>> MakeAsync(Caller caller, string name, ReportFilter filter, int most, CancellationToken cancellationToken)
    {
        // :: (1)
        if (!ReportNames.Of(caller).Contains(name) || !await MaySeeAsync(caller, cancellationToken))
        {
            return Refusal.NotFound("report", name);
        }

        // :: (2)
        var store = new TenantStore(stores.Control, caller.Scope);
        var books = await store.QueryAsync<BooksRow>(Books, null, cancellationToken);
        var frame = Frame(name, filter, books, await day.TodayAsync(cancellationToken));
        if (!frame.Ok)
        {
            return frame.Refusal;
        }

        // :: (3) to (6)
        var reading = new Reading(this, store, frame.Value, most, cancellationToken);
        return name switch
        {
            ReportNames.Revenue => await reading.RevenueAsync(),
            ReportNames.Concentration => await reading.ConcentrationAsync(),
            ReportNames.Distribution => await reading.DistributionAsync(),
            ReportNames.Attach => await reading.AttachAsync(),
            ReportNames.Retention => await reading.RetentionAsync(),
            ReportNames.Penetration => await reading.PenetrationAsync(caller),
            ReportNames.Deferred => await reading.DeferredAsync(),
            _ when ReportNames.Statements.Contains(name) => await reading.StatementAsync(caller),
            _ => await reading.AgingAsync(),
        };
    }

    /// <summary>The lines a figure is the sum of, newest invoice first.</summary>
    /// <param name="after">The last line of the page before ("iv_…:3"), or null.</param>
    public async ValueTask<Outcome<IReadOnlyList<ReportLine>>> LinesAsync(Caller caller, LineQuestion question, string? after, int limit, CancellationToken cancellationToken)
    {
        if (!await MaySeeAsync(caller, cancellationToken))
        {
            return Refusal.NotFound("report", "lines");
        }

        var (invoice, no) = after?.Split(':') is [var id, var number] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? (id, parsed) : (Newest, long.MaxValue);
        var known = specifications.Specifications.Select(static specification => specification.Id).DefaultIfEmpty("").ToArray();
        var rows = await new TenantStore(stores.Control, caller.Scope).QueryAsync<ReportLine>(
            Detail,
            new
            {
                question.Basis, question.Currency, Account = question.Account ?? "", Service = question.Service ?? "", question.Span.From, question.Span.To, Category = question.Category ?? "",
                Specifications = specifications.Specifications.Where(specification => specification.Category.Word() == question.Category).Select(static specification => specification.Id).ToArray(), Known = known,
                Nature = question.Nature ?? "", Invoice = invoice, No = no, Limit = (long)limit,
            },
            cancellationToken);
        return Outcome.Of(rows);
    }

    /// <summary>Reads a figure's question as it stands in an address.</summary>
    public Outcome<LineQuestion> Question(string? from, string? to, string? basis, string? currency, string? category, string? nature, string? account, string? service)
    {
        if (!MonthSpan.TryParse(from, out var first) || !MonthSpan.TryParse(to, out var last) || last < first || last - first >= options.ReportMonths)
        {
            return Refusal.Invalid("backoffice.report.months", "from", "from and to are no span of months", $"YYYY-MM, at most {options.ReportMonths} months");
        }

        if (basis is not (null or ReportBasis.Booked or ReportBasis.Service))
        {
            return Refusal.Invalid("backoffice.report.basis", "basis", $"there is no basis {basis}", "booked, service");
        }

        if (category is not null && category != LineQuestion.NoCategory && OfferingCategories.Find(category) is null)
        {
            return Refusal.Invalid("backoffice.report.category", "category", $"there is no category {category}", string.Join(", ", OfferingCategories.All.Select(OfferingCategories.Word).Append(LineQuestion.NoCategory)));
        }

        if (nature is not (null or "recurring" or "once"))
        {
            return Refusal.Invalid("backoffice.report.nature", "nature", $"revenue is not {nature}", "recurring, once");
        }

        return Core.Rating.Currency.Find(currency ?? "") is null
            ? Refusal.Invalid("backoffice.report.currency", "currency", $"the currency \"{currency}\" is not known here")
            : new LineQuestion(new MonthSpan(first, last), basis ?? ReportBasis.Booked, currency!, category, nature, account, service);
    }

    /// <summary>The category a line is counted in: its own, or of one without, that of its specification.</summary>
    internal OfferingCategory? CategoryOf(string? category, string revenue) => category is null ? specifications.Find(revenue)?.Category : OfferingCategories.Find(category);

    private async ValueTask<bool> MaySeeAsync(Caller caller, CancellationToken cancellationToken) => caller.IsOperator || await stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<string>("SELECT kind FROM tenant WHERE tenant_path = @Path", new { caller.Scope.Path }), cancellationToken) is TenantKind.Provider or TenantKind.Reseller;

    private Outcome<ReportFrame> Frame(string name, ReportFilter filter, IReadOnlyList<BooksRow> books, DateOnly today)
    {
        if (filter.Basis is not (null or ReportBasis.Booked or ReportBasis.Service))
        {
            return Refusal.Invalid("backoffice.report.basis", "basis", $"there is no basis {filter.Basis}", "booked, service");
        }

        if (filter.Currency is { } wanted && Core.Rating.Currency.Find(wanted) is null)
        {
            return Refusal.Invalid("backoffice.report.currency", "currency", $"the currency {wanted} is not known here");
        }

        var basis = name == ReportNames.Retention ? ReportBasis.Service : ReportNames.Statements.Contains(name) || name == ReportNames.Deferred ? ReportBasis.Booked : filter.Basis ?? ReportBasis.Booked;
        var currency = filter.Currency ?? (books.Count > 0 ? books[0].Currency : "JPY");
        var own = books.FirstOrDefault(row => row.Currency == currency);
        _ = MonthSpan.TryParse(basis == ReportBasis.Service ? own?.LastPeriod : own?.LastDay[..7], out var newest);
        newest = newest == 0 ? MonthSpan.Of(today) - 1 : newest; // where nothing was invoiced, the last month that is over
        var last = newest;
        if (filter.To is not null && !MonthSpan.TryParse(filter.To, out last))
        {
            return Refusal.Invalid("backoffice.report.months", "to", $"\"{filter.To}\" is no month", "YYYY-MM");
        }

        // A month that is not billed yet has lost nobody.
        last = name == ReportNames.Retention ? Math.Min(last, newest) : last;
        var first = name switch
        {
            ReportNames.Revenue => FirstOfQuarter(last) - 9,
            ReportNames.Attach => last - 2,
            ReportNames.Penetration => last - 11,
            ReportNames.Deferred => last - 2,
            _ when ReportNames.Statements.Contains(name) => FirstOfHalf(last),
            _ => last - 11,
        };
        if (filter.From is not null && !MonthSpan.TryParse(filter.From, out first))
        {
            return Refusal.Invalid("backoffice.report.months", "from", $"\"{filter.From}\" is no month", "YYYY-MM");
        }

        // The bands are of a year's revenue.
        first = name == ReportNames.Distribution ? last - 11 : first;
        return first > last || last - first >= options.ReportMonths
            ? Refusal.Invalid("backoffice.report.months", "from", $"{MonthSpan.Text(first)} to {MonthSpan.Text(last)} is no span of months", $"from before to, at most {options.ReportMonths} months")
            : new ReportFrame(name, currency, new MonthSpan(first, last), basis, today, [.. books.Select(static row => row.Currency).Where(each => each != currency)]);
    }

    private int YearBegins => options.FiscalYearBegins;

    private SpecificationCatalogue Specifications => specifications;

    private GeneralLedger General => ledger;

    private IStore Control => stores.Control;

    private int FirstOfHalf(int month) => month - ((month - (options.FiscalYearBegins - 1)) % 6);

    private int FirstOfQuarter(int month) => month - ((month - (options.FiscalYearBegins - 1)) % 3);

    private IReadOnlyList<long> Bounds(string currency) => [.. options.RevenueBands.Where(static bound => bound > 0).Distinct().Order().Select(bound => bound * Core.Rating.Currency.Find(currency)!.MinorPerUnit)];

    /// <summary>One report in the making.</summary>
    private sealed class Reading(ReportBook book, TenantStore store, ReportFrame frame, int most, CancellationToken cancellationToken)
    {
        private MonthSpan Span => frame.Span;

        public async ValueTask<ReportSheet> RevenueAsync()
        {
            var rows = await store.QueryAsync<CategoryRow>(ByCategory, Months(new MonthSpan(Span.First - 12, Span.Last)), cancellationToken);
            var facts = rows.Select(row => new RevenueFact(
                MonthSpan.TryParse(row.Month, out var month) ? month : 0, book.CategoryOf(row.Category, row.Revenue), row.Nature is null ? row.Revenue != "adjustment" : row.Nature == "recurring",
                row.Nature is null && row.Revenue != "adjustment", row.AmountMinor));
            var report = RevenueReport.Make(facts, Span, book.YearBegins);
            var ledger = await LedgerAsync();
            var byCategory = ledger.GroupBy(row => book.CategoryOf(row.Category, row.LedgerAccount["revenue:".Length..])?.Word() ?? LineQuestion.NoCategory)
                .ToDictionary(static group => group.Key, static group => group.Sum(static row => row.AmountMinor));
            return ReportSheets.Revenue(frame, report, TieOf(report.Total.Whole.AmountMinor, ledger), frame.Basis == ReportBasis.Booked ? byCategory : null);
        }

        public async ValueTask<ReportSheet> ConcentrationAsync()
        {
            var report = ConcentrationReport.Make(await CustomersAsync(Span));
            return ReportSheets.Concentration(frame, report, TieOf(report.TotalMinor, await LedgerAsync()), most);
        }

        public async ValueTask<ReportSheet> DistributionAsync()
        {
            var report = DistributionReport.Make(await CustomersAsync(Span), book.Bounds(frame.Currency));
            return ReportSheets.Distribution(frame, report, TieOf(report.TotalMinor, await LedgerAsync()));
        }

        public async ValueTask<ReportSheet> AttachAsync()
        {
            // Who has a service pays for it in these months, whenever that is earned and its month closed.
            var holdings = await store.QueryAsync<ServiceRow>(ByService, new { Basis = ReportBasis.Service, frame.Currency, Span.From, Span.To }, cancellationToken);
            var bounds = book.Bounds(frame.Currency);
            var report = AttachReport.Make(
                holdings.Where(static row => row.Revenue != "adjustment").Select(static row => new Holding(row.AccountId, row.Revenue, row.AmountMinor)), await CustomersAsync(new MonthSpan(Span.Last - 11, Span.Last)), bounds);
            return ReportSheets.Attach(frame, report, bounds, book.Specifications, most);
        }

        public async ValueTask<ReportSheet> RetentionAsync()
        {
            var rows = await store.QueryAsync<MonthRow>(ByMonth, new { frame.Basis, frame.Currency, Span.To }, cancellationToken);
            var report = RetentionReport.Make(rows.Select(static row => new CustomerMonth(row.AccountId, MonthSpan.TryParse(row.Month, out var month) ? month : 0, row.AmountMinor)), Span);
            return ReportSheets.Retention(frame, report);
        }

        public async ValueTask<ReportSheet> AgingAsync()
        {
            static string Days(DateOnly date) => InvoiceBook.Text(date);
            var rows = await store.QueryAsync<OpenRow>(
                Open, new { frame.Currency, Today = Days(frame.Today), Days30 = Days(frame.Today.AddDays(-30)), Days60 = Days(frame.Today.AddDays(-60)), Days90 = Days(frame.Today.AddDays(-90)) }, cancellationToken);
            return ReportSheets.Aging(frame, rows, await NamesAsync(), most);
        }

        public async ValueTask<ReportSheet> DeferredAsync()
        {
            var last = Span.Last;
            var asked = new { frame.Currency, Span.From, Span.To, After = MonthSpan.Text(last + 1) + "-01" };
            var moves = await store.QueryAsync<DeferredMove>(DeferredReport.Moves, asked, cancellationToken);
            var open = await store.QueryAsync<DeferralRow>(DeferredReport.Open, asked, cancellationToken);
            var ledger = await store.QueryAsync<DeferredBalance>(DeferredReport.Balances, asked, cancellationToken);
            var deferrals = await book.Control.ReadAsync(reader => DeferredReport.ReadAsync(reader, open, asked.To, asked.After), cancellationToken);
            return DeferredSheet.Make(frame, DeferredReport.Make(moves, deferrals, ledger, last, MonthSpan.Of(frame.Today), book.CategoryOf));
        }

        public async ValueTask<ReportSheet> StatementAsync(Caller caller)
        {
            // Two fiscal years and the months before the span: what any statement compares with.
            var wide = new MonthSpan(Span.First - 24, Span.Last);
            var rows = await book.General.BookedAsync(caller, frame.Currency, wide, cancellationToken);
            var imported = await book.General.ReadAsync(caller, wide.From, MonthSpan.Text(Span.Last + 11), cancellationToken);
            var figures = new StatementFigures(
                [.. rows.Select(row => new RevenueCell(Month(row.Month), book.CategoryOf(row.Category, row.LedgerAccount["revenue:".Length..]), row.Acquired, row.AmountMinor))],
                [.. imported.Select(static entry => new GlCell(Month(entry.Month), entry.Line, entry.Part, entry.AmountMinor))]);
            return StatementSheets.Make(frame, figures, book.YearBegins);
        }

        public async ValueTask<ReportSheet> PenetrationAsync(Caller caller)
        {
            var customers = (await CustomersAsync(Span)).ToDictionary(static customer => customer.AccountId, static customer => customer.AmountMinor, StringComparer.Ordinal);
            return StatementSheets.Penetration(frame, await book.General.MarketsAsync(caller, cancellationToken), customers);
        }

        private static int Month(string text) => MonthSpan.TryParse(text, out var month) ? month : 0;

        private object Months(MonthSpan span) => new { frame.Basis, frame.Currency, span.From, span.To };

        private async ValueTask<IReadOnlyList<CustomerRevenue>> CustomersAsync(MonthSpan span)
        {
            var names = await NamesAsync();
            return [.. (await store.QueryAsync<ServiceRow>(ByService, Months(span), cancellationToken)).GroupBy(static row => row.AccountId, StringComparer.Ordinal)
                .Select(own => new CustomerRevenue(own.Key, names.GetValueOrDefault(own.Key, own.Key), own.Aggregate(0L, static (sum, row) => checked(sum + row.AmountMinor))))];
        }

        private async ValueTask<IReadOnlyDictionary<string, string>> NamesAsync() =>
            (await store.QueryAsync<NameRow>(Names, null, cancellationToken)).ToDictionary(static row => row.Id, static row => row.Name, StringComparer.Ordinal);

        // :: (5)
        private ValueTask<IReadOnlyList<LedgerRow>> LedgerAsync() =>
            store.QueryAsync<LedgerRow>(Ledger, new { frame.Currency, Span.Days.First, Span.Days.Last }, cancellationToken);

        private static ReportTie TieOf(long report, IReadOnlyList<LedgerRow> ledger)
        {
            var booked = ledger.Aggregate(0L, static (sum, row) => checked(sum + row.AmountMinor));
            return new ReportTie(report, booked, report - booked);
        }
    }

    private sealed record BooksRow(string Currency, string LastDay, string LastPeriod);

    private sealed record CategoryRow(string Month, string? Category, string? Nature, string Revenue, long AmountMinor);

    private sealed record ServiceRow(string AccountId, string Revenue, long AmountMinor);

    private sealed record MonthRow(string AccountId, string Month, long AmountMinor);

    private sealed record NameRow(string Id, string Name);

    private sealed record LedgerRow(string LedgerAccount, string? Category, long AmountMinor);
}

/// <summary>Which months, in which currency.</summary>
/// <param name="From">The first month ("2026-04").</param>
/// <param name="Basis">One of <see cref="ReportBasis"/>'s words.</param>
internal sealed record ReportFilter(string? From = null, string? To = null, string? Basis = null, string? Currency = null);

/// <summary>What a report is asked for, with everything that was left open filled in.</summary>
internal sealed record ReportFrame(string Name, string Currency, MonthSpan Span, string Basis, DateOnly Today, IReadOnlyList<string> Others)
{
    public LineQuestion Lines(MonthSpan? span = null) => new(span ?? Span, Basis, Currency);
}

/// <summary>What one customer owes, by how long it is overdue.</summary>
internal sealed record OpenRow(string AccountId, long Bucket, long Items, long OpenMinor);
