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
        return YamlFile.Read(name, Text(context, name), out var problem) ?? throw new WrongInputException(problem!.ToString());
    }

    /// <summary>The text of a file, or of standard input for "-".</summary>
    /// <exception cref="WrongInputException">There is no such file, or it cannot be read.</exception>
    public static string Text(VerbContext context, string name)
    {
        try
        {
            return name == "-" ? Console.In.ReadToEnd() : File.ReadAllText(context.Home.File(name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new WrongInputException($"the file {name} cannot be read: {e.Message}");
        }
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
