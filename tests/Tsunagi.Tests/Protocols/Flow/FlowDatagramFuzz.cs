using System.Text.Json;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Ipfix;
using Tsunagi.Protocols.Flow.Sflow;
using Tsunagi.Tests.Protocols.Flow.Packet;
using Tsunagi.Tests.Protocols.Flow.Sflow;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Flow;

/// <summary>
/// Flow datagrams, several to an input, each behind two octets of length: nothing throws, state stays within its limits, a record is where its
/// fields are, and what is written down of an exporter reads back the same.
/// </summary>
public sealed class FlowDatagramFuzz : FuzzTarget
{
    private static readonly FlowLimits Limits = new() { Domains = 4, TemplatesPerDomain = 6, FieldsPerTemplate = 40, SamplersPerDomain = 5, SflowRecords = 6, PacketHeaders = 8, Decapsulate = Tsunagi.Protocols.Flow.Packet.PacketTunnels.All };

    public override string Name => "flow.datagram";

    public override IReadOnlyList<Type> Parsers { get; } = typeof(FlowExporter).Assembly.GetTypes()
        .Where(t => t.FullName is { } name && (name.StartsWith("Tsunagi.Protocols.Flow.Ipfix.SetReader", StringComparison.Ordinal) || name.StartsWith("Tsunagi.Protocols.Flow.Ipfix.Template", StringComparison.Ordinal)
            || name is "Tsunagi.Protocols.Flow.Ipfix.FieldPlan" or "Tsunagi.Protocols.Flow.Ipfix.FieldScratch" or "Tsunagi.Protocols.Flow.Ipfix.IpfixReader" or "Tsunagi.Protocols.Flow.NetFlow9.NetFlow9Reader"
                or "Tsunagi.Protocols.Flow.NetFlow5.NetFlow5Reader" or "Tsunagi.Protocols.Flow.Sflow.SflowReader" or "Tsunagi.Protocols.Flow.Sflow.SflowRecordReader" or "Tsunagi.Protocols.Flow.Ipfix.SamplingTable"
                or "Tsunagi.Protocols.Flow.FlowExporter")).ToArray();

    public override IReadOnlyList<byte[]> Words { get; } = [[0, 9], [0, 10], [0, 5], [0, 0, 0, 5], [255, 255], [1, 0], [0, 2, 0, 8], [0, 3], [0x80, 1, 0, 4, 0, 0, 0x72, 0x79], [0, 0, 0, 0], [0, 34, 0, 4], [1, 59, 255, 255]];

    public override int MaxOctets => 1500;

    public override byte[] Generate(Random random)
    {
        var all = new Wire();
        for (int i = random.Next(1, 5); i > 0; i--)
        {
            byte[] datagram = random.Next(6) switch
            {
                0 => NetFlow5(random),
                1 => SflowOf(random),
                < 4 => Sets(random, ipfix: true).Ipfix((uint)random.Next(100), (uint)random.Next(5)),
                _ => Sets(random, ipfix: false).NetFlow9((uint)random.Next(100), (uint)random.Next(5)),
            };
            all.U16(datagram.Length).Octets(datagram);
        }

        return all.ToArray();
    }

    public override void Run(byte[] input)
    {
        var exporter = new FlowExporter(Limits) { SamplingOverride = input.Length % 7 == 0 ? 5 : null };
        var sink = new Checking();
        for (int at = 0; input.Length - at >= 2;)
        {
            int length = Math.Min(input[at] << 8 | input[at + 1], input.Length - at - 2);
            sink.Flows = sink.Problems = sink.Options = sink.Counters = 0;
            FlowDecodeResult result = exporter.Decode(input.AsSpan(at + 2, length), 1_700_000_000_000, ref sink);
            Promise(result.Flows == sink.Flows && result.Options == sink.Options && result.Counters == sink.Counters && result.Problems == sink.Problems, "the result counts what the sink was given");
            at += 2 + length;
        }

        Promise(exporter.Domains.Count <= Limits.Domains, "domains within the limit");
        foreach (ObservationDomain domain in exporter.Domains)
        {
            Promise(domain.Templates.Count <= Limits.TemplatesPerDomain && domain.Sampling.Count <= Limits.SamplersPerDomain, "templates and samplers within the limits");
            Promise(domain.Templates.Values.All(t => t.Fields.Length <= Limits.FieldsPerTemplate && t.MinimumOctets > 0), "fields within the limit");
        }

        var state = new System.Buffers.ArrayBufferWriter<byte>();
        ExporterState.Write(exporter, state);
        Promise(ExporterState.TryRead(state.WrittenSpan, Limits, out FlowExporter again), "what is written down is read");
        var twice = new System.Buffers.ArrayBufferWriter<byte>();
        ExporterState.Write(again, twice);
        Promise(state.WrittenSpan.SequenceEqual(twice.WrittenSpan), "and says the same");
        _ = ExporterState.TryRead(input, Limits, out _);
    }

