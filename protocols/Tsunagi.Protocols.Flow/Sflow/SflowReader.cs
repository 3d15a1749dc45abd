using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Tsunagi.Protocols.Flow.Ipfix;
using Tsunagi.Protocols.Flow.Packet;

namespace Tsunagi.Protocols.Flow.Sflow;

/// <summary>Reads sFlow version 5 datagrams (sflow.org, "sFlow Version 5", section 5).</summary>
internal static class SflowReader
{
    private const uint InterfaceOfAgent = 0x3FFF_FFFF;

    /// <summary>
    /// Reads one datagram: (1) version, agent address, sub-agent, sequence, uptime, number of samples; (2) each sample by its own length, so that
    /// one that is not understood is passed over; (3) the sequence, which counts datagrams.
    /// </summary>
    public static FlowDecodeResult Read<TSink>(FlowExporter exporter, ReadOnlySpan<byte> datagram, long receivedMilliseconds, ref TSink sink)
        where TSink : IFlowSink, allows ref struct
    {
        // :: Step 1
        ReadOnlySpan<byte> rest = datagram[4..];
        if (!TryTakeAddress(ref rest, out FlowAddress agent) || rest.Length < 16)
        {
            return FlowExporter.Refuse(FlowProblemKind.HeaderTruncated, datagram.Length, 0, ref sink, FlowOrigin.Sflow);
        }

        uint id = Int(rest, 0), sequence = Int(rest, 4), uptime = Int(rest, 8), samples = Int(rest, 12);
        rest = rest[16..];
        if (exporter.Domain(FlowOrigin.Sflow, id) is not { } domain)
        {
            return FlowExporter.Refuse(FlowProblemKind.DomainLimit, 0, 0, ref sink, FlowOrigin.Sflow, id);
        }

        // :: Step 2
        var header = new FlowHeader(FlowOrigin.Sflow, id, sequence, receivedMilliseconds, uptime);
        var count = new SampleCount();
        uint read = 0;
        for (; read < samples && read < exporter.Limits.SflowRecords; read++)
        {
            int at = datagram.Length - rest.Length;
            if (!TryTake(ref rest, out uint format, out ReadOnlySpan<byte> sample))
            {
                break;
            }

            ReadSample(exporter, header, agent, format, sample, at, ref count, ref sink);
        }

        if (read < samples)
        {
            count.Problem(FlowProblemKind.SampleMalformed, datagram.Length - rest.Length, id, 0, ref sink);
        }

        // :: Step 3
        uint missing = domain.SequenceReference.Note(sequence, 1, exporter.Limits.SequenceWindow);
        return new FlowDecodeResult(FlowOrigin.Sflow, count.Flows, 0, 0, count.Counters, count.Problems, missing);
    }

    /// <summary>One length-prefixed structure: format, length, content padded to four octets.</summary>
    internal static bool TryTake(scoped ref ReadOnlySpan<byte> rest, out uint format, out ReadOnlySpan<byte> content)
    {
        format = 0;
        content = default;
        if (rest.Length < 8)
        {
            return false;
        }

        format = Int(rest, 0);
        uint length = Int(rest, 4);
        if (length > (uint)(rest.Length - 8))
        {
            return false;
        }

        content = rest.Slice(8, (int)length);
        long padded = 8 + (((long)length + 3) & ~3);
        rest = rest[(int)Math.Min(padded, rest.Length)..];
        return true;
    }

    internal static bool TryTakeAddress(scoped ref ReadOnlySpan<byte> rest, out FlowAddress address)
    {
        address = default;
        if (rest.Length < 4)
        {
            return false;
        }

        int octets = Int(rest, 0) switch { 0 => 0, 1 => 4, 2 => 16, _ => -1 };
        if (octets < 0 || rest.Length < 4 + octets)
        {
            return false;
        }

        address = FlowAddress.FromOctets(rest.Slice(4, octets));
        rest = rest[(4 + octets)..];
        return true;
    }

    internal static uint Int(ReadOnlySpan<byte> octets, int at) => BinaryPrimitives.ReadUInt32BigEndian(octets[at..]);

    private static void ReadSample<TSink>(FlowExporter exporter, FlowHeader header, FlowAddress agent, uint format, ReadOnlySpan<byte> sample, int at, ref SampleCount count, ref TSink sink)
        where TSink : IFlowSink, allows ref struct
    {
        bool understood = format switch
        {
            1 or 3 or 5 => ReadFlowSample(exporter, header, agent, format, sample, ref count, ref sink),
            2 or 4 => ReadCounterSample(exporter, header, agent, format == 4, sample, ref count, ref sink),
            _ => true, // another vendor's
        };
        if (!understood)
        {
            count.Problem(FlowProblemKind.SampleMalformed, at, header.Domain, format, ref sink);
        }
    }

