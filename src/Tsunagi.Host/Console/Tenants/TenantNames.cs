using Tsunagi.Core.Identity;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Host.Console.Tenants;

/// <summary>Names of tenants by path, for lists that carry only the path. One request; scoped by its caller.</summary>
internal sealed class TenantNames(TenantDirectory directory)
{
    private readonly Dictionary<string, string> _names = [];

    /// <summary>Reads the names of these paths, each once.</summary>
    public async ValueTask LoadAsync(Caller caller, IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        foreach (var path in paths.Distinct().Where(path => !_names.ContainsKey(path)))
        {
            var tenant = await directory.FindAsync(caller, IdOf(path), cancellationToken);
            _names[path] = tenant?.Name ?? IdOf(path);
        }
    }

    /// <summary>The part of the tree below a tenant, or null when the caller may not see it.</summary>
    public async ValueTask<TenantScope?> ScopeOfAsync(Caller caller, string tenantId, CancellationToken cancellationToken) =>
        await directory.FindAsync(caller, tenantId, cancellationToken) is { } tenant ? new TenantScope(tenant.Id, tenant.TenantPath) : null;

    public string this[string path] => _names.GetValueOrDefault(path) ?? IdOf(path);

    public static string IdOf(string path) => path.TrimEnd('/').Split('/')[^1];

    public static string HrefOf(string path) => "/console/tenants/" + IdOf(path);
}
