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

        if (string.IsNullOrWhiteSpace(name) || name.Length > 200)
        {
            return Refusal.Invalid("site.name", "name", "the name is empty or longer than 200 characters", "1 to 200 characters");
        }

        if (latitude is < -90 or > 90 || longitude is < -180 or > 180)
        {
            return Refusal.Invalid("site.place", "latitude", "this is not a place on earth", "latitude -90 to 90, longitude -180 to 180");
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
}
