using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;

namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>
/// The server side of one SMTP session as a pure machine: lines in, decisions out; no sockets, no clock, not thread-safe.
/// <list type="number">
/// <item><see cref="Start"/> gives the greeting.</item>
/// <item>Each line from <see cref="SmtpLineReader"/> goes to <see cref="Handle(ReadOnlySpan{byte})"/>, each bad line to <see cref="HandleBadLine"/>.</item>
/// <item>A step that asks is settled by <see cref="Answer"/>: a positive reply carries the command out, any other refuses it and is sent as it is.</item>
/// <item>After <see cref="SmtpStepKind.ReadData"/> the caller reads the message to its end and calls <see cref="DataEnded"/>.</item>
/// <item>After <see cref="SmtpStepKind.StartTls"/> and a good handshake it calls <see cref="TlsStarted"/>; without a certificate at hand it answers
/// <see cref="SmtpReplies.TlsUnavailable"/> instead.</item>
/// <item>After <see cref="SmtpStepKind.AskAuth"/> it answers 334 with a challenge, 235 when the client is who it says, or a refusal; after 334 the next line is the
/// client's response and asks again (RFC 4954 section 4).</item>
/// <item>After <see cref="SmtpStepKind.StartAnew"/> (XCLIENT) the caller begins with another machine over the same connection.</item>
/// </list>
/// Replies may be gathered while further whole lines are buffered (RFC 2920 section 3.2), except before ReadData, StartTls, Close and a 334.
/// </summary>
public sealed partial class SmtpServerMachine
{
    private readonly SmtpServerOptions _options;
    private SmtpStepKind _asked = SmtpStepKind.Reply;
    private int _errors;
    private int _refusedRecipients;
    private int _idleCommands;

    /// <summary>
    /// A machine for one connection. <paramref name="tlsActive"/>: TLS was there before the first octet. <paramref name="told"/>: what a proxy said of the client in the session before
    /// (<see cref="SmtpStepKind.StartAnew"/>); with the HELO in it the client has greeted.
    /// </summary>
    public SmtpServerMachine(SmtpServerOptions options, bool tlsActive = false, XClient? told = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        AuthMechanisms = options.AuthMechanisms;
        IsTls = tlsActive;
        Told = told;
        if (told?.Helo is { } helo)
        {
            (ClientName, IsExtended, State) = (helo, told.IsExtended ?? true, SmtpServerState.Greeted);
        }
    }

    /// <summary>Where the session stands.</summary>
    public SmtpServerState State { get; private set; }

    /// <summary>The connection is under TLS.</summary>
    public bool IsTls { get; private set; }

    /// <summary>The name the client gave; null before EHLO or HELO.</summary>
    public string? ClientName { get; private set; }

    /// <summary>The client greeted with EHLO, so the protocol of the trace header is ESMTP (RFC 3848).</summary>
    public bool IsExtended { get; private set; }

    /// <summary>The command that an Ask step asks about.</summary>
    public SmtpCommand Command { get; private set; }

    /// <summary>The open transaction; also during AskMessage; null outside one.</summary>
    public SmtpTransaction? Transaction { get; private set; }

    /// <summary>The client may be sent text outside ASCII (RFC 6531 section 3.7.4).</summary>
    public bool RepliesMayBeUtf8 => Transaction is { Parameters.SmtpUtf8: true };

    /// <summary>The greeting.</summary>
    public SmtpStep Start() => Reply(new SmtpReply(220, null, $"{_options.HostName} ESMTP Tsunagi"));

    /// <summary>Reads and handles one line, without its CRLF.</summary>
    public SmtpStep Handle(ReadOnlySpan<byte> line)
    {
        if (State == SmtpServerState.Authenticating)
        {
            return HandleResponse(line);
        }

        // Only what belongs to an authentication may be longer than a command.
        if (line.Length + 2 > _options.MaxLineOctets && !IsAuth(line))
        {
            return Error(SmtpReplies.LineTooLong);
        }

        return SmtpCommand.TryParse(line, _options.Limits, out SmtpCommand command, out SmtpSyntaxError error)
            ? Handle(command)
            : Error(error.ToReply());
    }

