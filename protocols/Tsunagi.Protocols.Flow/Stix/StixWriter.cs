using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tsunagi.Protocols.Flow.Stix;

/// <summary>Writes objects. Each is read back by the strict reader before it is given away, so that nothing leaves that we would not take ourselves.</summary>
public static class StixWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = false };

    /// <summary>An object with times (SDO, SRO, extension-definition).</summary>
    /// <param name="id">With its type.</param>
    /// <param name="created">When it was first made, UTC.</param>
    /// <param name="modified">Of this version, UTC.</param>
    /// <param name="createdBy">An identity; null for nobody that is told.</param>
    /// <param name="level">Its marking.</param>
    /// <param name="properties">Writes what the type has beside the common properties.</param>
    /// <exception cref="UnreachableException">It is no valid object: a mistake of the caller's.</exception>
    public static StixObject Write(StixId id, DateTimeOffset created, DateTimeOffset modified, StixId? createdBy, Tlp level, Action<Utf8JsonWriter> properties) =>
        Make(id, writer =>
        {
            if (createdBy is { } by)
            {
                writer.WriteString("created_by_ref", by.ToString());
            }

            writer.WriteString("created", StixTime.Format(created));
            writer.WriteString("modified", StixTime.Format(modified));
            Mark(writer, level);
            properties(writer);
        });

    /// <summary>An IPv4 or IPv6 address or block (sections 6.4 and 6.5): the same value is the same object everywhere.</summary>
    public static StixObject Address(System.Net.IPNetwork block, Tlp level)
    {
        var is6 = block.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        var value = block.PrefixLength == (is6 ? 128 : 32) ? block.BaseAddress.ToString() : block.ToString();
        return Make(AddressId(is6, value), writer =>
        {
            Mark(writer, level);
            writer.WriteString("value", value);
        });
    }

    /// <summary>Traffic (section 6.12) from an address, by a protocol, from a port where there is one.</summary>
    public static StixObject Traffic(StixId source, string protocol, ushort? sourcePort, Tlp level)
    {
        // Section 2.9: the contributing properties as canonical JSON (RFC 8785), here with their names in order.
        var port = sourcePort is { } number ? string.Create(CultureInfo.InvariantCulture, $"\"src_port\":{number},") : "";
        var id = StixId.Of("network-traffic", StixId.ObservableNamespace, $$"""{"protocols":["{{protocol}}"],{{port}}"src_ref":"{{source}}"}""");
        return Make(id, writer =>
        {
            Mark(writer, level);
            writer.WriteString("src_ref", source.ToString());
            if (sourcePort is { } from)
            {
                writer.WriteNumber("src_port", from);
            }

            writer.WriteStartArray("protocols");
            writer.WriteStringValue(protocol);
            writer.WriteEndArray();
        });
    }

    /// <summary>A bundle of these: <c>{"type":"bundle","id":…,"objects":[…]}</c>. The identifier follows from the objects' own.</summary>
    public static byte[] Bundle(IReadOnlyList<StixObject> objects)
    {
        var id = StixId.Of("bundle", StixId.UrlNamespace, string.Join(' ', objects.Select(static each => $"{each.Id}/{each.Version:O}")));
        return Octets(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "bundle");
            writer.WriteString("id", id.ToString());
            if (objects.Count > 0)
            {
                writer.WriteStartArray("objects");
                foreach (var each in objects)
                {
                    each.Json.WriteTo(writer);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        });
    }

    /// <summary>The identifier of an address or block.</summary>
    public static StixId AddressId(bool is6, string value) => StixId.Of(is6 ? "ipv6-addr" : "ipv4-addr", StixId.ObservableNamespace, $$"""{"value":"{{value}}"}""");

    /// <summary>A list of identifiers; none writes nothing, for an empty list is forbidden (section 2.8).</summary>
    public static void WriteReferences(Utf8JsonWriter writer, string name, IEnumerable<StixId> ids)
    {
        var list = ids.ToList();
        if (list.Count == 0)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var id in list)
        {
            writer.WriteStringValue(id.ToString());
        }

        writer.WriteEndArray();
    }

    internal static byte[] Octets(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, Options))
        {
            write(writer);
        }

        return output.WrittenSpan.ToArray();
    }

    private static void Mark(Utf8JsonWriter writer, Tlp level)
    {
        writer.WriteStartArray("object_marking_refs");
        writer.WriteStringValue(TlpMarkings.IdOf(level));
        writer.WriteEndArray();
    }

    private static StixObject Make(StixId id, Action<Utf8JsonWriter> properties)
    {
        var octets = Octets(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", id.Type);
            writer.WriteString("spec_version", "2.1");
            writer.WriteString("id", id.ToString());
            properties(writer);
            writer.WriteEndObject();
        });
        return StixReader.TryReadObject(octets, null, out var read, out var error) ? read! : throw new UnreachableException("an object of our own is not valid: " + error);
    }
}
