using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tsunagi.Core.Catalogue;

/// <summary>Walks a record and the records inside it, and finds every value its attributes (or its own <see cref="ICheckedSettings"/>) do not allow.</summary>
internal static class RecordRules
{
    private const int MaxDepth = 16;

    /// <param name="path">What the paths of the findings begin with ("settings", "$.mail").</param>
    public static IEnumerable<BrokenRule> Broken(object record, string path) => Walk(record, path, 0);

    private static IEnumerable<BrokenRule> Walk(object record, string path, int depth)
    {
        foreach (var property in record.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p.GetIndexParameters().Length == 0))
        {
            var value = property.GetValue(record);
            var below = $"{path}.{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}";
            foreach (var rule in property.GetCustomAttributes<ValidationAttribute>(inherit: true).Where(rule => !rule.IsValid(value)))
            {
                yield return new BrokenRule(below, $"the value is {SettingsJson.Show(value)}", SettingsJson.Allowed(rule));
            }

            foreach (var broken in Descend(value, below, depth + 1))
            {
                yield return broken;
            }
        }

        if (record is ICheckedSettings own && own.Check() is { } refusal)
        {
            // A record names its members as "settings.member", wherever it stands.
            var member = refusal.Field is not { } field ? "" : field.StartsWith("settings.", StringComparison.Ordinal) ? field["settings".Length..] : "." + field;
            yield return new BrokenRule(path + member, refusal.Message, refusal.Allowed);
        }
    }

    private static IEnumerable<BrokenRule> Descend(object? value, string path, int depth)
    {
        if (depth > MaxDepth || value is null or string or JsonNode)
        {
            return [];
        }

        if (value is IEnumerable items)
        {
            return items.Cast<object?>().SelectMany((item, i) => Descend(item, $"{path}[{i}]", depth));
        }

        return value.GetType() is { IsClass: true } type && type.Namespace?.StartsWith("Tsunagi", StringComparison.Ordinal) == true ? Walk(value, path, depth) : [];
    }
}

/// <summary>One value that is not allowed.</summary>
internal sealed record BrokenRule(string Path, string Message, string? Allowed);
