using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Tsunagi.Core.Api;

/// <summary>The JSON of the API: camelCase, enums as words, times as ISO 8601 UTC, nulls left out; in requests nothing unknown, doubled or null by mistake.</summary>
public static class ApiJson
{
    public static readonly JsonSerializerOptions Options = Make();

    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DictionaryKeyPolicy = null;
        options.PropertyNameCaseInsensitive = false;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.MaxDepth = 32;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.TypeInfoResolverChain.Insert(0, new DefaultJsonTypeInfoResolver { Modifiers = { TimesAreText, Catalogue.SettingsJson.NothingMayBeLeftOut } });
    }

    /// <summary>True for the members that <see cref="MicrosConverter"/> writes: the schema calls them date-time.</summary>
    internal static bool IsTime(JsonPropertyInfo property) =>
        property.CustomConverter is MicrosConverter or NullableMicros || (IsMicros(property.PropertyType) && property.AttributeProvider is System.Reflection.MemberInfo { Name: var name } && NamesTime(name));

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions();
        Configure(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private static void TimesAreText(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.CustomConverter is null && IsTime(property))
            {
                property.CustomConverter = property.PropertyType == typeof(long) ? new MicrosConverter() : new NullableMicros();
            }
        }
    }

    private static bool IsMicros(Type type) => type == typeof(long) || type == typeof(long?);

    // "CreatedAt", "At": the stores' columns end in _at for times and for nothing else; a validity is named by its ends.
    private static bool NamesTime(string name) => name.EndsWith("At", StringComparison.Ordinal) || name is "ValidFrom" or "ValidTo" or "KnownFrom" or "KnownTo";

    private sealed class NullableMicros : JsonConverter<long?>
    {
        private static readonly MicrosConverter Inner = new();

        public override bool HandleNull => true;

        public override long? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? null : Inner.Read(ref reader, typeof(long), options);

        public override void Write(Utf8JsonWriter writer, long? value, JsonSerializerOptions options)
        {
            if (value is { } micros)
            {
                Inner.Write(writer, micros, options);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
