using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Tsunagi.Core.Identity;

namespace Tsunagi.Ui.Tables;

/// <summary>
/// Where the reader stands in a table, as the page's query string says: <c>q</c> filter, <c>sort</c> ("-time" descends), <c>after</c> cursor,
/// <c>trail</c> the cursors of the pages before, and the facets by their keys. A prefix keeps two tables of one page apart.
/// </summary>
internal sealed class TableQuery
{
    private const int LongestValue = 400;
    private const int LongestTrail = 40;
    private readonly string _path;
    private readonly string _prefix;
    private readonly Dictionary<string, string> _values;

    public TableQuery(HttpRequest request, string prefix)
        : this(request.Path.Value ?? "/", prefix, request.Query.ToDictionary(static pair => pair.Key, static pair => pair.Value.ToString()))
    {
    }

    private TableQuery(string path, string prefix, Dictionary<string, string> values)
    {
        _path = path;
        _prefix = prefix;
        _values = values;
    }

    public string? Filter => this["q"]?.Trim() is { Length: > 0 } text ? text : null;

    public string? Sort => this["sort"]?.TrimStart('-');

    public bool Descending => this["sort"]?.StartsWith('-') ?? false;

    public string? After => this["after"];

    public IReadOnlyList<string> Trail => this["trail"]?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];

    public string? this[string key] => _values.GetValueOrDefault(_prefix + key) is { Length: > 0 and <= LongestValue } value ? value : key == "trail" ? _values.GetValueOrDefault(_prefix + key) : null;

    public string Name(string key) => _prefix + key;

    /// <summary>The same place by another order; back to the first page.</summary>
    public string Sorted(string key) => With(("sort", Sort == key && !Descending ? "-" + key : key), ("after", null), ("trail", null));

    public string NextPage(string cursor) => With(("after", cursor), ("trail", string.Join(' ', Trail.Append(After ?? "-").TakeLast(LongestTrail))));

    public string? PreviousPage() => Trail.Count == 0
        ? null
        : With(("after", Trail[^1] == "-" ? null : Trail[^1]), ("trail", Trail.Count == 1 ? null : string.Join(' ', Trail.SkipLast(1))));

    public string FirstPage() => With(("after", null), ("trail", null));

    public string Cleared(IEnumerable<Facet> facets) => With([("q", null), ("after", null), ("trail", null), .. facets.Select(static facet => (facet.Key, (string?)null))]);

    /// <summary>The query parameters that are not this table's filter: the form carries them along.</summary>
    public IEnumerable<(string Name, string Value)> Others(IEnumerable<Facet> facets)
    {
        var own = new HashSet<string>(["q", "after", "trail", .. facets.Select(static facet => facet.Key)]);
        return _values.Where(pair => !(pair.Key.StartsWith(_prefix, StringComparison.Ordinal) && own.Contains(pair.Key[_prefix.Length..])))
            .Select(static pair => (pair.Key, pair.Value));
    }

    public TableRequest Ask(Caller caller, int size, IEnumerable<Facet> facets, IEnumerable<(string Key, string Value)> fixedChoices)
    {
        var choices = new Dictionary<string, string>();
        foreach (var facet in facets)
        {
            if (this[facet.Key] is { } chosen && facet.Choices.Any(choice => choice.Value == chosen))
            {
                choices[facet.Key] = chosen;
            }
        }

        foreach (var (key, value) in fixedChoices)
        {
            choices[key] = value;
        }

        return new TableRequest(caller, Filter, Sort, Descending, After, size, choices);
    }

    private string With(params IEnumerable<(string Key, string? Value)> changes)
    {
        var values = new Dictionary<string, string?>(_values!);
        foreach (var (key, value) in changes)
        {
            values[_prefix + key] = value;
        }

        return QueryHelpers.AddQueryString(_path, values.Where(static pair => !string.IsNullOrEmpty(pair.Value)));
    }
}
