using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Flow.Ipfix;

/// <summary>What the header of a datagram said.</summary>
/// <param name="Origin">Protocol.</param>
/// <param name="Domain">Source id, observation domain, engine type and id, or sub-agent.</param>
/// <param name="Sequence">Sequence number.</param>
/// <param name="ExportMilliseconds">When it was made, milliseconds of Unix time; for sFlow when it was received.</param>
/// <param name="UptimeMilliseconds">Uptime of the exporter; 0 for IPFIX, which does not tell it.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FlowHeader(FlowOrigin Origin, uint Domain, uint Sequence, long ExportMilliseconds, uint UptimeMilliseconds);

/// <summary>All fields of one record, read as they are asked for.</summary>
public readonly ref struct RawRecord
{
    internal RawRecord(FlowHeader header, Template? template, ReadOnlySpan<byte> octets, Sflow.SflowSample sample = default)
    {
        Header = header;
        Template = template;
        Octets = octets;
        Sample = sample;
    }

    /// <summary>The header of the datagram.</summary>
    public FlowHeader Header { get; }

    /// <summary>The form; null for sFlow.</summary>
    public Template? Template { get; }

    /// <summary>The record as it came.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    /// <summary>The sample, for sFlow.</summary>
    public Sflow.SflowSample Sample { get; }

    /// <summary>Walks the fields in the order of the record.</summary>
    public Enumerator GetEnumerator() => new(Template?.Fields ?? [], Octets);

    /// <summary>The first field of an element of IANA's registry; false when the record has none.</summary>
    public bool TryFind(ushort id, out RawField found)
    {
        foreach (RawField field in this)
        {
            if (field.Field.Id == id && field.Field.Enterprise == 0)
            {
                found = field;
                return true;
            }
        }

        found = default;
        return false;
    }

    /// <summary>Walks fields.</summary>
    public ref struct Enumerator
    {
        private readonly ImmutableArray<TemplateField> _fields;
        private readonly ReadOnlySpan<byte> _octets;
        private int _index;
        private int _at;

        internal Enumerator(ImmutableArray<TemplateField> fields, ReadOnlySpan<byte> octets)
        {
            _fields = fields;
            _octets = octets;
        }

        /// <summary>The field.</summary>
        public RawField Current { get; private set; }

        /// <summary>Goes to the next field; false behind the last, or where the record is cut off.</summary>
        public bool MoveNext()
        {
            if (_index == _fields.Length)
            {
                return false;
            }

            TemplateField field = _fields[_index];
            int length = field.Length;
            if ((length == TemplateField.Variable && !Template.TryReadLength(_octets, ref _at, out length)) || length > _octets.Length - _at)
            {
                return false;
            }

            Current = new RawField(field, _octets.Slice(_at, length));
            _at += length;
            _index++;
            return true;
        }
    }
}

/// <summary>One field with its octets.</summary>
public readonly ref struct RawField
{
    internal RawField(TemplateField field, ReadOnlySpan<byte> octets)
    {
        Field = field;
        Octets = octets;
    }

    /// <summary>What it is.</summary>
    public TemplateField Field { get; }

    /// <summary>Its octets, without the length of a variable field.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    /// <summary>The octets as a number, big endian; the last eight octets of longer ones.</summary>
    public ulong Number => FieldPlan.ReadNumber(Octets);
}
