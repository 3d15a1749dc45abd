using System.Text.Json;
using Tsunagi.BackOffice.Reports;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Statements;

/// <summary>Keeps the figures of the provider's general ledger and its markets, for the statements. The provider's only.</summary>
internal sealed class GeneralLedger(Stores stores, ChangeRecorder changes, TimeProvider time)
{
    public const int MostAtOnce = 20_000, MaxPart = 60, MaxCompany = 200;
    public static readonly Refusal NotOperator = new(RefusalKind.Forbidden, "backoffice.ledger.operator", "the general ledger is the provider's");
    private const long Most = 1_000_000_000_000_000;

    public async ValueTask<IReadOnlyList<GlEntry>> ReadAsync(Caller caller, string from, string to, CancellationToken cancellationToken) => !caller.IsOperator ? [] : await stores.Control.ReadAsync(
        reader => reader.QueryAsync<GlEntry>("SELECT month, line, part, amount_minor FROM bo_gl WHERE month >= @From AND month <= @To ORDER BY month, line, part", new { From = from, To = to }), cancellationToken);

    public async ValueTask<IReadOnlyList<MarketCompany>> MarketsAsync(Caller caller, CancellationToken cancellationToken) => !caller.IsOperator ? [] : [.. (await stores.Control.ReadAsync(
        static reader => reader.QueryAsync<CompanyRow>("SELECT industry, rank, company, account_id FROM bo_market ORDER BY industry, rank, company"), cancellationToken))
        .Select(static row => new MarketCompany(row.Industry, (int)row.Rank, row.Company, row.AccountId))];

    /// <summary>Revenue by month as it was booked here, apart for accounts that came with an acquired business.</summary>
    public async ValueTask<IReadOnlyList<BookedRevenue>> BookedAsync(Caller caller, string currency, MonthSpan span, CancellationToken cancellationToken) => !caller.IsOperator ? [] : await stores.Control.ReadAsync<IReadOnlyList<BookedRevenue>>(
        async reader =>
        {
            // Of few accounts: their revenue is read by itself, and what is left is the others'.
            var acquired = (await reader.QueryAsync<AcquiredRow>("SELECT id, external_refs FROM bo_account WHERE external_refs LIKE '%\"acquired\":%' ORDER BY id"))
                .Select(static row => (row.Id, Name: JsonSerializer.Deserialize<Dictionary<string, string>>(row.ExternalRefs)?.GetValueOrDefault("acquired") ?? "")).Where(static row => row.Name.Length > 0).ToList();
            var asked = new { Currency = currency, span.Days.First, span.Days.Last };
            var rows = (await reader.QueryAsync<BookedRow>(
                """
                SELECT substr(e.booked_on, 1, 7) AS month, p.ledger_account, p.category, CAST(-sum(p.amount_minor) AS bigint) AS amount_minor FROM bo_posting p JOIN bo_entry e ON e.id = p.entry_id
                WHERE p.ledger_account >= 'revenue:' AND p.ledger_account < 'revenue;' AND p.currency = @Currency AND e.booked_on >= @First AND e.booked_on <= @Last GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
                """,
                asked)).Select(static row => new BookedRevenue(row.Month, row.LedgerAccount, row.Category, "", row.AmountMinor)).ToList();
            foreach (var business in acquired.GroupBy(static row => row.Name, static row => row.Id))
            {
                var own = await reader.QueryAsync<BookedRow>(
                    """
                    SELECT substr(e.booked_on, 1, 7) AS month, p.ledger_account, p.category, CAST(-sum(p.amount_minor) AS bigint) AS amount_minor FROM bo_entry e JOIN bo_posting p ON p.entry_id = e.id
                    WHERE e.account_id IN @Accounts AND p.ledger_account >= 'revenue:' AND p.ledger_account < 'revenue;' AND p.currency = @Currency AND e.booked_on >= @First AND e.booked_on <= @Last GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
                    """,
                    new { Accounts = business.ToArray(), asked.Currency, asked.First, asked.Last });
                foreach (var row in own)
                {
                    rows.Add(new BookedRevenue(row.Month, row.LedgerAccount, row.Category, business.Key, row.AmountMinor));
                    rows.Add(new BookedRevenue(row.Month, row.LedgerAccount, row.Category, "", -row.AmountMinor));
                }
            }

            return rows;
        },
        cancellationToken);

