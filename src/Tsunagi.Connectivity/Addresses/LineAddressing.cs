using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>
/// Gives lines the addresses that their contract says come from a pool for lines, once, and writes them on the line. May be repeated: a line that has its part of a pool is given the same
/// one. A name that is no pool of ours, or a pool for sessions, is left to the session.
/// </summary>
internal sealed class LineAddressing(Stores stores, LineSignal signal, AddressAllocator allocator)
{
    private const int PerQuery = 400;

    /// <returns>Why a line has not what it should, by subscription.</returns>
    public async ValueTask<IReadOnlyDictionary<string, string>> EnsureAsync(IReadOnlyList<LineTerms> terms, CancellationToken cancellationToken)
    {
        var problems = new Dictionary<string, string>(StringComparer.Ordinal);
        var pools = await PoolsAsync(terms, cancellationToken);
        var wanting = terms.Where(each => Names(each).Any(name => pools.ContainsKey(name.Pool))).ToDictionary(static each => each.Subscription, StringComparer.Ordinal);
        foreach (var part in wanting.Keys.Chunk(PerQuery))
        {
            var lines = await stores.Control.ReadAsync(
                reader => reader.QueryAsync<Wanting>(
                    "SELECT id, subscription_id, tenant_id, tenant_path, v4, link_prefix, delegated_prefix FROM connectivity_line WHERE subscription_id IN @Ids AND ended_at IS NULL ORDER BY id",
                    new { Ids = part }),
                cancellationToken);
            foreach (var line in lines)
            {
                if (await EnsureAsync(line, wanting[line.SubscriptionId], pools, cancellationToken) is { } whyNot)
                {
                    problems.TryAdd(line.SubscriptionId, whyNot);
                }
            }
        }

        return problems;
    }

    private async ValueTask<string?> EnsureAsync(Wanting line, LineTerms terms, IReadOnlyDictionary<string, PoolRow> pools, CancellationToken cancellationToken)
    {
        foreach (var (name, column) in Names(terms))
        {
            if (!pools.TryGetValue(name, out var pool) || line.Of(column).Length > 0)
            {
                continue;
            }

            var taken = await allocator.TakeAsync(pool, new AddressRequest(line.Id, line.TenantId, line.TenantPath), cancellationToken);
            if (!taken.Ok)
            {
                return $"a line has no address: {taken.Refusal.Message}";
            }

            await stores.Control.WriteAsync(
                async transaction => await transaction.ExecuteAsync(
                    $"UPDATE connectivity_line SET {column} = @Cidr, revision = @Revision, version = version + 1 WHERE id = @Id AND {column} = '' AND ended_at IS NULL",
                    new { line.Id, taken.Value.Cidr, Revision = await signal.NextRevisionAsync(transaction) }),
                cancellationToken);
        }

        return null;
    }

    private async ValueTask<IReadOnlyDictionary<string, PoolRow>> PoolsAsync(IReadOnlyList<LineTerms> terms, CancellationToken cancellationToken)
    {
        var pools = new Dictionary<string, PoolRow>(StringComparer.Ordinal);
        foreach (var name in terms.SelectMany(Names).Select(static name => name.Pool).Distinct(StringComparer.Ordinal))
        {
            if (await allocator.FindByNameAsync(name, cancellationToken) is { Purpose: PoolPurpose.Lines } pool)
            {
                pools[name] = pool;
            }
        }

        return pools;
    }

    private static IEnumerable<(string Pool, string Column)> Names(LineTerms terms) =>
        ((string Pool, string Column)[])[(terms.V4Pool, "v4"), (terms.LinkPool, "link_prefix"), (terms.DelegatedPool, "delegated_prefix")] is var all ? all.Where(static each => each.Pool.Length > 0) : [];

    private sealed record Wanting(string Id, string SubscriptionId, string TenantId, string TenantPath, string V4, string LinkPrefix, string DelegatedPrefix)
    {
        public string Of(string column) => column switch { "v4" => V4, "link_prefix" => LinkPrefix, _ => DelegatedPrefix };
    }
}
