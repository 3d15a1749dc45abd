using System.Buffers;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Smtp;

/// <summary>A whole session: whatever comes, each line has one well-formed reply, no message is kept without sender and recipient, and it ends.</summary>
public sealed class SmtpSessionFuzz : FuzzTarget
{
    public override string Name => "smtp.session";

    public override IReadOnlyList<Type> Parsers => [typeof(SmtpServerMachine), typeof(SmtpServerTable), typeof(SmtpTransaction)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("EHLO a.example\r\n", "HELO a.example\r\n", "MAIL FROM:<a@b.example>\r\n", "RCPT TO:<ok@c.example>\r\n", "RCPT TO:<no@c.example>\r\n", "DATA\r\n", "x\r\n.\r\n",
        "RSET\r\n", "NOOP\r\n", "STARTTLS\r\n", "QUIT\r\n", "VRFY a\r\n", "HELP\r\n", "\r\n", "\n", "\r", "MAIL FROM:<> SIZE=9999\r\n", "MAIL FROM:<a@b> X=1\r\n", "MAIL FROM:<\u00e3\u0081\u0082@b.example> SMTPUTF8\r\n", "MAIL FROM:<\u00e3\u0081\u0082@b.example>\r\n",
        "RCPT TO:<\u00e3\u0081\u0082@b.example>\r\n", "RCPT TO:<a@b> X\r\n", "AUTH PLAIN\r\n", "AUTH LOGIN =\r\n", "AUTH PLAIN AHVAYy5leGFtcGxlAHBlbmNpbA==\r\n", "*\r\n", "AHVAYy5leGFtcGxlAHBlbmNpbA==\r\n", "BDAT 1\r\n", "XCLIENT ADDR=192.0.2.7\r\n", "XCLIENT HELO=c.example\r\n", "EXPN a\r\n", "\0\r\n.\r\n", new string('x', 600) + "\r\n", "x\n\r\n.\r\n");

    public override byte[] Generate(Random random)
    {
        var text = new System.Text.StringBuilder(Pick(random, "EHLO c.example\r\n", "EHLO c.example\r\nSTARTTLS\r\nEHLO c.example\r\n", "HELO c.example\r\n", ""));
        text.Append(Pick(random, "", "", "AUTH PLAIN AHVAYy5leGFtcGxlAHBlbmNpbA==\r\n", "AUTH PLAIN\r\nAHVAYy5leGFtcGxlAHBlbmNpbA==\r\n", "AUTH LOGIN dUBjLmV4YW1wbGU=\r\ncGVuY2ls\r\n", "AUTH PLAIN\r\n*\r\n", "AUTH LOGIN\r\n!\r\n", "AUTH PLAIN AHgAeQ==\r\n",
            "AUTH PLAIN\r\né\r\n", "AUTH CRAM-MD5\r\n", "AUTH PLAIN\r\n" + new string('A', 700) + "\r\n", "auth plain " + new string('A', 604) + "\r\n"));
        for (int i = random.Next(4); i > 0; i--)
        {
            text.Append(Pick(random, "MAIL FROM:<a@b.example> AUTH=<>\r\n", "MAIL FROM:<a@b.example> AUTH=e+3Dmc2@example.com\r\n", "MAIL FROM:<a@b.example> AUTH=+3\r\n", "MAIL FROM:<a@b.example> AUTH\r\n", "MAIL FROM:<a@b.example>\r\n", "MAIL FROM:<> BODY=8BITMIME\r\n", "MAIL FROM:<no@b.example>\r\n", "MAIL FROM:<down@b.example>\r\n", "NOOP\r\nMAIL FROM:<a@b.example> SMTPUTF8\r\n", "MAIL FROM:<a@b> RET=HDRS\r\n", "MAIL FROM:<山田@b>\r\n", "MAIL FROM:<山田@b> SMTPUTF8\r\n",
                "MAIL FROM:<> SIZE=201\r\n"));
            for (int n = random.Next(5); n > 0; n--)
            {
                _ = random.Next(12) == 0 ? text.Append(Pick(random, "XCLIENT NAME=c.example ADDR=192.0.2.7\r\n", "XCLIENT HELO=c.example PROTO=SMTP\r\n", "XCLIENT ADDR=x\r\n")) : text;
                text.Append(Pick(random, "RCPT TO:<a@c.example>\r\n", "RCPT TO:<no@c.example>\r\n", "RCPT TO:<Postmaster>\r\n", "RCPT TO:<山田@c>\r\n", "RCPT TO:<a@c> NOTIFY=NEVER\r\n"));
            }

            text.Append(Pick(random, "DATA\r\nSubject: x\r\n\r\nx\r\n.\r\n", "RSET\r\n", "DATA\r\n" + new string('y', 300) + "\r\n.\r\n"));
        }
        return System.Text.Encoding.UTF8.GetBytes(text.Append("QUIT\r\n").ToString());
    }

    public override void Run(byte[] input)
    {
        List<string> whole = Converse(input, input.Length + 1);
        Promise(whole.SequenceEqual(Converse(input, 5), StringComparer.Ordinal), "in pieces it gives the same session");
    }

    // Out of turn the machine says so, in whatever state the session left it, and changes nothing.
    private static void CheckMisuse(SmtpServerMachine machine)
    {
        SmtpServerState before = machine.State;
        Promise(Throws(() => machine.HandleBadLine(SmtpLineStatus.Line)), "a good line is not a bad one");
        Promise(machine.State == SmtpServerState.Data || Throws(() => machine.DataEnded(SmtpDataViolation.None, false)), "no message ends outside one");
        Promise(Throws(machine.TlsStarted), "TLS does not begin unasked");
        Promise(Throws(() => machine.Answer(SmtpReplies.Ok)), "nothing is answered unasked");
        Promise(before is not (SmtpServerState.Data or SmtpServerState.Closed) || Throws(() => machine.Handle(new SmtpCommand { Verb = SmtpVerb.Noop })), "no command is read in a message or behind the end");
        Promise(machine.State == before, "misuse changes nothing");
    }

    private static bool Throws(Action misuse)
    {
        try
        {
            misuse();
            return false;
        }
        catch (Exception reason) when (reason is InvalidOperationException or ArgumentOutOfRangeException)
        {
            return true;
        }
    }

    private static List<string> Converse(byte[] input, int size)
    {
        var options = new SmtpServerOptions
        {
            HostName = "mx.example", OfferStartTls = input.Length % 3 != 0, RequireTls = input.Length % 5 == 0, OfferSmtpUtf8 = input.Length % 7 != 0, OfferXClient = input.Length % 6 == 0, MaxMessageOctets = 200, MaxRecipients = 2, MaxErrors = 3,
            MaxRefusedRecipients = 2, MaxIdleCommands = 4, MaxLineOctets = 512,
            AuthMechanisms = input.Length % 2 == 0 ? ["PLAIN", "LOGIN"] : [], RequireAuth = input.Length % 4 == 0, MaxAuthFailures = 1, MaxAuthLineOctets = 640,
        };
        var dialogue = new SmtpDialogue(options, path => path.Contains("<no@") ? SmtpReplies.UnknownRecipient
            : path.Contains("<down@") ? SmtpReplies.ShuttingDown
            : path is "STARTTLS" or "DATA" && input.Length % 11 == 0 ? SmtpReplies.TlsUnavailable : null);
        for (int at = 0; at < input.Length && !dialogue.IsClosed; at += size)
        {
            dialogue.Feed(input.AsSpan(at, Math.Min(size, input.Length - at)));
        }

        foreach (SmtpReply reply in dialogue.Replies)
        {
            var written = new ArrayBufferWriter<byte>();
            reply.WriteTo(written);
            var buffer = new ReadOnlySequence<byte>(written.WrittenMemory);
            Promise(new SmtpReplyReader().Read(ref buffer, out _) == SmtpReplyStatus.Reply && buffer.IsEmpty, "each reply is one reply");
        }
        Promise(dialogue.Messages.All(m => m.Recipients is > 0 and <= 2 && m.Octets <= 200), "a kept message has recipients and keeps to the limits");
        Promise(dialogue.Machine.Transaction is not null || !dialogue.Machine.RepliesMayBeUtf8, "UTF-8 in replies belongs to a transaction");
        Promise(dialogue.Machine.ClientName is not null == dialogue.Machine.State is not (SmtpServerState.Connected or SmtpServerState.Closed) || dialogue.IsClosed, "who is greeted has a name");
        Promise(!dialogue.Machine.IsExtended || dialogue.Machine.ClientName is not null, "EHLO gives a name");
        if (input.Length % 16 == 0) // exceptions are slow
        {
            CheckMisuse(dialogue.Machine);
        }

        return [.. dialogue.Replies.Select(r => r.ToString())];
    }
}
