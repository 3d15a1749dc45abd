using Tsunagi.Core.Store;

namespace Tsunagi.Core.Identity.Roles;

/// <summary>What grants mean: the permissions they give at a place in the tree, and whether one caller holds all that another has.</summary>
public sealed class Authority(BuiltInRoles builtIn)
{
    /// <summary>The permission that makes an administrator: whoever holds it at the root can give every other.</summary>
    public const string AdministratorPermission = "core.user.write";

    public BuiltInRoles BuiltIn => builtIn;

    /// <summary>A user's grants, each with what it permits today. Unknown roles permit nothing.</summary>
    public async ValueTask<IReadOnlyList<EffectiveGrant>> OfUserAsync(ISqlReader reader, string userId)
    {
        var grants = await reader.QueryAsync<Grant>(
            "SELECT role, tenant_id, tenant_path FROM identity_grant WHERE user_id = @UserId ORDER BY tenant_path, role", new { UserId = userId });
        return await ExpandAsync(reader, grants);
    }

    /// <summary>The same for grants that are not stored yet.</summary>
    public async ValueTask<IReadOnlyList<EffectiveGrant>> ExpandAsync(ISqlReader reader, IReadOnlyList<Grant> grants)
    {
        var own = grants.Select(static grant => grant.Role).Where(role => builtIn.Find(role) is null).Distinct(StringComparer.Ordinal).ToList();
        var stored = own.Count == 0
            ? []
            : await reader.QueryAsync<(string Id, string Permissions)>("SELECT id, permissions FROM identity_role WHERE id IN @Ids", new { Ids = own });
        var byId = stored.ToDictionary(static role => role.Id, static role => PermissionSet.FromJson(role.Permissions), StringComparer.Ordinal);
        return [.. grants.Select(grant => new EffectiveGrant(
            grant, builtIn.Find(grant.Role)?.Permissions ?? byId.GetValueOrDefault(grant.Role, PermissionSet.None)))];
    }

    /// <summary>What the grants permit at a place: those given there or above it.</summary>
    public static IReadOnlySet<string> At(IReadOnlyList<EffectiveGrant> grants, string path) => grants
        .Where(each => path.StartsWith(each.Grant.TenantPath, StringComparison.Ordinal))
        .SelectMany(static each => each.Permissions)
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>
    /// True when the caller holds everything these grants give, where they give it. Only then may he give them, take them, or help their holder to a
    /// new password: otherwise a lesser administrator could make himself a greater one.
    /// </summary>
    public static bool Covers(Caller caller, IReadOnlyList<EffectiveGrant> grants) => grants.All(
        each => caller.Scope.Covers(each.Grant.TenantPath) && each.Permissions.All(permission => PermissionSet.Covers(caller.Permissions, permission)));

    /// <summary>Ids of the active users who administer the whole provider. Empty only before the first start.</summary>
    public async ValueTask<IReadOnlyList<string>> AdministratorsAsync(ISqlReader reader)
    {
        var rows = await reader.QueryAsync<(string UserId, string Role, string TenantId, string TenantPath)>(
            """
            SELECT g.user_id, g.role, g.tenant_id, g.tenant_path FROM identity_grant g JOIN identity_user u ON u.id = g.user_id
            JOIN tenant t ON t.id = g.tenant_id WHERE t.parent_id IS NULL AND u.state = 'active' AND u.password_hash IS NOT NULL ORDER BY g.user_id, g.role
            """);
        var administrators = new List<string>();
        foreach (var user in rows.GroupBy(static row => row.UserId, StringComparer.Ordinal))
        {
            var grants = await ExpandAsync(reader, [.. user.Select(static row => new Grant(row.Role, row.TenantId, row.TenantPath))]);
            if (grants.Any(static each => PermissionSet.Covers(each.Permissions, AdministratorPermission)))
            {
                administrators.Add(user.Key);
            }
        }

        return administrators;
    }
}

/// <summary>A grant with what it permits.</summary>
public sealed record EffectiveGrant(Grant Grant, IReadOnlySet<string> Permissions);
