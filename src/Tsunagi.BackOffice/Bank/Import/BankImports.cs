using System.Globalization;
using System.Text.Json;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bank.Matching;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Payments;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice.Bank.Import;

/// <summary>
/// Reads a bank's file and says what each booking pays; records what is sure when asked to. The same file again records nothing again.
/// </summary>
/// <remarks>
/// A file's way:
/// (1) <see cref="BankFile"/> reads it whole; one fault refuses it.
/// (2) Bookings that are payments already are known by their key.
/// (3) Open invoices and what payers are known by are read: the account's name, the references <c>virtualAccount</c> and <c>payerAccount</c> of the account, and the payers of
///     all payments recorded before (so a name assigned once by hand is known from then on).
/// (4) Each new booking is matched; what an earlier booking of the file pays is no longer open for the next.
/// (5) Sure matches, and with <see cref="NewBankImport.Probable"/> the probable ones, become payments set against just those invoices.
/// (6) When it records: up to which day each account's file reaches, and the bookings that are left to a person, are kept; dunning asks for both.
/// </remarks>
internal sealed class BankImports(Stores stores, AccountBook accounts, InvoiceBook invoices, PaymentOrders payments, BankImportKeeper keeper, CivilDay day, BackOfficeOptions options)
{
    /// <summary>Source of the payments: with a booking's id it is their key.</summary>
    public const string Source = "bank";

    public static readonly TenantQuery Known = new("backoffice.bank.known", """
        SELECT p.id, p.foreign_key FROM bo_payment p WHERE {tenant:p} AND p.source = 'bank' AND p.received_on >= @From AND p.received_on <= @To
        """);

    private const int MaxFaultsTold = 5, MaxOpen = 200_000, AccountsAtATime = 1_000, MaxPayer = 200, MaxReference = 500;

