using System.Collections.Immutable;
using System.Text.Json;

namespace Tsunagi.Protocols.Flow.Stix;

/// <summary>
/// What an object names: properties that end in _ref and _refs hold identifiers wherever they stand (STIX 2.1 section 3.1), also in extensions. The old list <c>objects</c> of observed-data
/// (section 4.14) names its own keys instead; only its markings are taken.
/// </summary>
internal sealed class StixReferences(int most)
{
    private readonly ImmutableArray<StixId>.Builder _markings = ImmutableArray.CreateBuilder<StixId>();
    private readonly ImmutableArray<StixId>.Builder _others = ImmutableArray.CreateBuilder<StixId>();

    public ImmutableArray<StixId> Markings => _markings.ToImmutable();

    public ImmutableArray<StixId> Others => _others.ToImmutable();

    /// <summary>Null, or what is wrong.</summary>
    public string? Collect(JsonElement json, string type) => Walk(json, inOwnKeys: false, type == "observed-data");

    private string? Walk(JsonElement json, bool inOwnKeys, bool mayHoldKeys)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in json.EnumerateArray())
            {
                if (Walk(item, inOwnKeys, mayHoldKeys: false) is { } wrong)
                {
                    return wrong;
                }
            }

            return null;
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var property in json.EnumerateObject())
        {
            if (Property(property, inOwnKeys, mayHoldKeys) is { } wrong)
            {
                return wrong;
            }
        }

        return null;
    }

    private string? Property(JsonProperty property, bool inOwnKeys, bool mayHoldKeys)
    {
        var name = property.Name;
        var isMarking = name is "object_marking_refs" or "marking_ref";
        if (!isMarking && inOwnKeys)
        {
            return Walk(property.Value, inOwnKeys: true, mayHoldKeys: false);
        }

        if (name.EndsWith("_ref", StringComparison.Ordinal))
        {
            return Take(property.Value, name, isMarking);
        }

        if (!name.EndsWith("_refs", StringComparison.Ordinal))
        {
            return Walk(property.Value, inOwnKeys || (mayHoldKeys && name == "objects"), mayHoldKeys: false);
        }

        if (property.Value.ValueKind != JsonValueKind.Array || property.Value.GetArrayLength() == 0)
        {
            return $"{name} is a list of identifiers, and not an empty one";
        }

        foreach (var item in property.Value.EnumerateArray())
        {
            if (Take(item, name, isMarking) is { } wrong)
            {
                return wrong;
            }
        }

        return null;
    }

    private string? Take(JsonElement value, string name, bool isMarking)
    {
        if (value.ValueKind != JsonValueKind.String || !StixId.TryParse(value.GetString(), out var id))
        {
            return $"{name} holds something that is no identifier";
        }

        if (isMarking && id.Type != StixTypes.MarkingDefinition)
        {
            return $"{name} names a marking-definition";
        }

        (isMarking ? _markings : _others).Add(id);
        return _markings.Count + _others.Count > most ? $"it names more than {most} objects" : null;
    }
}
