using System.Globalization;
using System.Text;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice.Ledger;

/// <summary>Writes the ledger out: as a journal that hledger reads and checks, or as CSV. Entries stand in the order of their dates.</summary>
internal sealed class LedgerBook(Stores stores)
{
    private const int EntriesAtATime = 500;

    /// <summary>Balances by ledger account and currency, for a comparison with what another program makes of the journal.</summary>
    public ValueTask<IReadOnlyList<LedgerBalance>> BalancesAsync(CancellationToken cancellationToken) => stores.Control.ReadAsync(
        static reader => reader.QueryAsync<LedgerBalance>(
            """
            SELECT p.ledger_account, p.currency, CAST(sum(p.amount_minor) AS bigint) AS amount_minor FROM bo_posting p JOIN bo_entry e ON e.id = p.entry_id
            GROUP BY p.ledger_account, p.currency ORDER BY p.ledger_account, p.currency
            """),
        cancellationToken);

    /// <param name="hledger">A journal; false for CSV.</param>
    /// <param name="from">Booked on this date or later.</param>
    /// <param name="to">Booked on this date or earlier.</param>
    public async Task WriteAsync(TextWriter output, bool hledger, string from, string to, CancellationToken cancellationToken)
    {
        if (hledger)
        {
            await WriteHeadAsync(output, cancellationToken);
        }
        else
        {
            await output.WriteAsync("date,entry,text,source,account,currency,amount\r\n");
        }

        var (date, id) = (from, "");
        while (true)
        {
            var rows = await stores.Control.ReadAsync(
                reader => reader.QueryAsync<EntryRow>(
                    """
                    SELECT e.id, e.booked_on, e.narration, e.source_id, p.no, p.ledger_account, p.currency, p.amount_minor
                    FROM (SELECT id, booked_on, narration, source_id FROM bo_entry WHERE booked_on <= @To AND (booked_on > @Date OR (booked_on = @Date AND id > @Id)) ORDER BY booked_on, id LIMIT @Limit) AS e
                    JOIN bo_posting p ON p.entry_id = e.id ORDER BY e.booked_on, e.id, p.no
                    """,
                    new { To = to, Date = date, Id = id, Limit = (long)EntriesAtATime }),
                cancellationToken);
            if (rows.Count == 0)
            {
                return;
            }

            foreach (var entry in rows.GroupBy(static row => row.Id))
            {
                await output.WriteAsync(hledger ? Journal([.. entry]) : Csv(entry));
            }

            (date, id) = (rows[^1].BookedOn, rows[^1].Id);
        }
    }

    /// <summary>Declares currencies and accounts, so that hledger's strict checks can be run.</summary>
    private async Task WriteHeadAsync(TextWriter output, CancellationToken cancellationToken)
    {
        var balances = await BalancesAsync(cancellationToken);
        foreach (var currency in balances.Select(static each => each.Currency).Distinct().Order(StringComparer.Ordinal))
        {
            var digits = Currency.Find(currency)!.MinorDigits;
            await output.WriteAsync($"commodity {currency} 1000.{new string('0', digits)}\n");
        }

        foreach (var account in balances.Select(static each => each.LedgerAccount).Distinct().Order(StringComparer.Ordinal))
        {
            await output.WriteAsync($"account {account}\n");
        }

        await output.WriteAsync("\n");
    }

    private static string Journal(IReadOnlyList<EntryRow> entry)
    {
        var text = new StringBuilder($"{entry[0].BookedOn} {entry[0].Narration.Replace(';', ',').ReplaceLineEndings(" ")}  ; id:{entry[0].SourceId}\n");
        foreach (var posting in entry)
        {
            text.Append(CultureInfo.InvariantCulture, $"    {posting.LedgerAccount}  {posting.Currency} {Decimal(posting)}\n");
        }

        return text.Append('\n').ToString();
    }

    private static string Csv(IEnumerable<EntryRow> entry)
    {
        var text = new StringBuilder();
        foreach (var posting in entry)
        {
            text.Append(CultureInfo.InvariantCulture, $"{posting.BookedOn},{posting.Id},\"{posting.Narration.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{posting.SourceId},{posting.LedgerAccount},{posting.Currency},{Decimal(posting)}\r\n");
        }

        return text.ToString();
    }

    private static string Decimal(EntryRow posting)
    {
        var currency = Currency.Find(posting.Currency)!;
        return ((decimal)posting.AmountMinor / currency.MinorPerUnit).ToString("F" + currency.MinorDigits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    private sealed record EntryRow(string Id, string BookedOn, string Narration, string SourceId, long No, string LedgerAccount, string Currency, long AmountMinor);
}

/// <summary>What one ledger account has come to.</summary>
public sealed record LedgerBalance(string LedgerAccount, string Currency, long AmountMinor);
