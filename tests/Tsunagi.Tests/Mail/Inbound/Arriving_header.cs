using System.Text;
using Tsunagi.Mail.Inbound;

namespace Tsunagi.Tests.Mail.Inbound;

public sealed class Arriving_header
{
    private const string Message =
        "Received: from a\r\n\tby gateway.test with ESMTP id m_1\r\nRECEIVEDS: no\r\nReceived: from b by c\r\nFrom: \"A, B\" <a@From.Example>\r\n"
        + "Subject: one\r\n two\r\nMessage-ID: <id@x>\r\nSubject: second\r\n\r\nReceived: in the body\r\n";

    [Fact]
    public void Facts_are_the_same_however_the_content_is_cut()
    {
        var octets = Encoding.ASCII.GetBytes(Message);
        for (var cut = 1; cut < octets.Length; cut++)
        {
            using var header = new ArrivingHeader("gateway.test");
            for (var at = 0; at < octets.Length; at += cut)
            {
                header.Feed(octets.AsSpan(at, Math.Min(cut, octets.Length - at)));
            }

            header.End();
            Assert.Equal((2, 1, "id@x", "one two", "from.example", false), (header.ReceivedFields, header.OwnFields, header.MessageId, header.Subject, header.FromDomain, header.HasEightBit));
        }
    }

    [Fact]
    public void A_message_of_nothing_but_header_and_one_without_header_are_read()
    {
        using var header = new ArrivingHeader("g");
        header.Feed("Subject: only\r\n"u8);
        header.End();
        Assert.Equal("only", header.Subject);
        header.Reset();
        header.Feed("\r\nSubject: body\r\n\r\n"u8);
        header.End();
        Assert.Equal("", header.Subject);
    }

    [Fact]
    public void Control_characters_never_leave_it()
    {
        using var header = new ArrivingHeader("g");
        header.Feed("Subject: a\u001b[31mb\u0007\tc\r\n\r\n"u8);
        header.End();
        Assert.DoesNotContain(header.Subject, char.IsControl);
    }

    [Fact]
    public void A_header_section_beyond_the_limit_is_read_up_to_it()
    {
        using var header = new ArrivingHeader("g");
        header.Feed(Encoding.ASCII.GetBytes("Message-ID: <1@x>\r\n" + string.Concat(Enumerable.Repeat("X: " + new string('y', 70) + "\r\n", 2_000))));
        header.End();
        Assert.Equal("1@x", header.MessageId);
    }

    [Theory]
    [InlineData("Auto-Submitted: auto-replied", true)]
    [InlineData("auto-submitted:\r\n auto-generated; by=x", true)]
    [InlineData("Auto-Submitted: no", false)]
    [InlineData("Auto-Submitted: NO (a person); x=y", false)]
    [InlineData("Subject: auto-replied", false)]
    public void What_a_program_wrote_says_so(string field, bool automatic)
    {
        using var header = new ArrivingHeader("g");
        header.Feed(Encoding.ASCII.GetBytes(field + "\r\n\r\n"));
        header.End();
        Assert.Equal(automatic, header.IsAutomatic);
        header.Reset();
        Assert.False(header.IsAutomatic);
    }

    [Theory]
    [InlineData("from a by gateway.test with SMTP id m_01", 1)]
    [InlineData("from a by gateway.test.example with SMTP id m_01", 0)]
    [InlineData("from a by gateway.test with SMTP id 4B1", 0)]
    [InlineData("from gateway.test by other.example with SMTP id m_01", 0)]
    public void Only_a_field_with_our_name_and_one_of_our_ids_is_our_own(string body, int own)
    {
        using var header = new ArrivingHeader("gateway.test");
        header.Feed(Encoding.ASCII.GetBytes($"Received: {body}\r\n\r\n"));
        header.End();
        Assert.Equal((1, own), (header.ReceivedFields, header.OwnFields));
    }
}
