using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Store;

namespace Tsunagi.Tests.Testing;

/// <summary>Both stores of a node in a directory of the test's own, with the tables of these parts.</summary>
internal sealed class TestStores : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();

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
        var cancel = TestContext.Current.CancellationToken;
        opened.Stores = await Stores.OpenAsync(new StoreOptions { Directory = opened.Directory }, TimeProvider.System, NullLoggerFactory.Instance, cancel);
        await Schema.ApplyAsync(opened.Stores, parts, TimeProvider.System, cancel);
        return opened;
    }

    /// <summary>The same on PostgreSQL, in two schemas of the test's own; skips the test where it is not installed.</summary>
    public static async Task<TestStores> OpenOnPostgresAsync(params SchemaPart[] parts)
    {
        var cluster = await PostgresCluster.SharedAsync();
        var opened = new TestStores { Stores = new Stores(await cluster.OpenStoreAsync(), await cluster.OpenStoreAsync()) };
        await Schema.ApplyAsync(opened.Stores, parts, TimeProvider.System, TestContext.Current.CancellationToken);
        return opened;
    }

    public async ValueTask DisposeAsync()
    {
        await Stores.DisposeAsync();
        _directory.Dispose();
    }
}
