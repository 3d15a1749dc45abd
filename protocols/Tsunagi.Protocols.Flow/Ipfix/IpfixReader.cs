using System.Buffers.Binary;

namespace Tsunagi.Protocols.Flow.Ipfix;

/// <summary>Reads IPFIX messages (RFC 7011 section 3).</summary>
internal static class IpfixReader
{
    internal const ushort TemplateSet = 2;
    internal const ushort OptionsTemplateSet = 3;
    private const int HeaderOctets = 16;
    private const int SetHeaderOctets = 4;

    /// <summary>
    /// Reads one message: (1) the header; (2) that the lengths of the sets add up, since of a malformed message nothing may be used (RFC 7011
    /// section 9); (3) the sets in their order; (4) the sequence, which counts data records (section 3.1).
    /// </summary>
    public static FlowDecodeResult Read<TSink>(FlowExporter exporter, ReadOnlySpan<byte> message, ref TSink sink)
        where TSink : IFlowSink, allows ref struct
    {
        // :: Step 1. Version, length, export time, sequence number, observation domain.
        if (message.Length < HeaderOctets)
        {
            return FlowExporter.Refuse(FlowProblemKind.HeaderTruncated, message.Length, 0, ref sink, FlowOrigin.Ipfix);
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(message[8..]);
        uint id = BinaryPrimitives.ReadUInt32BigEndian(message[12..]);

        // :: Step 2
        if (length > message.Length || length < HeaderOctets || !AddsUp(message[..length], out int bad))
        {
            return FlowExporter.Refuse(FlowProblemKind.MessageMalformed, Math.Min(length, message.Length), 0, ref sink, FlowOrigin.Ipfix, id);
        }

        if (exporter.Domain(FlowOrigin.Ipfix, id) is not { } domain)
        {
            return FlowExporter.Refuse(FlowProblemKind.DomainLimit, 0, 0, ref sink, FlowOrigin.Ipfix, id);
        }

        // :: Step 3
        var header = new FlowHeader(FlowOrigin.Ipfix, id, sequence, BinaryPrimitives.ReadUInt32BigEndian(message[4..]) * 1000L, 0);
        var reader = new SetReader(exporter, domain, header);
        for (int at = HeaderOctets; at < length;)
        {
            ushort set = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
            int octets = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
            ReadOnlySpan<byte> content = message[(at + SetHeaderOctets)..(at + octets)];
            switch (set)
            {
                case TemplateSet or OptionsTemplateSet:
                    reader.ReadTemplates(content, at + SetHeaderOctets, set == OptionsTemplateSet, ref sink);
                    break;
                case >= 256:
                    reader.ReadData(set, content, at + SetHeaderOctets, ref sink);
                    break;
            }

            at += octets;
        }

        // :: Step 4
        uint records = (uint)(reader.Flows + reader.Options);
        uint missing = domain.SequenceReference.Note(sequence, records, exporter.Limits.SequenceWindow, reader.Unsure);
        return new FlowDecodeResult(FlowOrigin.Ipfix, reader.Flows, reader.Options, reader.Templates, 0, reader.Problems, missing);
    }

    private static bool AddsUp(ReadOnlySpan<byte> message, out int at)
    {
        for (at = HeaderOctets; at < message.Length;)
        {
            if (message.Length - at < SetHeaderOctets)
            {
                return false;
            }

            int octets = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
            if (octets < SetHeaderOctets || octets > message.Length - at)
            {
                return false;
            }

            at += octets;
        }

        return true;
    }
}
