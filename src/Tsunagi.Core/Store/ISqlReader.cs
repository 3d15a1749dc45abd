namespace Tsunagi.Core.Store;

/// <summary>
/// Runs queries inside one transaction of a store. SQL is the small dialect both stores share: parameters as <c>@name</c> (from the
/// properties of an object or record), times int64 microseconds UTC, money int64 minor units, ids text, booleans int 0/1, total ORDER BY with
/// explicit NULLS, ON CONFLICT and RETURNING allowed. Column names are snake_case and map to the record's PascalCase constructor parameters.
/// </summary>
public interface ISqlReader
{
    SqlDialect Dialect { get; }

    ValueTask<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null);

    /// <summary>The first row, or default when there is none.</summary>
    ValueTask<T?> FirstOrDefaultAsync<T>(string sql, object? parameters = null);
}
