using System.Buffers;
using FsCheck.Fluent;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Smtp;

public class Smtp_replies
{
    [Fact]
    public void Of_several_lines_carry_code_and_status_on_each()
    {
        Assert.Equal("550-5.1.1 one\r\n550 5.1.1 two\r\n", Write(new SmtpReply(550, new(5, 1, 1), ["one", "two"])));
        Assert.Equal("250 \r\n", Write(new SmtpReply(250, null, [])));
    }

    [Fact]
    public void Can_not_be_made_two_by_their_text()
    {
        Assert.Equal("550 5.7.1 a  250 b?c?d\r\n", Write(new SmtpReply(550, new(5, 7, 1), "a\r\n250 b\0c\u001bd")));
    }

    [Fact]
    public void Outside_ascii_are_written_after_smtputf8_only()
    {
        var reply = new SmtpReply(550, new(5, 1, 1), "山田 unknown");
        Assert.Equal("550 5.1.1 ?? unknown\r\n", Write(reply));
        Assert.Equal("550 5.1.1 山田 unknown\r\n", System.Text.Encoding.UTF8.GetString(Octets.Of(Write(reply, utf8: true))));
    }

    [Theory]
    [InlineData(508, 1)]
    [InlineData(506, 1)]
    [InlineData(509, 2)]
    public void Are_cut_into_lines_of_512_octets(int textOctets, int lines)
    {
        string written = Write(new SmtpReply(250, null, new string('x', textOctets)));
        string[] cut = written.Split("\r\n")[..^1];
        Assert.All(cut, line => Assert.True(line.Length + 2 <= 512));
        Assert.Equal(textOctets > 506 ? 2 : lines, cut.Length);
        Assert.StartsWith("250 ", cut[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Are_cut_at_a_space_and_never_within_a_letter()
    {
        string text = string.Join(' ', Enumerable.Repeat("山田太郎", 120));
        string[] lines = System.Text.Encoding.UTF8.GetString(Octets.Of(Write(new SmtpReply(450, new(4, 2, 0), text), utf8: true))).Split("\r\n")[..^1];
        Assert.Equal(text, string.Join(' ', lines.Select(line => line[10..])));
    }

    [Theory]
    [InlineData("220 mx.example ESMTP\r\n", 220, null, "mx.example ESMTP")]
    [InlineData("250-2.1.0 a\r\n250 2.1.0 b\r\n", 250, "2.1.0", "a|b")]
    [InlineData("550 5.1.1\r\n", 550, "5.1.1", "")]
    [InlineData("550 5.1.1x no status\r\n", 550, null, "5.1.1x no status")]
    [InlineData("450 5.1.1 other class\r\n", 450, null, "5.1.1 other class")]
    [InlineData("421\r\n", 421, null, "")]
    public void Are_read_with_their_status(string octets, int code, string? status, string lines)
    {
        SmtpReply reply = Assert.Single(Read(octets, out SmtpReplyStatus end));
        Assert.Equal((code, status, lines, SmtpReplyStatus.NeedMore), (reply.Code, reply.Status?.ToString(), string.Join('|', reply.Lines), end));
    }

    [Theory]
    [InlineData("hello\r\n")]
    [InlineData("99 x\r\n")]
    [InlineData("150 x\r\n")]
    [InlineData("650 x\r\n")]
    [InlineData("250x\r\n")]
    [InlineData("250-a\r\n251 b\r\n")]
    [InlineData("250 a\nb\r\n")]
    [InlineData("\r\n")]
    public void That_are_none_are_told_apart(string octets)
    {
        Read(octets, out SmtpReplyStatus end);
        Assert.Equal(SmtpReplyStatus.Bad, end);
    }

    [Theory]
    [InlineData(4, SmtpReplyStatus.NeedMore)]
    [InlineData(5, SmtpReplyStatus.Bad)]
    public void Are_read_up_to_the_limit_of_lines_and_no_further(int lines, SmtpReplyStatus status)
    {
        Read(string.Concat(Enumerable.Repeat("250-x\r\n", lines - 1)) + "250 x\r\n", out SmtpReplyStatus end, maxLines: 4);
        Assert.Equal(status, end);
    }

    [Theory]
    [InlineData(50, SmtpReplyStatus.NeedMore)]
    [InlineData(51, SmtpReplyStatus.Bad)]
    public void Are_read_up_to_the_limit_of_a_line_and_no_further(int octets, SmtpReplyStatus status)
    {
        Read("250 " + new string('x', octets - 6) + "\r\n", out SmtpReplyStatus end, maxLineOctets: 50);
        Assert.Equal(status, end);
    }

    [Fact]
    public void Read_back_as_they_were_written()
    {
        var replies = from code in Gen.Choose(200, 599)
                      from subject in Gen.Choose(0, 999)
                      from hasStatus in Gen.Elements(true, false)
                      from count in Gen.Choose(1, 5)
                      from lines in Gen.ArrayOf(Gen.Elements("", "ok", "mailbox full, try later", "x-y"), count)
                      select new SmtpReply(code, hasStatus && code / 100 != 3 ? new(code / 100, subject, 1) : null, [.. lines]);
        Properties.Holds(replies, reply => Assert.Equal(reply, Assert.Single(Read(Write(reply), out _))));
    }

    [Fact]
    public void To_ehlo_become_capabilities()
    {
        SmtpReply reply = Assert.Single(Read("250-mx.example at your service\r\n250-SIZE 35882577\r\n250-8bitmime\r\n250-AUTH LOGIN PLAIN\r\n250-X_ODD\r\n250-STARTTLS\r\n250 SMTPUTF8\r\n", out _));
        SmtpCapabilities offered = SmtpCapabilities.Parse(reply);
        Assert.Equal(("mx.example", 35882577L, true, true, true, true, false), (offered.ServerName, offered.MaxMessageOctets, offered.Size, offered.EightBitMime, offered.StartTls, offered.SmtpUtf8, offered.Pipelining));
        Assert.Equal("LOGIN PLAIN", offered.Keywords["AUTH"]);
        Assert.False(offered.Keywords.ContainsKey("X_ODD"));
    }

    [Fact]
    public void To_ehlo_of_our_own_server_name_what_it_does()
    {
        var machine = new SmtpServerMachine(new SmtpServerOptions { HostName = "mx.example", MaxMessageOctets = 1000, OfferStartTls = true });
        SmtpCapabilities offered = SmtpCapabilities.Parse(machine.Handle("EHLO c.example"u8).Reply!);
        Assert.Equal(["8BITMIME", "ENHANCEDSTATUSCODES", "PIPELINING", "SIZE", "SMTPUTF8", "STARTTLS"], offered.Keywords.Keys.Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(1000, offered.MaxMessageOctets);
    }

    [Fact]
    public void Commands_are_written_as_they_are_read()
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.True(Mailbox.TryParse("\"john doe\"@Example.com", out Mailbox? john));
        SmtpCommandWriter.Ehlo(output, "mx.example");
        SmtpCommandWriter.Mail(output, new ReversePath(john), new MailParameters { Size = 10, Body = SmtpBodyType.EightBitMime, SmtpUtf8 = true });
        SmtpCommandWriter.Mail(output, ReversePath.Null);
        SmtpCommandWriter.Rcpt(output, new ForwardPath(john!));
        SmtpCommandWriter.Data(output);
        Assert.Equal("EHLO mx.example\r\nMAIL FROM:<\"john doe\"@example.com> SIZE=10 BODY=8BITMIME SMTPUTF8\r\nMAIL FROM:<>\r\nRCPT TO:<\"john doe\"@example.com>\r\nDATA\r\n", Octets.Show(output.WrittenSpan));
        Assert.Throws<ArgumentException>(() => SmtpCommandWriter.Ehlo(output, "a\r\nMAIL FROM:<>"));
    }

    private static string Write(SmtpReply reply, bool utf8 = false)
    {
        var output = new ArrayBufferWriter<byte>();
        reply.WriteTo(output, utf8);
        return Octets.Show(output.WrittenSpan);
    }

    private static List<SmtpReply> Read(string octets, out SmtpReplyStatus end, int maxLineOctets = 512, int maxLines = 128)
    {
        var reader = new SmtpReplyReader(maxLineOctets, maxLines);
        var buffer = new ReadOnlySequence<byte>(Octets.Of(octets));
        var replies = new List<SmtpReply>();
        while ((end = reader.Read(ref buffer, out SmtpReply? reply)) == SmtpReplyStatus.Reply)
        {
            replies.Add(reply!);
        }

        return replies;
    }
}
