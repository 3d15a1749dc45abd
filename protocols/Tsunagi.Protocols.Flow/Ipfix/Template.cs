using System.Collections.Immutable;

namespace Tsunagi.Protocols.Flow.Ipfix;

/// <summary>One field of a template.</summary>
/// <param name="Id">Information element, or NetFlow v9 field type.</param>
/// <param name="Length">Octets; <see cref="Variable"/> when each record says.</param>
/// <param name="Enterprise">Private enterprise number; 0 is IANA's registry; <see cref="InformationElements.NetFlow9Scope"/> for a scope of NetFlow v9.</param>
/// <param name="IsScope">It says what an options record is about.</param>
public readonly record struct TemplateField(ushort Id, ushort Length, uint Enterprise = 0, bool IsScope = false)
{
    /// <summary>The length of a field that carries its own (RFC 7011 section 7).</summary>
    public const ushort Variable = 65535;
}

/// <summary>What happened to a template.</summary>
public enum TemplateChange
{
    /// <summary>It is new.</summary>
    Added,

    /// <summary>Its id stood for another form: records read before and after differ, and someone who forges datagrams may be at work.</summary>
    Replaced,

    /// <summary>It was withdrawn (RFC 7011 section 8.1).</summary>
    Withdrawn,
}

/// <summary>A template that came, changed or went.</summary>
/// <param name="Domain">Observation domain.</param>
/// <param name="Template">The template, or the one that was withdrawn.</param>
/// <param name="Change">What happened.</param>
public readonly record struct TemplateEvent(uint Domain, Template Template, TemplateChange Change);

/// <summary>The form of a record (RFC 7011 section 3.4, RFC 3954 section 5.2), with the plan that reads it. Immutable.</summary>
public sealed class Template
{
    private FieldName[]? _names;

    /// <summary>A template of these fields; scope fields come first. Options of NetFlow v9 may have no scope at all, so they are told by <paramref name="isOptions"/>.</summary>
    public Template(ushort id, FlowOrigin origin, ImmutableArray<TemplateField> fields, bool isOptions = false)
    {
        Id = id;
        IsOptions = isOptions;
        Origin = origin;
        Fields = fields;
        int octets = 0;
        foreach (TemplateField field in fields)
        {
            HasVariable |= field.Length == TemplateField.Variable;
            ScopeCount += field.IsScope ? 1 : 0;
            octets += field.Length == TemplateField.Variable ? 1 : field.Length;
        }

        IsOptions |= ScopeCount > 0;
        MinimumOctets = octets;
        Plan = FieldPlan.Compile(this);
    }

    /// <summary>Id, 256 and above; below for the forms that are built in.</summary>
    public ushort Id { get; }

    /// <summary>The protocol it came by.</summary>
    public FlowOrigin Origin { get; }

    /// <summary>In the order of the record.</summary>
    public ImmutableArray<TemplateField> Fields { get; }

    /// <summary>How many of the first fields are scope.</summary>
    public int ScopeCount { get; }

    /// <summary>It describes options, not flows.</summary>
    public bool IsOptions { get; }

    /// <summary>Some field carries its own length.</summary>
    public bool HasVariable { get; }

    /// <summary>Octets of a record, or of its shortest form.</summary>
    public int MinimumOctets { get; }

    /// <summary>How its records are copied.</summary>
    public FieldPlan Plan { get; }

    /// <summary>The names of the fields, found once.</summary>
    internal ReadOnlySpan<FieldName> Names => _names ??= FieldText.NamesOf(Fields);

    /// <summary>Both describe the same records.</summary>
    public bool HasFormOf(Template other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Origin == other.Origin && IsOptions == other.IsOptions && Fields.AsSpan().SequenceEqual(other.Fields.AsSpan());
    }

    /// <summary>
    /// Finds where the fields of the record at the start of <paramref name="octets"/> lie: first all starts, then all lengths.
    /// </summary>
    /// <returns>The octets of the record; -1 when it ends behind <paramref name="octets"/>.</returns>
    internal int Locate(ReadOnlySpan<byte> octets, Span<int> places)
    {
        int at = 0, count = Fields.Length;
        for (int i = 0; i < count; i++)
        {
            int length = Fields[i].Length;
            if (length == TemplateField.Variable && !TryReadLength(octets, ref at, out length))
            {
                return -1;
            }

            if (length > octets.Length - at)
            {
                return -1;
            }

            places[i] = at;
            places[count + i] = length;
            at += length;
        }

        return at;
    }

    // RFC 7011 section 7: one octet, or 255 and two octets.
    internal static bool TryReadLength(ReadOnlySpan<byte> octets, ref int at, out int length)
    {
        length = 0;
        if (at >= octets.Length)
        {
            return false;
        }

        length = octets[at++];
        if (length == 255)
        {
            if (octets.Length - at < 2)
            {
                return false;
            }

            length = octets[at] << 8 | octets[at + 1];
            at += 2;
        }

        return true;
    }
}
