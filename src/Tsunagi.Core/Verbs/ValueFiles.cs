using System.Text.Json.Nodes;
using Tsunagi.Core.Configuration;

namespace Tsunagi.Core.Verbs;

/// <summary>Files of values that a verb is given (YAML, of which JSON is a part), with <c>--set member=value</c> above them.</summary>
public static class ValueFiles
{
    /// <summary>Reads a file, or standard input for "-".</summary>
    /// <exception cref="WrongInputException">There is no such file, or it is not YAML: the message says where.</exception>
    public static YamlFile Read(VerbContext context, string name)
    {
        string text;
        try
        {
            text = name == "-" ? Console.In.ReadToEnd() : File.ReadAllText(context.Home.File(name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WrongInputException($"the file {name} cannot be read: {e.Message}");
        }

        return YamlFile.Read(name, text, out var problem) ?? throw new WrongInputException(problem!.ToString());
    }

    /// <summary>The file's values, if one is given, with the pairs put over them ("limits.sessions=5").</summary>
    public static JsonObject? Settings(VerbContext context, string file, string pairs)
    {
        var values = context[file] is { } name ? Read(context, name).Root : null;
        foreach (var pair in context.Values(pairs))
        {
            values ??= [];
            var cut = pair.IndexOf('=', StringComparison.Ordinal);
            var at = values;
            var path = pair[..cut].Split('.');
            foreach (var part in path[..^1])
            {
                at = at[part] as JsonObject ?? (JsonObject)(at[part] = new JsonObject());
            }

            var value = YamlFile.Read("--set", "value: " + pair[(cut + 1)..], out var problem) ?? throw new WrongInputException($"--set {pair}: {problem!.Message}");
            at[path[^1]] = value.Root["value"]?.DeepClone();
        }

        return values;
    }
}
