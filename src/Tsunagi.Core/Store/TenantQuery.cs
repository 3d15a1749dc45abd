using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Store;

/// <summary>
/// A named query over rows that belong to tenants. Its text holds <c>{tenant}</c> (or <c>{tenant:m}</c> with a table alias) exactly where the
/// filter on the <c>tenant_path</c> column goes; the store puts the filter in. All of them are static readonly fields, so the isolation test
/// finds each, switches its filter off and must turn red.
/// </summary>
public sealed class TenantQuery
{
    private readonly Texts _shared;
    private readonly Texts _postgres;

    /// <param name="postgres">The text for PostgreSQL, where the shared dialect does not reach (an index of words); null where it does.</param>
    public TenantQuery(string name, string sql, string? postgres = null)
    {
        Name = name;
        _shared = Expand(name, sql);
        _postgres = postgres is null ? _shared : Expand(name, postgres);
    }

    public string Name { get; }

    /// <summary>The names, with blanks between, of the queries whose filter is off. Only the isolation tests set it.</summary>
    internal static string? FilterOffFor { get; set; }

    /// <summary>Told the name of each query as it is asked. Only the isolation tests listen.</summary>
    internal static Action<string>? Asked { get; set; }

    internal string SqlFor(SqlDialect dialect)
    {
        Asked?.Invoke(Name);
        var texts = dialect == SqlDialect.Postgres ? _postgres : _shared;
        return FilterOffFor is { } off && off.Split(' ').Contains(Name) ? texts.Unfiltered : texts.Filtered;
    }

    private static Texts Expand(string name, string sql)
    {
        var filtered = Expand(sql, static column => $"({column} >= @ScopePath AND {column} < @ScopeEnd)");
        return ReferenceEquals(filtered, sql)
            ? throw new ArgumentException($"tenant query {name} has no {{tenant}} filter", nameof(sql))
            : new Texts(filtered, Expand(sql, static _ => "1 = 1"));
    }

    private static string Expand(string sql, Func<string, string> filter)
    {
        const string open = "{tenant";
        for (var at = sql.IndexOf(open, StringComparison.Ordinal); at >= 0; at = sql.IndexOf(open, StringComparison.Ordinal))
        {
            var end = sql.IndexOf('}', at);
            var alias = sql[(at + open.Length)..end].TrimStart(':');
            sql = string.Concat(sql.AsSpan(0, at), filter(alias.Length == 0 ? "tenant_path" : alias + ".tenant_path"), sql.AsSpan(end + 1));
        }

        return sql;
    }

    private sealed record Texts(string Filtered, string Unfiltered);
}
