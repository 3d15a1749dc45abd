using System.Data.Common;

namespace Tsunagi.Core.Store;

/// <summary>A read-write transaction. It may run again from its start, so it must have no effect outside the store.</summary>
public interface ISqlTransaction : ISqlReader
{
    /// <summary>Runs a statement and returns the number of rows it changed.</summary>
    ValueTask<int> ExecuteAsync(string sql, object? parameters = null);

    /// <summary>
    /// Runs a statement for many rows at once (thousands a transaction): each row has a value (<see cref="long"/>, <see cref="string"/>, or null) for each column of the statement. Nothing is run for no rows.
    /// </summary>
    /// <returns>What the written rows have in the returned column; empty where the statement returns none.</returns>
    ValueTask<IReadOnlyList<long>> WriteRowsAsync(RowStatement statement, IReadOnlyList<object?[]> rows);

    /// <summary>
    /// A prepared command for a hot path (thousands of rows a transaction): kept by the connection under its text, so preparing is paid once.
    /// Parameters are named <c>@a</c> and so on and must be added by the caller on first use.
    /// </summary>
    DbCommand Prepare(string sql, Action<DbCommand> addParameters);

    /// <summary>Runs after the commit, once, never when the transaction fails: for hints such as "look for new work".</summary>
    void OnCommitted(Action act);
}
