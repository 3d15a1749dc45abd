using System.Text;
using System.Text.Json;

namespace Tsunagi.Routing.Scrub;

/// <summary>What nft shows of the scrubber's table: its counters, whose time is not over, and all else as one text, which changes when anybody changes anything.</summary>
internal sealed class NftListing
{
    private readonly Dictionary<string, (long Packets, long Octets)> _counters = new(StringComparer.Ordinal);
    private readonly HashSet<string> _living = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly StringBuilder _shape = new();

    private NftListing()
    {
    }

    /// <summary>No such table.</summary>
    public static NftListing Absent { get; } = new();

    public bool IsAbsent => ReferenceEquals(this, Absent);

    public IReadOnlyDictionary<string, (long Packets, long Octets)> Counters => _counters;

    /// <summary>Everything but what changes by itself: handles, counters, times.</summary>
    public string Shape { get; private set; } = "";

    /// <summary>The set of the rule holds one destination.</summary>
    public bool Lives(string name) => _living.Contains(name);

    /// <summary>Lines with a comment.</summary>
    public int LinesOf(string comment) => _lines.GetValueOrDefault(comment);

    /// <summary>Reads the answer to <c>nft -j list table</c>; null when it is none.</summary>
    public static NftListing? Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var listing = new NftListing();
            foreach (var item in document.RootElement.GetProperty("nftables").EnumerateArray().SelectMany(static item => item.EnumerateObject()))
            {
                listing.Take(item.Name, item.Value);
            }

            listing.Shape = listing._shape.ToString();
            return listing;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private void Take(string kind, JsonElement value)
    {
        switch (kind)
        {
            case "metainfo":
                return;
            case "counter":
                _counters[value.GetProperty("name").GetString()!] = (value.GetProperty("packets").GetInt64(), value.GetProperty("bytes").GetInt64());
                return;
            case "set" when value.TryGetProperty("elem", out var elements) && elements.GetArrayLength() == 1:
                _living.Add(value.GetProperty("name").GetString()!);
                break;
            case "rule" when value.TryGetProperty("comment", out var comment):
                var text = comment.GetString()!;
                _lines[text] = _lines.GetValueOrDefault(text) + 1;
                break;
        }

        _shape.Append(kind);
        foreach (var property in value.EnumerateObject().Where(property => property.Name != "handle" && !(kind == "set" && property.Name == "elem")))
        {
            _shape.Append(' ').Append(property.Name).Append('=').Append(property.Value.GetRawText());
        }

        _shape.Append('\n');
    }
}
