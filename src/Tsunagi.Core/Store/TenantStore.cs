using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Store;

/// <summary>
/// A store as one caller may see it: every query carries the caller's subtree. On PostgreSQL the transaction also takes the role and the
/// setting that row-level security reads, which is the second wall.
/// </summary>
public sealed class TenantStore(IStore store, TenantScope scope)
{
    public TenantScope Scope => scope;

    public ValueTask<IReadOnlyList<T>> QueryAsync<T>(TenantQuery query, object? parameters, CancellationToken cancellationToken) =>
        store.ReadAsync(
            async reader =>
            {
                await EnterScopeAsync(reader);
                return await reader.QueryAsync<T>(query.SqlFor(reader.Dialect), ScopedParameters.Join(parameters, scope));
            },
            cancellationToken);

    public ValueTask<T?> FirstOrDefaultAsync<T>(TenantQuery query, object? parameters, CancellationToken cancellationToken) =>
        store.ReadAsync(
            async reader =>
            {
                await EnterScopeAsync(reader);
                return await reader.FirstOrDefaultAsync<T>(query.SqlFor(reader.Dialect), ScopedParameters.Join(parameters, scope));
            },
            cancellationToken);

    private async ValueTask EnterScopeAsync(ISqlReader reader)
    {
        if (reader.Dialect == SqlDialect.Postgres)
        {
            // Both end with the transaction.
            await reader.FirstOrDefaultAsync<string>(
                "SELECT set_config('tsunagi.scope', @Path, true), set_config('role', 'tsunagi_tenant', true)",
                new { scope.Path });
        }
    }
}
