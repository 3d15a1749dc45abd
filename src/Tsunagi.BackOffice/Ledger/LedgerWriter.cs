using System.Globalization;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Ledger;

/// <summary>
/// Books what happens to money, double entry, in the transaction in which it happens. An invoice is owed by the account against revenue, what is earned later (deferred), and tax; a credit note
/// takes them back and is owed to the account; a month that is closed moves what was earned in it from deferred to revenue; a payment comes to the bank and is owed to the account until it is set against an invoice.
/// </summary>
internal static class LedgerWriter
{
    public const string Bank = "assets:bank";
    public const string Opening = "equity:opening";

    private static readonly RowStatement Postings = RowStatement.Insert(
        "bo_posting",
        [RowColumn.Text("entry_id"), RowColumn.Number("no"), RowColumn.Text("tenant_path"), RowColumn.Text("ledger_account"), RowColumn.Text("currency"), RowColumn.Number("amount_minor"), RowColumn.Text("category"), RowColumn.Text("nature")]);

    /// <summary>What was billed and not earned yet, by the specification that will earn it.</summary>
    public const string Deferred = "liabilities:deferred:";

    /// <summary>What was spent on a project and went to expenses with no milestone yet.</summary>
    public const string WorkInProgress = "assets:work-in-progress:";

    /// <summary>Against the costs of projects: the general ledger has where they were paid.</summary>
    public const string CostsClearing = "assets:clearing:project-costs";

    public const string ConstructionCost = "expenses:construction";

    private const string Revenue = "revenue:";

    public static string Receivable(string accountId) => "assets:receivable:" + accountId;

    public static string OwedTo(string accountId) => "liabilities:customers:" + accountId;

    /// <summary>An invoice of which all is earned.</summary>
    public static LedgerEntry Invoice(DocumentRow row, Bill bill, IEnumerable<LineRow> lines, TimeProvider time) =>
        Invoice(row, bill, [.. lines.Select(static line => BookedLine.Of(line, 0))], time);

    /// <param name="lines">What is asked, by revenue and its kind.</param>
    public static LedgerEntry Invoice(DocumentRow row, Bill bill, IReadOnlyList<BookedLine> lines, TimeProvider time)
    {
        var postings = new List<LedgerPosting> { new(Receivable(row.AccountId), row.Currency, row.TotalMinor) };
        postings.AddRange(Earned(row.Currency, lines));
        postings.AddRange(Taxes(bill.Taxes, row.Currency, -1));
        return Entry(row, "Invoice " + row.Number, postings, time);
    }

    /// <param name="lines">What is given back, by revenue and its kind; below zero, as lines of a credit note are kept.</param>
    public static LedgerEntry Credit(DocumentRow row, IReadOnlyList<BookedLine> lines, IReadOnlyList<DocumentTaxSubtotal> taxes, TimeProvider time)
    {
        var postings = new List<LedgerPosting> { new(OwedTo(row.AccountId), row.Currency, -row.TotalMinor) };
        postings.AddRange(Earned(row.Currency, lines));
        postings.AddRange(Taxes(taxes, row.Currency, 1));
        return Entry(row, "Credit note " + row.Number, postings, time);
    }

    public static LedgerEntry OpeningItem(DocumentRow row, TimeProvider time) => Entry(
        row, "Open invoice " + row.Number + " of the system before",
        [new(Receivable(row.AccountId), row.Currency, row.TotalMinor), new(Opening, row.Currency, -row.TotalMinor)], time);

    public static LedgerEntry Payment(string id, string tenantPath, string accountId, string receivedOn, string currency, long amountMinor, string reference, TimeProvider time) => new(
        Id.New("le", time), tenantPath, accountId, receivedOn, id, "Payment " + reference, time.NowMicros(), [new(Bank, currency, amountMinor), new(OwedTo(accountId), currency, -amountMinor)]);

