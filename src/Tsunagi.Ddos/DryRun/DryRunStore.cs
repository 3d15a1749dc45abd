using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.Ddos.DryRun;

/// <summary>Reads reports as one caller may see them.</summary>
internal sealed class DryRunStore(Stores stores)
{
    private const string Last = "~";

    public static readonly TenantQuery Newest = new("ddos.dry-run.newest", $$"""
        SELECT {{DryRunRow.Heads}} FROM ddos_dry_run WHERE {tenant} AND id < @Before AND (@Text = '' OR id = @Text OR subscription_id = @Text OR tenant_id = @Text OR verdict = @Text) ORDER BY id DESC LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("ddos.dry-run.by-id", $$"""SELECT {{DryRunRow.Columns}} FROM ddos_dry_run WHERE {tenant} AND id = @Id""");

    public ValueTask<IReadOnlyList<DryRunRow>> ListAsync(Caller caller, string text, string before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<DryRunRow>(Newest, new { Text = text, Before = before.Length == 0 ? Last : before, Limit = (long)limit }, cancellationToken);

    public ValueTask<DryRunRow?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<DryRunRow>(ById, new { Id = id }, cancellationToken);
}
