using System.Globalization;
using System.Text.Json;
using NodaTime;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Runs;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Dunning;

/// <summary>
/// Reads what the plan is made of, inside one reading or transaction: terms, calendar, how new the bank's files are, and the accounts with something overdue. It reads
/// over all accounts, so it is for the provider's operators and for the program itself.
/// </summary>
internal sealed class DunningReader(TimeProvider time)
{
    public async ValueTask<DunningFrame> FrameAsync(ISqlReader reader)
    {
        var terms = await reader.FirstOrDefaultAsync<TermsRow>("SELECT version, content FROM bo_dunning_terms WHERE id = 'terms'");
        var own = terms is null ? DunningTerms.Default : StoredJson.Read<DunningTerms>(terms.Content);
        var holidays = await reader.QueryAsync<string>("SELECT day FROM bo_holiday ORDER BY day");
        var zone = await reader.FirstOrDefaultAsync<string>("SELECT time_zone FROM tenant WHERE kind = 'provider'") ?? "UTC";
        var known = (await reader.QueryAsync<BankRow>("SELECT bank_account, max(as_of) AS as_of FROM bo_bank_import GROUP BY bank_account ORDER BY max(as_of), bank_account"))
            .FirstOrDefault(row => own.ClosedBankAccounts?.Contains(row.BankAccount) != true);
        return new DunningFrame(
            own, terms?.Version ?? 0, new BusinessCalendar([.. own.Rest], holidays.Select(Date)),
            new BankKnowledge(known is null ? null : Date(known.AsOf), known?.BankAccount, RunOrders.Today(time, zone)));
    }

    /// <summary>The accounts with something overdue where they are.</summary>
    /// <param name="account">Only this one, or all when null.</param>
    public async ValueTask<IReadOnlyList<DunningAccount>> AccountsAsync(ISqlReader reader, string? account)
    {
        // A due date is past somewhere on earth once it is past at +14; each account's own date decides below.
        var asked = new { Account = account ?? "", Latest = InvoiceBook.Text(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime.AddHours(14))) };
        var open = await reader.QueryAsync<OpenRow>(
            """
            SELECT i.account_id, i.id, i.number, i.due_date, i.total_minor - coalesce(s.settled, 0) AS open_minor
            FROM bo_invoice i LEFT JOIN (SELECT invoice_id, CAST(sum(amount_minor) AS bigint) AS settled FROM bo_allocation WHERE @Account = '' OR account_id = @Account GROUP BY invoice_id) AS s ON s.invoice_id = i.id
            WHERE i.kind <> 'credit' AND i.due_date < @Latest AND (@Account = '' OR i.account_id = @Account) AND i.total_minor > coalesce(s.settled, 0) ORDER BY i.account_id, i.due_date, i.id
            """,
            asked);
        if (open.Count == 0)
        {
            return [];
        }

