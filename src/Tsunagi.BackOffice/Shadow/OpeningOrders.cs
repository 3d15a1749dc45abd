using System.Globalization;
using System.Text.Json;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Shadow;

/// <summary>Takes over the open invoices of the system before: they are paid, aged and booked here under the numbers they have. The same file twice changes nothing.</summary>
internal sealed class OpeningOrders(Stores stores, AccountBook accounts, BackOfficeOptions options, ChangeRecorder changes, TimeProvider time)
{
    public const int MostItems = 500;
    private const string Series = "opening";

    public async ValueTask<Outcome<OpeningResult>> ImportAsync(Caller caller, NewOpening wanted, CancellationToken cancellationToken)
    {
        if (wanted.Items.Count is 0 or > MostItems)
        {
            return Refusal.Invalid("backoffice.opening.items", "items", $"there are {wanted.Items.Count} items", $"1 to {MostItems} at a time");
        }

        var found = new List<(BillingAccount Account, OpeningItem Item, DateOnly Issued, DateOnly Due)>();
        for (var i = 0; i < wanted.Items.Count; i++)
        {
            var item = wanted.Items[i];
            if (await accounts.FindAsync(caller, item.AccountId, cancellationToken) is not { } account)
            {
                return Refusal.NotFound("billing account", item.AccountId);
            }

            if (Check(item, i, out var issued, out var due) is { } refusal)
            {
                return refusal;
            }

            found.Add((account, item, issued, due));
        }

        return await stores.Control.WriteAsync<Outcome<OpeningResult>>(
            async transaction =>
            {
                var added = 0;
                foreach (var (account, item, issued, due) in found)
                {
                    var known = await transaction.FirstOrDefaultAsync<InvoiceRow>($"SELECT {InvoiceRow.Columns} FROM bo_invoice i WHERE i.number = @Number", new { item.Number });
                    if (known is not null)
                    {
                        if ((known.AccountId, known.Kind, known.TotalMinor, known.IssueDate) != (account.Id, InvoiceKind.Opening, item.OpenMinor, InvoiceBook.Text(issued)))
                        {
                            return Refusal.Conflict("backoffice.opening.number", $"the number {item.Number} already stands for another document", "items");
                        }

                        continue;
                    }

                    await AddAsync(transaction, caller, account, item, issued, due);
                    added++;
                }

                return new OpeningResult(added, found.Count - added);
            },
            cancellationToken);
    }

    private async ValueTask AddAsync(ISqlTransaction transaction, Caller caller, BillingAccount account, OpeningItem item, DateOnly issued, DateOnly due)
    {
        var seq = await InvoiceIssuer.TakeNumbersAsync(transaction, Series, 1);
        var last = await transaction.FirstOrDefaultAsync<long?>("SELECT max(account_seq) FROM bo_invoice WHERE account_id = @Id", new { account.Id }) ?? 0;
        var document = new InvoiceDocument
        {
            Kind = DocumentKind.Invoice, Number = item.Number, IssueDate = issued, DueDate = due, Issuer = options.Issuer.Party(await InvoiceIssuer.ProviderAsync(transaction)),
            Customer = DocumentMaker.CustomerOf(account), Language = account.Locale == "ja" ? DocumentLanguage.Japanese : DocumentLanguage.English, Currency = account.Currency, Lines = [],
            TaxSubtotals = [], NetMinor = item.OpenMinor, TaxMinor = 0, TotalMinor = item.OpenMinor, AmountDueMinor = item.OpenMinor,
        };
        var row = new DocumentRow(
            Id.New("iv", time), account.TenantPath, account.Id, InvoiceKind.Opening, Series, seq, item.Number, last + 1, InvoiceBook.Text(issued)[..7], null, InvoiceBook.Text(issued), InvoiceBook.Text(due),
            account.Currency, item.OpenMinor, 0, item.OpenMinor, account.Name, null, null, time.NowMicros(), BillMaker.RulesVersion, "", "", StoredJson.Write(document), time.NowMicros(), caller.ActorName);
        await InvoiceIssuer.InsertAsync(transaction, row, []);
        await LedgerWriter.BookAsync(transaction, LedgerWriter.OpeningItem(row, time));
        await changes.RecordAsync(
            transaction, caller, BackOfficeEvents.OpeningImported, row.Id, account.TenantPath, null, item, JsonSerializer.Serialize(new { item.Number, item.OpenMinor }));
    }

    private static Refusal? Check(OpeningItem item, int i, out DateOnly issued, out DateOnly due)
    {
        due = default;
        var at = string.Create(CultureInfo.InvariantCulture, $"items[{i}]");
        if (!DateOnly.TryParseExact(item.IssueDate, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out issued)
            || !DateOnly.TryParseExact(item.DueDate, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out due))
        {
            return Refusal.Invalid("backoffice.opening.date", at + ".issueDate", $"a date of {item.Number} is none", "YYYY-MM-DD");
        }

        if (item.Number.Length is 0 or > 60 || item.Number.Any(static c => char.IsControl(c) || char.IsWhiteSpace(c)))
        {
            return Refusal.Invalid("backoffice.opening.text", at + ".number", "the number is empty, too long, or holds blanks", "1 to 60 characters");
        }

        return item.OpenMinor is < 1 or > 1_000_000_000_000_000
            ? Refusal.Invalid("backoffice.opening.amount", at + ".openMinor", $"of {item.Number} {item.OpenMinor} is open", "1 or more")
            : null;
    }
}

/// <summary>The request to take over open invoices.</summary>
public sealed record NewOpening(IReadOnlyList<OpeningItem> Items);

/// <summary>One invoice of the system before that is not paid whole.</summary>
/// <param name="OpenMinor">What is open of it with tax, in minor units.</param>
public sealed record OpeningItem(string AccountId, string Number, string IssueDate, string DueDate, long OpenMinor);

/// <summary>What was taken over, and what was there already.</summary>
public sealed record OpeningResult(int Added, int Known);
