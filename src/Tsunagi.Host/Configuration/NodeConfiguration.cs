using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Tsunagi.Core.Configuration;
using Tsunagi.Core.Modules;

namespace Tsunagi.Host.Configuration;

/// <summary>
/// The node's file, read and checked before anything starts: the host's own keys, and one section for each module, checked against the record the
/// module names (<see cref="ModuleOptions"/>, put into the container before the module's own services). A wrong value stops the start with file, line, key, value and what is allowed.
/// </summary>
public sealed record NodeConfiguration(NodeOptions Options, IConfiguration Sections, IReadOnlyList<object> ModuleOptions)
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

        Override(file.Root, overrides);
        var moduleOptions = new List<object>();
        var sections = TakeSections(file, modules, moduleOptions, problems);
        var options = StrictBinder.Bind<NodeOptions>(file, file.Root, "$", problems);
        if (options is null)
        {
            return null;
        }

        CheckRoles(file, options, modules, problems);
        return problems.Count > 0 ? null : new NodeConfiguration(options, Flatten(sections), moduleOptions);
    }

    private static void Override(JsonObject root, IReadOnlyDictionary<string, string> overrides)
    {
        foreach (var (key, value) in overrides)
        {
            var at = root;
            var parts = key.Split('.');
            foreach (var part in parts[..^1])
            {
                at = at[part] as JsonObject ?? (JsonObject)(at[part] = new JsonObject());
            }

            // A list given on the command line replaces the file's.
            at[parts[^1]] = value.StartsWith('[') ? JsonNode.Parse(value) : JsonValue.Create(value);
        }
    }

    private static JsonObject TakeSections(YamlFile file, IReadOnlyList<IServiceModule> modules, List<object> options, List<ConfigProblem> problems)
    {
        var sections = new JsonObject();
        foreach (var description in modules.Select(static m => m.Describe()))
        {
            var given = file.Root.Remove(description.Id, out var section);
            if (description.Options is { } type && StrictBinder.Bind(type, file, section, "$." + description.Id, problems) is { } bound)
            {
                options.Add(bound);
            }

            if (given && section is not null)
            {
                sections[description.Id] = section.DeepClone();
            }
        }

        return sections;
    }

    private static void CheckRoles(YamlFile file, NodeOptions options, IReadOnlyList<IServiceModule> modules, List<ConfigProblem> problems)
    {
        var known = modules.Select(static m => m.Describe().Id).ToList();
        for (var i = 0; i < options.Roles.Count; i++)
        {
            if (!known.Contains(options.Roles[i]))
            {
                problems.Add(file.Problem($"$.roles[{i}]", $"there is no module {options.Roles[i]}", string.Join(", ", known)));
            }
        }

        if (options.Store.Kind == "postgres" && options.Store.Connection.Length == 0)
        {
            problems.Add(file.Problem("$.store.connection", "PostgreSQL needs a connection string", "Host=…;Database=…;Username=…"));
        }
    }

    private static IConfiguration Flatten(JsonObject sections)
    {
        var pairs = new Dictionary<string, string?>();
        void Walk(JsonNode? node, string key)
        {
            switch (node)
            {
                case JsonObject members:
                    foreach (var (name, value) in members)
                    {
                        Walk(value, key.Length == 0 ? name : $"{key}:{name}");
                    }

                    break;
                case JsonArray items:
                    for (var i = 0; i < items.Count; i++)
                    {
                        Walk(items[i], $"{key}:{i}");
                    }

                    break;
                default:
                    pairs[key] = node?.ToString();
                    break;
            }
        }

        Walk(sections, "");
        return new ConfigurationBuilder().AddInMemoryCollection(pairs).Build();
    }
}
