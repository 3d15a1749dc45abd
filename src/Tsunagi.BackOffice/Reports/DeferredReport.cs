using Tsunagi.BackOffice.Ledger;
using Tsunagi.BackOffice.Orders;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice.Reports;

/// <summary>
/// What was billed and is not earned yet, by category: how it moved over the span (the ledger's movements), and in which month what is left will be earned (from each deferral by itself). The sum of the
/// schedule, with what is earned already and waits for its month to be over or closed, is the balance. Pure, from the rows it reads.
/// </summary>
internal sealed record DeferredReport(IReadOnlyList<DeferredLine> Lines, IReadOnlyList<int> Months)
{
    /// <summary>Months of the schedule that are told one by one; what comes later is one figure.</summary>
    public const int Ahead = 12;

    public static readonly TenantQuery Moves = new("backoffice.deferred.moves", """
        SELECT what, category, revenue, CAST(sum(CASE WHEN month < @From THEN amount_minor ELSE 0 END) AS bigint) AS before_minor, CAST(sum(CASE WHEN month >= @From THEN amount_minor ELSE 0 END) AS bigint) AS amount_minor
        FROM (
          SELECT 'billed' AS what, d.category, d.revenue, substr(d.booked_on, 1, 7) AS month, d.amount_minor FROM bo_deferral d WHERE {tenant:d} AND d.currency = @Currency
          UNION ALL SELECT 'taken', d.category, d.revenue, substr(c.on_day, 1, 7), -c.amount_minor
          FROM bo_deferral_cut c JOIN bo_deferral d ON d.invoice_id = c.invoice_id AND d.line_no = c.line_no WHERE {tenant:c} AND d.currency = @Currency
          UNION ALL SELECT 'earned', d.category, d.revenue, r.month, -r.amount_minor
          FROM bo_release r JOIN bo_deferral d ON d.invoice_id = r.invoice_id AND d.line_no = r.line_no WHERE {tenant:r} AND d.currency = @Currency) AS move
        WHERE month <= @To GROUP BY what, category, revenue ORDER BY revenue, category, what
        """);

    /// <summary>Those of which something is left at the span's end.</summary>
    public static readonly TenantQuery Open = new("backoffice.deferred.open", $$"""
        SELECT {{DeferralRow.Columns}} FROM bo_deferral d WHERE {tenant:d} AND d.currency = @Currency AND d.booked_on < @After AND d.amount_minor
          <> coalesce((SELECT sum(c.amount_minor) FROM bo_deferral_cut c WHERE c.invoice_id = d.invoice_id AND c.line_no = d.line_no AND c.on_day < @After), 0)
           + coalesce((SELECT sum(r.amount_minor) FROM bo_release r WHERE r.invoice_id = d.invoice_id AND r.line_no = d.line_no AND r.month <= @To), 0) ORDER BY d.invoice_id, d.line_no
        """);

    public static readonly TenantQuery Balances = new("backoffice.deferred.ledger", """
        SELECT p.category, p.ledger_account, CAST(-sum(p.amount_minor) AS bigint) AS amount_minor FROM bo_posting p JOIN bo_entry e ON e.id = p.entry_id
        WHERE {tenant:p} AND p.ledger_account >= 'liabilities:deferred:' AND p.ledger_account < 'liabilities:deferred;' AND p.currency = @Currency AND e.booked_on < @After
        GROUP BY p.category, p.ledger_account ORDER BY p.ledger_account, p.category
        """);

    /// <summary>Reads what belongs to rows the caller may see.</summary>
    /// <param name="after">The day after the span.</param>
    public static async ValueTask<IReadOnlyList<OpenDeferral>> ReadAsync(ISqlReader reader, IReadOnlyList<DeferralRow> rows, string to, string after)
    {
        var open = new List<OpenDeferral>(rows.Count);
        foreach (var chunk in rows.Chunk(500))
        {
            var ids = new { Ids = chunk.Select(static row => row.InvoiceId).Distinct().ToArray(), Accounts = chunk.Select(static row => row.AccountId).Distinct().ToArray(), To = to };
            var zones = (await reader.QueryAsync<(string Id, string Zone)>("SELECT id, time_zone FROM bo_account WHERE id IN @Accounts", ids)).ToDictionary(static row => row.Id, static row => row.Zone, StringComparer.Ordinal);
            var released = (await reader.QueryAsync<ReleasedRow>(
                "SELECT invoice_id, line_no, CAST(sum(amount_minor) AS bigint) AS amount_minor FROM bo_release WHERE invoice_id IN @Ids AND month <= @To GROUP BY invoice_id, line_no", ids))
                .ToDictionary(static row => (row.InvoiceId, row.LineNo), static row => row.AmountMinor);
            var cut = CivilTime.Read(after);
            open.AddRange((await DeferralReader.OfAsync(reader, chunk, account => zones[account])).Select(each => new OpenDeferral(
                each.Row.Category, each.Row.Revenue, each.Deferral with { Cuts = [.. each.Deferral.Cuts.Where(own => own.On < cut)] }, released.GetValueOrDefault((each.Row.InvoiceId, each.Row.LineNo)))));
        }

        return open;
    }

