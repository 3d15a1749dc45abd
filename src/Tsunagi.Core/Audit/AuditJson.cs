using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Tsunagi.Core.Audit;

/// <summary>
/// An object as the audit keeps it: JSON with every secret replaced by "•••". A secret is a member with <see cref="SecretAttribute"/>, or one whose
/// name says so, at any depth, also inside a text that itself is JSON (settings, external references).
/// </summary>
internal static class AuditJson
{
    public const string Mask = "•••";

    /// <summary>A longer text is kept as its length and hash: the audit says that something changed, the thing itself lies elsewhere.</summary>
    public const int MaxBytes = 65_536;

    private const int MaxDepth = 32;

    private static readonly string[] SecretEndings =
    [
        "password", "passphrase", "passwordhash", "secret", "secretkey", "secrethash", "privatekey", "apikey", "token", "tokenhash", "credential", "credentials", "psk",
    ];

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { MaskMarked } },
        MaxDepth = MaxDepth,
    };

    public static string? From(object? thing)
    {
        if (thing is null)
        {
            return null;
        }

        var node = Masked(JsonSerializer.SerializeToNode(thing, Options), MaxDepth);
        var text = node?.ToJsonString(Options) ?? "null";
        var bytes = Encoding.UTF8.GetByteCount(text);
        return bytes <= MaxBytes
            ? text
            : JsonSerializer.Serialize(new { omitted = true, bytes, sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))) }, Options);
    }

    private static JsonNode? Masked(JsonNode? node, int depth)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, value) in members.ToList())
                {
                    var masked = value is not null && IsSecret(name) ? JsonValue.Create(Mask) : Masked(value, depth - 1);
                    if (!ReferenceEquals(masked, value))
                    {
                        members[name] = masked;
                    }
                }

                return members;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    var masked = Masked(items[i], depth - 1);
                    if (!ReferenceEquals(masked, items[i]))
                    {
                        items[i] = masked;
                    }
                }

                return items;
            case JsonValue value when depth > 0 && value.TryGetValue<string>(out var text) && text is ['{' or '[', ..]:
                return Unfold(text, depth) ?? value;
            default:
                return node;
        }
    }

    private static JsonNode? Unfold(string text, int depth)
    {
        try
        {
            return Masked(JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth }), depth - 1);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>True when a member's name says that its value is a secret.</summary>
    public static bool IsSecret(string name)
    {
        var plain = name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        return !plain.StartsWith("has", StringComparison.OrdinalIgnoreCase) && Array.Exists(SecretEndings, ending => plain.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
    }

    private static void MaskMarked(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.AttributeProvider?.IsDefined(typeof(SecretAttribute), inherit: true) == true)
            {
                property.CustomConverter = (JsonConverter)Activator.CreateInstance(typeof(MaskConverter<>).MakeGenericType(property.PropertyType))!;
            }
        }
    }

    private sealed class MaskConverter<T> : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(Mask);
    }
}
