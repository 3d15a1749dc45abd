using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.BackOffice.Reports;
using Tsunagi.BackOffice.Statements;
using Tsunagi.BackOffice.Tax;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Sample;

/// <summary>
/// Fills a program that has no customers with the sample, some customers at a time: (1) customers with their billing accounts, (2) of each month the invoices with lines and ledger entries, as the issuer writes them, and the
/// payments of most, (3) the general ledger and the markets. It stands on invoices: no service runs and nothing was metered.
/// </summary>
internal sealed class SampleWriter(Stores stores, GeneralLedger ledger, BackOfficeOptions options, ChangeRecorder changes, TimeProvider time)
{
    private const int AtATime = 40, TaxPercent = 5; // the consumption tax of those years

    private static readonly RowStatement Payments = RowStatement.Insert("bo_payment", [
        RowColumn.Text("id"), RowColumn.Text("tenant_path"), RowColumn.Text("account_id"), RowColumn.Text("received_on"), RowColumn.Number("amount_minor"), RowColumn.Text("currency"), RowColumn.Text("payer"),
        RowColumn.Text("reference"), RowColumn.Text("source"), RowColumn.Text("foreign_key"), RowColumn.Number("recorded_at"), RowColumn.Text("recorded_by"),
    ]);

    private static readonly RowStatement AllocationRows = RowStatement.Insert("bo_allocation", [
        RowColumn.Text("id"), RowColumn.Text("tenant_path"), RowColumn.Text("account_id"), RowColumn.Text("invoice_id"), RowColumn.Text("source_id"), RowColumn.Number("amount_minor"), RowColumn.Text("allocated_on"),
        RowColumn.Number("allocated_at"), RowColumn.Text("allocated_by"),
    ]);

