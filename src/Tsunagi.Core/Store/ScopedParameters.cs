using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Store;

/// <summary>The parameters of a tenant query: the caller's own, and the scope as @ScopePath and @ScopeEnd.</summary>
internal sealed record ScopedParameters(object? Own, TenantScope Scope)
{
    public static object Join(object? parameters, TenantScope scope) => new ScopedParameters(parameters, scope);
}