    /// <summary>Handles a command that was read already.</summary>
    public SmtpStep Handle(in SmtpCommand command)
    {
        Expect(SmtpStepKind.Reply);
        if (State is SmtpServerState.Data or SmtpServerState.Authenticating or SmtpServerState.Closed)
        {
            throw new InvalidOperationException($"handling {command.Verb} in state {State}: no command is read there");
        }

        if (WhyNotYet(command.Verb) is { } notYet)
        {
            return Error(notYet);
        }

        switch (SmtpServerTable.Rule(State, command.Verb))
        {
            case SmtpRule.HelloFirst: return Error(SmtpReplies.HelloFirst);
            // Behind a refused MAIL or RCPT a pipelined group meets these two without any fault of the client (RFC 2920 section 3.1).
            case SmtpRule.MailFirst: return Idle(SmtpReplies.MailFirst);
            case SmtpRule.RecipientFirst: return Idle(SmtpReplies.RecipientFirst);
            case SmtpRule.Nested: return Error(SmtpReplies.NestedMail);
            case SmtpRule.TlsInTransaction: return Error(SmtpReplies.TlsInTransaction);
            case SmtpRule.AuthInTransaction: return Error(SmtpReplies.AuthInTransaction);
            case SmtpRule.NotImplemented: return Error(SmtpReplies.NotImplemented);
        }
        return command.Verb switch
        {
            SmtpVerb.Helo or SmtpVerb.Ehlo => Greet(command),
            SmtpVerb.StartTls => StartTls(),
            SmtpVerb.Auth => Auth(command),
            SmtpVerb.Mail => Mail(command),
            SmtpVerb.Rcpt => Recipient(command),
            SmtpVerb.Data => Ask(SmtpStepKind.AskData, command),
            SmtpVerb.Rset => Reset(),
            SmtpVerb.Vrfy => Idle(SmtpReplies.CannotVerify),
            SmtpVerb.Help => Idle(SmtpReplies.Help),
            SmtpVerb.Noop => Idle(SmtpReplies.Ok),
            SmtpVerb.XClient => TakeXClient(command),
            _ => Close(SmtpReplies.Bye),
        };
    }

