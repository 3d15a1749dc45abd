using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Net;
using Tsunagi.Core.Net.Tls;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Limits;
using Tsunagi.Mail.Submission;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Inbound;

/// <summary>One client connection: reads lines and content, carries out what the machine decides, writes the replies. One loop, no locks.</summary>
internal sealed partial class SmtpSession : IAsyncDisposable
{
    private readonly ConnectionContext _connection;
    private readonly SmtpSessionServices _services;
    private readonly SmtpDoor _door;
    private readonly SmtpAuthentication? _authentication;
    private readonly SendingTally _sending;
    private readonly SmtpServerMachine _machine;
    private readonly SmtpLineReader _lines;
    private readonly PeerClock _clock;
    private readonly MessageIntake _intake;
    private readonly string _client;
    private readonly IPAddress? _clientAddress;
    private readonly long _startedAt;
    private readonly List<TenantConnectionLease> _leases = [];
    private readonly List<string> _tenants = [];
    private readonly bool _isTold;
    private TlsSession? _tls;
    private SmtpDataReader? _content;
    private int _messages;
    private bool _closed;

    /// <param name="before">The session that a proxy ended by XCLIENT, over the same connection; null for the first.</param>
    public SmtpSession(ConnectionContext connection, SmtpSessionServices services, SmtpDoor door, SmtpSession? before)
    {
        _connection = connection;
        _services = services;
        _door = door;
        var peer = connection.RemoteEndPoint is IPEndPoint remote ? RelayNetwork.Plain(remote.Address) : null;
        var told = before?.Told;
        _tls = before?.TakeTls();
        _isTold = told is not null;
        _machine = new SmtpServerMachine(
            !door.IsSubmission && peer is not null && services.Options.Inbound.XclientFrom.Any(network => network.Contains(peer)) ? door.ServerOptions with { OfferXClient = true } : door.ServerOptions,
            tlsActive: door.IsTlsFirst || _tls is not null, told);
        _lines = new SmtpLineReader(door.ServerOptions.LongestLineOctets);
        _clock = new PeerClock(services.Time, connection.ConnectionClosed);
        _clientAddress = told is { IsAddressTold: true } ? told.Address is { } address ? RelayNetwork.Plain(address) : null : peer;
        _client = _clientAddress?.ToString() ?? "";
        _intake = new MessageIntake(services, _client);
        _authentication = door.IsSubmission ? new SmtpAuthentication(services.Submission, _clientAddress) : null;
        _sending = new SendingTally(services.Sending, _clientAddress);
        _startedAt = before?._startedAt ?? services.Time.GetTimestamp();
    }

    /// <summary>What a proxy said of its client: another session goes on with it over the same connection. Null when this one was the last.</summary>
    public XClient? Told { get; private set; }

    private PipeReader Input => _connection.Transport.Input;

    private PipeWriter Output => _connection.Transport.Output;

