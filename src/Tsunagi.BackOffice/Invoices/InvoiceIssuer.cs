using System.Globalization;
using System.Text.Json;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.BackOffice.Runs;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Invoices;

/// <summary>
/// Turns bills into documents, inside one transaction: (1) the bills still to be issued, (2) those whose account got another document meanwhile are left out, (3)
/// as many numbers as there are documents, (4) each document with its lines, its entry in the ledger and its event. A transaction that fails takes the numbers
/// back with everything else, so a series has no gap.
/// </summary>
internal sealed class InvoiceIssuer(Outbox outbox, SpecificationCatalogue specifications, BackOfficeOptions options, TimeProvider time)
{
    /// <summary>Issues at most so many; returns how many drafts it dealt with, 0 when none is left.</summary>
    public async ValueTask<int> IssueAsync(ISqlTransaction transaction, RunRow run, int atATime)
    {
        // :: (1)
        var drafts = await transaction.QueryAsync<DraftRow>(
            """
            SELECT d.run_id, d.account_id, d.tenant_path, d.state, d.account_name, d.after_seq, d.currency, d.net_minor, d.tax_minor, d.total_minor, d.previous_minor, d.line_count, d.input_hash, d.bill,
              d.problem, d.invoice_id FROM bo_draft d JOIN bo_run r ON r.id = d.run_id WHERE d.run_id = @Id AND r.state = 'issuing' AND d.state = 'ready' ORDER BY d.account_id LIMIT @Limit
            """,
            new { run.Id, Limit = (long)atATime });
        if (drafts.Count == 0)
        {
            return 0;
        }

        // :: (2)
        var ids = drafts.Select(static draft => draft.AccountId).ToList();
        var last = (await transaction.QueryAsync<(string Id, long Seq)>("SELECT account_id, max(account_seq) FROM bo_invoice WHERE account_id IN @Ids GROUP BY account_id", new { Ids = ids }))
            .ToDictionary(static row => row.Id, static row => row.Seq);
        var current = drafts.Where(draft => last.GetValueOrDefault(draft.AccountId) == draft.AfterSeq).ToList();
        foreach (var draft in drafts.Except(current))
        {
            await transaction.ExecuteAsync("UPDATE bo_draft SET state = 'stale' WHERE run_id = @RunId AND account_id = @AccountId", draft);
        }

        if (current.Count == 0)
        {
            return drafts.Count;
        }

        // :: (3)
        var first = await TakeNumbersAsync(transaction, options.InvoiceSeries, current.Count);
        var accounts = (await transaction.QueryAsync<BillingAccount>($"SELECT {BillingAccount.Columns} FROM bo_account WHERE id IN @Ids", new { Ids = ids })).ToDictionary(static account => account.Id);
        var issuer = options.Issuer.Party(await ProviderAsync(transaction));
        var categories = (await transaction.QueryAsync<(string Code, string? Category, string Specification)>("SELECT code, category, specification FROM plan"))
            .ToDictionary(static plan => plan.Code, plan => plan.Category ?? specifications.CategoryOf(plan.Specification).Word(), StringComparer.Ordinal);

        // :: (4) Made side by side, for that is what takes long; written one after the other.
        var made = new (DocumentRow Row, Bill Bill, DraftContent Content)[current.Count];
        string[] newIds = [.. current.Select(_ => Id.New("iv", time)).Order(StringComparer.Ordinal)]; // lists are in the order of ids: that of the numbers
        Parallel.For(0, current.Count, i => made[i] = Make(run, current[i], accounts[current[i].AccountId], issuer, newIds[i], first + i));
        for (var i = 0; i < current.Count; i++)
        {
            var (row, bill, content) = made[i];
            var lines = await LinesAsync(transaction, row, bill, content.Once ?? [], categories);
            await WriteAsync(transaction, current[i], row, bill, lines, content.Spread, accounts[row.AccountId].TimeZone);
        }

        return drafts.Count;
    }

