using System.Buffers;
using System.IO.Pipelines;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Try;

/// <summary>One connection to a <see cref="SmtpReceiver"/>.</summary>
internal sealed class ReceiverSession(SmtpReceiver receiver, SmtpServerOptions options, Stream stream)
{
    private readonly SmtpServerMachine _machine = new(options);
    private readonly SmtpLineReader _lines = new(options.MaxLineOctets);
    private readonly ArrayBufferWriter<byte> _output = new(1024);
    private readonly ArrayBufferWriter<byte> _content = new(8 * 1024);
    private SmtpDataReader? _reader;

    public async Task RunAsync(CancellationToken stopping)
    {
        var input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true));
        _machine.Start().Reply!.WriteTo(_output);
        while (true)
        {
            await FlushAsync(stopping);
            if (_machine.State == SmtpServerState.Closed)
            {
                return;
            }

            var read = await input.ReadAsync(stopping);
            var buffer = read.Buffer;
            while (_machine.State != SmtpServerState.Closed && TryStep(ref buffer, out var step))
            {
                await CarryOutAsync(step, stopping);
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private bool TryStep(ref ReadOnlySequence<byte> buffer, out SmtpStep step)
    {
        step = default;
        if (_reader is { } reader)
        {
            if (!reader.Read(ref buffer, _content))
            {
                return false;
            }

            _reader = null;
            step = _machine.DataEnded(reader.Violation, reader.IsTooLarge);
            return true;
        }

        var status = _lines.Read(ref buffer, out var line);
        step = status switch
        {
            SmtpLineStatus.NeedMore => default,
            SmtpLineStatus.Line => _machine.Handle(line),
            _ => _machine.HandleBadLine(status),
        };
        return status != SmtpLineStatus.NeedMore;
    }

    private async ValueTask CarryOutAsync(SmtpStep step, CancellationToken stopping)
    {
        step = step.Kind switch
        {
            SmtpStepKind.AskMail => _machine.Answer(receiver.Answer?.Invoke(_machine.Command) ?? SmtpReplies.SenderOk),
            SmtpStepKind.AskRecipient => _machine.Answer(receiver.Answer?.Invoke(_machine.Command) ?? SmtpReplies.RecipientOk),
            SmtpStepKind.AskData => _machine.Answer(SmtpReplies.StartMailInput),
            SmtpStepKind.AskMessage => _machine.Answer(await receiver.TakeAsync(_machine.Transaction!, _content.WrittenMemory)),
            _ => step,
        };
        step.Reply?.WriteTo(_output, _machine.RepliesMayBeUtf8);
        if (step.Kind == SmtpStepKind.ReadData)
        {
            _content.ResetWrittenCount();
            _reader = new SmtpDataReader(options.MaxMessageOctets);
            await FlushAsync(stopping);
        }
    }

    private async ValueTask FlushAsync(CancellationToken stopping)
    {
        if (_output.WrittenCount > 0)
        {
            await stream.WriteAsync(_output.WrittenMemory, stopping);
            _output.ResetWrittenCount();
        }
    }
}
