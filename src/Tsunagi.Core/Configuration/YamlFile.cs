using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Tsunagi.Core.Configuration;

/// <summary>
/// A YAML file as JSON, remembering the line and column of every key, so that what is wrong with a value can be said where it stands. Scalars
/// follow the YAML 1.2 core schema: plain true, false, null and numbers are what they look like, everything quoted is text.
/// </summary>
public sealed class YamlFile
{
    private const int MaxBytes = 16 * 1024 * 1024;
    private const int MaxDepth = 32;
    private readonly Dictionary<string, Mark> _marks = [];

    private YamlFile(string file, JsonObject root)
    {
        File = file;
        Root = root;
    }

    public string File { get; }

    public JsonObject Root { get; private set; }

    /// <summary>Reads a file; the problem is set when it is no YAML, too large, or not a mapping at its top.</summary>
    public static YamlFile? Read(string file, string text, out ConfigProblem? problem)
    {
        problem = null;
        if (text.Length > MaxBytes)
        {
            problem = new ConfigProblem(file, 1, 1, "", "the file is too large", $"at most {MaxBytes} characters");
            return null;
        }

        try
        {
            problem = CheckEvents(file, text);
            if (problem is not null)
            {
                return null;
            }

            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            var result = new YamlFile(file, []);
            if (stream.Documents.Count == 0 || stream.Documents[0].RootNode is YamlScalarNode { Value: null or "" })
            {
                return result;
            }

            if (stream.Documents[0].RootNode is not YamlMappingNode top)
            {
                problem = new ConfigProblem(file, 1, 1, "", "the file does not hold keys and values", "key: value");
                return null;
            }

            result.Root = (JsonObject)result.Convert(top, "$")!;
            return result;
        }
        catch (YamlException e)
        {
            problem = new ConfigProblem(file, e.Start.Line, e.Start.Column, "", "this is not YAML: " + e.Message, null);
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The scanner gives up with these on some broken flow collections, without a place.
            problem = new ConfigProblem(file, 1, 1, "", "this is not YAML: a bracket or brace is not closed", null);
            return null;
        }
    }

    /// <summary>
    /// Walks the file's events before it becomes a tree: nesting is limited, since the tree is built recursively, and aliases are refused, since a
    /// few of them can stand for more than memory holds.
    /// </summary>
    private static ConfigProblem? CheckEvents(string file, string text)
    {
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        var documents = 0;
        while (parser.MoveNext())
        {
            var at = parser.Current!.Start;
            depth += parser.Current switch { MappingStart or SequenceStart => 1, MappingEnd or SequenceEnd => -1, _ => 0 };
            documents += parser.Current is DocumentStart ? 1 : 0;
            var wrong = parser.Current switch
            {
                AnchorAlias => ("aliases (*name) are not used in this file", "the value, written out"),
                DocumentStart when documents > 1 => ("the file holds a second document", "one document"),
                _ when depth > MaxDepth => ("the file is nested too deeply", $"at most {MaxDepth} levels"),
                _ => ((string Message, string Allowed)?)null,
            };
            if (wrong is { } found)
            {
                return new ConfigProblem(file, at.Line, at.Column, "", found.Message, found.Allowed);
            }
        }

        return null;
    }

    /// <summary>The problem at a JSON path ("$.mail.listen[0]"), with the place of the nearest key above it that stands in the file.</summary>
    public ConfigProblem Problem(string path, string message, string? allowed)
    {
        var at = path;
        while (!_marks.ContainsKey(at) && at.LastIndexOfAny(['.', '[']) is > 0 and var cut)
        {
            at = at[..cut];
        }

        var mark = _marks.GetValueOrDefault(at, new Mark(0, 1, 1));
        return new ConfigProblem(File, mark.Line, mark.Column, path is "$" ? "" : path.TrimStart('$', '.'), message, allowed);
    }

    private JsonNode? Convert(YamlNode node, string path)
    {
        _marks.TryAdd(path, node.Start);
        switch (node)
        {
            case YamlMappingNode mapping:
                var members = new JsonObject();
                foreach (var (key, value) in mapping.Children)
                {
                    var name = (key as YamlScalarNode)?.Value ?? "";
                    var below = $"{path}.{name}";
                    _marks[below] = key.Start;
                    members[name] = Convert(value, below);
                }

                return members;
            case YamlSequenceNode sequence:
                var items = new JsonArray();
                foreach (var child in sequence.Children)
                {
                    items.Add(Convert(child, $"{path}[{items.Count}]"));
                }

                return items;
            case YamlScalarNode scalar:
                return Scalar(scalar);
            default:
                return null;
        }
    }

    private static JsonNode? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style is not ScalarStyle.Plain)
        {
            return JsonValue.Create(text);
        }

        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) && (text.Length == 1 || text[0] != '0') => JsonValue.Create(whole),
            _ when text.Any(char.IsAsciiDigit) && decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && (text[0] != '0' || text.StartsWith("0.", StringComparison.Ordinal)) => JsonValue.Create(number),
            _ => JsonValue.Create(text),
        };
    }
}
