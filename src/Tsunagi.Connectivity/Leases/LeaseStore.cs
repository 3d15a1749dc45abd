using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Leases;

/// <summary>Reads leases as one caller may see them.</summary>
public sealed class LeaseStore(Stores stores)
{
    internal const string Lasting = $"SELECT {LeaseRow.Columns} FROM connectivity_lease WHERE id > @After AND (state = 'bound' OR free_at > @Now) ORDER BY id LIMIT @Limit";

    internal const string ChangedSince =
        $"SELECT {LeaseRow.Columns} FROM connectivity_lease WHERE (updated_at > @Since OR (updated_at = @Since AND id > @After)) AND node <> @Node ORDER BY updated_at, id LIMIT @Limit";

    private const string Last = "~";

    public static readonly TenantQuery Newest = new("connectivity.lease.newest", $$"""
        SELECT {{LeaseRow.Columns}} FROM connectivity_lease WHERE {tenant} AND id < @Before AND (@State = '' OR state = @State) AND (@Line = '' OR line_id = @Line) AND (@Pool = '' OR pool = @Pool)
          AND (@Text = '' OR id = @Text OR prefix = @Text OR prefix = @Address OR part = @Text OR duid = @Text OR line_id = @Text OR subscription_id = @Text OR hardware = @Text) ORDER BY id DESC LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("connectivity.lease.by-id", $$"""SELECT {{LeaseRow.Columns}} FROM connectivity_lease WHERE {tenant} AND id = @Id""");

    /// <param name="text">An id, an address, a prefix, a DUID or client id, a line, a subscription, a hardware address; or empty.</param>
    /// <param name="state">One of <see cref="LeaseRow.States"/>, or empty.</param>
    /// <param name="before">Only those with a smaller id; empty for the newest.</param>
    public ValueTask<IReadOnlyList<LeaseRow>> ListAsync(Caller caller, string text, string state, string line, string pool, string before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<LeaseRow>(
            Newest, new { Text = text, Address = text + (text.Contains(':', StringComparison.Ordinal) ? "/128" : "/32"), State = state, Line = line, Pool = pool, Before = before.Length == 0 ? Last : before, Limit = (long)limit }, cancellationToken);

    public ValueTask<LeaseRow?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<LeaseRow>(ById, new { Id = id }, cancellationToken);
}
