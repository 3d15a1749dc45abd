using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using Tsunagi.Protocols.Flow.Ipfix;

namespace Tsunagi.Protocols.Flow;

/// <summary>
/// Writes down and reads again what an exporter has told: templates and sampling rates, so that the first datagram after a restart is understood.
/// Sequence numbers are not kept: what was missed while nobody listened is not known to be lost.
/// </summary>
public static class ExporterState
{
    private const byte Version = 1;

    /// <summary>Writes an exporter's state. The caller adds whose it is and guards the octets against damage.</summary>
    public static void Write(FlowExporter exporter, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(exporter);
        ArgumentNullException.ThrowIfNull(output);
        Span<byte> version = output.GetSpan(1);
        version[0] = Version;
        output.Advance(1);
        foreach (ObservationDomain domain in exporter.KnownDomains)
        {
            Number(output, (ulong)domain.Origin);
            Number(output, domain.Id);
            Number(output, (ulong)domain.BootMilliseconds);
            Number(output, domain.Sampling.HasStatedDomainRate ? domain.Sampling.DomainRate : 0);
            Number(output, (ulong)domain.Templates.Count);
            foreach (Template template in domain.Templates.Values)
            {
                Number(output, template.Id | (template.IsOptions ? 1UL << 16 : 0));
                Number(output, (ulong)template.Fields.Length);
                foreach (TemplateField field in template.Fields)
                {
                    Number(output, (ulong)field.Id << 32 | (ulong)field.Length << 16 | (field.IsScope ? 1UL : 0));
                    Number(output, field.Enterprise);
                }
            }

            Rates(output, domain.Sampling.Selectors);
            Rates(output, domain.Sampling.Interfaces);
            Number(output, (ulong)domain.Sampling.Sequences.Count);
            foreach (KeyValuePair<ulong, ulong[]> sequence in domain.Sampling.Sequences)
            {
                Number(output, sequence.Key);
                Number(output, (ulong)sequence.Value.Length);
                foreach (ulong selector in sequence.Value)
                {
                    Number(output, selector);
                }
            }
        }
    }

    /// <summary>Reads an exporter's state into a new exporter; false when the octets are none, and what is above the limits is left out.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, FlowLimits? limits, out FlowExporter exporter)
    {
        exporter = new FlowExporter(limits);
        var reader = new Reader(octets);
        if (!reader.IsVersion())
        {
            return false;
        }

        while (!reader.AtEnd)
        {
            if (!TryReadDomain(ref reader, exporter))
            {
                exporter = new FlowExporter(limits);
                return false;
            }
        }

        return true;
    }

    private static bool TryReadDomain(ref Reader reader, FlowExporter exporter)
    {
        var origin = (FlowOrigin)(byte)reader.Number();
        uint id = (uint)reader.Number();
        long boot = (long)reader.Number();
        uint rate = (uint)reader.Number();
        ulong templates = reader.Number();
        if (reader.Failed || origin is not (FlowOrigin.NetFlow5 or FlowOrigin.NetFlow9 or FlowOrigin.Ipfix or FlowOrigin.Sflow))
        {
            return false;
        }

        ObservationDomain domain = exporter.Domain(origin, id) ?? new ObservationDomain(origin, id);
        domain.BootMilliseconds = boot;
        for (ulong i = 0; i < templates; i++)
        {
            if (!TryReadTemplate(ref reader, exporter.Limits, domain))
            {
                return false;
            }
        }

        if (rate != 0)
        {
            domain.Sampling.SetDomain(rate);
        }

        int limit = exporter.Limits.SamplersPerDomain;
        for (ulong i = reader.Number(); i > 0 && !reader.Failed; i--)
        {
            domain.Sampling.SetSelector(reader.Number(), (uint)reader.Number(), limit);
        }

        for (ulong i = reader.Number(); i > 0 && !reader.Failed; i--)
        {
            domain.Sampling.SetInterface(reader.Number(), (uint)reader.Number(), limit);
        }

        for (ulong i = reader.Number(); i > 0 && !reader.Failed; i--)
        {
            ulong sequence = reader.Number();
            ulong count = Math.Min(reader.Number(), 16);
            ulong[] selectors = new ulong[count];
            for (ulong s = 0; s < count; s++)
            {
                selectors[s] = reader.Number();
            }

            domain.Sampling.SetSequence(sequence, selectors, limit);
        }

        return !reader.Failed;
    }

    private static bool TryReadTemplate(ref Reader reader, FlowLimits limits, ObservationDomain domain)
    {
        ulong id = reader.Number(), count = reader.Number();
        if (reader.Failed || id > 0x1_FFFF || count > (ulong)limits.FieldsPerTemplate)
        {
            return false;
        }

        var fields = ImmutableArray.CreateBuilder<TemplateField>((int)count);
        int octets = 0;
        for (ulong i = 0; i < count; i++)
        {
            ulong field = reader.Number();
            fields.Add(new TemplateField((ushort)(field >> 32), (ushort)(field >> 16), (uint)reader.Number(), (field & 1) != 0));
            octets += fields[^1].Length == TemplateField.Variable ? 1 : fields[^1].Length;
        }

        if (reader.Failed || octets == 0 || octets > limits.RecordOctets)
        {
            return false;
        }

        domain.Put(new Template((ushort)id, domain.Origin, fields.ToImmutable(), id > ushort.MaxValue), limits.TemplatesPerDomain, out _);
        return true;
    }

    private static void Rates(IBufferWriter<byte> output, IReadOnlyDictionary<ulong, uint> rates)
    {
        Number(output, (ulong)rates.Count);
        foreach (KeyValuePair<ulong, uint> rate in rates)
        {
            Number(output, rate.Key);
            Number(output, rate.Value);
        }
    }

    private static void Number(IBufferWriter<byte> output, ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    private ref struct Reader
    {
        private ReadOnlySpan<byte> _rest;

        public Reader(ReadOnlySpan<byte> octets) => _rest = octets;

        public bool Failed { get; private set; }

        public readonly bool AtEnd => _rest.IsEmpty;

        public bool IsVersion()
        {
            bool good = !_rest.IsEmpty && _rest[0] == Version;
            _rest = good ? _rest[1..] : default;
            return good;
        }

        public ulong Number()
        {
            if (_rest.Length < 8)
            {
                Failed = true;
                _rest = default;
                return 0;
            }

            ulong value = BinaryPrimitives.ReadUInt64BigEndian(_rest);
            _rest = _rest[8..];
            return value;
        }
    }
}
