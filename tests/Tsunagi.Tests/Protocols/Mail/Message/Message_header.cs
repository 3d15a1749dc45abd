using System.Text;
using FsCheck.Fluent;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Message;

public class Message_header
{
    public static TheoryData<string> Messages() => Golden.Cases("Protocols/Mail/Message");

    [Theory]
    [MemberData(nameof(Messages))]
    [Trait("Golden", "true")]
    public void Is_read_as_recorded(string name) => Golden.Check("Protocols/Mail/Message", name, input =>
    {
        MessageHeader h = MessageHeader.Read(input);
        return Encoding.UTF8.GetBytes($"message-id: {h.MessageId}\nsubject: {h.Subject}\nfrom: {h.FromName} <{h.From}> of {h.FromCount}\ndate: {(h.Date is { } d ? MailDate.Format(d) : "none")}\n"
            + $"received: {h.ReceivedCount}\nauto-submitted: {h.IsAutoSubmitted}\neight bit: {h.HasEightBit}\nfields: {h.Fields}, malformed {h.Malformed}, end {h.End}, body at {h.BodyOffset}\n");
    });

    [Theory]
    [InlineData(3, HeaderEnd.EmptyLine)]
    [InlineData(2, HeaderEnd.Limit)]
    public void Of_three_fields_passes_a_limit_of_three_and_no_less(int limit, HeaderEnd end)
    {
        Assert.Equal(end, MessageHeader.Read("A: 1\r\nB: 2\r\nC: 3\r\n\r\nbody"u8, new HeaderLimits { Fields = limit }).End);
    }

    [Theory]
    [InlineData(10, 0)]
    [InlineData(9, 1)]
    public void Passes_over_a_field_beyond_its_limit(int limit, int malformed)
    {
        MessageHeader header = MessageHeader.Read("A: 34567\r\nB: 3456789\r\nSubject:x\r\n\r\n"u8, new HeaderLimits { FieldOctets = limit });
        Assert.Equal((malformed, "x"), (header.Malformed, header.Subject));
    }

    [Theory]
    [InlineData(14, HeaderEnd.Input)]
    [InlineData(13, HeaderEnd.Limit)]
    public void Ends_at_the_limit_of_the_section(int limit, HeaderEnd end)
    {
        Assert.Equal(end, MessageHeader.Read("A: 345\r\nB: 3\r\n"u8, new HeaderLimits { SectionOctets = limit }).End);
    }

    [Fact]
    public void Gives_a_subject_no_longer_than_the_limit()
    {
        Assert.Equal(10, MessageHeader.Read(Octets.Of("Subject: " + new string('x', 50) + "\r\n\r\n"), new HeaderLimits { TextCharacters = 10 }).Subject.Length);
    }

    [Theory]
    [InlineData("Mon, 23 Nov 2026 00:01:43 +0900", "2026-11-22T15:01:43Z")]
    [InlineData("23 Nov 2026 00:01 GMT", "2026-11-23T00:01:00Z")]
    [InlineData("Sun, 5 Apr 98 01:02:03 EST", "1998-04-05T06:02:03Z")]
    [InlineData("Thu,\r\n 13 Feb 1969 23:32:54 -0330 (Newfoundland (Time))", "1969-02-14T03:02:54Z")]
    [InlineData("1 Jan 2026 23:59:60 +0000", "2026-01-01T23:59:59Z")]
    [InlineData("Fri, 21 Nov 1997 09:55:06 XYZ", "1997-11-21T09:55:06Z")]
    public void Has_a_date(string text, string utc)
    {
        Assert.True(MailDate.TryParse(Octets.Of(text), out DateTimeOffset time));
        Assert.Equal(DateTimeOffset.Parse(utc, System.Globalization.CultureInfo.InvariantCulture), time);
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("31 Feb 2026 00:00:00 +0000")]
    [InlineData("1 Jan 2026 24:00:00 +0000")]
    [InlineData("1 Jan 2026 00:00:00 +2500")]
    [InlineData("1 Jan 2026 00:00:00 +09")]
    [InlineData("1 Foo 2026 00:00:00 +0000")]
    [InlineData("1 Jan 20260 00:00:00 +0000")]
    [InlineData("31 Dec 9999 23:59:59 -1400")]
    [InlineData("1 Jan 2026 1:2:3:4 +0000")]
    public void Has_no_date_that_is_none(string text) => Assert.False(MailDate.TryParse(Octets.Of(text), out _));

