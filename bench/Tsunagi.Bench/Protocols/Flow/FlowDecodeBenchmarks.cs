using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Ipfix;
using Tsunagi.Protocols.Flow.Sflow;

namespace Tsunagi.Bench.Protocols.Flow;

/// <summary>
/// One operation is a datagram: 30 flows of 15 fields for NetFlow and IPFIX, 7 sampled headers for sFlow; the sink sums octets.
/// <c>./tsunagi bench '*FlowDecode*'</c> on the shared two-core build machine, .NET 10.0.12, other work running (times are upper bounds):
/// <code>
/// | Method            | Mean       | Allocated |
/// |------------------ |-----------:|----------:|
/// | NetFlow5_30_flows | 3,910.2 ns |         - |   7.7 M flows/s
/// | NetFlow9_30_flows | 4,240.4 ns |         - |   7.1 M flows/s
/// | Ipfix_30_flows    | 3,804.3 ns |         - |   7.9 M flows/s
/// | Sflow_7_samples   |   839.7 ns |         - |   8.3 M samples/s
/// </code>
/// </summary>
[MemoryDiagnoser]
public class FlowDecodeBenchmarks
{
    private static readonly (ushort Id, ushort Length)[] Fields =
        [(8, 4), (12, 4), (2, 4), (1, 4), (22, 4), (21, 4), (7, 2), (11, 2), (4, 1), (6, 1), (5, 1), (10, 2), (14, 2), (16, 4), (17, 4)];

    private readonly FlowExporter _exporter = new();
    private readonly byte[] _v5 = NetFlow5();
    private readonly byte[] _v9 = Sets(9, data: true);
    private readonly byte[] _ipfix = Sets(10, data: true);
    private readonly byte[] _sflow = Sflow();
    private Sum _sum;

    [GlobalSetup]
    public void Templates()
    {
        _exporter.Decode(Sets(9, data: false), 0, ref _sum);
        _exporter.Decode(Sets(10, data: false), 0, ref _sum);
    }

    [Benchmark]
    public int NetFlow5_30_flows() => _exporter.Decode(_v5, 0, ref _sum).Flows;

    [Benchmark]
    public int NetFlow9_30_flows() => _exporter.Decode(_v9, 0, ref _sum).Flows;

    [Benchmark]
    public int Ipfix_30_flows() => _exporter.Decode(_ipfix, 0, ref _sum).Flows;

    [Benchmark]
    public int Sflow_7_samples() => _exporter.Decode(_sflow, 0, ref _sum).Flows;

    private static byte[] Sets(int version, bool data)
    {
        int record = Fields.Sum(f => f.Length);
        var random = new Random(1);
        byte[] content = new byte[data ? 30 * record : 4 + 4 * Fields.Length];
        random.NextBytes(content);
        if (!data)
        {
            BinaryPrimitives.WriteUInt16BigEndian(content, 256);
            BinaryPrimitives.WriteUInt16BigEndian(content.AsSpan(2), (ushort)Fields.Length);
            for (int i = 0; i < Fields.Length; i++)
            {
                BinaryPrimitives.WriteUInt16BigEndian(content.AsSpan(4 + 4 * i), Fields[i].Id);
                BinaryPrimitives.WriteUInt16BigEndian(content.AsSpan(6 + 4 * i), Fields[i].Length);
            }
        }

        int header = version == 9 ? 20 : 16;
        byte[] datagram = new byte[header + 4 + content.Length];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, (ushort)version);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), (ushort)(version == 9 ? 30 : datagram.Length));
        BinaryPrimitives.WriteUInt32BigEndian(datagram.AsSpan(version == 9 ? 8 : 4), 1_700_000_000);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(header), (ushort)(data ? 256 : version == 9 ? 0 : 2));
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(header + 2), (ushort)(4 + content.Length));
        content.CopyTo(datagram, header + 4);
        return datagram;
    }

    private static byte[] NetFlow5()
    {
        byte[] datagram = new byte[24 + 30 * 48];
        new Random(1).NextBytes(datagram);
        BinaryPrimitives.WriteUInt16BigEndian(datagram, 5);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), 30);
        return datagram;
    }

    // Seven flow samples, each with a header of 128 octets of a UDP packet and switch data.
    private static byte[] Sflow()
    {
        byte[] frame = new byte[128];
        Convert.FromHexString("0200000000020200000000010800450003F20000000040110000CB007101C00002010035" + "0FA003DE0000").CopyTo(frame, 0);
        return Datagram(frame);
    }

    private static byte[] Datagram(byte[] frame)
    {
        var octets = new List<byte>();
        void Int(params ReadOnlySpan<uint> values)
        {
            foreach (uint value in values)
            {
                octets.AddRange([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);
            }
        }

        Int(5, 1, 0xC0000209, 0, 1, 1000, 7);
        for (uint i = 0; i < 7; i++)
        {
            Int(1, 32 + 24 + 128 + 24, i, 5, 512, 10_000, 0, 3, 4, 2, 1, 16 + 128, 1, 1024, 4, 128);
            octets.AddRange(frame);
            Int(1001, 16, 100, 0, 100, 0);
        }

        return [.. octets];
    }

    private struct Sum : IFlowSink
    {
        public ulong Octets;

        public void OnFlow(in FlowRecord record, in RawRecord raw) => Octets += record.Octets * record.SamplingRate;

        public readonly void OnOptions(in RawRecord raw)
        {
        }

        public readonly void OnCounters(in SflowCounterSample sample)
        {
        }

        public readonly void OnTemplate(in TemplateEvent change)
        {
        }

        public readonly void OnProblem(in FlowProblem problem)
        {
        }
    }
}
