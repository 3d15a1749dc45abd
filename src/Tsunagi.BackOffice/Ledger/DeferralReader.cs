using Tsunagi.BackOffice.Orders;
using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice.Ledger;

/// <summary>Reads deferrals with what was taken back of them and, of those spread over a term, the end of their subscription.</summary>
internal static class DeferralReader
{
    /// <param name="sql">Selects <see cref="DeferralRow.Columns"/> from bo_deferral d.</param>
    /// <param name="timeZone">Of an account.</param>
    public static async ValueTask<IReadOnlyList<(DeferralRow Row, Deferral Deferral)>> ReadAsync(ISqlReader reader, string sql, object parameters, Func<string, string> timeZone)
    {
        return await OfAsync(reader, await reader.QueryAsync<DeferralRow>(sql, parameters), timeZone);
    }

    /// <summary>What belongs to rows that were read.</summary>
    public static async ValueTask<IReadOnlyList<(DeferralRow Row, Deferral Deferral)>> OfAsync(ISqlReader reader, IReadOnlyList<DeferralRow> rows, Func<string, string> timeZone)
    {
        if (rows.Count == 0)
        {
            return [];
        }

        var invoices = rows.Select(static row => row.InvoiceId).Distinct().ToArray();
        var cuts = (await reader.QueryAsync<CutRow>("SELECT invoice_id, line_no, on_day, amount_minor FROM bo_deferral_cut WHERE invoice_id IN @Ids", new { Ids = invoices }))
            .ToLookup(static cut => (cut.InvoiceId, cut.LineNo), static cut => new DeferralCut(CivilTime.Read(cut.OnDay), cut.AmountMinor));
        var spread = rows.Where(static row => row.Spread != 0 && row.SubscriptionId is not null).Select(static row => row.SubscriptionId!).Distinct().ToArray();
        var ends = spread.Length == 0
            ? []
            : (await reader.QueryAsync<(string Id, long End)>(
                "SELECT subscription_id, max(valid_to) FROM subscription_version WHERE subscription_id IN @Ids AND known_to IS NULL GROUP BY subscription_id HAVING count(*) = count(valid_to)", new { Ids = spread }))
                .ToDictionary(static row => row.Id, static row => row.End, StringComparer.Ordinal);
        return [.. rows.Select(row => (row, new Deferral(
            row.AmountMinor, CivilTime.Read(row.FirstDay), CivilTime.Read(row.AfterDay), CivilTime.Read(row.BookedOn), [.. cuts[(row.InvoiceId, row.LineNo)]],
            row.SubscriptionId is { } id && row.Spread != 0 && ends.TryGetValue(id, out var end) ? CivilTime.DateAt(end, timeZone(row.AccountId)) : null)))];
    }

    private sealed record CutRow(string InvoiceId, long LineNo, string OnDay, long AmountMinor);
}

/// <summary>A deferral as its row is kept.</summary>
/// <param name="Spread">1 when it is earned over a term and not over the days it was billed for.</param>
internal sealed record DeferralRow(
    string InvoiceId, long LineNo, string TenantPath, string AccountId, string? SubscriptionId, string Currency, long AmountMinor, string FirstDay, string AfterDay, long Spread, string BookedOn, string Revenue,
    string? Category, string? Nature)
{
    public const string Columns = "d.invoice_id, d.line_no, d.tenant_path, d.account_id, d.subscription_id, d.currency, d.amount_minor, d.first_day, d.after_day, d.spread, d.booked_on, d.revenue, d.category, d.nature";

    public RevenueKind Kind => new(Category, Nature);
}