    /// <summary>Settles what <see cref="SmtpLineReader"/> could not give as a line.</summary>
    public SmtpStep HandleBadLine(SmtpLineStatus status) => status switch
    {
        SmtpLineStatus.TooLong when State == SmtpServerState.Authenticating => AuthFailed(SmtpReplies.AuthLineTooLong),
        SmtpLineStatus.TooLong => Error(SmtpReplies.LineTooLong),
        SmtpLineStatus.BareCr or SmtpLineStatus.BareLf => Close(SmtpReplies.BareLineEnd),
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "not a bad line"),
    };

    /// <summary>Settles the last question. A 421 or 521 ends the session whatever was asked.</summary>
    public SmtpStep Answer(SmtpReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        SmtpStepKind asked = _asked;
        _asked = SmtpStepKind.Reply;
        if (reply.Code is 421 or 521)
        {
            return Close(reply);
        }

        switch (asked)
        {
            case SmtpStepKind.AskMail:
                if (reply.IsPositive)
                {
                    Transaction = new SmtpTransaction(Command.ReversePath, Command.Mail);
                    State = SmtpServerState.Mail;
                }
                return Reply(reply);
            case SmtpStepKind.AskRecipient:
                return AnswerRecipient(reply);
            case SmtpStepKind.AskData:
                if (!reply.IsIntermediate && !reply.IsPositive)
                {
                    EndTransaction();
                    return Reply(reply);
                }
                State = SmtpServerState.Data;
                return new SmtpStep(SmtpStepKind.ReadData, SmtpReplies.StartMailInput);
            case SmtpStepKind.AskAuth:
                return AnswerAuth(reply);
            case SmtpStepKind.StartTls: // the caller can not do TLS now and has not written the 220
                return Reply(reply);
            case SmtpStepKind.AskMessage:
                EndTransaction();
                if (reply.IsPositive)
                {
                    _idleCommands = 0;
                }

                return Reply(reply);
            default:
                throw new InvalidOperationException("answering without a question");
        }
    }

    /// <summary>The message was read to its true end. A bad one is refused here; a good one is the caller's to keep (AskMessage).</summary>
    public SmtpStep DataEnded(SmtpDataViolation violation, bool tooLarge)
    {
        if (State != SmtpServerState.Data)
        {
            throw new InvalidOperationException($"ending the message in state {State}");
        }

        SmtpReply? refusal = violation switch
        {
            SmtpDataViolation.BareCr or SmtpDataViolation.BareLf => SmtpReplies.BareLineEndInData,
            SmtpDataViolation.Nul => SmtpReplies.NulInData,
            _ => tooLarge ? SmtpReplies.TooLarge : null,
        };
        if (refusal is null)
        {
            return Ask(SmtpStepKind.AskMessage, Command);
        }

        EndTransaction();
        return Error(refusal);
    }

    /// <summary>TLS is up: all that the client said before is forgotten (RFC 3207 section 4.2).</summary>
    public void TlsStarted()
    {
        Expect(SmtpStepKind.StartTls);
        _asked = SmtpStepKind.Reply;
        Transaction = null;
        ClientName = null;
        IsExtended = false;
        IsAuthenticated = false;
        IsTls = true;
        State = SmtpServerState.Connected;
    }

    /// <summary>The caller ends the session: <see cref="SmtpReplies.TimedOut"/>, <see cref="SmtpReplies.ShuttingDown"/> or its own 421.</summary>
    public SmtpStep Close(SmtpReply reply)
    {
        _asked = SmtpStepKind.Reply;
        Transaction = null;
        State = SmtpServerState.Closed;
        return new SmtpStep(SmtpStepKind.Close, reply);
    }

    private SmtpStep Greet(in SmtpCommand command)
    {
        if (IsIdleLimitPassed())
        {
            return Close(SmtpReplies.TooManyCommands);
        }

        EndTransaction();
        ClientName = command.Argument;
        IsExtended = command.Verb == SmtpVerb.Ehlo;
        State = SmtpServerState.Greeted;
        return Reply(IsExtended ? new SmtpReply(250, null, Extensions()) : new SmtpReply(250, null, _options.HostName));
    }

    // ehlo-ok-rsp = "250-" Domain CRLF *( "250-" ehlo-line CRLF ) "250 " ehlo-line CRLF
    private ImmutableArray<string> Extensions()
    {
        var lines = ImmutableArray.CreateBuilder<string>(8);
        lines.Add(_options.HostName);
        lines.Add("PIPELINING");
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"SIZE {_options.MaxMessageOctets}"));
        if (_options.OfferStartTls && !IsTls)
        {
            lines.Add("STARTTLS");
        }

        if (IsTls && AuthMechanisms.Count > 0)
        {
            lines.Add("AUTH " + string.Join(' ', AuthMechanisms));
        }

        if (_options.OfferXClient)
        {
            lines.Add("XCLIENT " + XClient.Offered);
        }

        lines.Add("ENHANCEDSTATUSCODES");
        lines.Add("8BITMIME");
        if (_options.OfferSmtpUtf8)
        {
            lines.Add("SMTPUTF8");
        }

        return lines.ToImmutable();
    }

    private SmtpStep StartTls()
    {
        if (!_options.OfferStartTls)
        {
            return Error(SmtpReplies.NotImplemented);
        }

        if (IsTls)
        {
            return Error(SmtpReplies.TlsActive);
        }

        if (IsIdleLimitPassed())
        {
            return Close(SmtpReplies.TooManyCommands);
        }

        _asked = SmtpStepKind.StartTls;
        return new SmtpStep(SmtpStepKind.StartTls, SmtpReplies.ReadyForTls);
    }

    private SmtpStep Mail(in SmtpCommand command)
    {
        if (_options.RequireTls && !IsTls)
        {
            return Error(SmtpReplies.TlsRequired);
        }

        if (!AreParametersKnown(command.Mail.Others, out SmtpReply? wrong))
        {
            return Error(wrong!);
        }

        if (command.Mail.Body == SmtpBodyType.BinaryMime || (command.Mail.SmtpUtf8 && !_options.OfferSmtpUtf8))
        {
            return Error(SmtpReplies.UnknownParameter);
        }

        if (!command.Mail.SmtpUtf8 && !command.ReversePath.IsAscii)
        {
            return Error(SmtpReplies.NeedsSmtpUtf8);
        }

        if (command.Mail.Size > _options.MaxMessageOctets)
        {
            return Error(SmtpReplies.TooLarge);
        }

        return Ask(SmtpStepKind.AskMail, command);
    }

    private SmtpStep Recipient(in SmtpCommand command)
    {
        if (command.RecipientParameters is not null)
        {
            return Error(SmtpReplies.UnknownParameter);
        }

        if (!Transaction!.Parameters.SmtpUtf8 && !command.ForwardPath.Mailbox.IsAscii)
        {
            return Error(SmtpReplies.NeedsSmtpUtf8);
        }

        if (Transaction.Recipients.Count >= _options.MaxRecipients)
        {
            return Reply(SmtpReplies.TooManyRecipients);
        }

        return Ask(SmtpStepKind.AskRecipient, command);
    }

    private SmtpStep AnswerRecipient(SmtpReply reply)
    {
        if (reply.IsPositive)
        {
            Transaction!.Add(Command.ForwardPath);
            State = SmtpServerState.Recipients;
            return Reply(reply);
        }
        return ++_refusedRecipients > _options.MaxRefusedRecipients ? Close(SmtpReplies.TooManyErrors) : Reply(reply);
    }

    private SmtpStep Reset()
    {
        EndTransaction();
        return Idle(SmtpReplies.Ok);
    }

    private void EndTransaction()
    {
        Transaction = null;
        if (State != SmtpServerState.Connected)
        {
            State = SmtpServerState.Greeted;
        }
    }

    private SmtpStep Idle(SmtpReply reply) => IsIdleLimitPassed() ? Close(SmtpReplies.TooManyCommands) : Reply(reply);

    private bool IsIdleLimitPassed() => ++_idleCommands > _options.MaxIdleCommands;

    private SmtpStep Error(SmtpReply reply) => ++_errors > _options.MaxErrors ? Close(SmtpReplies.TooManyErrors) : Reply(reply);

    private SmtpStep Ask(SmtpStepKind kind, in SmtpCommand command)
    {
        Command = command;
        _asked = kind;
        return new SmtpStep(kind, null);
    }

    private static SmtpStep Reply(SmtpReply reply) => new(SmtpStepKind.Reply, reply);

    [StackTraceHidden]
    private void Expect(SmtpStepKind asked)
    {
        if (_asked != asked)
        {
            throw new InvalidOperationException($"the machine waits for the end of {_asked}");
        }
    }
}
