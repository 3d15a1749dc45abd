using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Tenants;

/// <summary>The tree of parties: reading and changing it, as one caller may.</summary>
public sealed partial class TenantDirectory(Stores stores, ChangeRecorder changes, TimeProvider time)
{
    private const string Columns = "id, tenant_path, parent_id, kind, name, locale, time_zone, currency, external_refs, version, created_at";

    public static readonly TenantQuery ById = new("tenant.by-id", $"SELECT {Columns} FROM tenant WHERE {"{tenant}"} AND id = @Id");

    public static readonly TenantQuery List = new("tenant.list", $"""
        SELECT {Columns} FROM tenant WHERE {"{tenant}"} AND tenant_path > @After AND (@Kind = '' OR kind = @Kind)
        AND (@Name = '' OR lower(name) LIKE @Name) ORDER BY tenant_path LIMIT @Limit
        """);

    public ValueTask<Tenant?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<Tenant>(ById, new { Id = id }, cancellationToken);

    /// <param name="after">The path of the last row of the page before, or "".</param>
    public ValueTask<IReadOnlyList<Tenant>> ListAsync(
        Caller caller, string after, int limit, string? kind, string? nameContains, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<Tenant>(
            List,
            new { After = after, Limit = (long)limit, Kind = kind ?? "", Name = string.IsNullOrEmpty(nameContains) ? "" : $"%{nameContains.ToLowerInvariant()}%" },
            cancellationToken);

    /// <summary>Adds a party below one the caller sees. What is not given is inherited from it.</summary>
    public async ValueTask<Outcome<Tenant>> AddAsync(Caller caller, NewTenant wanted, CancellationToken cancellationToken)
    {
        var parentId = wanted.ParentId ?? caller.Scope.TenantId;
        var parent = await FindAsync(caller, parentId, cancellationToken);
        if (parent is null)
        {
            return Refusal.NotFound("tenant", parentId);
        }

        var id = Id.New("t", time);
        var tenant = new Tenant(
            id, $"{parent.TenantPath}{id}/", parent.Id, wanted.Kind, wanted.Name, wanted.Locale ?? parent.Locale, wanted.TimeZone ?? parent.TimeZone,
            wanted.Currency ?? parent.Currency, TenantRules.Json(wanted.ExternalRefs), 1, time.NowMicros());
        if ((TenantRules.CheckKind(tenant.Kind, parent.Kind) ?? TenantRules.CheckDepth(tenant) ?? TenantRules.CheckRefs(wanted.ExternalRefs) ?? Check(tenant)) is { } refusal)
        {
            return refusal;
        }

        return await stores.Control.WriteAsync(
            async transaction =>
            {
                await InsertAsync(transaction, tenant);
                await changes.RecordAsync(
                    transaction, caller, "tenant.created", tenant.Id, tenant.TenantPath, null, tenant, JsonSerializer.Serialize(new { tenant.Name, tenant.Kind }));
                return tenant;
            },
            cancellationToken);
    }

    /// <summary>Changes a party if it still is at <paramref name="ifVersion"/> (null: whatever its version).</summary>
    public async ValueTask<Outcome<Tenant>> ChangeAsync(Caller caller, string id, TenantChange wanted, long? ifVersion, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("tenant", id);
        }

        var after = before with
        {
            Name = wanted.Name ?? before.Name,
            Locale = wanted.Locale ?? before.Locale,
            TimeZone = wanted.TimeZone ?? before.TimeZone,
            Currency = wanted.Currency ?? before.Currency,
            ExternalRefs = wanted.ExternalRefs is null ? before.ExternalRefs : TenantRules.Json(wanted.ExternalRefs),
            Version = before.Version + 1,
        };
        if ((TenantRules.CheckRefs(wanted.ExternalRefs) ?? Check(after)) is { } refusal)
        {
            return refusal;
        }

        return await stores.Control.WriteAsync<Outcome<Tenant>>(
            async transaction =>
            {
                var current = await transaction.FirstOrDefaultAsync<long>("SELECT version FROM tenant WHERE id = @Id", new { Id = id });
                if (current != before.Version || (ifVersion ?? current) != current)
                {
                    return Refusal.Stale(current);
                }

                if (after.Currency != before.Currency
                    && await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM subscription WHERE tenant_id = @Id", new { Id = id }) > 0)
                {
                    return Refusal.Conflict("tenant.currency", "a tenant with subscriptions keeps its currency: its plans are priced in it", "currency");
                }

                await transaction.ExecuteAsync(
                    """
                    UPDATE tenant SET name = @Name, locale = @Locale, time_zone = @TimeZone, currency = @Currency, external_refs = @ExternalRefs, version = @Version
                    WHERE id = @Id
                    """,
                    after);
                await changes.RecordAsync(transaction, caller, "tenant.changed", id, after.TenantPath, before, after);
                return after;
            },
            cancellationToken);
    }

    /// <summary>The provider at the root, made at first start.</summary>
    public async ValueTask<Tenant> EnsureProviderAsync(string name, string locale, string timeZone, string currency, CancellationToken cancellationToken) =>
        await stores.Control.WriteAsync(
            async transaction =>
            {
                var existing = await transaction.FirstOrDefaultAsync<Tenant>($"SELECT {Columns} FROM tenant WHERE kind = @Kind", new { Kind = TenantKind.Provider });
                if (existing is not null)
                {
                    return existing;
                }

                var id = Id.New("t", time);
                var provider = new Tenant(id, id + "/", null, TenantKind.Provider, name, locale, timeZone, currency, "{}", 1, time.NowMicros());
                await InsertAsync(transaction, provider);
                await changes.RecordAsync(
                    transaction, Caller.System(new TenantScope(id, provider.TenantPath)), "tenant.created", id, provider.TenantPath, null, provider,
                    JsonSerializer.Serialize(new { provider.Name, provider.Kind }));
                return provider;
            },
            cancellationToken);

    private static Refusal? Check(Tenant tenant) =>
        TenantRules.CheckName(tenant.Name) ?? TenantRules.CheckLocale(tenant.Locale) ?? TenantRules.CheckTimeZone(tenant.TimeZone) ?? TenantRules.CheckCurrency(tenant.Currency);

    private static async ValueTask InsertAsync(ISqlTransaction transaction, Tenant tenant) =>
        await transaction.ExecuteAsync(
            $"""
            INSERT INTO tenant ({Columns})
            VALUES (@Id, @TenantPath, @ParentId, @Kind, @Name, @Locale, @TimeZone, @Currency, @ExternalRefs, @Version, @CreatedAt)
            """,
            tenant);
}