    public static LedgerEntry Allocation(string id, string tenantPath, string accountId, string on, string currency, long amountMinor, string number, TimeProvider time) => new(
        Id.New("le", time), tenantPath, accountId, on, id, "Set against " + number, time.NowMicros(),
        [new(OwedTo(accountId), currency, amountMinor), new(Receivable(accountId), currency, -amountMinor)]);

    /// <summary>The postings first: the store looks at them when the entry comes, and refuses one that is not balanced.</summary>
    public static async ValueTask BookAsync(ISqlTransaction transaction, LedgerEntry entry)
    {
        var rows = entry.Postings.Where(static posting => posting.AmountMinor != 0)
            .Select((posting, i) => (object?[])[entry.Id, i + 1L, entry.TenantPath, posting.Account, posting.Currency, posting.AmountMinor, posting.Kind.Category, posting.Kind.Nature]).ToList();
        await transaction.WriteRowsAsync(Postings, rows);
        if (rows.Count > 0)
        {
            await transaction.ExecuteAsync(
                "INSERT INTO bo_entry (id, tenant_path, account_id, booked_on, source_id, narration, booked_at) VALUES (@Id, @TenantPath, @AccountId, @BookedOn, @SourceId, @Narration, @BookedAt)",
                new { entry.Id, entry.TenantPath, entry.AccountId, entry.BookedOn, entry.SourceId, entry.Narration, entry.BookedAt });
        }
    }

    /// <summary>What of one account and currency is earned in a month that is closed.</summary>
    public static LedgerEntry Release(string sourceId, string month, IReadOnlyList<(DeferralRow Row, long AmountMinor)> parts, string bookedOn, TimeProvider time)
    {
        var (first, currency) = (parts[0].Row, parts[0].Row.Currency);
        return new LedgerEntry(Id.New("le", time), first.TenantPath, first.AccountId, bookedOn, sourceId, "Earned in " + month, time.NowMicros(), [
            .. ByKind(Deferred, currency, parts.Select(static part => (part.Row.Revenue, part.Row.Kind, -part.AmountMinor))), .. ByKind(Revenue, currency, parts.Select(static part => (part.Row.Revenue, part.Row.Kind, part.AmountMinor))),
        ]);
    }

    private static IEnumerable<LedgerPosting> Earned(string currency, IReadOnlyList<BookedLine> lines) =>
    [
        .. ByKind(Revenue, currency, lines.Select(static line => (line.Line.Revenue, line.Line.Kind, line.RevenueMinor))),
        .. ByKind(Deferred, currency, lines.SelectMany(static line => line.Deferred).Select(static part => (part.Revenue, part.Kind, part.AmountMinor))),
    ];

    private static IEnumerable<LedgerPosting> ByKind(string head, string currency, IEnumerable<(string Revenue, RevenueKind Kind, long AmountMinor)> parts) =>
        parts.GroupBy(static part => (part.Revenue, part.Kind)).OrderBy(static group => group.Key.Revenue, StringComparer.Ordinal)
            .ThenBy(static group => group.Key.Kind.Category, StringComparer.Ordinal).ThenBy(static group => group.Key.Kind.Nature, StringComparer.Ordinal)
            .Select(group => new LedgerPosting(head + group.Key.Revenue, currency, -group.Sum(static part => part.AmountMinor), group.Key.Kind));

    private static IEnumerable<LedgerPosting> Taxes(IEnumerable<DocumentTaxSubtotal> taxes, string currency, int sign) => taxes.Where(static tax => tax.TaxMinor != 0).Select(tax => new LedgerPosting(
        string.Create(CultureInfo.InvariantCulture, $"liabilities:tax:{tax.Category.ToString().ToLowerInvariant()}:{tax.RatePercent.ToString("0.##", CultureInfo.InvariantCulture)}"), currency, sign * tax.TaxMinor));

    private static LedgerEntry Entry(DocumentRow row, string narration, IReadOnlyList<LedgerPosting> postings, TimeProvider time) =>
        new(Id.New("le", time), row.TenantPath, row.AccountId, row.IssueDate, row.Id, narration, time.NowMicros(), postings);
}
