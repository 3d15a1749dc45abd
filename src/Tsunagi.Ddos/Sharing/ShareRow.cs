using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.Ddos.Sharing;

/// <summary>That an incident is shared with a group: its tenant sees it too.</summary>
/// <param name="ShowsTarget">1 when the prefix that was attacked is told.</param>
/// <param name="ToldAt">The version that was told last, µs.</param>
/// <param name="TellsEnd">1 when that version tells that the attack is over.</param>
internal sealed record ShareRow(
    string Id, string TenantPath, string TenantId, string IncidentId, string GroupName, string Tlp, long ShowsTarget, string Reason, string SharedBy, long SharedAt, long ToldAt, long TellsEnd, long Objects,
    long? WithdrawnAt, string WithdrawnBy)
{
    public const string Columns =
        "id, tenant_path, tenant_id, incident_id, group_name, tlp, shows_target, reason, shared_by, shared_at, told_at, tells_end, objects, withdrawn_at, withdrawn_by";
}

/// <summary>Reads which incidents are shared, as one caller may see them.</summary>
internal sealed class ShareStore(Stores stores)
{
    private const string Last = "~";

    public static readonly TenantQuery Newest = new("ddos.share.newest", $$"""
        SELECT {{ShareRow.Columns}} FROM ddos_share WHERE {tenant} AND id < @Before AND (@Text = '' OR id = @Text OR incident_id = @Text OR group_name = @Text)
          AND (@State = '' OR (@State = 'shared' AND withdrawn_at IS NULL) OR (@State = 'withdrawn' AND withdrawn_at IS NOT NULL)) ORDER BY id DESC LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("ddos.share.by-id", $$"""SELECT {{ShareRow.Columns}} FROM ddos_share WHERE {tenant} AND id = @Id""");

    /// <param name="text">An id, an incident, a group; or empty.</param>
    /// <param name="state">"shared", "withdrawn", or empty.</param>
    public ValueTask<IReadOnlyList<ShareRow>> ListAsync(Caller caller, string text, string state, string before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<ShareRow>(Newest, new { Text = text, State = state, Before = before.Length == 0 ? Last : before, Limit = (long)limit }, cancellationToken);

    public ValueTask<ShareRow?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<ShareRow>(ById, new { Id = id }, cancellationToken);
}