    public async Task RunAsync()
    {
        using var stop = _connection.StopRequested().UnsafeRegister(static state => ((SmtpSession)state!).Input.CancelPendingRead(), this);

        if (_door.IsTlsFirst && _tls is null && !Took(await StartTls.AcceptAsync(_connection, _services.Certificates!.SelectAsync, _services.Options.Inbound.TlsDeadline, _services.Time, _clock.Token)))
        {
            return;
        }

        // (1)
        if (_services.Clients.WhyNotConnect(_clientAddress, _door.IsSubmission) is { } refused)
        {
            await SayGoodbyeAsync(refused);
            return;
        }

        if (!_door.IsSubmission && !_isTold)
        {
            await ListenAsync();
        }

        Write(_machine.Start());
        await FlushAsync();
        while (!_closed)
        {
            _clock.Arm(Deadline());
            ReadResult read;
            try
            {
                read = await Input.ReadAsync(_clock.Token);
            }
            catch (OperationCanceledException) when (!_connection.ConnectionClosed.IsCancellationRequested)
            {
                await SayGoodbyeAsync(SmtpReplies.TimedOut);
                return;
            }

            if (read.IsCanceled && _machine.State != SmtpServerState.Data)
            {
                Input.AdvanceTo(read.Buffer.Start);
                await SayGoodbyeAsync(SmtpReplies.ShuttingDown);
                return;
            }

            await HandleAsync(read.Buffer);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _intake.Dispose();
        _sending.Withdraw();
        foreach (var lease in _leases)
        {
            lease.Dispose();
        }

        if (_tls is not null)
        {
            await _tls.DisposeAsync();
        }

        _clock.Dispose();
    }

    /// <summary>Everything that one read brought. The replies go out together, when no whole line is left (RFC 2920 section 3.2).</summary>
    private async ValueTask HandleAsync(ReadOnlySequence<byte> buffer)
    {
        var examined = buffer.End;
        while (!_closed)
        {
            SmtpStep step;
            if (_content is not null)
            {
                // (4)
                if (!TryReadContent(ref buffer, out step))
                {
                    break;
                }
            }
            else if (!TryHandleLine(ref buffer, out step))
            {
                break;
            }

            // (2)
            var tls = await CarryOutAsync(step);
            if (tls)
            {
                Input.AdvanceTo(buffer.Start);
                await StartTlsAsync();
                return;
            }
        }

        Input.AdvanceTo(buffer.Start, _closed ? buffer.Start : examined);
        await FlushAsync();
    }

    private bool TryHandleLine(ref ReadOnlySequence<byte> buffer, out SmtpStep step)
    {
        var status = _lines.Read(ref buffer, out var line);
        step = status switch
        {
            SmtpLineStatus.NeedMore => default,
            SmtpLineStatus.Line => _machine.Handle(line),
            _ => _machine.HandleBadLine(status),
        };
        return status != SmtpLineStatus.NeedMore;
    }

    /// <summary>True when the client waits for the TLS handshake.</summary>
    private async ValueTask<bool> CarryOutAsync(SmtpStep step)
    {
        while (true)
        {
            switch (step.Kind)
            {
                case SmtpStepKind.Reply:
                    Write(step);
                    return false;
                case SmtpStepKind.AskAuth:
                    // (2a)
                    step = _machine.Answer(_authentication!.Answer(_machine, _tls!));
                    break;
                case SmtpStepKind.AskMail:
                    step = _machine.Answer(AnswerMail());
                    break;
                case SmtpStepKind.AskRecipient:
                    step = _machine.Answer(await AnswerRecipientAsync());
                    break;
                case SmtpStepKind.AskData:
                    step = _machine.Answer(_intake.Begin(_machine, _tls));
                    break;
                case SmtpStepKind.ReadData:
                    Write(step);
                    await FlushAsync();
                    _content = _intake.Reader;
                    _clock.BeginTransfer();
                    return false;
                case SmtpStepKind.AskMessage:
                    step = _machine.Answer(await AnswerMessageAsync());
                    break;
                case SmtpStepKind.StartTls:
                    return true;
                case SmtpStepKind.StartAnew:
                    Told = _machine.Told;
                    _closed = true;
                    return false;
                default:
                    Write(step);
                    await FlushAsync();
                    _closed = true;
                    return false;
            }
        }
    }

    // What a client says before it is greeted stays to be read. RFC 5321 section 4.3.1 has it wait.
    private async ValueTask ListenAsync()
    {
        if (_services.Options.Inbound.GreetDelay is { Ticks: > 0 } wait)
        {
            await Task.Delay(wait, _services.Time, _clock.Token);
        }

        if (Input.TryRead(out var early))
        {
            _intake.SpokeEarly = !early.Buffer.IsEmpty;
            Input.AdvanceTo(early.Buffer.Start);
            if (early.IsCanceled)
            {
                // The program stops: whoever reads next must hear of it.
                Input.CancelPendingRead();
            }
        }
    }

    private SmtpReply AnswerMail()
    {
        _intake.Reset();
        _sending.Withdraw();
        if (_authentication is not null
            && (_authentication.WhyGone() ?? _sending.WhyPaused(_authentication.Credential!) ?? _services.Recipients.WhyNotAs(_machine.Command.ReversePath, _authentication.Credential!)) is { } refusal)
        {
            return refusal;
        }

        return _messages >= _services.Options.Inbound.MaxMessages ? SmtpSessionReplies.TooManyMessages : _services.Clients.WhyNoMessage(_clientAddress, _door.IsSubmission) ?? SmtpReplies.SenderOk;
    }

    // (3)
    private async ValueTask<SmtpReply> AnswerRecipientAsync()
    {
        var verdict = await _services.Recipients.CheckAsync(_machine.Command.ForwardPath, _machine.Transaction!, _clientAddress, _authentication?.Credential, _clock.Token);
        if (verdict.IsAccepted && verdict.Gateway is { } gateway && !MayServe(gateway.TenantPath))
        {
            return SmtpSessionReplies.TenantBusy;
        }

        if (verdict.IsAccepted && verdict.Gateway is { } sender && (verdict.IsOutbound || _authentication is not null) && _sending.Add(sender, _authentication?.Credential, verdict.IsOutbound) is { } tooMuch)
        {
            return Refused(tooMuch);
        }

        return verdict.IsAccepted ? _intake.Add(verdict) : Refused(verdict.Reply);
    }

    private SmtpReply Refused(SmtpReply reply)
    {
        _services.Metrics.RecipientRefused(reply.Code);
        return reply;
    }

    // (5)
    private async ValueTask<SmtpReply> AnswerMessageAsync()
    {
        if (_authentication is { } device && (device.WhyGone() ?? _sending.WhyPaused(device.Credential!)) is { } gone)
        {
            _intake.Reset();
            _sending.Withdraw();
            return gone;
        }

        var reply = await _intake.AcceptAsync(_machine, _tls, _authentication?.Credential);
        if (reply.IsPositive)
        {
            _messages++;
            _sending.Accepted();
        }
        else
        {
            _sending.Withdraw();
        }

        return reply;
    }

    /// <summary>True when the content ended, or the client is too slow to wait for its end.</summary>
    private bool TryReadContent(ref ReadOnlySequence<byte> buffer, out SmtpStep step)
    {
        var content = _content!;
        var offered = buffer.Length;
        if (_intake.Read(ref buffer))
        {
            _content = null;
            step = _machine.DataEnded(content.Violation, content.IsTooLarge);
            if (step.Kind != SmtpStepKind.AskMessage)
            {
                _intake.Reset();
            }

            return true;
        }

        step = default;
        var inbound = _services.Options.Inbound;
        if (!_clock.IsTooSlow(offered, inbound.MinBytesPerSecond, inbound.SlowPeerGrace))
        {
            return false;
        }

        step = _machine.Close(SmtpSessionReplies.TooSlow);
        return true;
    }

    private bool MayServe(string tenantPath)
    {
        if (_tenants.Contains(tenantPath))
        {
            return true;
        }

        if (_door.Limits.TryEnterTenant(tenantPath) is not { } lease)
        {
            return false;
        }

        _leases.Add(lease);
        _tenants.Add(tenantPath);
        return true;
    }

    private TlsSession? TakeTls()
    {
        var tls = _tls;
        _tls = null;
        return tls;
    }

    private async ValueTask StartTlsAsync()
    {
        var upgraded = await StartTls.UpgradeAsync(
            _connection, "220 2.0.0 Ready to start TLS\r\n"u8.ToArray(), _services.Certificates!.SelectAsync, _services.Options.Inbound.TlsDeadline, _services.Time,
            _clock.Token);
        if (Took(upgraded))
        {
            _machine.TlsStarted();
            _intake.Reset();
        }
    }

    /// <summary>False, and the connection is to end, when no TLS came about.</summary>
    private bool Took(StartTlsResult result)
    {
        if (result.Outcome != StartTlsOutcome.Upgraded)
        {
            _services.Metrics.TlsFailed(result.Outcome.ToString());
            _closed = true;
            return false;
        }

        _tls = result.Session;
        if (_door.IsSubmission && _tls!.EndPointBinding.IsEmpty)
        {
            // A certificate whose signature has no hash of its own binds nothing.
            _machine.AuthMechanisms = [.. _door.ServerOptions.AuthMechanisms.Where(static name => !name.EndsWith("-PLUS", StringComparison.Ordinal))];
        }

        return true;
    }

    private TimeSpan Deadline()
    {
        var inbound = _services.Options.Inbound;
        var wait = _content is null ? inbound.CommandDeadline : inbound.ContentDeadline;
        var left = inbound.SessionDeadline - _services.Time.GetElapsedTime(_startedAt);
        return left < wait ? (left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1)) : wait;
    }

    private void Write(SmtpStep step) => step.Reply?.WriteTo(Output, _machine.RepliesMayBeUtf8);

    private async ValueTask FlushAsync()
    {
        if (Output.UnflushedBytes > 0)
        {
            _clock.Arm(_services.Options.Inbound.CommandDeadline);
            await Output.FlushAsync(_clock.Token);
        }
    }

    // The peer said nothing for too long, or the program stops: it is told, if it still reads.
    private async ValueTask SayGoodbyeAsync(SmtpReply reply)
    {
        Write(_machine.Close(reply));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(2), _services.Time);
        await Output.FlushAsync(deadline.Token);
    }
}
