using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Subscriptions;

/// <summary>Reads subscriptions as one caller may see them.</summary>
public sealed class SubscriptionBook(Stores stores)
{
    private const string View = """
        SELECT s.id, s.tenant_path, s.tenant_id, t.name AS tenant_name, s.plan_id, p.code AS plan_code, p.name_en AS plan_name_en, p.name_ja AS plan_name_ja,
          p.specification, s.name, s.version, s.created_at, v.plan_version, v.quantity, v.settings, v.valid_from, v.valid_to AS ended_at,
          (SELECT count(*) FROM hold h WHERE h.subscription_id = s.id AND h.lifted_at IS NULL) AS open_holds
        FROM subscription s JOIN tenant t ON t.id = s.tenant_id JOIN plan p ON p.id = s.plan_id
          JOIN subscription_version v ON v.subscription_id = s.id
           AND v.number = (SELECT max(number) FROM subscription_version l WHERE l.subscription_id = s.id AND l.known_to IS NULL)
        """;

    public static readonly TenantQuery ById = new("subscription.by-id", View + " WHERE {tenant:s} AND s.id = @Id");

    public static readonly TenantQuery ByIds = new("subscription.by-ids", View + " WHERE {tenant:s} AND s.id IN @Ids");

    public static readonly TenantQuery List = new("subscription.list", View + """
         WHERE {tenant:s} AND s.id > @After AND (@TenantId = '' OR s.tenant_id = @TenantId) AND (@Specification = '' OR p.specification = @Specification)
         ORDER BY s.id LIMIT @Limit
        """);

    public static readonly TenantQuery Versions = new("subscription.versions", """
        SELECT subscription_id, number, tenant_path, plan_version, quantity, settings, valid_from, valid_to, known_from, known_to
        FROM subscription_version WHERE {tenant} AND subscription_id = @Id ORDER BY number
        """);

    public static readonly TenantQuery Holds = new("subscription.holds", """
        SELECT id, tenant_path, subscription_id, kind, owner, owner_path, reason, placed_at, lifted_at, lifted_by
        FROM hold WHERE {tenant} AND subscription_id = @Id ORDER BY placed_at, id
        """);

    public static readonly TenantQuery Running = new("subscription.running", """
        SELECT node, key, revision, why_not_yet, updated_at FROM desired_status WHERE {tenant} AND key = @Id ORDER BY node
        """);

    public ValueTask<SubscriptionView?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        Scoped(caller).FirstOrDefaultAsync<SubscriptionView>(ById, new { Id = id }, cancellationToken);

    /// <summary>Those of them that there are for the caller, in no order.</summary>
    public ValueTask<IReadOnlyList<SubscriptionView>> FindAsync(Caller caller, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        Scoped(caller).QueryAsync<SubscriptionView>(ByIds, new { Ids = ids }, cancellationToken);

    public ValueTask<IReadOnlyList<SubscriptionView>> ListAsync(
        Caller caller, string after, int limit, string? tenantId, string? specification, CancellationToken cancellationToken) =>
        Scoped(caller).QueryAsync<SubscriptionView>(
            List, new { After = after, Limit = (long)limit, TenantId = tenantId ?? "", Specification = specification ?? "" }, cancellationToken);

    public ValueTask<IReadOnlyList<SubscriptionVersion>> VersionsAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        Scoped(caller).QueryAsync<SubscriptionVersion>(Versions, new { Id = id }, cancellationToken);

    public ValueTask<IReadOnlyList<Hold>> HoldsAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        Scoped(caller).QueryAsync<Hold>(Holds, new { Id = id }, cancellationToken);

    public ValueTask<IReadOnlyList<RunningState>> RunningAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        Scoped(caller).QueryAsync<RunningState>(Running, new { Id = id }, cancellationToken);

    private TenantStore Scoped(Caller caller) => new(stores.Control, caller.Scope);
}
