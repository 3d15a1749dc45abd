using System.Text;
using Tsunagi.Mail.Inbound;

namespace Tsunagi.Tests.Mail.Inbound;

public sealed class Header_scan
{
    private const string Message =
        "Received: from a\r\n\tby gateway.test (Tsunagi) with ESMTP id m_1\r\nRECEIVED : no\r\nReceived: from b by c\r\nFrom: \"A, B\" <a@From.Example>\r\n"
        + "Subject: one\r\n two\r\nMessage-ID: <id@x>\r\nSubject: second\r\n\r\nReceived: in the body\r\n";

    [Fact]
    public void Facts_are_the_same_however_the_content_is_cut()
    {
        var octets = Encoding.ASCII.GetBytes(Message);
        for (var cut = 1; cut < octets.Length; cut++)
        {
            using var scan = new HeaderScan("gateway.test");
            for (var at = 0; at < octets.Length; at += cut)
            {
                scan.Feed(octets.AsSpan(at, Math.Min(cut, octets.Length - at)));
            }

            scan.End();
            Assert.Equal((2, 1, "id@x", "one two", "from.example", false), (scan.ReceivedHeaders, scan.OwnHeaders, scan.MessageId, scan.Subject, scan.FromDomain, scan.HasEightBit));
        }
    }

    [Fact]
    public void A_message_of_nothing_but_header_and_one_without_header_are_read()
    {
        using var scan = new HeaderScan("g");
        scan.Feed("Subject: only\r\n"u8);
        scan.End();
        Assert.Equal("only", scan.Subject);
        scan.Reset();
        scan.Feed("\r\nSubject: body\r\n\r\n"u8);
        scan.End();
        Assert.Equal("", scan.Subject);
    }

    [Fact]
    public void Control_characters_never_leave_the_scan()
    {
        using var scan = new HeaderScan("g");
        scan.Feed("Subject: a\u001b[31mb\u0007\tc\r\n\r\n"u8);
        scan.End();
        Assert.DoesNotContain(scan.Subject, char.IsControl);
    }

    [Fact]
    public void A_header_section_beyond_the_limit_is_read_up_to_it()
    {
        using var scan = new HeaderScan("g");
        scan.Feed(Encoding.ASCII.GetBytes("Message-ID: <1@x>\r\n" + string.Concat(Enumerable.Repeat("X: " + new string('y', 70) + "\r\n", 2_000))));
        scan.End();
        Assert.Equal("1@x", scan.MessageId);
    }
}
