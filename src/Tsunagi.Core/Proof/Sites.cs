using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Proof;

/// <summary>The places of a tenant.</summary>
public sealed class Sites(Stores stores, TenantDirectory tenants, ChangeRecorder changes, TimeProvider time)
{
    private const string Columns = "id, tenant_path, tenant_id, name, address, latitude, longitude, version, created_at";

    public static readonly TenantQuery List = new("site.list", $"""
        SELECT {Columns} FROM site WHERE {"{tenant}"} AND id > @After AND (@TenantId = '' OR tenant_id = @TenantId) ORDER BY id LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("site.by-id", $"SELECT {Columns} FROM site WHERE {"{tenant}"} AND id = @Id");

    public ValueTask<IReadOnlyList<Site>> ListAsync(Caller caller, string after, int limit, string? tenantId, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<Site>(List, new { After = after, Limit = (long)limit, TenantId = tenantId ?? "" }, cancellationToken);

    public ValueTask<Site?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<Site>(ById, new { Id = id }, cancellationToken);

    public async ValueTask<Outcome<Site>> AddAsync(
        Caller caller, string tenantId, string name, string? address, double? latitude, double? longitude, CancellationToken cancellationToken)
    {
        var tenant = await tenants.FindAsync(caller, tenantId, cancellationToken);
        if (tenant is null)
        {
            return Refusal.NotFound("tenant", tenantId);
        }

        if (Check(name, address, latitude, longitude) is { } refusal)
        {
            return refusal;
        }

        var site = new Site(Id.New("l", time), tenant.TenantPath, tenant.Id, name, address, latitude, longitude, 1, time.NowMicros());
        return await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    $"INSERT INTO site ({Columns}) VALUES (@Id, @TenantPath, @TenantId, @Name, @Address, @Latitude, @Longitude, @Version, @CreatedAt)", site);
                await changes.RecordAsync(transaction, caller, "site.added", site.Id, site.TenantPath, null, site);
                return site;
            },
            cancellationToken);
    }

    /// <summary>Replaces a site's fields if it still is at <paramref name="ifVersion"/> (null: whatever its version).</summary>
    public async ValueTask<Outcome<Site>> ChangeAsync(
        Caller caller, string id, string name, string? address, double? latitude, double? longitude, long? ifVersion, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("site", id);
        }

        if (Check(name, address, latitude, longitude) is { } refusal)
        {
            return refusal;
        }

        var after = before with { Name = name, Address = address, Latitude = latitude, Longitude = longitude, Version = before.Version + 1 };
        return await stores.Control.WriteAsync<Outcome<Site>>(
            async transaction =>
            {
                var changed = (ifVersion ?? before.Version) == before.Version
                    ? await transaction.ExecuteAsync(
                        """
                        UPDATE site SET name = @Name, address = @Address, latitude = @Latitude, longitude = @Longitude, version = @Version
                        WHERE id = @Id AND version = @Version - 1
                        """,
                        after)
                    : 0;
                if (changed == 0)
                {
                    return Refusal.Stale(await transaction.FirstOrDefaultAsync<long>("SELECT version FROM site WHERE id = @Id", new { Id = id }));
                }

                await changes.RecordAsync(transaction, caller, "site.changed", id, after.TenantPath, before, after);
                return after;
            },
            cancellationToken);
    }

    /// <summary>Removes a site; the audit keeps what it was.</summary>
    public async ValueTask<Outcome<Site>> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("site", id);
        }

        return await stores.Control.WriteAsync(
            async transaction =>
            {
                if (await transaction.ExecuteAsync("DELETE FROM site WHERE id = @Id", new { Id = id }) == 1)
                {
                    await changes.RecordAsync(transaction, caller, "site.removed", id, before.TenantPath, before, null);
                }

                return before;
            },
            cancellationToken);
    }

    private static Refusal? Check(string name, string? address, double? latitude, double? longitude)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > 200 || name.Any(char.IsControl))
        {
            return Refusal.Invalid("site.name", "name", "the name is empty, longer than 200 characters, or holds control characters", "1 to 200 characters");
        }

        if (address is { Length: > 500 })
        {
            return Refusal.Invalid("site.address", "address", "the address is too long", "at most 500 characters");
        }

        return latitude is < -90 or > 90 or double.NaN || longitude is < -180 or > 180 or double.NaN || latitude is null != longitude is null
            ? Refusal.Invalid("site.place", "latitude", "this is not a place on earth", "latitude -90 to 90 and longitude -180 to 180, both or neither")
            : null;
    }
}
