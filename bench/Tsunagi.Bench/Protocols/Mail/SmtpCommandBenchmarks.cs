using System.Buffers;
using BenchmarkDotNet.Attributes;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Bench.Protocols.Mail;

/// <summary>
/// <c>./tsunagi bench '*SmtpCommand*'</c> on the shared two-core build machine, .NET 10.0.12, other work running (times are upper bounds):
/// <code>
/// | Method  | Mean     | Allocated |
/// |-------- |---------:|----------:|
/// | Noop    |    26 ns |         - |
/// | Mail    |   958 ns |     584 B |
/// | Rcpt    |   318 ns |     112 B |
/// | Session | 3,407 ns |   1,600 B |
/// </code>
/// </summary>
[MemoryDiagnoser]
public class SmtpCommandBenchmarks
{
    private readonly SmtpServerOptions _options = new() { HostName = "mx.example" };
    private readonly ArrayBufferWriter<byte> _output = new(65536);

    [Benchmark]
    public SmtpVerb Noop() => Parse("NOOP"u8);

    [Benchmark]
    public SmtpVerb Mail() => Parse("MAIL FROM:<joe.bloggs@client.example> SIZE=4096 BODY=8BITMIME"u8);

    [Benchmark]
    public SmtpVerb Rcpt() => Parse("RCPT TO:<mary@example.com>"u8);

    /// <summary>All that is no message of a session with one message to one recipient: six commands and their replies.</summary>
    [Benchmark]
    public int Session()
    {
        _output.ResetWrittenCount();
        var machine = new SmtpServerMachine(_options);
        Write(machine.Start());
        Write(machine.Handle("EHLO client.example"u8));
        Write(machine.Handle("MAIL FROM:<joe@client.example> SIZE=4096"u8));
        Write(machine.Answer(SmtpReplies.SenderOk));
        Write(machine.Handle("RCPT TO:<mary@example.com>"u8));
        Write(machine.Answer(SmtpReplies.RecipientOk));
        Write(machine.Handle("DATA"u8));
        Write(machine.Answer(SmtpReplies.StartMailInput));
        Write(machine.DataEnded(SmtpDataViolation.None, tooLarge: false));
        Write(machine.Answer(SmtpReplies.MessageOk));
        Write(machine.Handle("QUIT"u8));
        return _output.WrittenCount;
    }

    private void Write(SmtpStep step) => step.Reply?.WriteTo(_output);

    private static SmtpVerb Parse(ReadOnlySpan<byte> line) => SmtpCommand.TryParse(line, null, out var command, out _) ? command.Verb : SmtpVerb.Quit;
}
