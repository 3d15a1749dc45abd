using Tsunagi.Core.Store;

namespace Tsunagi.Tests.Testing;

/// <summary>Both stores of a node in a directory of the test's own, with the tables of these parts.</summary>
internal sealed class TestStores : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private Func<Task>? _drop;

    private TestStores()
    {
    }

    public Stores Stores { get; private set; } = null!;

    /// <summary>The node's data directory.</summary>
    public string Directory => _directory.Path;

    /// <summary>On SQLite; with TSUNAGI_TEST_STORE=postgres on PostgreSQL, so that every test can be run on either.</summary>
    public static async Task<TestStores> OpenAsync(params SchemaPart[] parts)
    {
        if (Environment.GetEnvironmentVariable("TSUNAGI_TEST_STORE") == "postgres")
        {
            return await OpenOnPostgresAsync(parts);
        }

        var opened = new TestStores();
        opened.Stores = await ReadyTables.OpenAsync(new StoreOptions { Directory = opened.Directory }, parts);
        return opened;
    }

    /// <summary>The same on PostgreSQL, in a database of the test's own; skips the test where it is not installed.</summary>
    public static async Task<TestStores> OpenOnPostgresAsync(params SchemaPart[] parts)
    {
        var cluster = await PostgresCluster.SharedAsync();
        var (stores, database) = await cluster.OpenCopyAsync(parts);
        return new TestStores { Stores = stores, _drop = () => cluster.DropAsync(database) };
    }

    public async ValueTask DisposeAsync()
    {
        await Stores.DisposeAsync();
        await (_drop?.Invoke() ?? Task.CompletedTask);
        _directory.Dispose();
    }
}
