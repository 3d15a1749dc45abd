using System.Buffers;
using BenchmarkDotNet.Attributes;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Bench.Protocols.Flow;

/// <summary>
/// A rule from text to octets and back, and against one packet. <c>./tsunagi bench '*FlowSpec*'</c> on the shared two-core build machine, .NET 10.0.12,
/// other work running (times are upper bounds):
/// <code>
/// | Method       | Mean       | Allocated |
/// |------------- |-----------:|----------:|
/// | Parse_text   | 2,480.0 ns |    2824 B |
/// | Write_update | 2,229.7 ns |    3464 B |
/// | Read_update  | 2,319.5 ns |    2560 B |
/// | Match        |   119.9 ns |         - |
/// </code>
/// </summary>
[MemoryDiagnoser]
public class FlowSpecBenchmarks
{
    private const string Text = "dst 192.0.2.1/32 proto udp sport 53 len 512-1500 then discard";

    private readonly ArrayBufferWriter<byte> _output = new(4096);
    private readonly FlowSpecStatement _statement = Parse();
    private readonly byte[] _update = BgpMessageWriter.Write(Parse().Announce(BgpAsPath.Of(), 100));
    private readonly FlowRecord _record = new() { IpVersion = 4, Destination = FlowAddress.FromIPv4(0xC0000201), Protocol = 17, SourcePort = 53, Octets = 1400, Packets = 1 };

    [Benchmark]
    public object? Parse_text() => Parse();

    [Benchmark]
    public int Write_update()
    {
        _output.ResetWrittenCount();
        BgpMessageWriter.TryWrite(_statement.Announce(BgpAsPath.Of(), 100), BgpEncoding.Default, _output);
        return _output.WrittenCount;
    }

    [Benchmark]
    public object Read_update() => BgpMessageReader.Read(_update);

    [Benchmark]
    public bool Match() => _statement.Rule.Matches(in _record);

    private static FlowSpecStatement Parse() => FlowSpecText.TryParse(Text, out FlowSpecStatement? statement, out _) ? statement! : throw new FormatException(Text);
}
