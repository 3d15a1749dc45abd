using System.Buffers;
using Tsunagi.Protocols.Mail.Sasl;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Protocols.Mail.Sasl;

namespace Tsunagi.Tests.Protocols.Mail.Smtp;

/// <summary>
/// The smallest server there can be: line reader, machine and data reader joined, without a socket. It is what a real listener does, so the
/// tests of the machine read as the sessions they are about.
/// </summary>
internal sealed class SmtpDialogue
{
    private SmtpServerMachine _machine;
    private readonly SmtpServerOptions _options;
    private readonly SmtpLineReader _lines;
    private readonly Func<string, SmtpReply?> _policy;
    private readonly ArrayBufferWriter<byte> _body = new();
    private SmtpDataReader? _data;
    private SaslExchange? _exchange;
    private byte[] _unread = [];

    public SmtpDialogue(SmtpServerOptions options, Func<string, SmtpReply?>? policy = null)
    {
        _options = options;
        _machine = new SmtpServerMachine(options);
        _lines = new SmtpLineReader(options.LongestLineOctets);
        _policy = policy ?? (_ => null);
        Replies.Add(_machine.Start().Reply!);
    }

    public List<SmtpReply> Replies { get; } = [];

    public List<(string From, int Recipients, long Octets, string Text)> Messages { get; } = [];

    public SmtpServerMachine Machine => _machine;

    public bool IsClosed { get; private set; }

    public void Feed(ReadOnlySpan<byte> octets)
    {
        var buffer = new ReadOnlySequence<byte>([.. _unread, .. octets]);
        while (!IsClosed && (_data is null ? FeedLine(ref buffer) : FeedData(ref buffer)))
        {
        }
        _unread = buffer.ToArray();
    }

    private bool FeedLine(ref ReadOnlySequence<byte> buffer)
    {
        SmtpLineStatus status = _lines.Read(ref buffer, out ReadOnlySpan<byte> line);
        if (status == SmtpLineStatus.NeedMore)
        {
            return false;
        }

        Do(status == SmtpLineStatus.Line ? _machine.Handle(line) : _machine.HandleBadLine(status));
        return true;
    }

    private bool FeedData(ref ReadOnlySequence<byte> buffer)
    {
        if (!_data!.Read(ref buffer, _body))
        {
            return false;
        }

        SmtpDataReader data = _data;
        _data = null;
        Do(_machine.DataEnded(data.Violation, data.IsTooLarge));
        return true;
    }

    private void Do(SmtpStep step)
    {
        while (step.Kind is SmtpStepKind.AskAuth or SmtpStepKind.AskMail or SmtpStepKind.AskRecipient or SmtpStepKind.AskData or SmtpStepKind.AskMessage)
        {
            step = _machine.Answer(Decide(step.Kind));
        }

        if (step.Kind == SmtpStepKind.StartTls && _policy("STARTTLS") is { } unavailable)
        {
            step = _machine.Answer(unavailable);
        }

        if (step.Kind == SmtpStepKind.StartAnew)
        {
            _machine = new SmtpServerMachine(_options, _machine.IsTls, _machine.Told);
            step = _machine.Start();
        }

        Replies.Add(step.Reply!);
        if (step.Kind == SmtpStepKind.ReadData)
        {
            _data = new SmtpDataReader(_options.MaxMessageOctets);
            _body.Clear();
        }
        else if (step.Kind == SmtpStepKind.StartTls)
        {
            _machine.TlsStarted();
        }
        IsClosed = step.Kind == SmtpStepKind.Close;
    }

    private SmtpReply Decide(SmtpStepKind asked)
    {
        switch (asked)
        {
            case SmtpStepKind.AskAuth:
                return Authenticate();
            case SmtpStepKind.AskMail:
                return _policy(_machine.Command.ReversePath.ToString()) ?? SmtpReplies.SenderOk;
            case SmtpStepKind.AskRecipient:
                return _policy(_machine.Command.ForwardPath.ToString()) ?? SmtpReplies.RecipientOk;
            case SmtpStepKind.AskData:
                return _policy("DATA") ?? SmtpReplies.StartMailInput;
            default:
                SmtpTransaction transaction = _machine.Transaction!;
                Messages.Add((transaction.ReversePath.ToString(), transaction.Recipients.Count, _body.WrittenCount, Testing.Octets.Show(_body.WrittenSpan)));
                return _policy("MESSAGE") ?? SmtpReplies.MessageOk;
        }
    }

    // One user there is: u@c.example, whose secret is "pencil".
    private SmtpReply Authenticate()
    {
        SaslStep step;
        if (_machine.IsAuthStart)
        {
            SaslMechanisms.TryFind(_machine.AuthMechanism, out SaslMechanism mechanism);
            _exchange = new SaslExchange(mechanism, default, "3rfcNHYJY1ZVvWVs7j");
            step = _exchange.Begin(_machine.AuthResponse, _machine.AuthResponse is not null);
        }
        else
        {
            step = _exchange!.Handle(_machine.AuthResponse);
        }

        if (step.Kind == SaslStepKind.AskVerifier)
        {
            step = _exchange.Answer(Scram.Pencil, _exchange.UserName == "u@c.example");
        }

        return step.Kind switch
        {
            SaslStepKind.Challenge => new SmtpReply(334, null, Convert.ToBase64String(step.Challenge.Span)),
            SaslStepKind.Passed => SmtpReplies.AuthOk,
            SaslStepKind.Failed => SmtpReplies.AuthWrong,
            _ => SmtpReplies.AuthMalformed,
        };
    }
}