    private static bool ReadFlowSample<TSink>(FlowExporter exporter, FlowHeader header, FlowAddress agent, uint format, ReadOnlySpan<byte> octets, ref SampleCount count, ref TSink sink)
        where TSink : IFlowSink, allows ref struct
    {
        if (!TryReadSample(format, octets, agent, out SflowSample sample, out int records, out ReadOnlySpan<byte> rest))
        {
            return false;
        }

        uint rate = Math.Max(1, exporter.SamplingOverride ?? sample.Rate);
        var record = new FlowRecord
        {
            ExportMilliseconds = header.ExportMilliseconds,
            StartMilliseconds = header.ExportMilliseconds,
            EndMilliseconds = header.ExportMilliseconds,
            ObservationDomain = header.Domain,
            Origin = FlowOrigin.Sflow,
            SamplingRate = rate,
            SamplingSource = exporter.SamplingOverride is not null ? SamplingSource.Override : SamplingSource.Sample,
            InputInterface = sample.InputFormat == 0 ? sample.Input : 0,
            OutputInterface = sample.OutputFormat == 0 ? sample.Output : 0,
            Packets = 1,
            Fields = FlowFields.InputInterface | FlowFields.OutputInterface | FlowFields.Packets,
        };
        var reader = new SflowRecordReader(exporter.Limits);
        bool whole = records <= exporter.Limits.SflowRecords;
        for (int i = 0; i < records && whole; i++)
        {
            whole = TryTake(ref rest, out uint kind, out ReadOnlySpan<byte> content);
            if (whole)
            {
                reader.Read(kind, content, ref record);
            }
        }

        reader.Complete(ref record);
        if (reader.BadPacket)
        {
            count.Problem(FlowProblemKind.PacketMalformed, 0, header.Domain, format, ref sink);
        }

        count.Flows++;
        var raw = new RawRecord(header, null, default, sample);
        sink.OnFlow(in record, in raw);
        return whole;
    }

    private static bool TryReadSample(uint format, ReadOnlySpan<byte> o, FlowAddress agent, out SflowSample sample, out int records, out ReadOnlySpan<byte> rest)
    {
        // flow_sample: sequence, source, rate, pool, drops, input, output, records. The expanded form has source, input and output in two words.
        // discarded_packet: sequence, source in two words, drops, input, output, reason, records.
        int octets = format switch { 1 => 32, 3 => 44, _ => 32 };
        sample = default;
        records = 0;
        rest = default;
        if (o.Length < octets)
        {
            return false;
        }

        uint count;
        switch (format)
        {
            case 1:
                (byte inputFormat, uint input) = Unpack(Int(o, 20));
                (byte outputFormat, uint output) = Unpack(Int(o, 24));
                sample = new SflowSample(Int(o, 0), Int(o, 4) >> 24, Int(o, 4) & 0xFF_FFFF, Int(o, 8), Int(o, 12), Int(o, 16), inputFormat, input, outputFormat, output, agent);
                count = Int(o, 28);
                break;
            case 3:
                sample = new SflowSample(Int(o, 0), Int(o, 4), Int(o, 8), Int(o, 12), Int(o, 16), Int(o, 20), FormatOf(Int(o, 24), Int(o, 28)), Int(o, 28),
                    FormatOf(Int(o, 32), Int(o, 36)), Int(o, 36), agent);
                count = Int(o, 40);
                break;
            default:
                sample = new SflowSample(Int(o, 0), Int(o, 4), Int(o, 8), 1, 0, Int(o, 12), FormatOf(0, Int(o, 16)), Int(o, 16), FormatOf(0, Int(o, 20)), Int(o, 20), agent)
                { DropReason = (ushort)Int(o, 24) };
                count = Int(o, 28);
                break;
        }

        records = (int)Math.Min(count, int.MaxValue);
        rest = o[octets..];
        return true;
    }

    // Two bits of format, thirty of value; all ones in the value is the agent itself.
    private static (byte Format, uint Value) Unpack(uint link) => (FormatOf(link >> 30, link & InterfaceOfAgent), link & InterfaceOfAgent);

    private static byte FormatOf(uint format, uint value) => format == 0 && value == InterfaceOfAgent ? (byte)3 : (byte)Math.Min(format, 3);

    private static bool ReadCounterSample<TSink>(FlowExporter exporter, FlowHeader header, FlowAddress agent, bool expanded, ReadOnlySpan<byte> o, ref SampleCount count, ref TSink sink)
        where TSink : IFlowSink, allows ref struct
    {
        int octets = expanded ? 16 : 12;
        if (o.Length < octets)
        {
            return false;
        }

        (uint type, uint index) = expanded ? (Int(o, 4), Int(o, 8)) : (Int(o, 4) >> 24, Int(o, 4) & 0xFF_FFFF);
        uint records = Int(o, octets - 4);
        var sample = new SflowCounterSample(header, agent, Int(o, 0), type, index, (int)Math.Min(records, exporter.Limits.SflowRecords), o[octets..]);
        count.Counters++;
        sink.OnCounters(in sample);
        return records <= exporter.Limits.SflowRecords;
    }

    [StructLayout(LayoutKind.Auto)]
    private struct SampleCount
    {
        public int Flows;
        public int Counters;
        public int Problems;

        public void Problem<TSink>(FlowProblemKind kind, int at, uint domain, uint id, ref TSink sink)
            where TSink : IFlowSink, allows ref struct
        {
            Problems++;
            sink.OnProblem(new FlowProblem(kind, at, domain, id));
        }
    }
}
