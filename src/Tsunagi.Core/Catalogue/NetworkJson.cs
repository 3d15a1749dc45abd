using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tsunagi.Core.Catalogue;

/// <summary>A network as people write it in files: "192.0.2.0/24", "2001:db8::/32".</summary>
internal sealed class NetworkJson : JsonConverter<IPNetwork>
{
    public override IPNetwork Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && IPNetwork.TryParse(reader.GetString(), out var network)
            ? network
            : throw new JsonException("a network is written as address/length, and its address has no bits behind the length");

    public override void Write(Utf8JsonWriter writer, IPNetwork value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
