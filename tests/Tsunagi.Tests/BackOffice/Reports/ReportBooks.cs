using System.Globalization;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.BackOffice.Reports;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Store;

namespace Tsunagi.Tests.BackOffice.Reports;

/// <summary>A line as it was put into the books, for the slow calculator.</summary>
internal sealed record BookedLine(BillingAccount Account, int Booked, int Service, string Revenue, string? Category, string? Nature, string Currency, long AmountMinor)
{
    /// <summary>As the definitions on the page have it, written down once more.</summary>
    public OfferingCategory? CountedIn => (Category, Revenue) switch
    {
        ("connectivity", _) => OfferingCategory.Connectivity,
        ("valueAdded", _) => OfferingCategory.ValueAdded,
        ("construction", _) => OfferingCategory.Construction,
        ("operation", _) => OfferingCategory.Operation,
        (null, "line.access") => OfferingCategory.ValueAdded,
        (null, "backoffice.construction") => OfferingCategory.Construction,
        (null, "backoffice.operation") => OfferingCategory.Operation,
        _ => null,
    };

    public bool IsRecurring => Nature == "recurring" || (Nature is null && Revenue != "adjustment");

    public int In(string basis) => basis == "service" ? Service : Booked;
}

/// <summary>Puts random invoices and credit notes into the books as the issuer does, and keeps what was put in.</summary>
internal sealed class ReportBooks(BackOfficeWorld world, int seed)
{
    private static readonly string[] Services = ["line.access", "backoffice.construction", "backoffice.operation", "gone.service", "adjustment"];

    // A seed that is printed when a test fails; no secret is made of it.
#pragma warning disable CA5394
    private readonly Random _random = new(seed);
    private long _seq;

    public List<BookedLine> Lines { get; } = [];

    public List<BillingAccount> Accounts { get; } = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task FillAsync(int accounts, int documents, MonthSpan span)
    {
        for (var i = 0; i < accounts; i++)
        {
            Accounts.Add((await world.AddCustomerAsync("Customer " + i.ToString(CultureInfo.InvariantCulture))).Account);
        }

        await world.Provider.Stores.Control.WriteAsync(
            async transaction =>
            {
                for (var i = 0; i < documents; i++)
                {
                    await AddAsync(transaction, span);
                }

                return true;
            },
            Cancel);
    }

    private async ValueTask AddAsync(ISqlTransaction transaction, MonthSpan span)
    {
        var account = Accounts[_random.Next(Accounts.Count)];
        var credit = _random.Next(5) == 0;
        var booked = span.First + _random.Next(span.Count);
        var currency = _random.Next(8) == 0 ? "EUR" : "JPY";
        var own = Enumerable.Range(0, 1 + _random.Next(4)).Select(_ =>
        {
            var service = Services[_random.Next(Services.Length)];
            var old = _random.Next(4) == 0;
            return new BookedLine(
                account, booked, booked - _random.Next(3) + _random.Next(2), service, old || service == "adjustment" ? null : OfferingCategories.All[_random.Next(4)].Word(),
                old ? null : service == "adjustment" || _random.Next(3) == 0 ? "once" : "recurring", currency, (credit ? -1 : 1) * _random.Next(-500, 20_000));
        }).ToList();
        var net = own.Sum(static line => line.AmountMinor);
        _seq++;
        var date = MonthSpan.Text(booked) + "-" + (1 + _random.Next(28)).ToString("D2", CultureInfo.InvariantCulture);
        var row = new DocumentRow(
            $"iv_{seed:D4}{_seq:D6}", account.TenantPath, account.Id, credit ? InvoiceKind.Credit : InvoiceKind.Invoice, "T", _seq, $"T-{_seq:D7}", _seq, MonthSpan.Text(booked), null, date, date, currency,
            credit ? -net : net, 0, credit ? -net : net, account.Name, null, null, 1, 1, "", "", "{}", 1, "test");
        var rows = own.Select((line, i) => new LineRow(
            row.Id, i + 1, row.TenantPath, account.Id, _seq, line.Revenue == "adjustment" ? null : "s_1", MonthSpan.Text(line.Service), "s_1|||Label " + i.ToString(CultureInfo.InvariantCulture), 0, line.AmountMinor,
            line.Revenue, new RevenueKind(line.Category, line.Nature))).ToList();
        await InvoiceIssuer.InsertAsync(transaction, row, rows);
        var postings = new List<LedgerPosting> { new(LedgerWriter.Receivable(account.Id), currency, net) };
        postings.AddRange(rows.Select(line => new LedgerPosting("revenue:" + line.Revenue, currency, -line.AmountMinor, line.Kind)));
        await LedgerWriter.BookAsync(transaction, new LedgerEntry($"le_{seed:D4}{_seq:D6}", row.TenantPath, account.Id, date, row.Id, "test", 1, postings));
        Lines.AddRange(own);
    }
#pragma warning restore CA5394
}