    private static Wire Sets(Random random, bool ipfix)
    {
        (int Id, int Length)[] any = [(8, 4), (12, 4), (27, 16), (28, 16), (1, 4), (1, 8), (85, 8), (2, 4), (2, 3), (7, 2), (11, 2), (4, 1), (6, 2), (6, 1), (5, 1), (195, 1), (10, 4), (10, 2), (14, 4), (16, 2), (16, 4),
            (21, 4), (22, 4), (150, 4), (151, 4), (152, 8), (153, 8), (154, 8), (155, 8), (158, 4), (159, 4), (160, 8), (161, 4), (162, 4), (322, 4), (323, 8), (324, 8), (32, 2), (70, 3), (71, 3), (34, 4), (35, 1),
            (48, 1), (50, 4), (302, 8), (301, 8), (305, 4), (306, 4), (309, 4), (310, 4), (311, 8), (311, 4), (56, 6), (58, 2), (61, 1), (999, 2), (99, 0), (210, 2)];
        var fields = new List<(int, int)>();
        for (int i = random.Next(1, 9); i > 0; i--)
        {
            fields.Add(ipfix && random.Next(6) == 0 ? Pick<(int, int)>(random, (315, 65535), (313, 65535), (82, 65535), (1, 65535), (8, 65535)) : any[random.Next(any.Length)]);
        }

        int id = random.Next(255, 260);
        var sets = new Wire();
        if (random.Next(4) != 0)
        {
            Wire template = Flow_exporters.TemplateRecord(id, [.. fields]);
            if (ipfix && random.Next(5) == 0)
            {
                template = new Wire().U16(id, 2).U16(0x8001, 4).U32(29305).U16(0x8002, 4).U32(29305);
                fields = [(1, 4), (2, 4)];
            }

            sets.Set(ipfix ? 2 : 0, template);
        }

        if (random.Next(3) == 0)
        {
            (int, int)[] options = Pick<(int, int)[]>(random, [(48, 1), (50, 4)], [(34, 4), (35, 1)], [(302, 8), (305, 4), (306, 4)], [(302, 8), (309, 4), (310, 4)], [(311, 8)], [(160, 8)], [(302, 8), (302, 8)], [(82, 65535), (34, 4)]);
            (int Id, int Length) scope = ipfix ? Pick<(int, int)>(random, (149, 4), (10, 4), (302, 8), (301, 8)) : Pick<(int, int)>(random, (1, 4), (2, 4), (2, 2));
            var record = new Wire().U16(id + 10);
            record = ipfix ? record.U16(options.Length + 1, 1) : record.U16(4, 4 * options.Length);
            record.U16(scope.Id, scope.Length);
            foreach ((int element, int length) in options)
            {
                record.U16(element, length);
            }

            sets.Set(ipfix ? 3 : 1, record, random.Next(3));
            sets.Set(id + 10, Values(random, [scope, .. options]).Octets(Values(random, [scope, .. options]).ToArray()), random.Next(3));
        }

        if (ipfix && random.Next(12) == 0)
        {
            sets.Set(random.Next(2, 4), new Wire().U16(Pick(random, 2, 3, id), 0));
        }

        return sets.Set(random.Next(8) == 0 ? 300 : id, Values(random, fields).Octets(Values(random, fields).ToArray()), random.Next(4));
    }

    private static Wire Values(Random random, IReadOnlyList<(int Id, int Length)> fields)
    {
        var values = new Wire();
        foreach ((int id, int length) in fields)
        {
            byte[] octets = new byte[length == 65535 ? random.Next(20) : length];
            random.NextBytes(octets);
            if (random.Next(3) == 0)
            {
                Array.Clear(octets);
            }

            if (id == 311 && length == 8)
            {
                octets = new Wire().U64(BitConverter.DoubleToUInt64Bits(0.01)).ToArray();
            }

            if (length == 65535)
            {
                octets = id is 315 && random.Next(2) == 0 ? Sflow_datagrams.Frame : octets;
                values = random.Next(5) == 0 ? values.U8(255).U16(octets.Length) : values.U8(octets.Length);
            }

            values.Octets(octets);
        }

        return values;
    }

    private static byte[] NetFlow5(Random random)
    {
        byte[] records = new byte[48 * random.Next(4)];
        random.NextBytes(records);
        if (records.Length > 0)
        {
            records[38] = Pick<byte>(random, 1, 6, 17);
        }

        return new Wire().U16(5, records.Length / 48 + (random.Next(8) == 0 ? 1 : 0)).U32(1000, 1_700_000_000, 0, random.Next(50)).U8(0, random.Next(3)).U16(random.Next(0x8000)).Octets(records).ToArray();
    }

