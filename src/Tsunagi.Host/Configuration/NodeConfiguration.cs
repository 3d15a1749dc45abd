using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Core.Configuration;
using Tsunagi.Core.Modules;

namespace Tsunagi.Host.Configuration;

/// <summary>
/// The node's file, read and checked before anything starts: the host's own keys, and one section for each module, checked against the record the
/// module names (<see cref="ModuleOptions"/> by module id, put into the container before the module's own services). A wrong value stops the start with file, line, key, value and what is allowed.
/// </summary>
public sealed record NodeConfiguration(NodeOptions Options, IReadOnlyDictionary<string, object> ModuleOptions)
{
    /// <param name="overrides">Values from the command line, above the file ("data" → "/var/lib/tsunagi").</param>
    public static NodeConfiguration? Load(
        string? path, IReadOnlyList<IServiceModule> modules, IReadOnlyDictionary<string, string> overrides, List<ConfigProblem> problems)
    {
        var name = path ?? "defaults";
        string text;
        try
        {
            text = path is null ? "" : File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(new ConfigProblem(name, 1, 1, "", "the file cannot be read: " + e.Message, null));
            return null;
        }

        var file = YamlFile.Read(name, text, out var problem);
        if (file is null)
        {
            problems.Add(problem!);
            return null;
        }

        if (!Override(file, overrides, problems))
        {
            return null;
        }

        var moduleOptions = TakeSections(file, modules, problems);
        var options = StrictBinder.Bind<NodeOptions>(file, file.Root, "$", problems);
        if (options is null)
        {
            return null;
        }

        Check(file, options, modules, problems);
        return problems.Count > 0 ? null : new NodeConfiguration(options, moduleOptions);
    }

    private static bool Override(YamlFile file, IReadOnlyDictionary<string, string> overrides, List<ConfigProblem> problems)
    {
        foreach (var (key, value) in overrides)
        {
            var at = file.Root;
            var parts = key.Split('.');
            foreach (var part in parts[..^1])
            {
                at = at[part] as JsonObject ?? (JsonObject)(at[part] = new JsonObject());
            }

            // A list or a group given on the command line replaces the file's.
            try
            {
                at[parts[^1]] = value.StartsWith('[') || value.StartsWith('{') ? JsonNode.Parse(value) : JsonValue.Create(value);
            }
            catch (JsonException)
            {
                problems.Add(new ConfigProblem("command line", 1, 1, key, value.StartsWith('[') ? $"{value} is no list" : $"{value} is no group of values", value.StartsWith('[') ? "[\"one\", \"two\"]" : "{\"key\": 1}"));
            }
        }

        return problems.Count == 0;
    }

    /// <summary>Takes each module's section out of the file. One of a module that has no options stays there: the host's own keys do not know it.</summary>
    private static Dictionary<string, object> TakeSections(YamlFile file, IReadOnlyList<IServiceModule> modules, List<ConfigProblem> problems)
    {
        var options = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var description in modules.Select(static m => m.Describe()))
        {
            if (description.Options is not { } type)
            {
                continue;
            }

            file.Root.Remove(description.Id, out var section);
            if (StrictBinder.Bind(type, file, section, "$." + description.Id, problems) is { } bound)
            {
                options[description.Id] = bound;
            }
        }

        return options;
    }

    private static void Check(YamlFile file, NodeOptions options, IReadOnlyList<IServiceModule> modules, List<ConfigProblem> problems)
    {
        var known = modules.Select(static m => m.Describe().Id).ToList();
        for (var i = 0; i < options.Roles.Count; i++)
        {
            if (!known.Contains(options.Roles[i]))
            {
                problems.Add(file.Problem($"$.roles[{i}]", $"there is no module {options.Roles[i]}", string.Join(", ", known)));
            }
        }

        if (!IPEndPoint.TryParse(options.Console.Listen, out var listen) || listen.Port < 0)
        {
            problems.Add(file.Problem("$.console.listen", $"\"{options.Console.Listen}\" is not an address and a port", "127.0.0.1:8480, 0.0.0.0:443, [::]:443"));
        }

        if (options.Store.Kind == "postgres" && options.Store.Connection.Length == 0)
        {
            problems.Add(file.Problem("$.store.connection", "PostgreSQL needs a connection string", "Host=…;Database=…;Username=…"));
        }
    }
}
