using Tsunagi.Core.Store;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Store;

/// <summary>The server goes and comes back; this class has a cluster of its own.</summary>
public sealed class Postgres_away
{
    [Fact]
    public async Task A_database_that_goes_away_is_unavailable_within_the_deadline_and_recovers_by_itself()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var cluster = await PostgresCluster.StartAsync();
        await using var store = await cluster.OpenStoreAsync("control", TimeSpan.FromSeconds(1));
        await store.WriteAsync(transaction => transaction.ExecuteAsync("CREATE TABLE t (id BIGINT PRIMARY KEY)"), cancel);
        ValueTask<int> Insert(long id) => store.WriteAsync(transaction => transaction.ExecuteAsync("INSERT INTO t VALUES (@id)", new { id }), cancel);
        await Insert(1);

        await cluster.StopServerAsync();
        var started = TimeProvider.System.GetTimestamp();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Insert(2).AsTask());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM t"), cancel).AsTask());
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(5));

        // One that waits while the server comes back goes through.
        var starting = cluster.StartServerAsync();
        await starting;
        Assert.Equal(1, await Insert(3));
        Assert.Equal(2, await store.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM t"), cancel));

        using var hint = store.Hints.Listen("work");
        store.Hints.Raise("work");
        Assert.True(await hint.WaitAsync(TimeSpan.FromSeconds(5), cancel));
    }
}
