using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Api;

/// <summary>
/// Microseconds since 1970 inside, ISO 8601 UTC outside ("2026-07-01T12:00:00.000001Z"). Applied by <see cref="ApiJson"/> to every <c>long</c> named
/// "…At"; on others by <c>[property: JsonConverter(typeof(MicrosConverter))]</c>.
/// </summary>
public sealed class MicrosConverter : JsonConverter<long>
{
    private const string Form = "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'";

    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && TryParse(reader.GetString(), out var micros)
            ? micros
            : throw new JsonException("The JSON value could not be converted to a time.");

    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteStringValue(Format(value));

    public static string Format(long micros) => UnixMicros.ToDateTimeOffset(micros).ToString(Form, CultureInfo.InvariantCulture);

    /// <summary>Reads a time with its offset ("Z", "+09:00"); one without an offset is refused, because nobody can know what it means.</summary>
    public static bool TryParse(string? text, out long micros)
    {
        micros = 0;
        if (text is not { Length: >= 17 and <= 40 } || (text[^1] is not ('Z' or 'z') && text.AsSpan(10).IndexOfAny('+', '-') < 0)
            || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at))
        {
            return false;
        }

        micros = UnixMicros.From(at);
        return true;
    }
}
