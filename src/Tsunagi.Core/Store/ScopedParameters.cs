using Dapper;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Store;

/// <summary>Adds the caller's scope to the parameters of a tenant query.</summary>
internal static class ScopedParameters
{
    public static object Join(object? parameters, TenantScope scope)
    {
        var joined = new DynamicParameters(parameters);
        joined.Add("ScopePath", scope.Path);
        joined.Add("ScopeEnd", scope.End);
        return joined;
    }
}