    [Fact]
    public void Has_a_date_that_reads_back_as_written()
    {
        var times = from seconds in Gen.Choose(0, int.MaxValue)
                    from minutes in Gen.Choose(-14 * 60, 14 * 60)
                    select DateTimeOffset.FromUnixTimeSeconds(seconds).ToOffset(TimeSpan.FromMinutes(minutes));
        Properties.Holds(times, time =>
        {
            Assert.True(MailDate.TryParse(Octets.Of(MailDate.Format(time)), out DateTimeOffset again));
            Assert.Equal((time, time.Offset), (again, again.Offset));
        });
    }

    [Theory]
    [InlineData("joe@example.com", "", "joe@example.com")]
    [InlineData("Joe Bloggs <joe@example.com>", "Joe Bloggs", "joe@example.com")]
    [InlineData("\"Bloggs, Joe\" <joe@Example.com>, mary@example.com", "Bloggs, Joe", "joe@example.com")]
    [InlineData("joe@example.com (Joe (the) Bloggs)", "Joe (the) Bloggs", "joe@example.com")]
    [InlineData("=?ISO-2022-JP?B?GyRCOzNFRBsoQg==?= <yamada@example.jp>", "山田", "yamada@example.jp")]
    [InlineData("\"=?UTF-8?B?5bGx55Sw?=\" <yamada@example.jp>", "山田", "yamada@example.jp")]
    [InlineData("Staff: joe@example.com, mary@example.com;", "", "joe@example.com")]
    [InlineData("\"a@b.example\" <real@c.example>", "a@b.example", "real@c.example")]
    [InlineData("<\"odd >\"@c.example>", "", "\"odd >\"@c.example")]
    [InlineData(", ,joe@example.com", "", "joe@example.com")]
    public void Has_a_first_author(string body, string name, string address)
    {
        Assert.True(AddressField.TryReadFirst(Encoding.UTF8.GetBytes(body), 100, out string display, out var mailbox));
        Assert.Equal((name, address), (display, mailbox!.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nobody")]
    [InlineData("Staff:;")]
    [InlineData("Joe <joe@example.com")]
    [InlineData("joe@example.com mary@example.com")]
    public void Has_no_author_that_can_not_be_read(string body) => Assert.False(AddressField.TryReadFirst(Octets.Of(body), 100, out _, out _));

    [Theory]
    [InlineData("joe@example.com", "joe@example.com")]
    [InlineData("Joe Bloggs <joe@example.com>", "joe@example.com")]
    [InlineData("\"Bloggs, \\\"J@x\" <joe@Example.com> (c, d@e), mary@example.com", "joe@example.com mary@example.com")]
    [InlineData("\"a@b\"@example.com", "\"a@b\"@example.com")]
    [InlineData("<joe@[192.0.2.1]>", "joe@[192.0.2.1]")]
    [InlineData("joe@[IPv6:2001:db8::1], =?utf-8?q?J=2C?= <mary@example.com>", "joe@[IPv6:2001:db8::1] mary@example.com")]
    public void Every_mailbox_of_a_list_is_read(string body, string addresses)
    {
        Assert.True(AddressField.TryReadAll(Encoding.UTF8.GetBytes(body), out var read));
        Assert.Equal(addresses, string.Join(' ', read.Select(static one => one.ToString())), ignoreCase: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("joe@example.com,")]
    [InlineData("joe@example.com, , mary@example.com")]
    [InlineData("joe@example.com mary@example.com")]
    [InlineData("joe@example.com <mary@example.com>")]
    [InlineData("Joe <joe@example.com> <mary@example.com>")]
    [InlineData("Joe <joe@example.com> mary")]
    [InlineData("<joe@example.com")]
    [InlineData("joe@example.com>")]
    [InlineData("<@relay.example:joe@example.com>")]
    [InlineData("Staff: joe@example.com;")]
    [InlineData("joe@example.com; mary@example.com")]
    [InlineData("joe@example.com (unclosed")]
    [InlineData("\"unclosed <joe@example.com>")]
    [InlineData("Joe\\ <joe@example.com>")]
    [InlineData("Joe")]
    public void A_list_that_can_be_read_in_two_ways_is_not_read(string body) => Assert.False(AddressField.TryReadAll(Encoding.UTF8.GetBytes(body), out _));
}
