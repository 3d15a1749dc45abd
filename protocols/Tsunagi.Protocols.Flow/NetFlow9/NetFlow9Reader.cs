using System.Buffers.Binary;
using Tsunagi.Protocols.Flow.Ipfix;

namespace Tsunagi.Protocols.Flow.NetFlow9;

/// <summary>Reads NetFlow version 9 (RFC 3954 section 5).</summary>
internal static class NetFlow9Reader
{
    private const int HeaderOctets = 20;
    private const int SetHeaderOctets = 4;
    private const ushort TemplateSet = 0;
    private const ushort OptionsTemplateSet = 1;

    /// <summary>
    /// Reads one datagram. The count of its header is not used: exporters count records, sets or something else there. A set that is longer than
    /// the datagram is read as far as it goes.
    /// </summary>
    public static FlowDecodeResult Read<TSink>(FlowExporter exporter, ReadOnlySpan<byte> datagram, ref TSink sink)
        where TSink : IFlowSink, allows ref struct
    {
        // Version, count, uptime, Unix seconds, sequence number, source id.
        if (datagram.Length < HeaderOctets)
        {
            return FlowExporter.Refuse(FlowProblemKind.HeaderTruncated, datagram.Length, 0, ref sink, FlowOrigin.NetFlow9);
        }

        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(datagram[12..]);
        uint id = BinaryPrimitives.ReadUInt32BigEndian(datagram[16..]);
        if (exporter.Domain(FlowOrigin.NetFlow9, id) is not { } domain)
        {
            return FlowExporter.Refuse(FlowProblemKind.DomainLimit, 0, 0, ref sink, FlowOrigin.NetFlow9, id);
        }

        var header = new FlowHeader(FlowOrigin.NetFlow9, id, sequence, BinaryPrimitives.ReadUInt32BigEndian(datagram[8..]) * 1000L, BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]));
        var reader = new SetReader(exporter, domain, header);
        for (int at = HeaderOctets; datagram.Length - at >= SetHeaderOctets;)
        {
            ushort set = BinaryPrimitives.ReadUInt16BigEndian(datagram[at..]);
            int octets = BinaryPrimitives.ReadUInt16BigEndian(datagram[(at + 2)..]);
            if (octets == 0 && set == 0)
            {
                break; // padding behind the last set
            }

            if (octets < SetHeaderOctets || octets > datagram.Length - at)
            {
                reader.Problem(FlowProblemKind.SetMalformed, at, set, ref sink);
                if (octets < SetHeaderOctets)
                {
                    break; // where the next one begins can not be told
                }

                octets = datagram.Length - at;
            }

            ReadOnlySpan<byte> content = datagram[(at + SetHeaderOctets)..(at + octets)];
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

        uint missing = domain.SequenceReference.Note(sequence, 1, exporter.Limits.SequenceWindow);
        return new FlowDecodeResult(FlowOrigin.NetFlow9, reader.Flows, reader.Options, reader.Templates, 0, reader.Problems, missing);
    }
}