    public async ValueTask<Outcome<BankImportReport>> ImportAsync(Caller caller, NewBankImport wanted, CancellationToken cancellationToken)
    {
        // :: Step 1
        if (await ReadAsync(wanted, cancellationToken) is var read && !read.Ok)
        {
            return read.Refusal;
        }

        if (wanted.AsOf is { } asOf && !DateOnly.TryParseExact(asOf, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            return Refusal.Invalid("backoffice.bank.as-of", "asOf", $"\"{asOf}\" is not a date", "YYYY-MM-DD");
        }

        var statements = read.Value;
        var entries = statements.SelectMany(statement => statement.Entries).ToList();

        // :: Steps 2 and 3
        var known = await KnownAsync(caller, entries, cancellationToken);
        var paying = await PayingAsync(caller, cancellationToken);
        var open = (await invoices.OpenAsync(caller, null, MaxOpen, cancellationToken)).Select(row => new OpenInvoice(
            row.Number, row.AccountId, row.Currency, row.OpenMinor, DateOnly.ParseExact(row.DueDate ?? row.IssueDate, "yyyy-MM-dd", CultureInfo.InvariantCulture))).ToList();
        var ledger = new OpenLedger(open, paying, options.Matching);

        // :: Steps 4 and 5
        var lines = new List<BankImportLine>(entries.Count);
        foreach (var entry in entries)
        {
            lines.Add(known.TryGetValue(entry.Id, out var payment)
                ? Line(entry, BankImportState.Known, PaymentMatch.Nothing(MatchReason.NotAPayment, 0), payment)
                : await TakeAsync(caller, wanted, entry, ledger, cancellationToken));
        }

        // :: Step 6
        if (wanted.Record)
        {
            await keeper.KeepAsync(caller, statements, wanted.AsOf, lines, cancellationToken);
        }

        return new BankImportReport(
            [.. statements.Select(statement => new BankImportAccount(statement.Account, statement.Currency, statement.From, statement.To, statement.OpeningMinor, statement.ClosingMinor, statement.Entries.Count))],
            lines.Count(line => line.State == BankImportState.Recorded),
            lines.Count(line => line.State == BankImportState.Known),
            lines.Count(line => line.State is BankImportState.Proposed or BankImportState.Unmatched or BankImportState.Failed),
            lines,
            [.. statements.SelectMany(statement => statement.Refusals)]);
    }

    private async ValueTask<Outcome<IReadOnlyList<BankStatement>>> ReadAsync(NewBankImport wanted, CancellationToken cancellationToken)
    {
        var file = new byte[wanted.Content.Length];
        if (!Convert.TryFromBase64String(wanted.Content, file, out var length))
        {
            return Refusal.Invalid("backoffice.bank.base64", "content", "the content is not base64", "the file's octets in base64");
        }

        var today = await day.TodayAsync(cancellationToken);
        return BankFile.TryRead(file.AsSpan(0, length), wanted.Csv, today, options.Bank, out var statements, out var faults)
            ? Outcome.Of(statements)
            : Refusal.Invalid("backoffice.bank.file", "content", "the file is refused: " + string.Join("; ", faults.Take(MaxFaultsTold)), "a sound file of camt.053, Zengin 01, 03 or 91, or CSV with a mapping");
    }

    private async ValueTask<Dictionary<string, string>> KnownAsync(Caller caller, List<BankEntry> entries, CancellationToken cancellationToken)
    {
        if (entries.Count == 0)
        {
            return [];
        }

        var range = new { From = InvoiceBook.Text(entries.Min(entry => entry.BookingDate)), To = InvoiceBook.Text(entries.Max(entry => entry.BookingDate)) };
        return (await new TenantStore(stores.Control, caller.Scope).QueryAsync<KnownRow>(Known, range, cancellationToken)).ToDictionary(row => row.ForeignKey, row => row.Id);
    }

    private async ValueTask<List<PayingAccount>> PayingAsync(Caller caller, CancellationToken cancellationToken)
    {
        var paying = new List<PayingAccount>();
        for (var after = ""; ;)
        {
            var page = await accounts.ListAsync(caller, "", after, AccountsAtATime, cancellationToken);
            var payers = await PayersAsync([.. page.Select(account => account.Id)], cancellationToken);
            paying.AddRange(page.Select(account => ToPaying(account, payers[account.Id])));
            if (page.Count < AccountsAtATime)
            {
                return paying;
            }

            after = page[^1].Id;
        }
    }

    /// <summary>Who has paid for each account before. Ask only for accounts that were found.</summary>
    private async ValueTask<ILookup<string, string>> PayersAsync(IReadOnlyList<string> accountIds, CancellationToken cancellationToken) =>
        (await stores.Control.ReadAsync(
            reader => reader.QueryAsync<PayerRow>("SELECT DISTINCT account_id, payer FROM bo_payment WHERE account_id IN @Accounts AND payer <> ''", new { Accounts = accountIds }),
            cancellationToken)).ToLookup(static row => row.AccountId, static row => row.Payer);

    private static PayingAccount ToPaying(BillingAccount account, IEnumerable<string> payers)
    {
        var refs = JsonSerializer.Deserialize<Dictionary<string, string>>(account.ExternalRefs) ?? [];
        return new PayingAccount(account.Id)
        {
            CustomerNumber = account.Id,
            VirtualAccount = refs.GetValueOrDefault("virtualAccount"),
            PayerAccounts = refs.TryGetValue("payerAccount", out var payer) ? [payer] : [],
            Names = [account.Name, .. payers],
        };
    }

    private async ValueTask<BankImportLine> TakeAsync(Caller caller, NewBankImport wanted, BankEntry entry, OpenLedger ledger, CancellationToken cancellationToken)
    {
        var match = ledger.Match(entry);
        if (match.Reason == MatchReason.NotAPayment)
        {
            return Line(entry, BankImportState.Skipped, match);
        }

        if (match.Grade == MatchGrade.None)
        {
            return Line(entry, BankImportState.Unmatched, match);
        }

        ledger.Pay(match);
        if (!wanted.Record || (match.Grade == MatchGrade.Probable && !wanted.Probable))
        {
            return Line(entry, BankImportState.Proposed, match);
        }

        var recorded = await payments.RecordAsync(
            caller,
            new NewPayment(match.AccountId!, InvoiceBook.Text(entry.BookingDate), entry.AmountMinor, entry.Id, Short(entry.PayerName, MaxPayer), Short(entry.Reference, MaxReference), Source, Allocate: false),
            cancellationToken);
        if (!recorded.Ok)
        {
            return Line(entry, BankImportState.Failed, match, problem: recorded.Refusal.Message);
        }

        var allocated = await payments.AllocateAsync(caller, recorded.Value.Id, new NewAllocation([.. match.Parts.Select(part => part.Number)]), cancellationToken);
        return Line(entry, BankImportState.Recorded, match, recorded.Value.Id, allocated.Ok ? null : allocated.Refusal.Message);
    }

    private static BankImportLine Line(BankEntry entry, BankImportState state, PaymentMatch match, string? payment = null, string? problem = null) =>
        new(entry.Id, InvoiceBook.Text(entry.BookingDate), entry.AmountMinor, entry.Currency, entry.PayerName, entry.Reference, state, match, payment, problem);

    private static string Short(string text, int length) => text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    private sealed record KnownRow(string Id, string ForeignKey);

    private sealed record PayerRow(string AccountId, string Payer);
}
