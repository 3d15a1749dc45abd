using System.Buffers;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Smtp;

public class Smtp_server_session
{
    private static readonly SmtpServerOptions Options = new() { HostName = "mx.example", OfferStartTls = true };

    // Each line of the input is sent with CRLF; what comes back stands in the output, with the commands it answers.
    [Theory]
    [MemberData(nameof(Sessions))]
    [Trait("Golden", "true")]
    public void Goes_as_recorded(string name) => Golden.Check("Protocols/Mail/Smtp", name, input =>
    {
        var dialogue = new SmtpDialogue(Options, path => path.Contains("unknown@", StringComparison.Ordinal) ? SmtpReplies.UnknownRecipient : null);
        var transcript = new ArrayBufferWriter<byte>();
        int shown = 0;
        Show();
        foreach (string line in Octets.Show(input).TrimEnd('\n').Split('\n'))
        {
            if (dialogue.IsClosed)
            {
                break;
            }

            transcript.Write(Octets.Of($"C: {line}\n"));
            dialogue.Feed(Octets.Of(line + "\r\n"));
            Show();
        }
        return transcript.WrittenSpan.ToArray();

        void Show()
        {
            for (; shown < dialogue.Replies.Count; shown++)
            {
                var reply = new ArrayBufferWriter<byte>();
                dialogue.Replies[shown].WriteTo(reply);
                foreach (string line in Octets.Show(reply.WrittenSpan).Split("\r\n")[..^1])
                {
                    transcript.Write(Octets.Of($"S: {line}\n"));
                }
            }
        }
    });

    public static TheoryData<string> Sessions() => Golden.Cases("Protocols/Mail/Smtp", "session-");

    [Fact]
    public void Keeps_what_was_sent_in_a_pipelined_group()
    {
        SmtpDialogue dialogue = Converse("EHLO c.example\r\n", "MAIL FROM:<a@b.example>\r\nRCPT TO:<u@c.example>\r\nRCPT TO:<v@c.example>\r\nDATA\r\n", "Subject: x\r\n\r\n..dot\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<u@c.example>\r\nDATA\r\n", "2\r\n.\r\nQUIT\r\n");
        Assert.Equal([("<a@b.example>", 2, 20L, "Subject: x\r\n\r\n.dot\r\n"), ("<>", 1, 3L, "2\r\n")], dialogue.Messages);
        Assert.True(dialogue.IsClosed);
    }

    [Fact]
    public void Forgets_everything_at_tls()
    {
        SmtpDialogue dialogue = Converse("EHLO c.example\r\nSTARTTLS\r\n");
        Assert.Equal((SmtpServerState.Connected, true, (string?)null), (dialogue.Machine.State, dialogue.Machine.IsTls, dialogue.Machine.ClientName));
        dialogue.Feed("MAIL FROM:<a@b.example>\r\nEHLO c.example\r\nSTARTTLS\r\n"u8);
        Assert.Equal([503, 250, 503], dialogue.Replies.TakeLast(3).Select(r => r.Code));
        Assert.DoesNotContain("STARTTLS", dialogue.Replies[^2].Lines, StringComparer.Ordinal);
    }

    [Fact]
    public void Can_answer_454_when_tls_can_not_be_had()
    {
        var machine = new SmtpServerMachine(Options);
        machine.Handle("EHLO c.example"u8);
        Assert.Equal(SmtpStepKind.StartTls, machine.Handle("STARTTLS"u8).Kind);
        SmtpStep step = machine.Answer(SmtpReplies.TlsUnavailable);
        Assert.Equal((SmtpStepKind.Reply, 454, SmtpServerState.Greeted), (step.Kind, step.Reply!.Code, machine.State));
    }

    [Fact]
    public void Wants_tls_before_mail_where_it_is_required()
    {
        SmtpDialogue dialogue = Converse(Options with { RequireTls = true }, "EHLO c.example\r\nMAIL FROM:<a@b.example>\r\nSTARTTLS\r\nEHLO c.example\r\nMAIL FROM:<a@b.example>\r\n");
        Assert.Equal([220, 250, 530, 220, 250, 250], dialogue.Replies.Select(r => r.Code));
    }

    [Fact]
    public void Keeps_no_message_whose_answer_was_a_refusal()
    {
        var machine = new SmtpServerMachine(Options);
        foreach (string line in (string[])["EHLO c.example", "MAIL FROM:<a@b.example>", "RCPT TO:<u@c.example>"])
        {
            if (machine.Handle(Octets.Of(line)).Kind != SmtpStepKind.Reply)
            {
                machine.Answer(SmtpReplies.Ok);
            }
        }

        Assert.Equal(SmtpStepKind.AskData, machine.Handle("DATA"u8).Kind);
        Assert.Equal(452, machine.Answer(SmtpReplies.NoStorage).Reply!.Code);
        Assert.Equal((SmtpServerState.Greeted, null), (machine.State, machine.Transaction));
    }

    [Fact]
    public void Ends_whatever_was_asked_when_the_answer_is_421()
    {
        var machine = new SmtpServerMachine(Options);
        machine.Handle("EHLO c.example"u8);
        machine.Handle("MAIL FROM:<a@b.example>"u8);
        Assert.Equal(SmtpStepKind.Close, machine.Answer(SmtpReplies.ShuttingDown).Kind);
        Assert.Equal(SmtpServerState.Closed, machine.State);
    }

