using System.Collections.Immutable;
using System.Text;

namespace Tsunagi.Protocols.Net.Radius;

/// <summary>How much of a pair was understood.</summary>
public enum RadiusPairForm
{
    /// <summary>The value is what its definition says.</summary>
    Typed,

    /// <summary>There is no definition, or the octets do not fit it: they stand as they came.</summary>
    Raw,

    /// <summary>Hidden with a secret that was not given, or is another: the octets stand as they came.</summary>
    Hidden,
}

/// <summary>
/// One attribute taken apart by a dictionary: a value, or pairs within (Vendor-Specific, TLV). What is read from a packet and written again gives the same octets.
/// </summary>
public sealed record RadiusPair
{
    /// <summary>The dictionary's name, or "Attr-" and the numbers.</summary>
    public required string Name { get; init; }

    /// <summary>The numbers from the outside in; see <see cref="RadiusAttributeDefinition.Oid"/>.</summary>
    public required string Oid { get; init; }

    /// <summary>What the dictionary says of it; null when it does not know it.</summary>
    public RadiusAttributeDefinition? Definition { get; init; }

    /// <summary>How much was understood.</summary>
    public RadiusPairForm Form { get; init; }

    /// <summary>The tag (RFC 2868), 0 to 31; null when there is none.</summary>
    public byte? Tag { get; init; }

    /// <summary>The salt of a value that was hidden with one.</summary>
    public ushort? Salt { get; init; }

    /// <summary>The value's octets, not hidden any more and without tag; empty when there are <see cref="Children"/>.</summary>
    public ReadOnlyMemory<byte> Value { get; init; }

    /// <summary>The pairs within; default when it has a value.</summary>
    public ImmutableArray<RadiusPair> Children { get; init; }

    /// <summary>The value as text; see <see cref="RadiusText"/>.</summary>
    public string Text => Form == RadiusPairForm.Typed && Definition is not null ? RadiusText.Format(Definition, Value.Span) : "0x" + Convert.ToHexStringLower(Value.Span);

    /// <summary>The pair and those within it that have values, in their order.</summary>
    public IEnumerable<RadiusPair> Leaves() => Children.IsDefault ? [this] : Children.SelectMany(static child => child.Leaves());

    /// <summary>"Name = value", texts in quotes, pairs within in braces.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Name);
        if (Tag is { } tag)
        {
            text.Append(':').Append(tag);
        }

        text.Append(" = ");
        if (!Children.IsDefault)
        {
            return text.Append("{ ").AppendJoin(", ", Children).Append(" }").ToString();
        }

        return text.Append(Form == RadiusPairForm.Typed && Definition?.Type == RadiusValueType.Text ? RadiusText.Quote(Value.Span) : Text).ToString();
    }
}
