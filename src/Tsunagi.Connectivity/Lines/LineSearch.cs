using System.Net.Sockets;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Search;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Lines;

/// <summary>Lines in the one search box: by user name, circuit, remote id, fixed address, or id.</summary>
internal sealed class LineSearch(Stores stores) : ISearchSource
{
    public static readonly TenantQuery Lines = new("connectivity.line.search", """
        SELECT id, CASE WHEN user_name <> '' THEN user_name WHEN circuit_id <> '' THEN circuit_id ELSE name END AS title, name AS detail,
          CASE WHEN id = @Text OR user_name = @Text OR circuit_id = @Text OR v4 = @V4 OR delegated_prefix = @Text THEN 1 ELSE 0 END AS exact
        FROM connectivity_line WHERE {tenant} AND ended_at IS NULL
          AND (id = @Text OR lower(user_name) LIKE @Like ESCAPE '!' OR circuit_id = @Text OR remote_id = @Text OR v4 = @V4 OR delegated_prefix = @Text) ORDER BY user_name, id LIMIT 20
        """);

    public async ValueTask<IReadOnlyList<SearchHit>> FindAsync(Caller caller, string text, CancellationToken cancellationToken)
    {
        if (!caller.May(ConnectivityPermissions.LineRead))
        {
            return [];
        }

        var like = text.ToLowerInvariant().Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal);
        var rows = await new TenantStore(stores.Control, caller.Scope).QueryAsync<Row>(
            Lines, new { Text = text, Like = $"%{like}%", V4 = LineRules.Canonical(text, AddressFamily.InterNetwork) ?? text }, cancellationToken);
        return [.. rows.Select(static row => new SearchHit("line", row.Id, row.Title, row.Detail, "/console/connectivity/lines/" + row.Id, row.Exact != 0))];
    }

    private sealed record Row(string Id, string Title, string Detail, long Exact);
}