    /// <param name="last">The span's last month.</param>
    /// <param name="running">The month that runs: those before it can be closed.</param>
    public static DeferredReport Make(
        IReadOnlyList<DeferredMove> moves, IReadOnlyList<OpenDeferral> open, IReadOnlyList<DeferredBalance> ledger, int last, int running, Func<string?, string, OfferingCategory?> category)
    {
        var over = FirstDay(Math.Min(last + 1, running));
        var months = Enumerable.Range(last + 1, Ahead).ToList();
        var lines = ((OfferingCategory?[])[.. OfferingCategories.All, null]).Select(each =>
        {
            long Moved(string what) => moves.Where(move => move.What == what && category(move.Category, move.Revenue) == each).Sum(static move => move.AmountMinor);
            var own = open.Where(deferral => category(deferral.Category, deferral.Revenue) == each).ToList();
            long Earned(int month) => own.Sum(deferral => deferral.Deferral.EarnedBefore(FirstDay(month + 1)) - deferral.Deferral.EarnedBefore(FirstDay(month)));
            var before = moves.Where(move => category(move.Category, move.Revenue) == each).Sum(static move => move.BeforeMinor);
            var waits = own.Sum(deferral => deferral.Deferral.ReleasedWith(over) - deferral.ReleasedMinor);
            var runs = own.Sum(deferral => deferral.Deferral.EarnedBefore(FirstDay(last + 1)) - deferral.Deferral.ReleasedWith(over));
            var balance = checked(before + Moved("billed") + Moved("taken") + Moved("earned"));
            var schedule = months.Select(Earned).ToList();
            return new DeferredLine(
                each, before, Moved("billed"), Moved("taken"), Moved("earned"), balance, ledger.Where(row => category(row.Category, row.LedgerAccount[LedgerWriter.Deferred.Length..]) == each).Sum(static row => row.AmountMinor),
                waits, runs, schedule, own.Sum(deferral => deferral.Deferral.UnearnedOn(FirstDay(last + 1 + Ahead))));
        }).Where(static line => line.HasAny).ToList();
        return new DeferredReport(lines, months);
    }

    private static DateOnly FirstDay(int month) => new(month / 12, (month % 12) + 1, 1);

    private sealed record ReleasedRow(string InvoiceId, long LineNo, long AmountMinor);
}

/// <param name="BeforeMinor">At the span's beginning.</param>
/// <param name="TakenMinor">By corrections and credit notes; below zero.</param>
/// <param name="EarnedMinor">By months that were closed; below zero.</param>
/// <param name="LedgerMinor">What the ledger has at the span's end.</param>
/// <param name="WaitsMinor">Earned, and its month is over and not closed.</param>
/// <param name="RunsMinor">Earned with the span's months that are not over, or booked in them.</param>
internal sealed record DeferredLine(
    OfferingCategory? Category, long BeforeMinor, long BilledMinor, long TakenMinor, long EarnedMinor, long BalanceMinor, long LedgerMinor, long WaitsMinor, long RunsMinor, IReadOnlyList<long> Schedule, long LaterMinor)
{
    public bool HasAny => BeforeMinor != 0 || BilledMinor != 0 || TakenMinor != 0 || EarnedMinor != 0 || BalanceMinor != 0 || LedgerMinor != 0;
}

/// <param name="What">"billed", "taken" or "earned".</param>
internal sealed record DeferredMove(string What, string? Category, string Revenue, long BeforeMinor, long AmountMinor);

internal sealed record DeferredBalance(string? Category, string LedgerAccount, long AmountMinor);

/// <param name="ReleasedMinor">With the span's months and before.</param>
internal sealed record OpenDeferral(string? Category, string Revenue, Deferral Deferral, long ReleasedMinor);
