using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Tsunagi.Core.Catalogue;

namespace Tsunagi.Core.Configuration;

/// <summary>
/// Compares JSON a person wrote with the record it is meant for, before it is read into it: keys that are not known (with those that are), keys that
/// are missing, values of the wrong type (with the type, or the words, that are allowed). Says the same for YAML files and for requests.
/// </summary>
internal static class Shape
{
    /// <param name="say">Path, message, allowed.</param>
    public static void Check(Type type, JsonNode? node, string path, Action<string, string, string?> say)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(JsonElement) || type.IsAssignableTo(typeof(JsonNode)) || type == typeof(object))
        {
            return;
        }

        if (node is null)
        {
            say(path, "the value is missing", Wanted(type));
            return;
        }

        var contract = SettingsJson.Options.GetTypeInfo(type);
        switch (contract.Kind)
        {
            case JsonTypeInfoKind.Object when node is JsonObject members:
                CheckMembers(contract, members, path, say);
                break;
            case JsonTypeInfoKind.Dictionary when node is JsonObject members:
                foreach (var (key, value) in members)
                {
                    Check(contract.ElementType!, value, $"{path}.{key}", say);
                }

                break;
            case JsonTypeInfoKind.Enumerable when node is JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    Check(contract.ElementType!, items[i], $"{path}[{i}]", say);
                }

                break;
            case JsonTypeInfoKind.None when Fits(type, node):
                break;
            default:
                say(path, $"the value is {Show(node)}", Wanted(type));
                break;
        }
    }

    private static void CheckMembers(JsonTypeInfo contract, JsonObject members, string path, Action<string, string, string?> say)
    {
        if (contract.PolymorphismOptions is { } variants)
        {
            CheckVariant(contract.Type, variants, members, path, say);
            return;
        }

        CheckKeys(contract, members, path, null, say);
    }

    private static void CheckVariant(Type declared, JsonPolymorphismOptions variants, JsonObject members, string path, Action<string, string, string?> say)
    {
        var word = variants.TypeDiscriminatorPropertyName;
        var named = members[word] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
        var variant = variants.DerivedTypes.FirstOrDefault(d => d.TypeDiscriminator as string == named);
        if (named is null || variant.DerivedType is null)
        {
            var allowed = string.Join(", ", variants.DerivedTypes.Select(static d => d.TypeDiscriminator));
            say(members.ContainsKey(word) ? $"{path}.{word}" : path, named is null ? $"the key {word} is missing" : $"the value is \"{named}\"", allowed);
            return;
        }

        CheckKeys(SettingsJson.Options.GetTypeInfo(variant.DerivedType), members, path, word, say);
    }

    private static void CheckKeys(JsonTypeInfo contract, JsonObject members, string path, string? besides, Action<string, string, string?> say)
    {
        var known = contract.Properties.Where(static p => p.Set is not null || p.AssociatedParameter is not null).ToDictionary(static p => p.Name, StringComparer.Ordinal);
        foreach (var (key, value) in members)
        {
            if (key == besides)
            {
                continue;
            }

            if (!known.TryGetValue(key, out var property))
            {
                say($"{path}.{key}", "this key is not known here", string.Join(", ", known.Keys));
            }
            else if (value is not null || !MayBeNull(property))
            {
                Check(property.PropertyType, value, $"{path}.{key}", say);
            }
        }

        foreach (var property in known.Values.Where(p => (p.IsRequired || p.AssociatedParameter is { HasDefaultValue: false, IsNullable: false }) && !members.ContainsKey(p.Name)))
        {
            say(path, $"the key {property.Name} is missing", Wanted(property.PropertyType));
        }
    }

    private static bool MayBeNull(JsonPropertyInfo property)
    {
        if (Nullable.GetUnderlyingType(property.PropertyType) is not null)
        {
            return true;
        }

        return !property.PropertyType.IsValueType && property.IsGetNullable;
    }

    private static bool Fits(Type type, JsonNode node)
    {
        if (node is not JsonValue value)
        {
            return false;
        }

        var kind = value.GetValueKind();
        if (kind == JsonValueKind.String)
        {
            return type == typeof(string) || (!IsNumber(type) && type != typeof(bool) && CanRead(type, node));
        }

        return kind is JsonValueKind.True or JsonValueKind.False ? type == typeof(bool) : IsNumber(type) && CanRead(type, node);
    }

    private static bool CanRead(Type type, JsonNode node)
    {
        try
        {
            return node.Deserialize(type, SettingsJson.Options) is not null;
        }
        catch (Exception e) when (e is JsonException or FormatException or NotSupportedException)
        {
            return false;
        }
    }

    private static bool IsNumber(Type type) => !type.IsEnum && Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.Decimal;

    private static string Show(JsonNode node) => node switch
    {
        JsonObject => "a mapping",
        JsonArray => "a list",
        _ => node.ToJsonString() is { Length: <= 60 } text ? text : "too long to show",
    };

    private static string Wanted(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            { IsEnum: true } => string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName)),
            _ when type == typeof(string) => "a text (one that looks like a number needs quotes)",
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(TimeSpan) => "a duration, hours:minutes:seconds in quotes",
            _ when type == typeof(DateTimeOffset) => "a time, YYYY-MM-DDThh:mm:ssZ",
            _ when type == typeof(System.Net.IPNetwork) => "a network, 192.0.2.0/24",
            _ when type == typeof(decimal) || type == typeof(double) || type == typeof(float) => "a number",
            _ when IsNumber(type) => string.Create(CultureInfo.InvariantCulture, $"a whole number, {Bound(type, "MinValue")} to {Bound(type, "MaxValue")}"),
            _ when type.IsAssignableTo(typeof(IDictionary)) || SettingsJson.Options.GetTypeInfo(type).Kind == JsonTypeInfoKind.Dictionary => "a mapping of keys to values",
            _ when type.IsAssignableTo(typeof(IEnumerable)) => "a list",
            _ when SettingsJson.Options.GetTypeInfo(type).Kind == JsonTypeInfoKind.Object => "a mapping",
            _ => type.Name,
        };
    }

    private static object? Bound(Type type, string name) => type.GetField(name)?.GetValue(null);
}