    public async ValueTask<Outcome<SampleMade>> FillAsync(Caller caller, NewSample wanted, CancellationToken cancellationToken)
    {
        if (!caller.IsOperator)
        {
            return GeneralLedger.NotOperator;
        }

        if (wanted.Customers is < NewSample.Least or > NewSample.Most)
        {
            return Refusal.Invalid("backoffice.sample.customers", "customers", $"{wanted.Customers} customers", $"{NewSample.Least} to {NewSample.Most}");
        }

        var provider = await stores.Control.ReadAsync(
            static reader => reader.FirstOrDefaultAsync<ProviderRow>("SELECT id, tenant_path, name, (SELECT count(*) FROM tenant WHERE kind <> 'provider') AS others FROM tenant WHERE kind = 'provider'"), cancellationToken);
        if (provider is not { Others: 0 })
        {
            return Refusal.Conflict("backoffice.sample.filled", "there are customers already: a sample is made only where there is none");
        }

        // :: (1)
        var plan = new SamplePlan(wanted.Seed, wanted.Customers);
        var accounts = new List<BillingAccount>(plan.Customers.Count);
        foreach (var chunk in plan.Customers.Chunk(AtATime))
        {
            accounts.AddRange(await stores.Control.WriteAsync(transaction => AddCustomersAsync(transaction, provider, chunk), cancellationToken));
        }

        // :: (2)
        var issuer = options.Issuer.Party(provider.Name);
        var (seq, invoices) = (0L, 0L);
        foreach (var month in SampleTotals.Months.Months)
        {
            foreach (var chunk in plan.Customers.Where(customer => customer.In(month).Count > 0).Chunk(AtATime))
            {
                var from = seq;
                await stores.Control.WriteAsync(transaction => InvoiceAsync(transaction, wanted.Seed, month, chunk, accounts, issuer, from), cancellationToken);
                (seq, invoices) = (seq + chunk.Length, invoices + chunk.Length);
            }
        }

        // :: (3)
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync("INSERT INTO bo_series (id, next) VALUES (@Id, @Next) ON CONFLICT (id) DO UPDATE SET next = excluded.next", new { Id = options.InvoiceSeries, Next = seq + 1 });
                await changes.RecordAsync(transaction, caller, BackOfficeEvents.SampleMade, provider.Id, provider.TenantPath, null, wanted, JsonSerializer.Serialize(new { wanted.Seed, wanted.Customers, invoices }));
                return true;
            },
            cancellationToken);
        var written = await ledger.WriteAsync(caller, plan.Totals.Entries, cancellationToken);
        var markets = await ledger.WriteMarketsAsync(
            caller, [.. plan.Markets.Select(each => new MarketCompany(each.Industry, each.Rank, each.Company, each.Customer is { } own ? accounts[own].Id : null))], cancellationToken);
        return (written.Refusal ?? markets.Refusal) is { } refusal ? refusal : new SampleMade(wanted.Seed, accounts.Count, invoices, SampleTotals.Months.From, SampleTotals.Months.To);
    }

    private async ValueTask<IReadOnlyList<BillingAccount>> AddCustomersAsync(ISqlTransaction transaction, ProviderRow provider, SampleCustomer[] customers)
    {
        var made = new List<BillingAccount>(customers.Length);
        foreach (var customer in customers)
        {
            var begun = UnixMicros.From(new DateTimeOffset(customer.Begin / 12, (customer.Begin % 12) + 1, 1, 0, 0, 0, TimeSpan.FromHours(9)));
            var (tenant, locale) = (Id.New("t", time), customer.IsEnglish ? "en" : "ja");
            await transaction.ExecuteAsync(
                """
                INSERT INTO tenant (id, tenant_path, parent_id, kind, name, locale, time_zone, currency, external_refs, version, created_at)
                VALUES (@Id, @Path, @Parent, @Kind, @Name, @Locale, 'Asia/Tokyo', 'JPY', '{}', 1, @At)
                """,
                new { Id = tenant, Path = $"{provider.TenantPath}{tenant}/", Parent = provider.Id, Kind = TenantKind.Customer, customer.Name, Locale = locale, At = begun });
            var refs = customer.IsAcquired ? new Dictionary<string, string> { ["acquired"] = SampleTotals.Acquired } : [];
            var from = MonthSpan.Text(customer.Begin);
            var account = new BillingAccount(
                Id.New("ba", time), $"{provider.TenantPath}{tenant}/", tenant, customer.Name, null, "105-0001", "東京都港区虎ノ門1-2-3", "JP", null, string.Create(CultureInfo.InvariantCulture, $"billing@customer-{customer.Index}.example"),
                null, locale, "Asia/Tokyo", "JPY", "jp", "eom:1", 31, from, from, JsonSerializer.Serialize(refs), 1, begun);
            await transaction.ExecuteAsync(
                $"""
                INSERT INTO bo_account ({BillingAccount.Columns})
                VALUES (@Id, @TenantPath, @TenantId, @Name, @Attention, @PostalCode, @Address, @Country, @RegistrationNumber, @Email, @PurchaseOrder, @Locale, @TimeZone, @Currency, @TaxProfile,
                  @PaymentTerms, @ClosingDay, @BillFrom, @AdvanceFrom, @ExternalRefs, @Version, @CreatedAt, @NeverSuspend)
                """,
                account);
            made.Add(account);
        }

        return made;
    }

    private async ValueTask<bool> InvoiceAsync(ISqlTransaction transaction, int seed, int month, SampleCustomer[] customers, List<BillingAccount> accounts, DocumentParty issuer, long seq)
    {
        string[] ids = [.. customers.Select(_ => Id.New("iv", time)).Order(StringComparer.Ordinal)];
        var made = new (DocumentRow Row, Bill Bill, IReadOnlyList<LineRow> Lines)[customers.Length];
        Parallel.For(0, customers.Length, i => made[i] = Make(customers[i], accounts[customers[i].Index], issuer, month, ids[i], seq + i + 1));
        var (payments, allocations) = (new List<object?[]>(), new List<object?[]>());
        for (var i = 0; i < made.Length; i++)
        {
            var (row, bill, lines) = made[i];
            await InvoiceIssuer.InsertAsync(transaction, row, lines);
            await LedgerWriter.BookAsync(transaction, LedgerWriter.Invoice(row, bill, lines, time));

            // Most pay when it is due; of the last two months nobody has yet.
            if (month <= SampleTotals.Months.Last - 2 && new SampleDraw(HashCode(seed, customers[i].Index, month)).Next(1_000) >= 8)
            {
                var (payment, allocation, day) = (Id.New("py", time), Id.New("al", time), row.DueDate!);
                payments.Add([payment, row.TenantPath, row.AccountId, day, row.TotalMinor, "JPY", row.Counterparty, row.Number, "sample", row.Number, row.IssuedAt, "sample"]);
                allocations.Add([allocation, row.TenantPath, row.AccountId, row.Id, payment, row.TotalMinor, day, row.IssuedAt, "sample"]);
                await LedgerWriter.BookAsync(transaction, LedgerWriter.Payment(payment, row.TenantPath, row.AccountId, day, "JPY", row.TotalMinor, "sample " + row.Number, time));
                await LedgerWriter.BookAsync(transaction, LedgerWriter.Allocation(allocation, row.TenantPath, row.AccountId, day, "JPY", row.TotalMinor, row.Number, time));
            }
        }

        await transaction.WriteRowsAsync(Payments, payments);
        await transaction.WriteRowsAsync(AllocationRows, allocations);
        return true;
    }

    private (DocumentRow Row, Bill Bill, IReadOnlyList<LineRow> Lines) Make(SampleCustomer customer, BillingAccount account, DocumentParty issuer, int month, string id, long seq)
    {
        var from = new DateOnly(month / 12, (month % 12) + 1, 1);
        var (to, period, number) = (from.AddMonths(1), MonthSpan.Text(month), InvoiceIssuer.NumberOf(options.InvoiceSeries, seq));
        var lines = customer.In(month).Select((line, i) => new BillLine(
            i + 1, BillLineKind.Charge, null, null, line.Stream.Revenue(line.Which), period, $"sample|{line.Stream}|{line.Which}|{line.Stream.Label(line.Which, !customer.IsEnglish)}", from, to,
            line.Stream.Label(line.Which, !customer.IsEnglish), null, 1, line.Amount, 1, line.Amount, TaxCategory.Standard, TaxPercent, "")).ToList();
        var net = lines.Sum(static line => line.AmountMinor);
        var tax = InvoiceTax.TaxOf(net, TaxPercent, TaxRounding.Floor);
        var bill = new Bill(account.Id, period, from, to, "JPY", account.TaxProfile, TaxRounding.Floor, BillMaker.RulesVersion, 0, lines, [new DocumentTaxSubtotal(TaxCategory.Standard, TaxPercent, net, tax)], net, tax, net + tax, "");
        var issued = to.AddDays(-1);
        var due = new PaymentTerms(true, 1).DueAfter(issued);
        var document = DocumentMaker.Invoice(account, bill, new Dictionary<string, string>(), issuer, options.Issuer.Bank(), number, issued, due);
        var at = UnixMicros.From(new DateTimeOffset(issued.ToDateTime(new TimeOnly(18, 0)), TimeSpan.FromHours(9)));
        var row = new DocumentRow(
            id, account.TenantPath, account.Id, InvoiceKind.Invoice, options.InvoiceSeries, seq, number, month - customer.Begin + 1, period, null, InvoiceBook.Text(issued), InvoiceBook.Text(due), "JPY", net, tax, net + tax, account.Name,
            null, null, at, BillMaker.RulesVersion, "", "", StoredJson.Write(document), at, "sample");
        return (row, bill,
        [
            .. lines.Zip(customer.In(month), (line, of) => LineRow.Of(row, line, line.AmountMinor, line.AmountMinor, new RevenueKind(of.Stream.Category()?.Word(), of.Stream.IsOnce() ? RevenueKind.Once : RevenueKind.Recurring))),
        ]);
    }

    private static int HashCode(int seed, int customer, int month) => unchecked((((seed * 31) + customer) * 31) + month);

    private sealed record ProviderRow(string Id, string TenantPath, string Name, long Others);
}

/// <summary>The request to make a sample.</summary>
/// <param name="Seed">The same seed gives the same sample; what it comes to is calibrated for every seed.</param>
public sealed record NewSample(
    [property: Description("The same seed gives the same sample.")] int Seed = 1, [property: Range(NewSample.Least, NewSample.Most), Description("How many customers.")] int Customers = 6_500)
{
    public const int Least = 50, Most = 20_000;
}

/// <summary>What was made.</summary>
public sealed record SampleMade(int Seed, int Customers, long Invoices, string From, string To);
