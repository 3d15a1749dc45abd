using System.Globalization;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Documents;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice.Invoices;

/// <summary>Reads issued documents as one caller may see them.</summary>
public sealed class InvoiceBook(Stores stores)
{
    internal const string Last = "~";

    public static readonly TenantQuery ById = new("backoffice.invoice.by-id", $$"""SELECT {{InvoiceRow.Columns}} FROM bo_invoice i WHERE {tenant:i} AND (i.id = @Id OR i.number = @Id)""");

    public static readonly TenantQuery Content = new("backoffice.invoice.content", "SELECT bill, document FROM bo_invoice WHERE {tenant} AND id = @Id");

    public static readonly TenantQuery List = new("backoffice.invoice.list", $$"""
        SELECT * FROM (SELECT {{InvoiceRow.Columns}} FROM bo_invoice i WHERE {tenant:i} AND i.id < @Before
            AND (@Account = '' OR i.account_id = @Account) AND (@Kind = '' OR i.kind = @Kind) AND (@Period = '' OR i.period = @Period) AND i.issue_date >= @From AND i.issue_date <= @To
            AND (@Text = '' OR i.id = @Text OR i.number = @Upper OR lower(i.counterparty) LIKE @Like OR i.issue_date = @Text OR i.total_minor = @Amount)) AS found
        WHERE @State = '' OR (@State = 'open' AND kind <> 'credit' AND total_minor > settled_minor) OR (@State = 'overdue' AND kind <> 'credit' AND total_minor > settled_minor AND due_date < @Today)
          OR (@State = 'settled' AND total_minor <= settled_minor) ORDER BY id DESC LIMIT @Limit
        """);

    /// <summary>What is open, of one account or all the caller sees, oldest first.</summary>
    public static readonly TenantQuery Open = new("backoffice.invoice.open", $$"""
        SELECT * FROM (SELECT {{InvoiceRow.Columns}} FROM bo_invoice i WHERE {tenant:i} AND i.kind <> 'credit' AND (@Account = '' OR i.account_id = @Account)) AS found
        WHERE total_minor > settled_minor ORDER BY due_date, id LIMIT @Limit
        """);

    public static readonly TenantQuery Aging = new("backoffice.invoice.aging", $$"""
        SELECT currency, bucket, count(*) AS items, CAST(sum(total_minor - settled_minor) AS bigint) AS open_minor FROM (
          SELECT currency, total_minor, settled_minor,
            CASE WHEN due_date >= @Today THEN 0 WHEN due_date >= @Days30 THEN 1 WHEN due_date >= @Days60 THEN 2 WHEN due_date >= @Days90 THEN 3 ELSE 4 END AS bucket
          FROM (SELECT {{InvoiceRow.Columns}} FROM bo_invoice i WHERE {tenant:i} AND i.kind <> 'credit' AND (@Account = '' OR i.account_id = @Account)) AS each_one WHERE total_minor > settled_minor) AS open_ones
        GROUP BY currency, bucket ORDER BY currency, bucket
        """);

    /// <param name="id">iv_…, or the number.</param>
    public ValueTask<InvoiceRow?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<InvoiceRow>(ById, new { Id = id }, cancellationToken);

    public async ValueTask<InvoiceDocument?> DocumentAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        await ContentAsync(caller, id, cancellationToken) is { } content ? StoredJson.Read<InvoiceDocument>(content.Document) : null;

    public async ValueTask<Bill?> BillAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        await ContentAsync(caller, id, cancellationToken) is { Bill.Length: > 0 } content ? StoredJson.Read<Bill>(content.Bill) : null;

    public ValueTask<IReadOnlyList<InvoiceRow>> ListAsync(Caller caller, InvoiceFilter filter, DateOnly today, string before, int limit, CancellationToken cancellationToken)
    {
        var text = filter.Text?.Trim() ?? "";
        return new TenantStore(stores.Control, caller.Scope).QueryAsync<InvoiceRow>(
            List,
            new
            {
                Before = before.Length == 0 ? Last : before, Account = filter.Account ?? "", Kind = filter.Kind ?? "", Period = filter.Period ?? "", From = filter.From ?? "", To = filter.To ?? "9999",
                Text = text, Upper = text.ToUpperInvariant(), Like = AccountBook.Contains(text), Amount = AmountIn(text), State = filter.State ?? "", Today = Text(today), Limit = (long)limit,
            },
            cancellationToken);
    }

    /// <param name="account">Of this account, or of all the caller sees.</param>
    public ValueTask<IReadOnlyList<InvoiceRow>> OpenAsync(Caller caller, string? account, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<InvoiceRow>(Open, new { Account = account ?? "", Limit = (long)limit }, cancellationToken);

    /// <summary>What is open by how long it is overdue.</summary>
    public ValueTask<IReadOnlyList<AgingRow>> AgingAsync(Caller caller, string? account, DateOnly today, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<AgingRow>(
            Aging,
            new { Account = account ?? "", Today = Text(today), Days30 = Text(today.AddDays(-30)), Days60 = Text(today.AddDays(-60)), Days90 = Text(today.AddDays(-90)) },
            cancellationToken);

    internal ValueTask<InvoiceContent?> ContentAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<InvoiceContent>(Content, new { Id = id }, cancellationToken);

    internal static string Text(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    // "¥12,345" finds the invoice of that total; cents are looked for as they are kept.
    private static long AmountIn(string text)
    {
        var digits = new string([.. text.Where(char.IsAsciiDigit)]);
        return digits.Length is > 0 and < 16 && text.All(static c => char.IsAsciiDigit(c) || c is '¥' or ',' or '.' or '$' or '€' or '円' or ' ') ? long.Parse(digits, CultureInfo.InvariantCulture) : -1;
    }
}

/// <summary>Which documents.</summary>
/// <param name="Text">A number, an id, a part of the customer's name, a date, an amount.</param>
/// <param name="State">"open", "overdue", "settled".</param>
public sealed record InvoiceFilter(string? Text = null, string? Account = null, string? Kind = null, string? Period = null, string? From = null, string? To = null, string? State = null);

/// <summary>Open amounts: bucket 0 is not due yet, 1 to 30 days overdue, 2 to 60, 3 to 90, 4 longer.</summary>
public sealed record AgingRow(string Currency, long Bucket, long Items, long OpenMinor);
