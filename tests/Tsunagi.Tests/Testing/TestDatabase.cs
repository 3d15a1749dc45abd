using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Store;
using Tsunagi.Core.Store.Sqlite;

namespace Tsunagi.Tests.Testing;

/// <summary>A database with both stores that several "nodes" of a contract test share.</summary>
internal abstract class TestDatabase : IAsyncDisposable
{
    private readonly List<IStore> _opened = [];

    public static TestDatabase Sqlite() => new OnSqlite();

    public static TestDatabase Postgres() => new OnPostgres();

    /// <summary>The stores as one node has them. On SQLite all "nodes" are one process and share them.</summary>
    public async Task<Stores> OpenNodeAsync(params SchemaPart[] parts)
    {
        var cancel = TestContext.Current.CancellationToken;
        var stores = new Stores(await OpenAsync(StoreKind.Control), await OpenAsync(StoreKind.Projections));
        await Schema.ApplyAsync(stores, parts, TimeProvider.System, cancel);
        return stores;
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var store in _opened)
        {
            await store.DisposeAsync();
        }
    }

    protected abstract Task<IStore> OpenAsync(StoreKind kind);

    private sealed class OnSqlite : TestDatabase
    {
        private readonly TemporaryDirectory _directory = new();
        private readonly Dictionary<StoreKind, IStore> _stores = [];

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            _directory.Dispose();
        }

        protected override Task<IStore> OpenAsync(StoreKind kind)
        {
            if (!_stores.TryGetValue(kind, out var store))
            {
                store = SqliteStore.Open(
                    new SqliteStoreOptions { Path = Path.Combine(_directory.Path, $"{kind}.db"), Name = $"{kind}" }, TimeProvider.System, NullLogger<SqliteStore>.Instance);
                _stores.Add(kind, store);
                _opened.Add(store);
            }

            return Task.FromResult(store);
        }
    }

    private sealed class OnPostgres : TestDatabase
    {
        private readonly string _control = PostgresCluster.NewSchema();
        private readonly string _projections = PostgresCluster.NewSchema();

        protected override async Task<IStore> OpenAsync(StoreKind kind)
        {
            var store = await (await PostgresCluster.SharedAsync()).OpenStoreAsync(kind == StoreKind.Control ? _control : _projections);
            _opened.Add(store);
            return store;
        }
    }
}
