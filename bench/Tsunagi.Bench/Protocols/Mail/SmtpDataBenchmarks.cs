using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Bench.Protocols.Mail;

/// <summary>
/// <c>./tsunagi bench '*SmtpData*'</c> on the shared two-core build machine, .NET 10.0.12, other work running (times are upper bounds); what is
/// allocated is the reader or writer itself:
/// <code>
/// | Method | Octets  | Mean       | Allocated |
/// |------- |-------- |-----------:|----------:|
/// | Read   | 4096    |     918 ns |      64 B |
/// | Write  | 4096    |     697 ns |      24 B |
/// | Read   | 1048576 | 288,547 ns |      66 B |
/// | Write  | 1048576 | 343,721 ns |      26 B |
/// </code>
/// </summary>
[MemoryDiagnoser]
public class SmtpDataBenchmarks
{
    private readonly ArrayBufferWriter<byte> _output = new(4 * 1024 * 1024);
    private byte[] _sent = [];
    private byte[] _message = [];

    /// <summary>Octets of the message; 4 KiB is a usual text, 1 MiB one with an attachment. Lines are of 76 octets, as base64 has them.</summary>
    [Params(4 * 1024, 1024 * 1024)]
    public int Octets { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        string line = new string('x', 76) + "\r\n";
        _message = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(line, Octets / line.Length)));
        _sent = [.. _message, .. ".\r\n"u8];
    }

    [Benchmark]
    public long Read()
    {
        _output.ResetWrittenCount();
        var reader = new SmtpDataReader(long.MaxValue);
        reader.Read(_sent, _output, out _);
        return reader.Octets;
    }

    [Benchmark]
    public int Write()
    {
        _output.ResetWrittenCount();
        var writer = new SmtpDataWriter();
        writer.Write(_message, _output);
        writer.Complete(_output);
        return _output.WrittenCount;
    }
}
