using System.Data.Common;
using Tsunagi.Core.Store;

namespace Tsunagi.Tests.BackOffice.Orders;

/// <summary>A real store whose writing transactions are cut after so many statements: what a kill leaves of them is nothing.</summary>
internal sealed class CuttingStore(IStore store) : IStore
{
    /// <summary>Statements that still run before the cut; below zero for no cut.</summary>
    public int Left { get; set; } = -1;

    public SqlDialect Dialect => store.Dialect;

    public IStoreHints Hints => store.Hints;

    public ValueTask<T> ReadAsync<T>(Func<ISqlReader, ValueTask<T>> read, CancellationToken cancellationToken) => store.ReadAsync(read, cancellationToken);

    public ValueTask<T> WriteAsync<T>(Func<ISqlTransaction, ValueTask<T>> write, CancellationToken cancellationToken) =>
        store.WriteAsync(transaction => write(new Cut(this, transaction)), cancellationToken);

    public ValueTask MakeDurableAsync(CancellationToken cancellationToken) => store.MakeDurableAsync(cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Count()
    {
        if (Left == 0)
        {
            throw new StoreUnavailableException("the test killed the program here");
        }

        Left--;
    }

    private sealed class Cut(CuttingStore owner, ISqlTransaction inner) : ISqlTransaction
    {
        public SqlDialect Dialect => inner.Dialect;

        public ValueTask<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null) => inner.QueryAsync<T>(sql, parameters);

        public ValueTask<T?> FirstOrDefaultAsync<T>(string sql, object? parameters = null) => inner.FirstOrDefaultAsync<T>(sql, parameters);

        public ValueTask<int> ExecuteAsync(string sql, object? parameters = null)
        {
            owner.Count();
            return inner.ExecuteAsync(sql, parameters);
        }

        public ValueTask<IReadOnlyList<long>> WriteRowsAsync(RowStatement statement, IReadOnlyList<object?[]> rows)
        {
            owner.Count();
            return inner.WriteRowsAsync(statement, rows);
        }

        public DbCommand Prepare(string sql, Action<DbCommand> addParameters) => inner.Prepare(sql, addParameters);

        public void OnCommitted(Action act) => inner.OnCommitted(act);
    }
}
