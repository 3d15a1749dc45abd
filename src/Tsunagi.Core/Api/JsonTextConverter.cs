using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tsunagi.Core.Api;

/// <summary>A string that holds JSON inside (settings, facts of an event) is JSON outside, not a text with quotes in it.</summary>
public sealed class JsonTextConverter : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.GetRawText();
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteRawValue(value);
}
