using System.Globalization;
using System.Text.Json;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Orders;
using Tsunagi.BackOffice.Reports;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Ledger;

/// <summary>
/// Closes civil months: what was earned in each moves from deferred to revenue. (1) Every month from the first with something deferred to the one asked, oldest first; (2) some accounts at a time, one
/// transaction each where something differs: (3) what must be released with the month's end, a pure function of what is known, less what was released with it and before; (4) the difference is booked on the month's last day. Closed
/// a second time a month has no difference and nothing is booked; cut off anywhere it is closed again from the start. Nothing is ever changed: what became known later is one more entry.
/// </summary>
internal sealed class MonthCloser(Stores stores, CivilDay day, ChangeRecorder changes, BackOfficeOptions options, TimeProvider time)
{
    /// <summary>So often a batch is tried where others close the same month: each time one of them gets on.</summary>
    private const int Attempts = 5;

    public static readonly Refusal NotOperator = new(RefusalKind.Forbidden, "backoffice.closing.operator", "months are closed by the provider");

    public ValueTask<IReadOnlyList<Closing>> ListAsync(Caller caller, CancellationToken cancellationToken) => !caller.IsOperator ? ValueTask.FromResult<IReadOnlyList<Closing>>([]) : stores.Control.ReadAsync(
        static reader => reader.QueryAsync<Closing>("SELECT id, month, closed_at, closed_by, entries FROM bo_closing ORDER BY id DESC LIMIT 200"), cancellationToken);

    public async ValueTask<Outcome<Closing>> CloseAsync(Caller caller, string month, CancellationToken cancellationToken)
    {
        if (!caller.IsOperator)
        {
            return NotOperator;
        }

        var running = MonthSpan.Of(await day.TodayAsync(cancellationToken));
        if (!MonthSpan.TryParse(month, out var wanted) || wanted >= running)
        {
            return Refusal.Invalid("backoffice.closing.month", "month", $"\"{month}\" is no month that is over", $"YYYY-MM, {MonthSpan.Text(running - 1)} or before");
        }

        // :: (1)
        var begins = await stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<string>("SELECT min(booked_on) FROM bo_deferral"), cancellationToken);
        var first = begins is null ? wanted : MonthSpan.Of(CivilTime.Read(begins));
        var entries = 0L;
        for (var each = first; each <= wanted; each++)
        {
            entries += await CloseOneAsync(each, cancellationToken);
        }

