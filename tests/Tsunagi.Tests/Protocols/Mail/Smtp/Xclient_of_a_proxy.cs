using System.Net;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Tests.Protocols.Mail.Smtp;

/// <summary>XCLIENT as Postfix's XCLIENT_README has it.</summary>
public sealed class Xclient_of_a_proxy
{
    private static readonly SmtpServerOptions Options = new() { HostName = "mx.example", OfferXClient = true };

    // The example sessions of XCLIENT_README, and the documented forms of values.
    [Theory]
    [InlineData("NAME=spike.porcupine.org ADDR=168.100.189.2", "spike.porcupine.org", "168.100.189.2")]
    [InlineData("name=[UNAVAILABLE] addr=IPV6:2001:db8::1", null, "2001:db8::1")]
    [InlineData("ADDR=[TEMPUNAVAIL] NAME=[TEMPUNAVAIL]", null, null)]
    [InlineData("NAME=a+2Eexample  ADDR=192.0.2.1 ", "a.example", "192.0.2.1")]
    public void Name_and_address_are_read(string arguments, string? name, string? address)
    {
        Assert.True(XClient.TryParse(arguments, null, out var told, out var reason), reason);
        Assert.Equal((name, address, true), (told.Name, told.Address?.ToString(), told.IsAddressTold));
    }

    [Fact]
    public void All_attributes_are_read_and_what_is_left_out_stays()
    {
        Assert.True(XClient.TryParse("PROTO=SMTP HELO=c.example PORT=65535 LOGIN=u@c.example DESTADDR=192.0.2.25 DESTPORT=0", null, out var told, out _));
        Assert.Equal(new XClient { IsExtended = false, Helo = "c.example", Port = 65535, Login = "u@c.example", DestinationAddress = IPAddress.Parse("192.0.2.25"), DestinationPort = 0 }, told);
        Assert.True(XClient.TryParse("PROTO=ESMTP LOGIN=[UNAVAILABLE]", told, out var then, out _));
        Assert.Equal(told with { IsExtended = true, Login = null }, then);
    }

    [Theory]
    [InlineData("", "Syntax: XCLIENT attribute=value...")]
    [InlineData("NAME", "Bad XCLIENT attribute syntax")]
    [InlineData("NAME=", "Bad XCLIENT attribute syntax")]
    [InlineData("NAME=a+0D+0Ab", "Bad XCLIENT attribute syntax")]
    [InlineData("NAME=a+2", "Bad XCLIENT attribute syntax")]
    [InlineData("NAME=a+2eb", "Bad XCLIENT attribute syntax")]
    [InlineData("WHO=me", "Bad XCLIENT attribute name")]
    [InlineData("ADDR=2001:db8::1", "Bad XCLIENT attribute value")]
    [InlineData("ADDR=IPV6:192.0.2.1", "Bad XCLIENT attribute value")]
    [InlineData("ADDR=IPV6:fe80::1%1", "Bad XCLIENT attribute value")]
    [InlineData("ADDR=1", "Bad XCLIENT attribute value")]
    [InlineData("PORT=65536", "Bad XCLIENT attribute value")]
    [InlineData("PORT=-1", "Bad XCLIENT attribute value")]
    [InlineData("PROTO=LMTP", "Bad XCLIENT attribute value")]
    public void What_is_not_of_the_grammar_is_refused(string arguments, string why)
    {
        Assert.False(XClient.TryParse(arguments, null, out _, out var reason));
        Assert.Equal(why, reason);
    }

    [Fact]
    public void A_text_of_255_characters_is_taken_and_one_of_256_refused()
    {
        Assert.True(XClient.TryParse("HELO=" + new string('a', 255), null, out _, out _));
        Assert.False(XClient.TryParse("HELO=" + new string('a', 256), null, out _, out _));
    }

    [Fact]
    public void It_starts_the_session_anew_outside_a_transaction_where_it_is_offered()
    {
        var machine = new SmtpServerMachine(Options);
        machine.Start();
        Assert.Contains("XCLIENT NAME ADDR PORT PROTO HELO DESTADDR DESTPORT", machine.Handle("EHLO proxy.example"u8).Reply!.Lines);
        machine.Handle("MAIL FROM:<a@b.example>"u8);
        machine.Answer(SmtpReplies.SenderOk);
        Assert.Equal(503, machine.Handle("XCLIENT ADDR=192.0.2.7"u8).Reply!.Code);
        machine.Handle("RSET"u8);
        Assert.Equal(501, machine.Handle("XCLIENT ADDR=x"u8).Reply!.Code);
        Assert.Equal(SmtpStepKind.StartAnew, machine.Handle("XCLIENT ADDR=192.0.2.7 NAME=c.example"u8).Kind);
        Assert.Equal((SmtpServerState.Closed, "192.0.2.7"), (machine.State, machine.Told!.Address!.ToString()));

        var next = new SmtpServerMachine(Options, told: machine.Told);
        Assert.Equal(220, next.Start().Reply!.Code);
        Assert.Equal(SmtpServerState.Connected, next.State);
        Assert.Equal(SmtpStepKind.StartAnew, next.Handle("xclient helo=c.example proto=SMTP"u8).Kind);
        Assert.Equal("192.0.2.7", next.Told!.Address!.ToString());

        // Who is told with its HELO has greeted.
        var greeted = new SmtpServerMachine(Options, told: next.Told);
        greeted.Start();
        Assert.Equal((SmtpServerState.Greeted, "c.example", false), (greeted.State, greeted.ClientName, greeted.IsExtended));
        Assert.Equal(SmtpStepKind.AskMail, greeted.Handle("MAIL FROM:<a@b.example>"u8).Kind);
    }

    [Fact]
    public void Where_it_is_not_offered_it_is_not_known()
    {
        var machine = new SmtpServerMachine(Options with { OfferXClient = false });
        machine.Start();
        Assert.DoesNotContain(machine.Handle("EHLO proxy.example"u8).Reply!.Lines, static line => line.StartsWith("XCLIENT", StringComparison.Ordinal));
        Assert.Equal(502, machine.Handle("XCLIENT ADDR=192.0.2.7"u8).Reply!.Code);
        Assert.Null(machine.Told);
    }
}
