using System.Collections.Immutable;
using System.Text.Json;

namespace Tsunagi.Protocols.Flow.Stix;

/// <summary>
/// One object as it came: what every type has, taken out and checked, and the whole of it, so that properties that nobody here knows are handed on as they are
/// (STIX 2.1 section 3.3). Immutable.
/// </summary>
public sealed record StixObject
{
    /// <summary>Its identifier; its type is the identifier's.</summary>
    public required StixId Id { get; init; }

    /// <summary>"indicator".</summary>
    public string Type => Id.Type;

    /// <summary>The whole object.</summary>
    public required JsonElement Json { get; init; }

    /// <summary>When it was made first; null for cyber-observable objects.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>When this version was made; null for cyber-observable objects and markings.</summary>
    public DateTimeOffset? Modified { get; init; }

    /// <summary>Who made it, when it is said.</summary>
    public StixId? CreatedBy { get; init; }

    /// <summary>Its maker does not stand by it any more.</summary>
    public bool Revoked { get; init; }

    /// <summary>0 to 100 (section 3.2); null when nothing is said.</summary>
    public int? Confidence { get; init; }

    /// <summary>The markings of the object and of its parts, wherever they stand in it.</summary>
    public ImmutableArray<StixId> Markings { get; init; } = [];

    /// <summary>Every other object it names, in properties that end in _ref and _refs at any depth.</summary>
    public ImmutableArray<StixId> References { get; init; } = [];

    /// <summary>Tells versions apart (section 3.6, TAXII 2.1 section 3.4.1): modified, else created; null when it has neither.</summary>
    public DateTimeOffset? Version => Modified ?? Created;

    /// <summary>A text of it; null when there is none by that name.</summary>
    public string? Text(string property) => Json.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A whole number of it; null when there is none by that name.</summary>
    public long? Number(string property) => Json.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    /// <summary>A time of it; null when there is none by that name.</summary>
    public DateTimeOffset? Time(string property) => StixTime.TryParse(Text(property), out var time) ? time : null;

    /// <summary>An extension by the identifier of its definition (section 7.3); null when it has none such.</summary>
    public JsonElement? Extension(string definition) =>
        Json.TryGetProperty("extensions", out var all) && all.ValueKind == JsonValueKind.Object && all.TryGetProperty(definition, out var one) && one.ValueKind == JsonValueKind.Object ? one : null;

    /// <summary>As JSON, as it came.</summary>
    public override string ToString() => Json.GetRawText();
}