        var passed = (await reader.QueryAsync<PassedRow>(
            """
            SELECT n.invoice_id, n.stage, d.state, d.on_day, l.sent_on FROM bo_dunning_item n JOIN bo_dunning_step d ON d.id = n.step_id LEFT JOIN bo_letter l ON l.step_id = d.id
            WHERE @Account = '' OR n.account_id = @Account ORDER BY n.invoice_id, n.stage
            """,
            asked)).ToLookup(static row => row.InvoiceId);
        var money = await MoneyAsync(reader, asked);
        var left = await PerhapsPaidAsync(reader);
        var accounts = (await reader.QueryAsync<AccountRow>(
            """
            SELECT a.id, a.tenant_path, a.name, a.attention, a.locale, a.time_zone, a.currency, a.never_suspend,
              coalesce(nullif(a.email, ''), (SELECT min(c.email) FROM contact c WHERE c.tenant_id = a.tenant_id AND c.role = 'billing')) AS address
            FROM bo_account a WHERE @Account = '' OR a.id = @Account ORDER BY a.id
            """,
            asked)).ToDictionary(static row => row.Id, StringComparer.Ordinal);
        return [.. open.GroupBy(static row => row.AccountId).Select(group => Of(accounts[group.Key], group, passed, money.GetValueOrDefault(group.Key), left)).Where(static each => each.Overdue.Count > 0)];
    }

    private DunningAccount Of(AccountRow row, IEnumerable<OpenRow> open, ILookup<string, PassedRow> passed, long unallocated, IReadOnlyList<LeftRow> left)
    {
        var local = Instant.FromDateTimeOffset(time.GetUtcNow()).InZone(DateTimeZoneProviders.Tzdb[row.TimeZone]);
        var today = local.Date.ToDateOnly();
        var invoices = open.Select(each => new DunningInvoice(
                each.Id, each.Number, Date(each.DueDate), each.OpenMinor,
                passed[each.Id].ToDictionary(static stage => stage.Stage, static stage => new DunningPassed(stage.State == DunningStepState.Skipped, stage.State == DunningStepState.Skipped ? Date(stage.OnDay) : stage.SentOn is { } sent ? Date(sent) : null))))
            .Where(invoice => invoice.Due < today).ToList();
        var (whole, each) = (invoices.Sum(static invoice => invoice.OpenMinor), invoices.Select(static invoice => invoice.OpenMinor).ToHashSet());
        return new DunningAccount(
            row.Id, row.TenantPath, row.Name, row.Attention, row.Locale, row.TimeZone, row.Currency, row.Address, row.NeverSuspend != 0, today, local.Hour, unallocated, invoices,
            [.. left.Where(booking => booking.AccountId == row.Id || (booking.AccountId is null && booking.Currency == row.Currency && (booking.AmountMinor == whole || each.Contains(booking.AmountMinor)))).Select(static booking => booking.Key)]);
    }

    /// <summary>Payments and credits of each account that are set against nothing yet.</summary>
    private static async ValueTask<Dictionary<string, long>> MoneyAsync(ISqlReader reader, object asked) => (await reader.QueryAsync<MoneyRow>(
        """
        SELECT account_id, CAST(sum(amount_minor) AS bigint) AS amount_minor FROM (
          SELECT account_id, amount_minor FROM bo_payment WHERE @Account = '' OR account_id = @Account
          UNION ALL SELECT account_id, total_minor FROM bo_invoice WHERE kind = 'credit' AND (@Account = '' OR account_id = @Account)
          UNION ALL SELECT account_id, -amount_minor FROM bo_allocation WHERE @Account = '' OR account_id = @Account) AS moved GROUP BY account_id
        """,
        asked)).ToDictionary(static row => row.AccountId, static row => row.AmountMinor, StringComparer.Ordinal);

    /// <summary>Bookings of imported files that are neither recorded nor put aside.</summary>
    public static ValueTask<IReadOnlyList<LeftRow>> PerhapsPaidAsync(ISqlReader reader) => reader.QueryAsync<LeftRow>(
        """
        SELECT b.booking AS key, b.account_id, b.booked_on, b.amount_minor, b.currency, b.payer FROM bo_bank_left b
        WHERE b.dismissed_at IS NULL AND NOT EXISTS (SELECT 1 FROM bo_payment p WHERE p.source = 'bank' AND p.foreign_key = b.booking) ORDER BY b.booked_on, b.booking
        """);

    private static DateOnly Date(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private sealed record TermsRow(long Version, string Content);

    private sealed record BankRow(string BankAccount, string AsOf);

    private sealed record OpenRow(string AccountId, string Id, string Number, string DueDate, long OpenMinor);

    private sealed record PassedRow(string InvoiceId, string Stage, string State, string OnDay, string? SentOn);

    private sealed record MoneyRow(string AccountId, long AmountMinor);

    private sealed record AccountRow(string Id, string TenantPath, string Name, string? Attention, string Locale, string TimeZone, string Currency, long NeverSuspend, string? Address);
}

/// <summary>What holds for all accounts.</summary>
/// <param name="Version">Of the terms; 0 while nobody wrote any.</param>
internal sealed record DunningFrame(DunningTerms Terms, long Version, BusinessCalendar Calendar, BankKnowledge Bank)
{
    public bool IsStale => DunningPlan.IsStale(Terms, Calendar, Bank);
}

/// <summary>A booking that waits for a person.</summary>
/// <param name="AccountId">Whose it may be; null when nobody's fits.</param>
internal sealed record LeftRow(string Key, string? AccountId, string BookedOn, long AmountMinor, string Currency, string Payer);
