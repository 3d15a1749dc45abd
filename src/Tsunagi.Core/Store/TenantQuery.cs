using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Store;

/// <summary>
/// A named query over rows that belong to tenants. Its text holds <c>{tenant}</c> (or <c>{tenant:m}</c> with a table alias) exactly where the
/// filter on the <c>tenant_path</c> column goes; the store puts the filter in. All of them are static readonly fields, so the isolation test
/// finds each, switches its filter off and must turn red.
/// </summary>
public sealed class TenantQuery
{
    private readonly string _filtered;
    private readonly string _unfiltered;

    public TenantQuery(string name, string sql)
    {
        Name = name;
        _filtered = Expand(sql, static column => $"({column} >= @ScopePath AND {column} < @ScopeEnd)");
        _unfiltered = Expand(sql, static _ => "1 = 1");
        if (ReferenceEquals(_filtered, sql))
        {
            throw new ArgumentException($"tenant query {name} has no {{tenant}} filter", nameof(sql));
        }
    }

    public string Name { get; }

    /// <summary>The names, with blanks between, of the queries whose filter is off. Only the isolation tests set it.</summary>
    internal static string? FilterOffFor { get; set; }

    /// <summary>Told the name of each query as it is asked. Only the isolation tests listen.</summary>
    internal static Action<string>? Asked { get; set; }

    internal string Sql
    {
        get
        {
            Asked?.Invoke(Name);
            return FilterOffFor is { } off && off.Split(' ').Contains(Name) ? _unfiltered : _filtered;
        }
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
}
