using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Api;

/// <summary>What was wrong with a JSON body, told by the member: the serializer knows where, the request's type knows what would be right.</summary>
internal static partial class JsonRefusal
{
    private const string Time = "a time such as 2026-07-01T12:00:00Z";

    /// <param name="body">The type the body was to become, or null when that is not known.</param>
    public static Refusal Of(JsonException json, Type? body)
    {
        var path = json.Path is ['$', '.', .. var member] ? member : "";
        if (UnknownMember().Match(json.Message) is { Success: true } unknown)
        {
            var full = Below(path, unknown.Groups["name"].Value);
            return Refusal.Invalid("field.unknown", full, $"{full} is not known here", "the members named in /api/v1/openapi.json");
        }

        if (MissingMembers().Match(json.Message) is { Success: true } missing)
        {
            var names = missing.Groups["name"].Captures.Select(static capture => capture.Value).ToList();
            return Refusal.Invalid("field.missing", Below(path, names[0]), $"missing: {string.Join(", ", names)}", "a value");
        }

        if (json.Message.Contains("uplicate", StringComparison.Ordinal))
        {
            return Refusal.Invalid("field.twice", path, "a member stands twice in the same object", "each member once");
        }

        if (json.Message.Contains("could not be converted", StringComparison.Ordinal))
        {
            return Refusal.Invalid("field.type", path, $"{(path.Length == 0 ? "the body" : path)} has the wrong type or value", Allowed(body, path));
        }

        return path.Length > 0 && json.Message.Contains("null", StringComparison.Ordinal)
            ? Refusal.Invalid("field.missing", path, $"{path} must not be null", "a value")
            : Refusal.Invalid("body.json", path, $"the body is not JSON at line {(json.LineNumber ?? 0) + 1}, byte {(json.BytePositionInLine ?? 0) + 1}", "a JSON object");
    }

    // The path sometimes ends with the member's own name and sometimes with the object that should not have it.
    private static string Below(string path, string name) =>
        path.Length == 0 ? name
        : path == name || path.EndsWith("." + name, StringComparison.Ordinal) ? path
        : $"{path}.{name}";

    private static string Allowed(Type? body, string path)
    {
        var type = body;
        JsonPropertyInfo? member = null;
        foreach (var step in path.Split(['.', '['], StringSplitOptions.RemoveEmptyEntries))
        {
            if (type is null)
            {
                break;
            }

            var known = ApiJson.Options.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type);
            if (step[^1] == ']')
            {
                (type, member) = (known.ElementType, null);
            }
            else
            {
                member = known.Properties.FirstOrDefault(property => property.Name == step);
                type = member?.PropertyType ?? known.ElementType;
            }
        }

        return member is not null && ApiJson.IsTime(member) ? Time : InWords(type);
    }

    private static string InWords(Type? type)
    {
        type = type is null ? typeof(object) : Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName))
            : Type.GetTypeCode(type) switch
            {
                TypeCode.Int16 or TypeCode.Int32 or TypeCode.Int64 or TypeCode.Byte or TypeCode.UInt16 or TypeCode.UInt32 => "a whole number",
                TypeCode.Double or TypeCode.Single or TypeCode.Decimal => "a number",
                TypeCode.Boolean => "true or false",
                TypeCode.String => "a text",
                _ => ApiJson.Options.GetTypeInfo(type).Kind == JsonTypeInfoKind.Enumerable ? "a list" : "an object",
            };
    }

    [GeneratedRegex("The JSON property '(?<name>[^']+)' could not be mapped", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex UnknownMember();

    [GeneratedRegex("missing required properties including: ('(?<name>[^']+)'[;,]? ?)+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex MissingMembers();
}
