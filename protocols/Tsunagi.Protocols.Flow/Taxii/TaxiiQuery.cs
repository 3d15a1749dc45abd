using System.Collections.Immutable;
using System.Globalization;
using Tsunagi.Protocols.Flow.Stix;

namespace Tsunagi.Protocols.Flow.Taxii;

/// <summary>What a client asks of a collection (TAXII 2.1 section 3.4): parameters of the URL.</summary>
public sealed record TaxiiQuery
{
    private const int MostValues = 100;

    /// <summary>Only what was added after this.</summary>
    public DateTimeOffset? AddedAfter { get; init; }

    /// <summary>At most so many; null when the client leaves it to the server.</summary>
    public int? Limit { get; init; }

    /// <summary>What the server gave with the page before.</summary>
    public string? Next { get; init; }

    /// <summary>match[id]; empty for all.</summary>
    public ImmutableArray<string> Ids { get; init; } = [];

    /// <summary>match[type]; empty for all.</summary>
    public ImmutableArray<string> Types { get; init; } = [];

    /// <summary>match[spec_version]; empty for the newest there is.</summary>
    public ImmutableArray<string> SpecVersions { get; init; } = [];

    /// <summary>match[version] wants the newest version of each object: the default.</summary>
    public bool WantsLast { get; init; } = true;

    /// <summary>match[version] wants the oldest of each.</summary>
    public bool WantsFirst { get; init; }

    /// <summary>match[version] wants all.</summary>
    public bool WantsAll { get; init; }

    /// <summary>match[version] wants these.</summary>
    public ImmutableArray<DateTimeOffset> Versions { get; init; } = [];

    /// <summary>Reads the parameters; others are not looked at (section 3.4.1 leaves them to the server).</summary>
    /// <param name="parameters">Of the URL, decoded.</param>
    /// <param name="query">What they say.</param>
    /// <param name="problem">What is wrong, as one sentence without a stop.</param>
    public static bool TryRead(IEnumerable<KeyValuePair<string, string>> parameters, out TaxiiQuery query, out string problem)
    {
        query = new TaxiiQuery();
        problem = "";
        foreach (var (name, value) in parameters)
        {
            if (Read(ref query, name, value) is { } wrong)
            {
                problem = wrong;
                return false;
            }
        }

        return true;
    }

    private static string? Read(ref TaxiiQuery query, string name, string value)
    {
        switch (name)
        {
            case "added_after":
                query = query with { AddedAfter = StixTime.TryParse(value, out var after) ? after : null };
                return query.AddedAfter is null ? "added_after is a time in UTC that ends in Z" : null;
            case "limit":
                query = query with { Limit = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0 ? limit : null };
                return query.Limit is null ? "limit is a whole number above 0" : null;
            case "next":
                query = query with { Next = value };
                return value.Length > 1_000 ? "next is what the server gave" : null;
            case "match[id]":
                query = query with { Ids = Values(value) };
                return query.Ids.Length == 0 || query.Ids.Any(static id => !StixId.TryParse(id, out _)) ? "match[id] holds identifiers, with commas between" : null;
            case "match[type]":
                query = query with { Types = Values(value) };
                return query.Types.Length == 0 ? "match[type] holds types, with commas between" : null;
            case "match[spec_version]":
                query = query with { SpecVersions = Values(value) };
                return query.SpecVersions.Length == 0 ? "match[spec_version] holds versions, with commas between" : null;
            case "match[version]":
                return ReadVersions(ref query, value);
            default:
                return null;
        }
    }

    private static string? ReadVersions(ref TaxiiQuery query, string value)
    {
        const string wanted = "match[version] holds last, first, all or times, with commas between";
        var words = Values(value);
        var versions = ImmutableArray.CreateBuilder<DateTimeOffset>();
        foreach (var word in words.Where(static word => word is not ("last" or "first" or "all")))
        {
            if (!StixTime.TryParse(word, out var version))
            {
                return wanted;
            }

            versions.Add(version);
        }

        query = query with { WantsLast = words.Contains("last"), WantsFirst = words.Contains("first"), WantsAll = words.Contains("all"), Versions = versions.ToImmutable() };
        return words.Length == 0 || (query.WantsAll && words.Length > 1) ? wanted : null;
    }

    private static ImmutableArray<string> Values(string value)
    {
        var values = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return values.Length > MostValues ? [] : [.. values];
    }
}
