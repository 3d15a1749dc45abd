using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Ui.Format;

namespace Tsunagi.Ui.Forms;

/// <summary>How a property of a settings record is entered.</summary>
internal enum SchemaKind
{
    Text,
    Whole,
    Real,
    Flag,
    Choice,
    Lines,
    Group,
    Json,
}

/// <summary>One property of a JSON Schema object, as a form shows it.</summary>
internal sealed record SchemaField(string Name, string Path, SchemaKind Kind, bool Required, JsonObject Schema)
{
    public static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static readonly Dictionary<string, string> Spelled = new()
    {
        ["tls"] = "TLS", ["dns"] = "DNS", ["ip"] = "IP", ["smtp"] = "SMTP", ["url"] = "URL", ["http"] = "HTTP", ["https"] = "HTTPS", ["spf"] = "SPF", ["dkim"] = "DKIM", ["dmarc"] = "DMARC", ["mb"] = "MB", ["id"] = "ID",
    };

    /// <summary>What is taken when the field is left empty.</summary>
    public string? Default => Schema["default"] is JsonValue value ? TextOf(value) : null;

    public string? Least => Schema["minimum"]?.ToJsonString();

    public string? Most => Schema["maximum"]?.ToJsonString();

    public int? Longest => Schema["maxLength"]?.GetValue<int>();

    public IReadOnlyList<string> Choices => Schema["enum"] is JsonArray values ? [.. values.Select(TextOf).OfType<string>()] : [];

    public static IEnumerable<SchemaField> Of(JsonObject schema, string prefix)
    {
        var required = schema["required"] is JsonArray names ? names.Select(TextOf).ToHashSet() : [];
        foreach (var (path, node) in schema["properties"] as JsonObject ?? [])
        {
            if (node is JsonObject property)
            {
                yield return new SchemaField(prefix + path, path, KindOf(property), required.Contains(path), property);
            }
        }
    }

    public static JsonNode? At(JsonObject? value, string path) => value is not null && value.TryGetPropertyValue(path, out var node) ? node : null;

    public static string? TextOf(JsonNode? node) => node is JsonValue value ? value.TryGetValue<string>(out var text) ? text : value.ToJsonString() : node?.ToJsonString();

    public string? HintFor(string locale) =>
        (Formats.IsJapanese(locale) ? Schema["x-description-ja"]?.GetValue<string>() : null) ?? Schema["description"]?.GetValue<string>();

    /// <summary>The title in the reader's language ("title", "x-title-ja"), else the name in words: "queueLifeDays" → "Queue life days".</summary>
    public string LabelFor(string locale) =>
        (Formats.IsJapanese(locale) ? Schema["x-title-ja"]?.GetValue<string>() : null) ?? Schema["title"]?.GetValue<string>() ?? Words(Path);

    private static SchemaKind KindOf(JsonObject property)
    {
        if (property["enum"] is JsonArray)
        {
            return SchemaKind.Choice;
        }

        return TypeOf(property) switch
        {
            "boolean" => SchemaKind.Flag,
            "integer" => SchemaKind.Whole,
            "number" => SchemaKind.Real,
            "object" when property["properties"] is JsonObject => SchemaKind.Group,
            "array" when property["items"] is JsonObject items && TypeOf(items) is "string" or "integer" or "number" => SchemaKind.Lines,
            "array" or "object" => SchemaKind.Json,
            _ => SchemaKind.Text,
        };
    }

    // "type" is a name, or a list of which one is "null".
    internal static string? TypeOf(JsonObject property) => property["type"] switch
    {
        JsonArray names => names.Select(TextOf).FirstOrDefault(static name => name != "null"),
        JsonValue name => TextOf(name),
        _ => null,
    };

    private static string Words(string name)
    {
        var words = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && words.Length > 0)
            {
                words.Append(' ');
            }

            words.Append(words.Length == 0 ? char.ToUpper(letter, CultureInfo.InvariantCulture) : char.ToLower(letter, CultureInfo.InvariantCulture));
        }

        return string.Join(' ', words.ToString().Split(' ').Select(static word => Spelled.GetValueOrDefault(word.ToLowerInvariant(), word)));
    }
}
