using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Tsunagi.Core.Net;
using Tsunagi.Mail.Beside;
using Tsunagi.Protocols.Mail.Milter;

namespace Tsunagi.Mail.Milter;

/// <summary>One connection of a mail server: reads packets, notes what they say, answers. One loop, no locks.</summary>
internal sealed class MilterSession : IDisposable
{
    private const uint LeastVersion = 2;
    private const uint OwnVersion = 6;
    private const MilterActions Needed = MilterActions.AddHeader | MilterActions.ChangeHeader | MilterActions.Quarantine;
    private const MilterSteps Wanted = MilterSteps.NoUnknown | MilterSteps.NoData | MilterSteps.NoReplyHeader | MilterSteps.LeadingSpace;

    private readonly ConnectionContext _connection;
    private readonly BesideServices _services;
    private readonly PeerClock _clock;
    private readonly BesideMessage _message;
    private MilterOptions _agreed;
    private bool _closed;

    public MilterSession(ConnectionContext connection, BesideServices services)
    {
        _connection = connection;
        _services = services;
        _clock = new PeerClock(services.Time, connection.ConnectionClosed);
        _message = new BesideMessage(services, services.Options.Milter.Shadow);
    }

    private PipeWriter Output => _connection.Transport.Output;

    public async Task RunAsync()
    {
        var input = _connection.Transport.Input;
        while (!_closed)
        {
            _clock.Arm(_services.Options.Milter.PacketDeadline);
            var read = await input.ReadAsync(_clock.Token);
            var buffer = read.Buffer;
            while (!_closed)
            {
                var status = MilterPacketReader.TryRead(ref buffer, _services.Options.Milter.MaxPacketBytes, out var packet);
                if (status == MilterRead.NeedMore)
                {
                    break;
                }

                if (status == MilterRead.Bad || !await HandleAsync(packet))
                {
                    _closed = true;
                }
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            await Output.FlushAsync(_clock.Token);
            _closed |= read.IsCompleted;
        }
    }

    public void Dispose()
    {
        _message.Dispose();
        _clock.Dispose();
    }

    /// <summary>False for a packet that ends the connection: one that cannot be read, or QUIT.</summary>
    private async ValueTask<bool> HandleAsync(MilterPacket packet)
    {
        var content = packet.Content.ToArray();
        switch (packet.Command)
        {
            case MilterCommand.Negotiate: // (1)
                return Negotiate(content);
            case MilterCommand.Macro:
                return true;
            case MilterCommand.Connect: // (2)
                return MilterContent.TryReadConnect(content, out var client) && Go(() => Connected(client!));
            case MilterCommand.Helo:
                return MilterContent.TryReadTexts(content, out var helo) && Go(() => _message.Helo = helo[0]);
            case MilterCommand.Mail:
                return MilterContent.TryReadTexts(content, out var sender) && Go(() => _message.Begin(sender[0]));
            case MilterCommand.Rcpt:
                return MilterContent.TryReadTexts(content, out var recipient) && AddRecipient(recipient[0]);
            case MilterCommand.Header: // (3)
                return AddHeader(content);
            case MilterCommand.EndOfHeader:
                return Go(_message.EndHeader);
            case MilterCommand.Body:
                return Go(() => _message.Write(content));
            case MilterCommand.EndOfBody: // (4), (5)
                _message.Write(content);
                _clock.Arm(_services.Options.Milter.PacketDeadline);
                await MilterMessage.AnswerAsync(_message, Output, _agreed, _clock.Token);
                return true;
            case MilterCommand.Abort:
                _message.Reset();
                return true;
            case MilterCommand.QuitNewConnection:
                _message.Forget();
                return true;
            case MilterCommand.Quit:
                return false;
            default:
                return Go(static () => { });
        }
    }

    private bool Negotiate(byte[] content)
    {
        if (!MilterContent.TryReadOptions(content, out var offered) || offered.Version < LeastVersion || !offered.Actions.HasFlag(MilterActions.AddHeader))
        {
            return false;
        }

        _agreed = new MilterOptions(Math.Min(offered.Version, OwnVersion), offered.Actions & Needed, offered.Steps & Wanted);
        MilterReplyWriter.Options(Output, _agreed);
        return true;
    }

    private void Connected(MilterClient client)
    {
        _message.Forget();
        _message.Client = client.Address;
    }

    private bool AddRecipient(string text)
    {
        if (_message.TryAdd(text, _services.Options.Milter.MaxRecipients))
        {
            MilterReplyWriter.Continue(Output);
        }
        else
        {
            MilterReplyWriter.Reply(Output, "452 4.5.3 Too many recipients in one message");
        }

        return true;
    }

    private bool AddHeader(byte[] content)
    {
        var nul = content.AsSpan().IndexOf((byte)0);
        if (nul <= 0 || nul >= content.Length - 1 || content[^1] != 0)
        {
            return false;
        }

        MilterMessage.AddHeader(_message, Encoding.Latin1.GetString(content, 0, nul), content.AsSpan((nul + 1)..^1), _agreed.Steps.HasFlag(MilterSteps.LeadingSpace));
        if (!_agreed.Steps.HasFlag(MilterSteps.NoReplyHeader))
        {
            MilterReplyWriter.Continue(Output);
        }

        return true;
    }

    private bool Go(Action note)
    {
        note();
        MilterReplyWriter.Continue(Output);
        return true;
    }
}
