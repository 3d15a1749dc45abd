using System.Buffers;
using BenchmarkDotNet.Attributes;
using Tsunagi.Protocols.Cpe.Cwmp;

namespace Tsunagi.Bench.Protocols.Cpe;

/// <summary>An Inform and an answer of 600 kB, read and written. <c>./tsunagi bench '*Cwmp*'</c></summary>
[MemoryDiagnoser]
public class CwmpBenchmarks
{
    private static readonly CwmpEnvelope Inform = new()
    {
        Id = "1",
        Message = new Inform
        {
            Device = new DeviceId("Acme", "202BC1", "BM632w", "000000"), Events = [new InformEvent("2 PERIODIC")], CurrentTime = "2026-11-22T08:23:45Z",
            Parameters = [.. Enumerable.Range(0, 16).Select(i => new ParameterValue($"InternetGatewayDevice.DeviceInfo.Parameter{i}", "value"))],
        },
    };

    private readonly ArrayBufferWriter<byte> _output = new(1 << 20);
    private readonly byte[] _inform = CwmpWriter.Write(Inform);
    private readonly byte[] _names = CwmpWriter.Write(new CwmpEnvelope
    {
        Message = new GetParameterNamesResponse([.. Enumerable.Range(0, 4_500).Select(i => new ParameterInfo($"InternetGatewayDevice.LANDevice.1.Hosts.Host.{i}.Name", true))]),
    });

    [Benchmark]
    public bool Read_inform() => CwmpReader.TryRead(_inform, null, out _, out _);

    [Benchmark]
    public int Write_inform()
    {
        _output.ResetWrittenCount();
        CwmpWriter.Write(Inform, _output);
        return _output.WrittenCount;
    }

    [Benchmark]
    public bool Read_600_kilobytes() => CwmpReader.TryRead(_names, null, out _, out _);
}
