using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>Reads rules as one caller may see them.</summary>
internal sealed class MitigationStore(Stores stores)
{
    private const string Last = "~";

    public static readonly TenantQuery Newest = new("ddos.mitigation.newest", $$"""
        SELECT {{MitigationRow.Columns}} FROM ddos_mitigation WHERE {tenant} AND id < @Before
          AND (@State = '' OR (@State = 'active' AND ended_at IS NULL) OR (@State = 'ended' AND ended_at IS NOT NULL))
          AND (@Text = '' OR id = @Text OR incident_id = @Text OR subscription_id = @Text OR rule LIKE @Like) ORDER BY id DESC LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("ddos.mitigation.by-id", $$"""SELECT {{MitigationRow.Columns}} FROM ddos_mitigation WHERE {tenant} AND id = @Id""");

    /// <param name="state">"active", "ended", or empty.</param>
    public ValueTask<IReadOnlyList<MitigationRow>> ListAsync(Caller caller, string text, string state, string before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<MitigationRow>(
            Newest, new { Text = text, Like = Like(text), State = state, Before = before.Length == 0 ? Last : before, Limit = (long)limit }, cancellationToken);

    public ValueTask<MitigationRow?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<MitigationRow>(ById, new { Id = id }, cancellationToken);

    private static string Like(string text) => text.Length == 0 ? "" : "%" + text.Replace("%", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal) + "%";
}