    [Theory]
    [InlineData(3, 250)]
    [InlineData(4, 452)]
    public void Takes_as_many_recipients_as_the_limit_and_no_more(int recipients, int lastCode)
    {
        SmtpDialogue dialogue = Converse(Options with { MaxRecipients = 3 }, "EHLO c.example\r\nMAIL FROM:<a@b.example>\r\n", string.Concat(Enumerable.Repeat("RCPT TO:<u@c.example>\r\n", recipients)));
        Assert.Equal(lastCode, dialogue.Replies[^1].Code);
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(6, true)]
    public void Ends_one_past_the_error_limit(int errors, bool closed)
    {
        SmtpDialogue dialogue = Converse(Options with { MaxErrors = 5 }, string.Concat(Enumerable.Repeat("WHAT\r\n", errors)));
        Assert.Equal((closed, closed ? 421 : 500), (dialogue.IsClosed, dialogue.Replies[^1].Code));
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(6, true)]
    public void Ends_one_past_the_limit_of_refused_recipients(int refused, bool closed)
    {
        var dialogue = new SmtpDialogue(Options with { MaxRefusedRecipients = 5 }, path => path.Contains("u@", StringComparison.Ordinal) ? SmtpReplies.UnknownRecipient : null);
        dialogue.Feed(Octets.Of("EHLO c.example\r\nMAIL FROM:<a@b.example>\r\n" + string.Concat(Enumerable.Repeat("RCPT TO:<u@c.example>\r\n", refused))));
        Assert.Equal((closed, closed ? 421 : 550), (dialogue.IsClosed, dialogue.Replies[^1].Code));
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(6, true)]
    public void Ends_one_past_the_limit_of_commands_without_mail(int commands, bool closed)
    {
        SmtpDialogue dialogue = Converse(Options with { MaxIdleCommands = 5 }, string.Concat(Enumerable.Repeat("NOOP\r\n", commands)));
        Assert.Equal((closed, closed ? 421 : 250), (dialogue.IsClosed, dialogue.Replies[^1].Code));
    }

    [Fact]
    public void Counts_idle_commands_anew_after_a_message()
    {
        string mail = "NOOP\r\nNOOP\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<u@c.example>\r\nDATA\r\nx\r\n.\r\n";
        SmtpDialogue dialogue = Converse(Options with { MaxIdleCommands = 4 }, "EHLO c.example\r\n" + mail + mail + mail);
        Assert.Equal((false, 3), (dialogue.IsClosed, dialogue.Messages.Count));
    }

    [Theory]
    [InlineData(1000, 250)]
    [InlineData(1001, 552)]
    public void Takes_a_stated_size_up_to_the_limit_and_no_more(int size, int code)
    {
        SmtpDialogue dialogue = Converse(Options with { MaxMessageOctets = 1000 }, $"EHLO c.example\r\nMAIL FROM:<a@b.example> SIZE={size}\r\n");
        Assert.Equal(code, dialogue.Replies[^1].Code);
    }

    [Fact]
    public void Refuses_a_message_beyond_the_limit_at_its_end_and_goes_on()
    {
        string mail = "MAIL FROM:<a@b.example>\r\nRCPT TO:<u@c.example>\r\nDATA\r\n";
        SmtpDialogue dialogue = Converse(Options with { MaxMessageOctets = 10 }, "EHLO c.example\r\n" + mail + "123456789\r\n.\r\n" + mail + "12345678\r\n.\r\n");
        Assert.Equal([354, 552, 250, 250, 354, 250], dialogue.Replies.TakeLast(6).Select(r => r.Code));
        Assert.Equal("12345678\r\n", Assert.Single(dialogue.Messages).Text);
    }

    [Theory]
    [InlineData("NOOP\nNOOP\r\n")]
    [InlineData("NOOP\rNOOP\r\n")]
    public void Ends_at_a_command_line_that_does_not_end_in_crlf(string octets)
    {
        SmtpDialogue dialogue = Converse(octets);
        Assert.Equal((true, 521), (dialogue.IsClosed, dialogue.Replies[^1].Code));
    }

    [Theory]
    [MemberData(nameof(Smtp_data.SmugglingCases), MemberType = typeof(Smtp_data))]
    public void Never_keeps_a_second_message_in_a_smuggling_case(string name, string bytes)
    {
        Assert.SkipWhen(name == "absent", "data/mail/smtp-smuggling/cases.json is not on this machine");
        SmtpDialogue dialogue = Converse("EHLO c.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<u@c.example>\r\nDATA\r\n",
            $"Subject: x\r\n\r\nbody{bytes}MAIL FROM:<evil@x.test.invalid>\r\nRCPT TO:<v@dst.test.invalid>\r\nDATA\r\nevil\r\n.\r\n");
        Assert.Empty(dialogue.Messages);
        Assert.Equal((354, 554), (dialogue.Replies[^2].Code, dialogue.Replies[^1].Code));
    }

    [Fact]
    public void Says_how_it_was_misused()
    {
        var machine = new SmtpServerMachine(Options);
        Assert.Throws<InvalidOperationException>(() => machine.Answer(SmtpReplies.Ok));
        Assert.Throws<InvalidOperationException>(machine.TlsStarted);
        Assert.Throws<InvalidOperationException>(() => machine.DataEnded(SmtpDataViolation.None, false));
        machine.Handle("EHLO c.example"u8);
        machine.Handle("MAIL FROM:<a@b.example>"u8);
        Assert.Throws<InvalidOperationException>(() => machine.Handle("NOOP"u8));
        machine.Close(SmtpReplies.TimedOut);
        Assert.Throws<InvalidOperationException>(() => machine.Handle("NOOP"u8));
    }

    private static SmtpDialogue Converse(params string[] octets) => Converse(Options, octets);

    private static SmtpDialogue Converse(SmtpServerOptions options, params string[] octets)
    {
        var dialogue = new SmtpDialogue(options);
        foreach (string piece in octets)
        {
            dialogue.Feed(Octets.Of(piece));
        }

        return dialogue;
    }
}
