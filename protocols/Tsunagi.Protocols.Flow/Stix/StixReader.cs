using System.Collections.Immutable;
using System.Text.Json;

namespace Tsunagi.Protocols.Flow.Stix;

/// <summary>
/// Reads STIX 2.1, strictly: (1) JSON without a property twice, within the limits; (2) what every object has (section 3.2); (3) what its type asks for
/// (<see cref="StixTypes"/>). Properties and types that are not known are kept and not looked at. Never throws on what somebody sent.
/// </summary>
public static class StixReader
{
    private const string NoText = "a text in it is no Unicode";

    /// <summary>A document that is a bundle: <c>{"type":"bundle","id":…,"objects":[…]}</c>.</summary>
    public static bool TryReadBundle(ReadOnlyMemory<byte> octets, StixLimits? limits, out StixBundle bundle, out StixError error)
    {
        bundle = new StixBundle([], []);
        limits ??= StixLimits.Default;
        try
        {
            using var document = Parse(octets, limits, out error);
            if (document is null)
            {
                return false;
            }

            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || type.GetString() != "bundle"
                || !root.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.String || !StixId.TryParse(id.GetString(), out var named) || named.Type != "bundle")
            {
                error = new StixError("", "it is no bundle: an object of the type bundle with an id is asked for");
                return false;
            }

            return TryReadObjects(root, limits, out bundle, out error);
        }
        catch (InvalidOperationException)
        {
            error = new StixError("", NoText);
            return false;
        }
    }

    /// <summary>One object alone.</summary>
    public static bool TryReadObject(ReadOnlyMemory<byte> octets, StixLimits? limits, out StixObject? read, out StixError error)
    {
        read = null;
        limits ??= StixLimits.Default;
        using var document = Parse(octets, limits, out error);
        return document is not null && TryReadObject(document.RootElement, limits, out read, out error);
    }

    /// <summary>The objects below the property <c>objects</c> of a bundle or an envelope that was parsed already. None is a bundle without objects.</summary>
    public static bool TryReadObjects(JsonElement holder, StixLimits? limits, out StixBundle bundle, out StixError error)
    {
        bundle = new StixBundle([], []);
        error = default;
        limits ??= StixLimits.Default;
        if (holder.ValueKind != JsonValueKind.Object || !holder.TryGetProperty("objects", out var list))
        {
            return true;
        }

        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > limits.MaxObjects)
        {
            error = new StixError("", $"objects is a list of at most {limits.MaxObjects}");
            return false;
        }

        var objects = ImmutableArray.CreateBuilder<StixObject>();
        var refused = ImmutableArray.CreateBuilder<StixError>();
        foreach (var element in list.EnumerateArray())
        {
            if (TryReadObject(element, limits, out var read, out var problem))
            {
                objects.Add(read!);
            }
            else
            {
                refused.Add(problem);
            }
        }

        bundle = new StixBundle(objects.ToImmutable(), refused.ToImmutable());
        return true;
    }

    /// <summary>Parses JSON within the limits, a property twice being an error; null with the error.</summary>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> octets, StixLimits? limits, out StixError error)
    {
        error = default;
        limits ??= StixLimits.Default;
        if (octets.Length > limits.MaxOctets)
        {
            error = new StixError("", $"it is longer than {limits.MaxOctets} octets");
            return null;
        }

        try
        {
            return JsonDocument.Parse(octets, new JsonDocumentOptions { MaxDepth = limits.MaxDepth, AllowDuplicateProperties = false });
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or ArgumentException)
        {
            error = new StixError("", "it is no JSON that is read here: " + wrong.Message.Split('\n')[0]);
            return null;
        }
    }

    /// <summary>One object that was parsed already.</summary>
    public static bool TryReadObject(JsonElement json, StixLimits? limits, out StixObject? read, out StixError error)
    {
        read = null;
        limits ??= StixLimits.Default;
        StixId id = default;
        try
        {
            var problem = ReadCommon(json, limits, ref id, out read) ?? StixTypes.Check(read!);
            error = problem is null ? default : new StixError(id.Type.Length == 0 ? "" : id.ToString(), problem);
            read = problem is null ? read! with { Json = json.Clone() } : null;
            return problem is null;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate stands in JSON as an escape and makes no text.
            read = null;
            error = new StixError(id.Type.Length == 0 ? "" : id.ToString(), NoText);
            return false;
        }
    }

    // (2)
    private static string? ReadCommon(JsonElement json, StixLimits limits, ref StixId id, out StixObject? read)
    {
        read = null;
        if (json.ValueKind != JsonValueKind.Object)
        {
            return "an object is asked for";
        }

        if (System.Text.Encoding.UTF8.GetByteCount(json.GetRawText()) > limits.MaxObjectOctets)
        {
            return $"an object is longer than {limits.MaxObjectOctets} octets";
        }

        if (!StixId.TryParse(TextOf(json, "id"), out id) || id.Type != TextOf(json, "type"))
        {
            return "type and id are asked for, and an id begins with its type";
        }

        if (json.TryGetProperty("spec_version", out var version) ? version.ValueKind != JsonValueKind.String || version.GetString() != "2.1" : !StixTypes.IsObservable(id.Type))
        {
            return "spec_version is 2.1";
        }

        var made = new StixObject { Id = id, Json = json };
        var times = ReadTimes(json, id.Type, ref made);
        return times ?? ReadRest(json, limits, ref made, out read);
    }

    private static string? ReadTimes(JsonElement json, string type, ref StixObject made)
    {
        foreach (var name in (ReadOnlySpan<string>)["created", "modified"])
        {
            if (!json.TryGetProperty(name, out _))
            {
                continue;
            }

            if (!StixTime.TryParse(TextOf(json, name), out var time))
            {
                return $"{name} is a time in UTC that ends in Z";
            }

            made = name == "created" ? made with { Created = time } : made with { Modified = time };
        }

        if (StixTypes.IsObservable(type))
        {
            return null;
        }

        return made.Created is null ? "created is asked for"
            : made.Modified is null && type != StixTypes.MarkingDefinition && !StixTypes.IsUnknown(type) ? "modified is asked for"
            : made.Modified < made.Created ? "modified is not before created"
            : null;
    }

    private static string? ReadRest(JsonElement json, StixLimits limits, ref StixObject made, out StixObject? read)
    {
        read = null;
        if (json.TryGetProperty("created_by_ref", out _))
        {
            if (!StixId.TryParse(TextOf(json, "created_by_ref"), out var by) || by.Type != "identity")
            {
                return "created_by_ref names an identity";
            }

            made = made with { CreatedBy = by };
        }

        if (json.TryGetProperty("confidence", out var confidence))
        {
            if (confidence.ValueKind != JsonValueKind.Number || !confidence.TryGetInt32(out var sure) || sure is < 0 or > 100)
            {
                return "confidence is a whole number from 0 to 100";
            }

            made = made with { Confidence = sure };
        }

        if (json.TryGetProperty("revoked", out var revoked))
        {
            if (revoked.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            {
                return "revoked is true or false";
            }

            made = made with { Revoked = revoked.GetBoolean() };
        }

        var references = new StixReferences(limits.MaxReferences);
        var problem = references.Collect(json, made.Type);
        read = made with { Markings = references.Markings, References = references.Others };
        return problem;
    }

    private static string? TextOf(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
