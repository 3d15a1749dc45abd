using Tsunagi.Core.Changes;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Identity.Roles;

/// <summary>The roles a caller may see and give: the built-in ones, and those made by a tenant for itself and the tenants below it.</summary>
public sealed class RoleBook(Stores stores, TenantDirectory tenants, Authority authority, ChangeRecorder changes, Callers callers, TimeProvider time)
{
    private const int MaxRoles = 500;

    public static readonly TenantQuery List = new("role.list", """
        SELECT id, tenant_id, tenant_path, name, permissions, version FROM identity_role WHERE {tenant} ORDER BY name, id LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("role.by-id", "SELECT id, tenant_id, tenant_path, name, permissions, version FROM identity_role WHERE {tenant} AND id = @Id");

    /// <summary>The built-in roles first, then the caller's own by name.</summary>
    public async ValueTask<IReadOnlyList<Role>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        var own = await new TenantStore(stores.Control, caller.Scope).QueryAsync<Row>(List, new { Limit = (long)MaxRoles }, cancellationToken);
        return
        [
            .. authority.BuiltIn.All.Select(role => Shown(caller, role)),
            .. own.Select(static row => row.ToRole()),
        ];
    }

    public async ValueTask<Role?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        (await new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<Row>(ById, new { Id = id }, cancellationToken))?.ToRole();

    /// <summary>A built-in role in the caller's language, or null.</summary>
    public Role? FindBuiltIn(Caller caller, string id) => authority.BuiltIn.Find(id) is { } role ? Shown(caller, role) : null;

    public async ValueTask<Outcome<Role>> AddAsync(Caller caller, NewRole wanted, CancellationToken cancellationToken)
    {
        var tenant = await tenants.FindAsync(caller, wanted.TenantId ?? caller.Scope.TenantId, cancellationToken);
        if (tenant is null)
        {
            return Refusal.NotFound("tenant", wanted.TenantId ?? caller.Scope.TenantId);
        }

        if (Check(caller, wanted.Permissions) is { } refusal)
        {
            return refusal;
        }

        var role = new Role(Id.New("r", time), tenant.Id, tenant.TenantPath, wanted.Name, false, [.. wanted.Permissions.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], 1);
        return await stores.Control.WriteAsync<Outcome<Role>>(
            async transaction =>
            {
                var made = await transaction.ExecuteAsync(
                    """
                    INSERT INTO identity_role (id, tenant_id, tenant_path, name, permissions, version, created_at) VALUES (@Id, @TenantId, @TenantPath, @Name, @Json, 1, @At)
                    ON CONFLICT DO NOTHING
                    """,
                    new { role.Id, role.TenantId, role.TenantPath, role.Name, Json = PermissionSet.ToJson(role.Permissions), At = time.NowMicros() });
                if (made == 0)
                {
                    return Refusal.Conflict("role.name-taken", "this tenant has a role of that name already", "name");
                }

                await changes.RecordAsync(transaction, caller, "role.added", role.Id, role.TenantPath, null, role);
                return role;
            },
            cancellationToken);
    }

    public async ValueTask<Outcome<Role>> ChangeAsync(Caller caller, string id, RoleChange wanted, long? ifVersion, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return authority.BuiltIn.Find(id) is null ? Refusal.NotFound("role", id) : Refusal.Conflict("role.built-in", "a built-in role stays as it is: make one of your own");
        }

        // Who changes a role changes everyone who has it: both what it permitted and what it will permit must be his to give.
        var after = before with { Name = wanted.Name ?? before.Name, Permissions = wanted.Permissions ?? before.Permissions, Version = before.Version + 1 };
        if ((Check(caller, before.Permissions) ?? Check(caller, after.Permissions)) is { } refusal)
        {
            return refusal;
        }

        return await stores.Control.WriteAsync<Outcome<Role>>(
            async transaction =>
            {
                var version = await transaction.FirstOrDefaultAsync<long>("SELECT version FROM identity_role WHERE id = @Id", new { Id = id });
                if (version != before.Version || (ifVersion ?? version) != version)
                {
                    return Refusal.Stale(version);
                }

                await transaction.ExecuteAsync(
                    "UPDATE identity_role SET name = @Name, permissions = @Json, version = @Version WHERE id = @Id",
                    new { Id = id, after.Name, Json = PermissionSet.ToJson(after.Permissions), after.Version });
                if ((await authority.AdministratorsAsync(transaction)).Count == 0)
                {
                    await transaction.ExecuteAsync(
                        "UPDATE identity_role SET name = @Name, permissions = @Json, version = @Version WHERE id = @Id",
                        new { Id = id, before.Name, Json = PermissionSet.ToJson(before.Permissions), before.Version });
                    return Refusal.Conflict("user.last-administrator", "the provider would have no administrator left");
                }

                await changes.RecordAsync(transaction, caller, "role.changed", id, after.TenantPath, before, after);
                transaction.OnCommitted(callers.Forget);
                return after;
            },
            cancellationToken);
    }

    /// <summary>Removes a role nobody has.</summary>
    public async ValueTask<Outcome<bool>> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("role", id);
        }

        if (Check(caller, before.Permissions) is { } refusal)
        {
            return refusal;
        }

        return await stores.Control.WriteAsync<Outcome<bool>>(
            async transaction =>
            {
                var holders = await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM identity_grant WHERE role = @Id", new { Id = id });
                if (holders > 0)
                {
                    return Refusal.Conflict("role.in-use", $"{holders} users have this role: take it from them first");
                }

                await transaction.ExecuteAsync("DELETE FROM identity_role WHERE id = @Id", new { Id = id });
                await changes.RecordAsync(transaction, caller, "role.removed", id, before.TenantPath, before, null);
                return true;
            },
            cancellationToken);
    }

    /// <summary>The place in the tree a role was made for, or null when there is none.</summary>
    internal static ValueTask<string?> PathOfAsync(Stores stores, string id, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<string>("SELECT tenant_path FROM identity_role WHERE id = @Id", new { Id = id }), cancellationToken);

    private static Role Shown(Caller caller, BuiltInRole role) =>
        new(role.Id, null, "", role.Name.In(caller.Locale), true, [.. role.Permissions.Order(StringComparer.Ordinal)], 1);

    private Refusal? Check(Caller caller, IReadOnlyList<string> permissions)
    {
        foreach (var (index, permission) in permissions.Index())
        {
            var known = permission == "*" || authority.BuiltIn.Declared.Any(declared => PermissionSet.Covers(new HashSet<string>(StringComparer.Ordinal) { permission }, declared.Name));
            if (!PermissionSet.IsWellFormed(permission) || !known)
            {
                return Refusal.Invalid("role.permission", $"permissions[{index}]", $"there is no permission {permission}", "a permission of GET /api/v1/permissions, or one ending in .*");
            }

            if (!caller.May(permission))
            {
                return new Refusal(RefusalKind.Forbidden, "role.beyond-yours", $"you do not hold {permission} yourself", $"permissions[{index}]");
            }
        }

        return null;
    }

    private sealed record Row(string Id, string TenantId, string TenantPath, string Name, string Permissions, long Version)
    {
        public Role ToRole() => new(Id, TenantId, TenantPath, Name, false, [.. PermissionSet.FromJson(Permissions).Order(StringComparer.Ordinal)], Version);
    }
}
