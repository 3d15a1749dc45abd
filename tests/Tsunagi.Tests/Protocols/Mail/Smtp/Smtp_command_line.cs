using System.Text;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Smtp;

public class Smtp_command_line
{
    [Theory]
    [InlineData("EHLO mx.example.net", SmtpVerb.Ehlo, "mx.example.net")]
    [InlineData("ehlo MX.Example.NET ", SmtpVerb.Ehlo, "mx.example.net")]
    [InlineData("EHLO [192.0.2.7]", SmtpVerb.Ehlo, "[192.0.2.7]")]
    [InlineData("EHLO [IPv6:2001:DB8::1]", SmtpVerb.Ehlo, "[IPv6:2001:db8::1]")]
    [InlineData("HELO under_score.example", SmtpVerb.Helo, "under_score.example")]
    [InlineData("HELO root.example.", SmtpVerb.Helo, "root.example")]
    [InlineData("Data", SmtpVerb.Data, null)]
    [InlineData("QUIT\t", SmtpVerb.Quit, null)]
    [InlineData("NOOP anything at all", SmtpVerb.Noop, null)]
    [InlineData("VRFY smith", SmtpVerb.Vrfy, "smith")]
    [InlineData("StartTLS", SmtpVerb.StartTls, null)]
    [InlineData("AUTH PLAIN dGVzdA==", SmtpVerb.Auth, "PLAIN dGVzdA==")]
    [InlineData("BDAT 86 LAST", SmtpVerb.Bdat, "86 LAST")]
    public void Is_read_without_regard_to_case(string line, SmtpVerb verb, string? argument)
    {
        SmtpCommand command = Read(line);
        Assert.Equal(verb, command.Verb);
        Assert.Equal(argument, command.Argument);
    }

    [Theory]
    [InlineData("", 500)]
    [InlineData(" EHLO a.example", 500)]
    [InlineData("EHLOX a.example", 500)]
    [InlineData("XYZZ", 500)]
    [InlineData("EHLO\0a.example", 500)]
    [InlineData("EHLO", 501)]
    [InlineData("EHLO -bad.example", 501)]
    [InlineData("EHLO a..b", 501)]
    [InlineData("EHLO [300.0.0.1]", 501)]
    [InlineData("EHLO [010.0.0.1]", 501)]
    [InlineData("EHLO [IPv6:zz]", 501)]
    [InlineData("EHLO a.example b.example", 501)]
    [InlineData("DATA now", 501)]
    [InlineData("VRFY", 501)]
    [InlineData("NOOP a\u0001b", 501)]
    [InlineData("MAIL", 501)]
    [InlineData("MAIL FROM", 501)]
    [InlineData("MAIL FROM:", 501)]
    [InlineData("MAIL FROM:a@b.example", 501)]
    [InlineData("MAIL FROM:<a@b.example", 501)]
    [InlineData("MAIL FROM:<postmaster>", 501)]
    [InlineData("MAIL FROM:<a@b.example>SIZE=1", 501)]
    [InlineData("MAIL FROM:<a@b.example> SIZE=", 501)]
    [InlineData("MAIL FROM:<a@b.example> SIZE=x", 501)]
    [InlineData("MAIL FROM:<a@b.example> SIZE=123456789012345678901", 501)]
    [InlineData("MAIL FROM:<a@b.example> SIZE=1 SIZE=1", 501)]
    [InlineData("MAIL FROM:<a@b.example> BODY=9BIT", 501)]
    [InlineData("MAIL FROM:<a@b.example> SMTPUTF8=yes", 501)]
    [InlineData("MAIL FROM:<a@b.example> -X=1", 501)]
    [InlineData("RCPT TO:<>", 501)]
    [InlineData("RCPT FROM:<a@b.example>", 501)]
    public void That_is_wrong_earns_its_reply(string line, int code)
    {
        Assert.False(SmtpCommand.TryParse(Octets.Of(line), null, out _, out SmtpSyntaxError error));
        Assert.Equal(code, error.Code);
        Assert.Equal(5, error.Status.Class);
        Assert.InRange(error.Offset, 0, line.Length);
    }

    [Fact]
    public void Of_mail_gives_path_and_parameters()
    {
        SmtpCommand command = Read("MAIL FROM:<Joe@Example.COM> SIZE=1024 body=8bitmime SMTPUTF8 X-Foo=bar");
        Assert.Equal("<Joe@example.com>", command.ReversePath.ToString());
        Assert.Equal(new(1024, SmtpBodyType.EightBitMime, true), (command.Mail.Size!.Value, command.Mail.Body, command.Mail.SmtpUtf8));
        Assert.Equal([new SmtpParameter("X-FOO", "bar")], command.Mail.Others!);
    }

    [Fact]
    public void Of_mail_takes_the_null_path_and_a_space_behind_the_colon()
    {
        Assert.True(Read("MAIL FROM:<>").ReversePath.IsNull);
        Assert.Equal("<a@b.example>", Read("mail from: <a@b.example> ").ReversePath.ToString());
    }

    [Fact]
    public void Of_rcpt_takes_postmaster_without_a_domain()
    {
        SmtpCommand command = Read("RCPT TO:<PostMaster>");
        Assert.True(command.ForwardPath.Mailbox.IsPostmaster);
        Assert.Equal("<postmaster>", command.ForwardPath.ToString());
    }

    [Fact]
    public void Takes_as_many_parameters_as_the_limit_and_no_more()
    {
        var limits = new SmtpLimits { Parameters = 3 };
        Assert.True(SmtpCommand.TryParse("RCPT TO:<a@b.example> A B C"u8, limits, out SmtpCommand command, out _));
        Assert.Equal(3, command.RecipientParameters!.Count);
        Assert.False(SmtpCommand.TryParse("RCPT TO:<a@b.example> A B C D"u8, limits, out _, out _));
    }

    [Fact]
    public void Of_twenty_digits_of_size_is_larger_than_any_limit()
    {
        Assert.Equal(long.MaxValue, Read("MAIL FROM:<> SIZE=99999999999999999999").Mail.Size);
    }

    [Fact]
    public void Read_from_any_octets_never_throws_and_reads_back_equal()
    {
        Properties.Holds(Properties.Bytes("MAIL FROM:<a@b>RCPT TO\"\\[].,:=-SIZE1 EHLO\r\n", 80), octets =>
        {
            if (SmtpCommand.TryParse(octets, null, out SmtpCommand command, out _))
            {
                Assert.Equal(command.ToString(), Read(command.ToString()).ToString());
            }
        }, 3000);
    }

    private static SmtpCommand Read(string line)
    {
        Assert.True(SmtpCommand.TryParse(Encoding.UTF8.GetBytes(line), null, out SmtpCommand command, out SmtpSyntaxError error), $"{line}: {error.Reason}");
        return command;
    }
}
