using System.Buffers;
using System.Text;
using FsCheck.Fluent;
using Tsunagi.Protocols.Mail.Dsn;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Dsn;

public class Delivery_status
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.FromHours(9));

    [Fact]
    [Trait("Golden", "true")]
    public void Of_a_failure_is_written_as_recorded() => Compare("failed", Report(Recipient("mary@example.com")));

    [Fact]
    [Trait("Golden", "true")]
    public void Of_a_delay_names_the_time_it_is_tried_until() => Compare("delayed", Report(Recipient("mary@example.com") with
    {
        Action = DsnAction.Delayed, Status = new(4, 4, 1), Reply = null, RemoteMta = null, WillRetryUntil = Noon.AddDays(5),
    }));

    [Fact]
    [Trait("Golden", "true")]
    public void For_a_sender_with_smtputf8_is_of_the_global_types() => Compare("utf8", Report(Recipient("山田@例え.テスト")) with { IsUtf8 = true });

    [Fact]
    [Trait("Golden", "true")]
    public void Can_speak_a_second_language() => Compare("japanese", Report(Recipient("mary@example.com"), Recipient("joe@example.com") with { Action = DsnAction.Delayed, Status = new(4, 2, 2) }) with { Texts = [DsnText.Japanese, DsnText.English] });

    [Fact]
    public void Read_back_says_what_was_written()
    {
        DsnReport report = Report(Recipient("mary@example.com"), Recipient("\"john doe\"@example.com") with { Action = DsnAction.Delayed, Status = new(4, 2, 2), WillRetryUntil = Noon, Reply = new SmtpReply(452, new(4, 2, 2), "Mailbox full") });
        Assert.True(DsnReader.TryRead(Write(report), out DsnStatus? status));
        Assert.Equal((report.ReportingMta, report.EnvelopeId, report.ArrivalDate), (status!.ReportingMta, status.EnvelopeId, status.ArrivalDate));
        Assert.Equal(report.Recipients, status.Recipients);
    }

    [Fact]
    public void Of_an_address_outside_ascii_reads_back_in_both_forms()
    {
        foreach (bool utf8 in (bool[])[true, false])
        {
            byte[] written = Write(Report(Recipient("山田=x+y@例え.テスト")) with { IsUtf8 = utf8 });
            Assert.True(DsnReader.TryRead(written, out DsnStatus? status));
            Assert.Equal("山田=x+y@例え.テスト", status!.Recipients[0].FinalRecipient.ToString());
            Assert.Equal(utf8, !Ascii.IsValid(written));
        }
    }

    [Fact]
    public void Is_marked_so_that_nothing_answers_it()
    {
        Assert.True(DsnReport.EnvelopeSender.IsNull);
        MessageHeader header = MessageHeader.Read(Write(Report(Recipient("mary@example.com"))));
        Assert.True(header.IsAutoSubmitted);
        Assert.Equal("notice1@mx.example", header.MessageId);
    }

    [Fact]
    public void Keeps_its_form_whatever_hosts_and_senders_said()
    {
        var hostile = from octets in Properties.Bytes("\r\n\0--=_boundary Content-Type: x;()<>", 600) select Octets.Show(octets);
        Properties.Holds(hostile, text =>
        {
            DsnReport report = Report(Recipient("mary@example.com") with { Reply = new SmtpReply(550, new(5, 7, 1), text), RemoteMta = text }) with
            {
                EnvelopeId = text, AboutMessageId = text, OriginalHeader = Octets.Of(text + "\r\nX: y\r\n"),
            };
            byte[] written = Write(report);
            string[] lines = Octets.Show(written).Split("\r\n");
            Assert.All(lines, line => Assert.True(line.Length <= 998 && !line.AsSpan().ContainsAny('\r', '\n', '\0')));
            Assert.Equal(4, lines.Count(line => line.StartsWith("--=_", StringComparison.Ordinal) && line.Length >= 36 && !text.Contains(line, StringComparison.Ordinal)));
            Assert.True(DsnReader.TryRead(written, out DsnStatus? status));
            DsnRecipient recipient = Assert.Single(status!.Recipients);
            Assert.Equal(("mary@example.com", DsnAction.Failed), (recipient.FinalRecipient.ToString(), recipient.Action));
        });
    }

    [Theory]
    [InlineData(20, true)]
    [InlineData(19, false)]
    public void Gives_back_no_more_header_than_the_limit(int limit, bool second)
    {
        DsnReport report = Report(Recipient("mary@example.com")) with { OriginalHeader = Octets.Of("Subject: x\r\nX: abc\r\n"), MaxHeaderOctets = limit };
        Assert.Equal(second, Octets.Show(Write(report)).Contains("X: abc", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_other_hosts_can_be_read()
    {
        // The example of RFC 3464 appendix E.1, shortened in its text part.
        const string Example =
            """
            Date: Thu, 7 Jul 1994 17:16:05 -0400
            From: Mail Delivery Subsystem <MAILER-DAEMON@CS.UTK.EDU>
            To: <owner-info-mime@cs.utk.edu>
            MIME-Version: 1.0
            Content-Type: multipart/report; report-type=delivery-status;
                  boundary="RAA14128.773615765/CS.UTK.EDU"

            --RAA14128.773615765/CS.UTK.EDU

               ----- The following addresses had delivery problems -----
            <louisl@larry.slip.umd.edu>  (unrecoverable error)

            --RAA14128.773615765/CS.UTK.EDU
            content-type: message/delivery-status

            Reporting-MTA: dns; cs.utk.edu

            Original-Recipient: rfc822;louisl@larry.slip.umd.edu
            Final-Recipient: rfc822;louisl@larry.slip.umd.edu
            Action: failed
            Status: 4.0.0
            Diagnostic-Code: smtp; 426 connection timed out
            Last-Attempt-Date: Thu, 7 Jul 1994 17:15:49 -0400

            --RAA14128.773615765/CS.UTK.EDU
            content-type: message/rfc822

            [original message goes here]

            --RAA14128.773615765/CS.UTK.EDU--
            """;
        Assert.True(DsnReader.TryRead(Octets.Of(Example.ReplaceLineEndings("\r\n")), out DsnStatus? status));
        DsnRecipient recipient = Assert.Single(status!.Recipients);
        Assert.Equal(("cs.utk.edu", "louisl@larry.slip.umd.edu", DsnAction.Failed, "4.0.0", 426), (status.ReportingMta, recipient.FinalRecipient.ToString(), recipient.Action, recipient.Status.ToString(), recipient.Reply!.Code));
    }

    internal static DsnReport Report(params DsnRecipient[] recipients)
    {
        Assert.True(Mailbox.TryParse("postmaster@mx.example", out Mailbox? from));
        Assert.True(Mailbox.TryParse("joe@client.example", out Mailbox? to));
        return new DsnReport
        {
            ReportingMta = "mx.example", From = from!, To = to!, MessageId = "notice1@mx.example", Date = Noon, ArrivalDate = Noon.AddHours(-1), EnvelopeId = "QQ314159", AboutMessageId = "1@client.example",
            Recipients = [.. recipients], OriginalHeader = Octets.Of("From: joe@client.example\r\nSubject: hello\r\nMessage-ID: <1@client.example>\r\n"),
        };
    }

    internal static DsnRecipient Recipient(string address)
    {
        Assert.True(Mailbox.TryParse(address, out Mailbox? mailbox));
        return new DsnRecipient { FinalRecipient = mailbox!, OriginalRecipient = mailbox, Action = DsnAction.Failed, Status = new(5, 1, 1), RemoteMta = "mail.example.com", Reply = new SmtpReply(550, new(5, 1, 1), "User unknown"), LastAttempt = Noon };
    }

    internal static byte[] Write(DsnReport report)
    {
        var output = new ArrayBufferWriter<byte>();
        DsnWriter.Write(report, output);
        return output.WrittenSpan.ToArray();
    }

    private static void Compare(string name, DsnReport report) =>
        Golden.Compare(Path.Combine(Repository.Root, "tests/Tsunagi.Tests/Protocols/Mail/Dsn/golden", name + ".out"), Write(report));
}
