using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Catalogue;

/// <summary>How settings records are read, checked and described: strict JSON in, schema with ranges and descriptions out.</summary>
public static class SettingsJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new NetworkJson() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { NothingMayBeLeftOut } },
    };

    internal static readonly JsonSchemaExporterOptions SchemaOptions = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = AddRules };

    /// <summary>A member that may be null may be left out, which is how nulls are written.</summary>
    internal static void NothingMayBeLeftOut(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(static p => p.AssociatedParameter is { IsNullable: true } && p.IsRequired))
        {
            property.IsRequired = false;
        }
    }

    /// <summary>Checks the record's attributes and those of the records inside it; the refusal names the member and what is allowed.</summary>
    internal static Refusal? Check(object record) =>
        RecordRules.Broken(record, "settings").FirstOrDefault() is { } broken
            ? Refusal.Invalid("subscription.settings", broken.Path, $"{broken.Path}: {broken.Message}", broken.Allowed)
            : null;

    internal static string FirstSentence(string message)
    {
        var end = message.IndexOf(" Path:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }

    internal static string Allowed(ValidationAttribute rule) => rule switch
    {
        RangeAttribute range => $"{range.Minimum} to {range.Maximum}",
        MaxLengthAttribute max => $"at most {max.Length}",
        MinLengthAttribute min => $"at least {min.Length}",
        RegularExpressionAttribute pattern => pattern.Pattern,
        AllowedValuesAttribute values => string.Join(", ", values.Values),
        _ => rule.FormatErrorMessage("it"),
    };

    internal static string Show(object? value) => value switch
    {
        null => "missing",
        string text => $"\"{text}\"",
        System.Collections.ICollection items => $"a list of {items.Count}",
        _ => value.ToString() ?? "",
    };

    private static JsonNode AddRules(JsonSchemaExporterContext context, JsonNode node)
    {
        if (context.PropertyInfo?.AttributeProvider is not { } attributes || node is not JsonObject schema)
        {
            return node;
        }

        foreach (var attribute in attributes.GetCustomAttributes(inherit: true))
        {
            switch (attribute)
            {
                case DescriptionAttribute description: schema["description"] = description.Description; break;
                case JapaneseAttribute japanese: AddJapanese(schema, japanese); break;
                case RangeAttribute range: schema["minimum"] = JsonValue.Create(Convert.ToInt64(range.Minimum, null)); schema["maximum"] = JsonValue.Create(Convert.ToInt64(range.Maximum, null)); break;
                case MaxLengthAttribute max: schema[IsArray(schema) ? "maxItems" : "maxLength"] = max.Length; break;
                case MinLengthAttribute min: schema[IsArray(schema) ? "minItems" : "minLength"] = min.Length; break;
                case RegularExpressionAttribute pattern: schema["pattern"] = pattern.Pattern; break;
            }
        }

        return schema;
    }

    private static void AddJapanese(JsonObject schema, JapaneseAttribute japanese)
    {
        schema["x-title-ja"] = japanese.Title;
        if (japanese.Description is { } description)
        {
            schema["x-description-ja"] = description;
        }
    }

    private static bool IsArray(JsonObject schema) => schema["type"]?.ToJsonString().Contains("array", StringComparison.Ordinal) == true;
}
