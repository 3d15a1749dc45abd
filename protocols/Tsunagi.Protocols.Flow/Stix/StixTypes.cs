using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Tsunagi.Protocols.Flow.Stix;

/// <summary>What the types ask for that are read or written here (STIX 2.1 sections 4 to 7). Others have what every object has, and no more is asked.</summary>
public static class StixTypes
{
    /// <summary>The type of markings.</summary>
    public const string MarkingDefinition = "marking-definition";

    private const string Text = "text";
    private const string Time = "time";
    private const string List = "list";
    private const string Reference = "reference";
    private const string Whole = "whole";

    private static readonly FrozenSet<string> Observables = new[]
    {
        "artifact", "autonomous-system", "directory", "domain-name", "email-addr", "email-message", "file", "ipv4-addr", "ipv6-addr", "mac-addr", "mutex", "network-traffic", "process", "software", "url", "user-account",
        "windows-registry-key", "x509-certificate",
    }.ToFrozenSet(StringComparer.Ordinal);

    // Type to its required properties beside the common ones, each with what it is.
    private static readonly FrozenDictionary<string, (string Name, string Kind)[]> Required = new Dictionary<string, (string, string)[]>
    {
        ["attack-pattern"] = [("name", Text)],
        ["campaign"] = [("name", Text)],
        ["course-of-action"] = [("name", Text)],
        ["grouping"] = [("context", Text), ("object_refs", List)],
        ["identity"] = [("name", Text)],
        ["incident"] = [("name", Text)],
        ["indicator"] = [("pattern", Text), ("pattern_type", Text), ("valid_from", Time)],
        ["infrastructure"] = [("name", Text)],
        ["intrusion-set"] = [("name", Text)],
        ["location"] = [],
        ["malware"] = [],
        ["malware-analysis"] = [("product", Text)],
        ["note"] = [("content", Text), ("object_refs", List)],
        ["observed-data"] = [("first_observed", Time), ("last_observed", Time), ("number_observed", Whole)],
        ["opinion"] = [("opinion", Text), ("object_refs", List)],
        ["report"] = [("name", Text), ("published", Time), ("object_refs", List)],
        ["threat-actor"] = [("name", Text)],
        ["tool"] = [("name", Text)],
        ["vulnerability"] = [("name", Text)],
        ["relationship"] = [("relationship_type", Text), ("source_ref", Reference), ("target_ref", Reference)],
        ["sighting"] = [("sighting_of_ref", Reference)],
        ["language-content"] = [("object_ref", Reference)],
        ["extension-definition"] = [("name", Text), ("schema", Text), ("version", Text), ("extension_types", List), ("created_by_ref", Reference)],
        [MarkingDefinition] = [],
        ["ipv4-addr"] = [("value", Text)],
        ["ipv6-addr"] = [("value", Text)],
        ["network-traffic"] = [("protocols", List)],
        ["autonomous-system"] = [("number", Whole)],
        ["domain-name"] = [("value", Text)],
        ["url"] = [("value", Text)],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>A cyber-observable object (section 6): it has no times of its own, and its version need not be said.</summary>
    public static bool IsObservable(string type) => Observables.Contains(type);

    /// <summary>A type that STIX 2.1 does not define.</summary>
    public static bool IsUnknown(string type) => !Required.ContainsKey(type) && !IsObservable(type);

    /// <summary>Null, or what its type asks for and the object has not.</summary>
    internal static string? Check(StixObject read)
    {
        foreach (var (name, kind) in Required.GetValueOrDefault(read.Type) ?? [])
        {
            if (Is(read.Json, name, kind) is { } wrong)
            {
                return wrong;
            }
        }

        return read.Type switch
        {
            "indicator" => read.Json.TryGetProperty("valid_until", out _) && !(read.Time("valid_until") > read.Time("valid_from")) ? "valid_until is a time after valid_from" : null,
            "observed-data" => Observed(read),
            "ipv4-addr" => IsAddress(read.Text("value")!, AddressFamily.InterNetwork) ? null : "value is an IPv4 address or a block of them",
            "ipv6-addr" => IsAddress(read.Text("value")!, AddressFamily.InterNetworkV6) ? null : "value is an IPv6 address or a block of them",
            "network-traffic" => Traffic(read),
            MarkingDefinition => read.Json.TryGetProperty("definition_type", out _) == read.Json.TryGetProperty("definition", out _) && (read.Json.TryGetProperty("definition", out _) || read.Json.TryGetProperty("extensions", out _))
                ? null : "a marking has a definition with its type, or an extension",
            _ => null,
        };
    }

    private static string? Is(JsonElement json, string name, string kind)
    {
        if (!json.TryGetProperty(name, out var value))
        {
            return $"{name} is asked for";
        }

        return kind switch
        {
            Text => value.ValueKind == JsonValueKind.String && value.GetString()!.Length > 0 ? null : $"{name} is a text",
            Time => value.ValueKind == JsonValueKind.String && StixTime.TryParse(value.GetString(), out _) ? null : $"{name} is a time in UTC that ends in Z",
            List => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 ? null : $"{name} is a list, and not an empty one",
            Reference => value.ValueKind == JsonValueKind.String && StixId.TryParse(value.GetString(), out _) ? null : $"{name} is an identifier",
            _ => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0 ? null : $"{name} is a whole number",
        };
    }

    private static string? Observed(StixObject read) =>
        read.Time("last_observed") < read.Time("first_observed") ? "last_observed is not before first_observed"
        : read.Number("number_observed") is < 1 or > 999_999_999 ? "number_observed is 1 to 999,999,999"
        : read.Json.TryGetProperty("objects", out _) == read.Json.TryGetProperty("object_refs", out _) ? "either object_refs or objects is asked for"
        : null;

    private static string? Traffic(StixObject read)
    {
        foreach (var port in (ReadOnlySpan<string>)["src_port", "dst_port"])
        {
            if (read.Json.TryGetProperty(port, out _) && read.Number(port) is not (>= 0 and <= 65_535))
            {
                return $"{port} is 0 to 65535";
            }
        }

        return read.Json.TryGetProperty("src_ref", out _) || read.Json.TryGetProperty("dst_ref", out _) ? null : "src_ref or dst_ref is asked for";
    }

    private static bool IsAddress(string value, AddressFamily family) =>
        value.Contains('/', StringComparison.Ordinal) ? IPNetwork.TryParse(value, out var network) && network.BaseAddress.AddressFamily == family
        : IPAddress.TryParse(value, out var address) && address.AddressFamily == family && !value.Contains('%', StringComparison.Ordinal);
}
