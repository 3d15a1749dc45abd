using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tsunagi.Ui.Parts;

/// <summary>One field that differs; null where it is absent on that side.</summary>
public sealed record JsonChange(string Path, string? Before, string? After);

/// <summary>The differing leaves of two JSON documents, by path ("settings.queueLifeDays", "domains[1]").</summary>
public static class JsonDiff
{
    public static IReadOnlyList<JsonChange> Between(string? before, string? after)
    {
        var old = Leaves(before);
        var now = Leaves(after);
        return
        [
            .. old.Keys.Union(now.Keys)
                .Select(path => new JsonChange(path, old.GetValueOrDefault(path), now.GetValueOrDefault(path)))
                .Where(static change => change.Before != change.After),
        ];
    }

    private static Dictionary<string, string> Leaves(string? json)
    {
        var leaves = new Dictionary<string, string>(StringComparer.Ordinal);
        if (string.IsNullOrWhiteSpace(json))
        {
            return leaves;
        }

        try
        {
            Collect(JsonNode.Parse(json), "", leaves);
        }
        catch (JsonException)
        {
            leaves["value"] = json;
        }

        return leaves;
    }

    private static void Collect(JsonNode? node, string path, Dictionary<string, string> leaves)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } members:
                foreach (var (name, member) in members)
                {
                    Collect(member, path.Length == 0 ? name : $"{path}.{name}", leaves);
                }

                break;
            case JsonArray { Count: > 0 } items:
                for (var i = 0; i < items.Count; i++)
                {
                    Collect(items[i], $"{path}[{i}]", leaves);
                }

                break;
            default:
                leaves[path.Length == 0 ? "value" : path] = node is JsonValue value && value.TryGetValue<string>(out var text) ? text : node?.ToJsonString() ?? "null";
                break;
        }
    }
}
