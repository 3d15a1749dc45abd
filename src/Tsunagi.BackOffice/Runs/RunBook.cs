using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice.Runs;

/// <summary>Reads invoice runs. They are the provider's: their rows carry its path, so nobody below sees one.</summary>
internal sealed class RunBook(Stores stores)
{
    public const string Last = "~";

    public static readonly TenantQuery ById = new("backoffice.run.by-id", $$"""SELECT {{RunRow.Columns}} FROM bo_run WHERE {tenant} AND id = @Id""");

    public static readonly TenantQuery List = new("backoffice.run.list", $$"""SELECT {{RunRow.Columns}} FROM bo_run WHERE {tenant} AND id < @Before ORDER BY id DESC LIMIT @Limit""");

    public ValueTask<RunRow?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<RunRow>(ById, new { Id = id }, cancellationToken);

    public ValueTask<IReadOnlyList<RunRow>> ListAsync(Caller caller, string before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<RunRow>(List, new { Before = before.Length == 0 ? Last : before, Limit = (long)limit }, cancellationToken);

    /// <summary>How many bills stand where, and what they come to. Ask only for a run that was found.</summary>
    public ValueTask<IReadOnlyList<RunCount>> CountAsync(string runId, CancellationToken cancellationToken) =>
        stores.Control.ReadAsync(
            reader => reader.QueryAsync<RunCount>(
                """
                SELECT state, currency, count(*) AS bills, CAST(sum(net_minor) AS bigint) AS net_minor, CAST(sum(tax_minor) AS bigint) AS tax_minor, CAST(sum(total_minor) AS bigint) AS total_minor,
                  CAST(coalesce(sum(previous_minor), 0) AS bigint) AS previous_minor FROM bo_draft WHERE run_id = @Id GROUP BY state, currency ORDER BY state, currency
                """,
                new { Id = runId }),
            cancellationToken);

    /// <summary>Bills of a run that was found, those that differ most from the bill before first.</summary>
    /// <param name="state">Only these, or empty.</param>
    public ValueTask<IReadOnlyList<DraftRow>> DraftsAsync(string runId, string state, string text, int skip, int limit, CancellationToken cancellationToken) =>
        stores.Control.ReadAsync(
            reader => reader.QueryAsync<DraftRow>(
                """
                SELECT run_id, account_id, tenant_path, state, account_name, after_seq, currency, net_minor, tax_minor, total_minor, previous_minor, line_count, input_hash, '' AS bill, problem, invoice_id
                FROM bo_draft WHERE run_id = @Id AND (@State = '' OR state = @State) AND (@Text = '' OR account_id = @Text OR lower(account_name) LIKE @Like)
                ORDER BY CASE state WHEN 'failed' THEN 0 WHEN 'stale' THEN 1 ELSE 2 END, abs(total_minor - coalesce(previous_minor, 0)) DESC, account_id LIMIT @Limit OFFSET @Skip
                """,
                new { Id = runId, State = state, Text = text, Like = Accounts.AccountBook.Contains(text), Limit = (long)limit, Skip = (long)skip }),
            cancellationToken);

    public ValueTask<DraftRow?> DraftAsync(string runId, string accountId, CancellationToken cancellationToken) =>
        stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<DraftRow>(
                """
                SELECT run_id, account_id, tenant_path, state, account_name, after_seq, currency, net_minor, tax_minor, total_minor, previous_minor, line_count, input_hash, bill, problem, invoice_id
                FROM bo_draft WHERE run_id = @Id AND account_id = @Account
                """,
                new { Id = runId, Account = accountId }),
            cancellationToken);
}

/// <summary>Bills of a run in one state and currency.</summary>
public sealed record RunCount(string State, string Currency, long Bills, long NetMinor, long TaxMinor, long TotalMinor, long PreviousMinor);