    /// <summary>The next numbers of a series, without a gap: they are lost when the transaction is, and given again.</summary>
    public static async ValueTask<long> TakeNumbersAsync(ISqlTransaction transaction, string series, int count)
    {
        await transaction.ExecuteAsync("INSERT INTO bo_series (id, next) VALUES (@Id, 1) ON CONFLICT (id) DO NOTHING", new { Id = series });
        return await transaction.FirstOrDefaultAsync<long>("UPDATE bo_series SET next = next + @Count WHERE id = @Id RETURNING next", new { Count = (long)count, Id = series }) - count;
    }

    public static string NumberOf(string series, long seq) => string.Create(CultureInfo.InvariantCulture, $"{series}-{seq:D7}");

    public static async ValueTask<string> ProviderAsync(ISqlReader reader) => await reader.FirstOrDefaultAsync<string>("SELECT name FROM tenant WHERE kind = 'provider'") ?? "";

    /// <summary>Keeps a document: its row, and the lines by which later bills find what was asked.</summary>
    public static async ValueTask InsertAsync(ISqlTransaction transaction, DocumentRow row, IEnumerable<LineRow> lines)
    {
        await transaction.ExecuteAsync(
            """
            INSERT INTO bo_invoice (id, tenant_path, account_id, kind, series, seq, number, account_seq, period, run_id, issue_date, due_date, currency, net_minor, tax_minor, total_minor, counterparty,
              corrects_id, reason, known_at, rules_version, input_hash, bill, document, issued_at, issued_by)
            VALUES (@Id, @TenantPath, @AccountId, @Kind, @Series, @Seq, @Number, @AccountSeq, @Period, @RunId, @IssueDate, @DueDate, @Currency, @NetMinor, @TaxMinor, @TotalMinor, @Counterparty,
              @CorrectsId, @Reason, @KnownAt, @RulesVersion, @InputHash, @Bill, @Document, @IssuedAt, @IssuedBy)
            """,
            row);
        await transaction.WriteRowsAsync(LineRow.Insert, [.. lines.Select(static line => line.Values)]);
    }

