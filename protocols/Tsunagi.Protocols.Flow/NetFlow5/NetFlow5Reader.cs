using System.Buffers.Binary;
using Tsunagi.Protocols.Flow.Ipfix;

namespace Tsunagi.Protocols.Flow.NetFlow5;

/// <summary>Reads NetFlow version 5: a header of 24 octets and up to 30 records of 48, whose form is a template that is built in.</summary>
internal static class NetFlow5Reader
{
    private const int HeaderOctets = 24;
    private const int RecordOctets = 48;

    /// <summary>The form of a record, in the elements of IANA's registry; 210 is padding.</summary>
    internal static readonly Template Form = new(0, FlowOrigin.NetFlow5,
    [
        new(8, 4), new(12, 4), new(15, 4), new(10, 2), new(14, 2), new(2, 4), new(1, 4), new(22, 4), new(21, 4), new(7, 2), new(11, 2),
        new(210, 1), new(6, 1), new(4, 1), new(5, 1), new(16, 2), new(17, 2), new(9, 1), new(13, 1), new(210, 2),
    ]);

    /// <summary>Reads one datagram: as many records as its header counts and its octets hold.</summary>
    public static FlowDecodeResult Read<TSink>(FlowExporter exporter, ReadOnlySpan<byte> datagram, ref TSink sink)
        where TSink : IFlowSink, allows ref struct
    {
        // Version, count, uptime, seconds, nanoseconds, sequence of flows, engine type, engine id, 2 bits of sampling mode and 14 of interval.
        if (datagram.Length < HeaderOctets)
        {
            return FlowExporter.Refuse(FlowProblemKind.HeaderTruncated, datagram.Length, 0, ref sink, FlowOrigin.NetFlow5);
        }

        uint id = BinaryPrimitives.ReadUInt16BigEndian(datagram[20..]);
        if (exporter.Domain(FlowOrigin.NetFlow5, id) is not { } domain)
        {
            return FlowExporter.Refuse(FlowProblemKind.DomainLimit, 0, 0, ref sink, FlowOrigin.NetFlow5, id);
        }

        int stated = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        int count = Math.Min(stated, (datagram.Length - HeaderOctets) / RecordOctets);
        int problems = 0;
        if (count < stated)
        {
            sink.OnProblem(new FlowProblem(FlowProblemKind.RecordTruncated, HeaderOctets + count * RecordOctets, id));
            problems = 1;
        }

        uint uptime = BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]);
        long export = BinaryPrimitives.ReadUInt32BigEndian(datagram[8..]) * 1000L + BinaryPrimitives.ReadUInt32BigEndian(datagram[12..]) / 1_000_000;
        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(datagram[16..]);
        var header = new FlowHeader(FlowOrigin.NetFlow5, id, sequence, export, uptime);
        FlowRecord blank = Blank(exporter, header, BinaryPrimitives.ReadUInt16BigEndian(datagram[22..]));
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> octets = datagram.Slice(HeaderOctets + i * RecordOctets, RecordOctets);
            FlowRecord record = blank;
            var scratch = new FieldScratch(exporter.Limits);
            Form.Plan.Copy(octets, [], ref record, ref scratch);
            scratch.Complete(ref record, export - uptime);
            if (record.Protocol is 1 or 58) // the destination port holds type and code
            {
                record.IcmpType = (byte)(record.DestinationPort >> 8);
                record.IcmpCode = (byte)record.DestinationPort;
            }

            var raw = new RawRecord(header, Form, octets);
            sink.OnFlow(in record, in raw);
        }

        uint missing = domain.SequenceReference.Note(sequence, (uint)stated, exporter.Limits.SequenceWindow);
        return new FlowDecodeResult(FlowOrigin.NetFlow5, count, 0, 0, 0, problems, missing);
    }

    // An interval of 0 states that nothing is sampled.
    private static FlowRecord Blank(FlowExporter exporter, FlowHeader header, ushort sampling) => new()
    {
        ExportMilliseconds = header.ExportMilliseconds,
        ObservationDomain = header.Domain,
        Origin = FlowOrigin.NetFlow5,
        Fields = Form.Plan.Fields,
        IpVersion = 4,
        SamplingRate = Math.Max(1, exporter.SamplingOverride ?? (uint)(sampling & 0x3FFF)),
        SamplingSource = exporter.SamplingOverride is null ? SamplingSource.Header : SamplingSource.Override,
    };
}
