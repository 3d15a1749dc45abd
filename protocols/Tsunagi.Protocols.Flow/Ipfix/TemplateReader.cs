using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Tsunagi.Protocols.Flow.Ipfix;

/// <summary>How the reading of one template record ended.</summary>
internal enum TemplateRead
{
    Ok,
    Padding,
    Withdrawal,

    /// <summary>It can not be, but where it ends is known.</summary>
    Malformed,
    TooLarge,

    /// <summary>It ends behind its set.</summary>
    Truncated,
}

/// <summary>Reads template records of NetFlow v9 and IPFIX.</summary>
internal static class TemplateReader
{
    private const ushort EnterpriseBit = 0x8000;
    private const int FirstDataSet = 256;

    /// <summary>Reads the record at <paramref name="at"/> and goes behind it.</summary>
    public static TemplateRead Read(ReadOnlySpan<byte> set, ref int at, FlowOrigin origin, bool options, FlowLimits limits, out ImmutableArray<TemplateField> fields)
    {
        fields = [];
        ushort id = Short(set, at);
        ushort second = Short(set, at + 2);
        bool ipfix = origin == FlowOrigin.Ipfix;
        if (ipfix && second == 0 && id != 0)
        {
            at += 4;
            return TemplateRead.Withdrawal;
        }

        if (id == 0 && second == 0)
        {
            return TemplateRead.Padding;
        }

        int count = second, scopes = 0;
        at += 4;
        if (options)
        {
            if (set.Length - at < 2)
            {
                return ipfix ? TemplateRead.Truncated : TemplateRead.Padding;
            }

            // RFC 7011 section 3.4.2.2: field count, scope field count. RFC 3954 section 6.1: octets of scope fields, octets of option fields.
            (count, scopes) = ipfix ? (second, Short(set, at)) : ((second + Short(set, at)) / 4, second / 4);
            at += 2;
        }

        TemplateRead read = ReadFields(set, ref at, ipfix, count, scopes, limits, out fields);
        bool possible = id >= FirstDataSet && scopes <= count && (!options || scopes > 0 || !ipfix);
        return read == TemplateRead.Ok && !possible ? TemplateRead.Malformed : read;
    }

    private static TemplateRead ReadFields(ReadOnlySpan<byte> set, ref int at, bool ipfix, int count, int scopes, FlowLimits limits, out ImmutableArray<TemplateField> fields)
    {
        fields = [];
        int octets = 0;
        bool variable = false;
        ImmutableArray<TemplateField>.Builder? list = count <= limits.FieldsPerTemplate ? ImmutableArray.CreateBuilder<TemplateField>(Math.Min(count, set.Length / 4 + 1)) : null;
        for (int i = 0; i < count; i++)
        {
            if (set.Length - at < 4)
            {
                return TemplateRead.Truncated;
            }

            ushort element = Short(set, at), length = Short(set, at + 2);
            uint enterprise = !ipfix && i < scopes ? InformationElements.NetFlow9Scope : 0;
            at += 4;
            if (ipfix && (element & EnterpriseBit) != 0)
            {
                if (set.Length - at < 4)
                {
                    return TemplateRead.Truncated;
                }

                enterprise = BinaryPrimitives.ReadUInt32BigEndian(set[at..]);
                element &= 0x7FFF;
                at += 4;
            }

            // Some exporters of NetFlow v9 announce fields of no octets; they stand for nothing in the record.
            bool isVariable = length == TemplateField.Variable;
            variable |= isVariable;
            octets += isVariable ? 1 : length;
            list?.Add(new TemplateField(element, length, enterprise, i < scopes));
        }

        fields = list?.ToImmutable() ?? [];
        return list is null || octets > limits.RecordOctets ? TemplateRead.TooLarge : octets == 0 ? TemplateRead.Malformed : TemplateRead.Ok;
    }

    private static ushort Short(ReadOnlySpan<byte> octets, int at) => BinaryPrimitives.ReadUInt16BigEndian(octets[at..]);
}