        var closing = new Closing(Id.New("mc", time), month, time.NowMicros(), caller.ActorName, entries);
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync("INSERT INTO bo_closing (id, month, closed_at, closed_by, entries) VALUES (@Id, @Month, @ClosedAt, @ClosedBy, @Entries)", closing);
                await changes.RecordAsync(transaction, caller, BackOfficeEvents.MonthClosed, closing.Id, caller.Scope.Path, null, closing, JsonSerializer.Serialize(new { month, entries }));
                return true;
            },
            cancellationToken);
        return closing;
    }

    private async ValueTask<long> CloseOneAsync(int month, CancellationToken cancellationToken)
    {
        var (name, start) = (MonthSpan.Text(month), new DateOnly(month / 12, (month % 12) + 1, 1));
        var (last, entries) = ("", 0L);
        while (true)
        {
            // :: (2) A deferral that was over before the month began was released with an earlier one, unless it was invoiced in this.
            var asked = new { Start = CivilTime.Text(start), After = CivilTime.Text(start.AddMonths(1)), Last = last, Limit = (long)options.ClosedAtATime };
            var (accounts, differ) = await stores.Control.ReadAsync(
                async reader =>
                {
                    var some = await reader.QueryAsync<string>(
                        "SELECT DISTINCT account_id FROM bo_deferral WHERE booked_on < @After AND (after_day > @Start OR booked_on >= @Start) AND account_id > @Last ORDER BY account_id LIMIT @Limit", asked);
                    return (some, some.Count == 0 ? [] : (await DifferencesAsync(reader, name, start, some)).Select(static own => own[0].Row.AccountId).Distinct().ToList());
                },
                cancellationToken);
            if (accounts.Count == 0)
            {
                return entries;
            }

            // Nothing is written where nothing differs: most months were closed long ago.
            entries += differ.Count == 0 ? 0 : await ReleaseAsync(name, start, differ, cancellationToken);
            last = accounts[^1];
        }
    }

    private async ValueTask<long> ReleaseAsync(string month, DateOnly start, IReadOnlyList<string> accounts, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await stores.Control.WriteAsync(transaction => ReleaseAsync(transaction, month, start, accounts), cancellationToken);
            }
            catch (ConstraintViolationException race) when (race.Kind == ConstraintKind.Unique && attempt < Attempts)
            {
                // Another closing booked the same difference at the same moment: what is left after it is looked for again.
            }
        }
    }

    private async ValueTask<long> ReleaseAsync(ISqlTransaction transaction, string month, DateOnly start, IReadOnlyList<string> accounts)
    {
        // :: (4) The differences are told again: what was read before the transaction may be booked by now.
        var found = await DifferencesAsync(transaction, month, start, accounts);
        foreach (var parts in found)
        {
            var (account, currency) = (parts[0].Row.AccountId, parts[0].Row.Currency);

            // Each closing that found something has a number, so that two that ran at once cannot both book it.
            var before = await transaction.FirstOrDefaultAsync<long>(
                "SELECT count(*) FROM bo_entry WHERE account_id = @AccountId AND source_id >= @Head AND source_id < @End",
                new { AccountId = account, Head = $"release:{month}:{account}:{currency}:", End = $"release:{month}:{account}:{currency};" });
            var entry = LedgerWriter.Release(
                string.Create(CultureInfo.InvariantCulture, $"release:{month}:{account}:{currency}:{before + 1}"), month, parts, CivilTime.Text(start.AddMonths(1).AddDays(-1)), time);
            await LedgerWriter.BookAsync(transaction, entry);
            await transaction.WriteRowsAsync(Releases, [.. parts.Select(part => (object?[])[part.Row.InvoiceId, part.Row.LineNo, month, entry.Id, part.Row.TenantPath, part.AmountMinor])]);
        }

        return found.Count;
    }

    /// <summary>What differs of a month, by account and currency; none of them is empty.</summary>
    private static async ValueTask<IReadOnlyList<IReadOnlyList<(DeferralRow Row, long AmountMinor)>>> DifferencesAsync(ISqlReader reader, string month, DateOnly start, IReadOnlyList<string> accounts)
    {
        // :: (3)
        var after = start.AddMonths(1);
        var asked = new { Accounts = accounts, Start = CivilTime.Text(start), After = CivilTime.Text(after), Month = month };
        var zones = (await reader.QueryAsync<(string Id, string Zone)>("SELECT id, time_zone FROM bo_account WHERE id IN @Accounts", asked)).ToDictionary(static row => row.Id, static row => row.Zone, StringComparer.Ordinal);
        var deferrals = await DeferralReader.ReadAsync(
            reader,
            $"SELECT {DeferralRow.Columns} FROM bo_deferral d WHERE d.account_id IN @Accounts AND d.booked_on < @After AND (d.after_day > @Start OR d.booked_on >= @Start) ORDER BY d.account_id, d.currency, d.invoice_id, d.line_no",
            asked, account => zones[account]);
        var released = (await reader.QueryAsync<ReleasedRow>(
            """
            SELECT r.invoice_id, r.line_no, CAST(sum(r.amount_minor) AS bigint) AS amount_minor FROM bo_deferral d
            JOIN bo_release r ON r.invoice_id = d.invoice_id AND r.line_no = d.line_no
            WHERE d.account_id IN @Accounts AND d.booked_on < @After AND (d.after_day > @Start OR d.booked_on >= @Start) AND r.month <= @Month GROUP BY r.invoice_id, r.line_no
            """,
            asked)).ToDictionary(static row => (row.InvoiceId, row.LineNo), static row => row.AmountMinor);
        return
        [
            .. deferrals.Select(each => (each.Row, AmountMinor: checked(each.Deferral.ReleasedWith(after) - released.GetValueOrDefault((each.Row.InvoiceId, each.Row.LineNo)))))
                .Where(static part => part.AmountMinor != 0).GroupBy(static part => (part.Row.AccountId, part.Row.Currency)).Select(static own => own.ToList()),
        ];
    }

    private static readonly RowStatement Releases = RowStatement.Insert("bo_release", [
        RowColumn.Text("invoice_id"), RowColumn.Number("line_no"), RowColumn.Text("month"), RowColumn.Text("entry_id"), RowColumn.Text("tenant_path"), RowColumn.Number("amount_minor"),
    ]);

    private sealed record ReleasedRow(string InvoiceId, long LineNo, long AmountMinor);
}

/// <summary>A month that was closed, with those before it.</summary>
/// <param name="Entries">How many entries were booked; 0 when nothing had become known since the last time.</param>
public sealed record Closing(string Id, string Month, long ClosedAt, string ClosedBy, long Entries);