    /// <summary>Writes figures over those of the same month, line and part; others stay.</summary>
    public async ValueTask<Outcome<int>> WriteAsync(Caller caller, IReadOnlyList<GlEntry> entries, CancellationToken cancellationToken)
    {
        if (!caller.IsOperator)
        {
            return NotOperator;
        }

        if (entries.Count is 0 or > MostAtOnce)
        {
            return Refusal.Invalid("backoffice.ledger.many", "entries", $"there are {entries.Count} figures", $"1 to {MostAtOnce}");
        }

        foreach (var entry in entries)
        {
            if (Check(entry) is { } refusal)
            {
                return refusal;
            }
        }

        return await stores.Control.WriteAsync<Outcome<int>>(
            async transaction =>
            {
                foreach (var entry in entries)
                {
                    await transaction.ExecuteAsync(
                        "INSERT INTO bo_gl (month, line, part, amount_minor, written_at) VALUES (@Month, @Line, @Part, @AmountMinor, @Now) ON CONFLICT (month, line, part) DO UPDATE SET amount_minor = excluded.amount_minor, written_at = excluded.written_at",
                        new { entry.Month, entry.Line, Part = entry.Part ?? "", entry.AmountMinor, Now = time.NowMicros() });
                }

                await changes.RecordAsync(transaction, caller, BackOfficeEvents.GeneralLedgerWritten, "general-ledger", caller.Scope.Path, null, entries);
                return entries.Count;
            },
            cancellationToken);
    }

    /// <summary>Puts the companies of the industries named in place of those before.</summary>
    public async ValueTask<Outcome<int>> WriteMarketsAsync(Caller caller, IReadOnlyList<MarketCompany> companies, CancellationToken cancellationToken)
    {
        if (!caller.IsOperator)
        {
            return NotOperator;
        }

        if (companies.Count is 0 or > MostAtOnce || companies.Any(static each => each is not { Industry.Length: > 0 and <= MaxPart, Company.Length: > 0 and <= MaxCompany, Rank: > 0 and <= 100_000 }))
        {
            return Refusal.Invalid("backoffice.market.company", "companies", "there is no company, too many, or one without industry, name or rank", $"1 to {MostAtOnce}; an industry of at most {MaxPart}, a name of at most {MaxCompany} characters");
        }

        if (companies.GroupBy(static each => (each.Industry, each.Rank)).Any(static group => group.Count() > 1))
        {
            return Refusal.Invalid("backoffice.market.rank", "companies", "two companies of an industry have one rank");
        }

        return await stores.Control.WriteAsync<Outcome<int>>(
            async transaction =>
            {
                var named = companies.Select(static each => each.AccountId).OfType<string>().Distinct().ToArray();
                var known = (await transaction.QueryAsync<string>("SELECT id FROM bo_account WHERE id IN @Ids", new { Ids = named.Length == 0 ? [""] : named })).ToHashSet(StringComparer.Ordinal);
                if (named.FirstOrDefault(id => !known.Contains(id)) is { } missing)
                {
                    return Refusal.Invalid("backoffice.market.account", "companies", $"there is no billing account {missing}", "ba_…");
                }

                foreach (var industry in companies.Select(static each => each.Industry).Distinct())
                {
                    await transaction.ExecuteAsync("DELETE FROM bo_market WHERE industry = @Industry", new { Industry = industry });
                }

                foreach (var each in companies)
                {
                    await transaction.ExecuteAsync(
                        "INSERT INTO bo_market (industry, rank, company, account_id) VALUES (@Industry, @Rank, @Company, @AccountId)", new { each.Industry, Rank = (long)each.Rank, each.Company, each.AccountId });
                }

                await changes.RecordAsync(transaction, caller, BackOfficeEvents.MarketsWritten, "markets", caller.Scope.Path, null, companies);
                return companies.Count;
            },
            cancellationToken);
    }

    private static Refusal? Check(GlEntry entry)
    {
        if (!MonthSpan.TryParse(entry.Month, out _))
        {
            return Refusal.Invalid("backoffice.report.months", "entries", $"\"{entry.Month}\" is no month", "YYYY-MM");
        }

        if (entry.Line is null || GlLine.Find(entry.Line) is null)
        {
            return Refusal.Invalid("backoffice.ledger.line", "entries", $"there is no line {entry.Line}", string.Join(", ", GlLine.All.Select(static line => line.Id)));
        }

        return entry.Part is { Length: > MaxPart } || entry.AmountMinor is > Most or < -Most
            ? Refusal.Invalid("backoffice.ledger.figure", "entries", $"the figure of {entry.Line} in {entry.Month} is too large, or its part's name too long", $"a part of at most {MaxPart} characters")
            : null;
    }

    /// <param name="Acquired">The acquired business its customers came with; empty of all others.</param>
    internal sealed record BookedRevenue(string Month, string LedgerAccount, string? Category, string Acquired, long AmountMinor);

    private sealed record BookedRow(string Month, string LedgerAccount, string? Category, long AmountMinor);

    private sealed record AcquiredRow(string Id, string ExternalRefs);

    private sealed record CompanyRow(string Industry, long Rank, string Company, string? AccountId);
}
