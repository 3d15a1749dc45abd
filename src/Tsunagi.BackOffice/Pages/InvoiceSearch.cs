using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Search;

namespace Tsunagi.BackOffice.Pages;

/// <summary>The back office's part of the search box: an invoice's number lands on its page; accounts are found by name.</summary>
internal sealed class InvoiceSearch(InvoiceBook invoices, AccountBook accounts) : ISearchSource
{
    private const int Most = 10;

    public async ValueTask<IReadOnlyList<SearchHit>> FindAsync(Caller caller, string text, CancellationToken cancellationToken)
    {
        var hits = new List<SearchHit>();
        if (caller.May(BackOfficePermissions.InvoiceRead))
        {
            var rows = await invoices.ListAsync(caller, new InvoiceFilter(text), DateOnly.MinValue, "", Most, cancellationToken);
            hits.AddRange(rows.Select(row => new SearchHit(
                "invoice", row.Id, row.Number, $"{row.Counterparty} · {row.IssueDate} · {Currency.Find(row.Currency)!.Format(row.TotalMinor)}", "/console/backoffice/invoices/" + row.Id,
                row.Id == text || row.Number.Equals(text, StringComparison.OrdinalIgnoreCase))));
        }

        if (caller.May(BackOfficePermissions.AccountRead))
        {
            var rows = await accounts.ListAsync(caller, text, "", Most, cancellationToken);
            hits.AddRange(rows.Select(row => new SearchHit("billing-account", row.Id, row.Name, row.Id, "/console/backoffice/accounts/" + row.Id, row.Id == text)));
        }

        return hits;
    }
}
