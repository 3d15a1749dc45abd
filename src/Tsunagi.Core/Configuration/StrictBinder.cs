using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Core.Catalogue;

namespace Tsunagi.Core.Configuration;

/// <summary>
/// Reads a part of a file into its record: (1) the shape (keys and types), (2) the record's own rules (ranges, lengths, patterns). Every problem is
/// found, not only the first; unknown keys are problems, never ignored.
/// </summary>
public static class StrictBinder
{
    /// <summary>Null, with problems, when the part does not fit the record.</summary>
    public static T? Bind<T>(YamlFile file, JsonNode? part, string path, List<ConfigProblem> problems)
        where T : class => (T?)Bind(typeof(T), file, part, path, problems);

    public static object? Bind(Type type, YamlFile file, JsonNode? part, string path, List<ConfigProblem> problems)
    {
        // (1)
        var before = problems.Count;
        part ??= new JsonObject();
        Shape.Check(type, part, path, (at, message, allowed) => problems.Add(file.Problem(at, message, allowed)));
        if (problems.Count > before)
        {
            return null;
        }

        object? value;
        try
        {
            value = part.Deserialize(type, SettingsJson.Options);
        }
        catch (JsonException e)
        {
            var member = e.Path is { Length: > 1 } below ? path + below[1..] : path;
            problems.Add(file.Problem(member, SettingsJson.FirstSentence(e.Message), null));
            return null;
        }

        // (2)
        problems.AddRange(RecordRules.Broken(value!, path).Select(broken => file.Problem(broken.Path, broken.Message, broken.Allowed)));
        return problems.Count == before ? value : null;
    }
}
