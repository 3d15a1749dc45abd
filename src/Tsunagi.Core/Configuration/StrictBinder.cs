using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Core.Catalogue;

namespace Tsunagi.Core.Configuration;

/// <summary>Reads a part of a file into its record and checks every value against the record's attributes. Unknown keys are problems, never ignored.</summary>
public static class StrictBinder
{
    /// <summary>Null, with problems, when the part does not fit the record.</summary>
    public static T? Bind<T>(YamlFile file, JsonNode? part, string path, List<ConfigProblem> problems)
        where T : class => (T?)Bind(typeof(T), file, part, path, problems);

    public static object? Bind(Type type, YamlFile file, JsonNode? part, string path, List<ConfigProblem> problems)
    {
        object? value;
        try
        {
            value = (part ?? new JsonObject()).Deserialize(type, SettingsJson.Options);
        }
        catch (JsonException e)
        {
            var member = e.Path is { Length: > 1 } below ? path + below[1..] : path;
            problems.Add(file.Problem(member, Plain(e), null));
            return null;
        }

        if (value is not null)
        {
            Check(value, file, path, problems, depth: 0);
        }

        return problems.Count == 0 ? value : null;
    }

    private static void Check(object value, YamlFile file, string path, List<ConfigProblem> problems, int depth)
    {
        if (depth > 16)
        {
            return;
        }

        foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p.GetIndexParameters().Length == 0))
        {
            var own = property.GetValue(value);
            var below = $"{path}.{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}";
            foreach (var rule in property.GetCustomAttributes<ValidationAttribute>(inherit: true).Where(rule => !rule.IsValid(own)))
            {
                problems.Add(file.Problem(below, $"the value is {SettingsJson.Show(own)}", SettingsJson.Allowed(rule)));
            }

            Descend(own, file, below, problems, depth + 1);
        }

        if (value is ICheckedSettings settings && settings.Check() is { } refusal)
        {
            problems.Add(file.Problem(refusal.Field is { } field ? $"{path}.{field["settings.".Length..]}" : path, refusal.Message, refusal.Allowed));
        }
    }

    private static void Descend(object? value, YamlFile file, string path, List<ConfigProblem> problems, int depth)
    {
        if (value is IEnumerable items and not string and not JsonNode)
        {
            var index = 0;
            foreach (var item in items)
            {
                Descend(item, file, $"{path}[{index++}]", problems, depth);
            }
        }
        else if (value is not null && value.GetType() is { IsClass: true } type && type.Namespace?.StartsWith("Tsunagi", StringComparison.Ordinal) == true)
        {
            Check(value, file, path, problems, depth);
        }
    }

    private static string Plain(JsonException e)
    {
        var message = SettingsJson.FirstSentence(e.Message);
        return message switch
        {
            _ when message.Contains("could not be mapped", StringComparison.Ordinal) => "this key is not known here",
            _ when message.Contains("missing required properties", StringComparison.Ordinal) => "a key is missing: " + message[(message.LastIndexOf(':') + 1)..].Trim(),
            _ when message.Contains("could not be converted", StringComparison.Ordinal) => "the value has the wrong type (a text that looks like a number needs quotes)",
            _ => message,
        };
    }
}
