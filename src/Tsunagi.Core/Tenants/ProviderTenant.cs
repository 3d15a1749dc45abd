using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Tenants;

/// <summary>The provider itself: the one tenant at the root of the tree.</summary>
public static class ProviderTenant
{
    /// <summary>Its path; null before the first start is over.</summary>
    public static ValueTask<string?> PathAsync(ISqlReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return reader.FirstOrDefaultAsync<string>("SELECT tenant_path FROM tenant WHERE kind = @Kind", new { Kind = TenantKind.Provider });
    }

    /// <inheritdoc cref="PathAsync(ISqlReader)"/>
    public static ValueTask<string?> PathAsync(Stores stores, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stores);
        return stores.Control.ReadAsync(PathAsync, cancellationToken);
    }

    /// <summary>The program acting for the whole tree; null before the first start is over.</summary>
    public static async ValueTask<Caller?> SystemAsync(Stores stores, CancellationToken cancellationToken) =>
        await PathAsync(stores, cancellationToken) is { } path ? Caller.System(new TenantScope(path.TrimEnd('/'), path)) : null;
}