    private static byte[] SflowOf(Random random)
    {
        Wire[] records =
        [
            Sflow_datagrams.Header(Sflow_datagrams.Frame), Sflow_datagrams.Header(Packets.Ethernet(0x86DD, Packets.Tcp("2001:db8::1", "2001:db8::2", 1, 2, 2))), Sflow_datagrams.Header([1, 2, 3]), Sflow_datagrams.Switch(1, 2),
            Sflow_datagrams.Router(), Sflow_datagrams.Gateway(), new Wire().U32(3, 32).U32(1400, 17).Address("203.0.113.1").Address("192.0.2.1").U32(53, 4000, 0, 8),
            new Wire().U32(4, 56).U32(1400, 6).Address("2001:db8::1").Address("2001:db8::2").U32(80, 4000, 0x12, 0), new Wire().U32(2, 24).U32(1414).Hex("020000000001 0000 020000000002 0000").U32(0x0800),
            new Wire().U32(1006, 36, 1).Address("198.51.100.1").U32(4, 1 << 12, 2 << 12, 3 << 12, 4 << 12, 1, 0), new Wire().U32(1030, 4, 5000), new Wire().U32(77, 0), new Wire().U32(1, 8, 1, 2),
        ];
        Wire[] some = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => records[random.Next(records.Length)])];
        var all = new Wire();
        int count = random.Next(1, 4);
        for (int i = 0; i < count; i++)
        {
            var body = new Wire();
            int format = random.Next(1, 7);
            switch (format)
            {
                case 1:
                    all.Octets(Sflow_datagrams.Sample(1, Pick<long>(random, 3, 0x3FFFFFFF, 0x40000001), some).ToArray());
                    continue;
                case 2:
                    body.U32(1, 3, 1, 1, 4, 7);
                    break;
                case 3:
                    body.U32(9, 0, 5, 1000, 2000, 3, 0, 4, 0, 5, some.Length);
                    break;
                case 4:
                    body.U32(1, 0, 3, 1, 1, 4, 7);
                    break;
                case 5:
                    body.U32(1, 0, 3, 7, 4, 5, 130, some.Length);
                    break;
            }

            if (format is 3 or 5)
            {
                foreach (Wire record in some)
                {
                    body.Octets(record.ToArray());
                }
            }

            all.U32(format, body.Length).Octets(body.ToArray());
        }

        return random.Next(4) == 0 ? new Wire().U32(5, 2).Address("2001:db8::9").U32(0, 1, 1000, count).Octets(all.ToArray()).ToArray() : all.Sflow(count, (uint)random.Next(20));
    }

    private sealed class Checking : IFlowSink
    {
        public int Flows { get; set; }

        public int Options { get; set; }

        public int Counters { get; set; }

        public int Problems { get; set; }

        public void OnFlow(in FlowRecord record, in RawRecord raw)
        {
            Flows++;
            Promise(record.SamplingRate >= 1, "a rate is at least 1");
            if (raw.Template is { } template)
            {
                Fields(template, in raw);
            }

            FlowRecord copy = record;
            Json(in copy, in raw);
        }

        public void OnOptions(in RawRecord raw)
        {
            Options++;
            Fields(raw.Template!, in raw);
            using var json = new Utf8JsonWriter(Stream.Null);
            FlowJson.WriteOptions(json, in raw, default);
        }

        public void OnCounters(in SflowCounterSample sample)
        {
            Counters++;
            using var json = new Utf8JsonWriter(Stream.Null);
            FlowJson.WriteCounters(json, in sample);
        }

        public void OnTemplate(in TemplateEvent change) => Promise(change.Template.Id >= 256, "ids of templates begin at 256");

        public void OnProblem(in FlowProblem problem)
        {
            Problems++;
            Promise(problem.ToString().Length > 10, "a problem has words");
        }

        // The fields, walked one by one, fill the record.
        private static void Fields(Template template, in RawRecord raw)
        {
            int count = 0, octets = 0;
            foreach (RawField field in raw)
            {
                count++;
                octets += field.Octets.Length + (field.Field.Length == TemplateField.Variable ? 1 : 0);
            }

            Promise(count == template.Fields.Length && octets <= raw.Octets.Length, "a record has all its fields");
            Promise(template.HasVariable || octets == raw.Octets.Length, "and nothing else");
        }

        private static void Json(in FlowRecord record, in RawRecord raw)
        {
            using var json = new Utf8JsonWriter(Stream.Null);
            FlowJson.WriteFlow(json, in record, in raw, default);
        }
    }
}