    private (DocumentRow Row, Bill Bill, DraftContent Content) Make(RunRow run, DraftRow draft, BillingAccount account, DocumentParty issuer, string id, long seq)
    {
        var content = StoredJson.Read<DraftContent>(draft.Bill);
        var bill = content.Bill;
        var number = NumberOf(options.InvoiceSeries, seq);
        var issued = DateOnly.ParseExact(run.IssueDate, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        if (!PaymentTerms.TryParse(account.PaymentTerms, out var terms))
        {
            throw new InvalidOperationException($"issuing to account {account.Id}: its payment terms \"{account.PaymentTerms}\" cannot be read");
        }

        var due = terms.DueAfter(issued);
        var document = DocumentMaker.Invoice(account, bill, content.Services, issuer, options.Issuer.Bank(), number, issued, due);
        var row = new DocumentRow(
            id, account.TenantPath, account.Id, InvoiceKind.Invoice, options.InvoiceSeries, seq, number, draft.AfterSeq + 1, bill.Period, run.Id, run.IssueDate, InvoiceBook.Text(due), bill.Currency,
            bill.NetMinor, bill.TaxMinor, bill.TotalMinor, account.Name, null, null, run.KnownAt, bill.RulesVersion, bill.InputHash, StoredJson.Write(bill), StoredJson.Write(document), time.NowMicros(),
            run.ReleasedByName ?? "");
        return (row, bill, content);
    }

    /// <summary>The rows of the lines, each with the category its plan has now and whether it is charged once: so it is counted from then on.</summary>
    private async ValueTask<IReadOnlyList<LineRow>> LinesAsync(ISqlTransaction transaction, DocumentRow row, Bill bill, IReadOnlyList<int> once, Dictionary<string, string> categories)
    {
        var adjusted = bill.Lines.Where(static line => line.Kind == BillLineKind.Adjustment).Select(static line => line.Charge).ToList();
        var byHand = adjusted.Count == 0
            ? []
            : (await transaction.QueryAsync<(string Id, string? Category)>("SELECT id, category FROM bo_adjustment WHERE id IN @Ids", new { Ids = adjusted })).ToDictionary(static each => each.Id, static each => each.Category);
        RevenueKind KindOf(BillLine line)
        {
            if (line.Kind == BillLineKind.Adjustment)
            {
                return new RevenueKind(byHand.GetValueOrDefault(line.Charge), RevenueKind.Once);
            }

            var category = line.PlanCode is { } code && categories.TryGetValue(code, out var found) ? found : specifications.CategoryOf(line.Revenue).Word();
            return new RevenueKind(category, once.Contains(line.No) || category == OfferingCategory.Construction.Word() ? RevenueKind.Once : RevenueKind.Recurring);
        }

        return [.. bill.Lines.Select(line => LineRow.Of(row, line, line.AmountMinor, line.Kind == BillLineKind.Adjustment ? 0 : line.AmountMinor, KindOf(line)))];
    }

    private async ValueTask WriteAsync(ISqlTransaction transaction, DraftRow draft, DocumentRow row, Bill bill, IReadOnlyList<LineRow> lines, IReadOnlyDictionary<int, int>? spread, string timeZone)
    {
        await InsertAsync(transaction, row, lines);
        foreach (var adjustment in bill.Lines.Where(static line => line.Kind == BillLineKind.Adjustment))
        {
            await transaction.ExecuteAsync("UPDATE bo_adjustment SET invoice_seq = @Seq WHERE id = @Id AND invoice_seq IS NULL", new { Seq = row.AccountSeq, Id = adjustment.Charge });
        }

        await LedgerWriter.BookAsync(transaction, LedgerWriter.Invoice(row, bill, await DeferralWriter.InvoiceAsync(transaction, row, bill, lines, spread, timeZone), time));
        await transaction.ExecuteAsync("UPDATE bo_draft SET state = 'issued', invoice_id = @Invoice, bill = '' WHERE run_id = @RunId AND account_id = @AccountId", new { Invoice = row.Id, draft.RunId, draft.AccountId });
        await outbox.AppendAsync(transaction, new Event(
            Id.New("e", time), BackOfficeEvents.InvoiceIssued, row.IssuedAt, row.TenantPath, row.Id, JsonSerializer.Serialize(new { number = row.Number, bill.Period, total = bill.TotalMinor, bill.Currency })));
    }
}

/// <summary>A document's row, whole.</summary>
internal sealed record DocumentRow(
    string Id, string TenantPath, string AccountId, string Kind, string Series, long Seq, string Number, long AccountSeq, string Period, string? RunId, string IssueDate, string? DueDate,
    string Currency, long NetMinor, long TaxMinor, long TotalMinor, string Counterparty, string? CorrectsId, string? Reason, long KnownAt, long RulesVersion, string InputHash, string Bill,
    string Document, long IssuedAt, string IssuedBy);

/// <summary>A line's row: what a document asks (or gives back), and what of it counts when the month is rated again.</summary>
/// <param name="Kind">Of a credit note the kind of the line that it gives back.</param>
internal sealed record LineRow(
    string InvoiceId, long No, string TenantPath, string AccountId, long AccountSeq, string? SubscriptionId, string Month, string Charge, long BilledMinor, long AmountMinor, string Revenue, RevenueKind Kind)
{
    public static readonly RowStatement Insert = RowStatement.Insert(
        "bo_line",
        [
            RowColumn.Text("invoice_id"), RowColumn.Number("no"), RowColumn.Text("tenant_path"), RowColumn.Text("account_id"), RowColumn.Number("account_seq"), RowColumn.Text("subscription_id"),
            RowColumn.Text("month"), RowColumn.Text("charge"), RowColumn.Number("billed_minor"), RowColumn.Number("amount_minor"), RowColumn.Text("revenue"),
            RowColumn.Text("category"), RowColumn.Text("nature"),
        ]);

    /// <summary>As <see cref="Insert"/> wants them.</summary>
    public object?[] Values => [InvoiceId, No, TenantPath, AccountId, AccountSeq, SubscriptionId, Month, Charge, BilledMinor, AmountMinor, Revenue, Kind.Category, Kind.Nature];

    public static LineRow Of(DocumentRow row, BillLine line, long amountMinor, long billedMinor, RevenueKind kind) =>
        new(row.Id, line.No, row.TenantPath, row.AccountId, row.AccountSeq, line.SubscriptionId, line.Month, line.Charge, billedMinor, amountMinor, line.Revenue, kind);
}
