using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice.Accounts;

/// <summary>Reads billing accounts as one caller may see them.</summary>
public sealed class AccountBook(Stores stores)
{
    public static readonly TenantQuery ById = new("backoffice.account.by-id", $$"""SELECT {{BillingAccount.Columns}} FROM bo_account WHERE {tenant} AND (id = @Id OR tenant_id = @Id)""");

    public static readonly TenantQuery List = new("backoffice.account.list", $$"""
        SELECT {{BillingAccount.Columns}} FROM bo_account WHERE {tenant} AND id > @After AND (@Text = '' OR id = @Text OR tenant_id = @Text OR lower(name) LIKE @Like) ORDER BY id LIMIT @Limit
        """);

    /// <param name="id">ba_…, or the id of its tenant.</param>
    public ValueTask<BillingAccount?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<BillingAccount>(ById, new { Id = id }, cancellationToken);

    public ValueTask<IReadOnlyList<BillingAccount>> ListAsync(Caller caller, string text, string after, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<BillingAccount>(
            List, new { Text = text, Like = Contains(text), After = after, Limit = (long)limit }, cancellationToken);

    /// <summary>A LIKE pattern for texts that hold this one; it has no wildcards of its own.</summary>
    internal static string Contains(string text) => "%" + text.ToLowerInvariant().Replace("%", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal) + "%";
}
