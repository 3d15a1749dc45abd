using System.Formats.Asn1;
using System.Text;
using Tsunagi.Protocols.Net.Ldap;

namespace Tsunagi.Tests.Protocols.Net.Ldap;

/// <summary>Messages octet by octet, as RFC 4511 and RFC 2696 define them.</summary>
public sealed class Ldap_messages
{
    [Fact]
    public void Requests_are_the_octets_of_the_standard()
    {
        Assert.Equal("30 12 02 01 01 60 0d 02 01 03 04 04 63 6e 3d 61 80 02 70 77", Hex(LdapRequestWriter.SimpleBind(1, "cn=a", "pw")));
        Assert.Equal("30 1d 02 01 02 77 18 80 16 31 2e 33 2e 36 2e 31 2e 34 2e 31 2e 31 34 36 36 2e 32 30 30 33 37", Hex(LdapRequestWriter.StartTls(2)));
        Assert.Equal("30 05 02 01 03 42 00", Hex(LdapRequestWriter.Unbind(3)));
    }

    [Fact]
    public void A_search_is_read_back_as_it_was_written()
    {
        Assert.True(LdapFilter.TryParse("(&(mail=*)(!(cn=a*m*b))(x:dn:1.2:=v)(a>=1))", out var filter, out _));
        var outer = new AsnReader(LdapRequestWriter.Search(7, "dc=x", LdapScope.One, filter!, ["mail", "cn"], 9, 100, "cookie"u8), AsnEncodingRules.BER).ReadSequence();
        Assert.Equal(7, outer.ReadInteger());
        var search = outer.ReadSequence(new Asn1Tag(TagClass.Application, 3));
        Assert.Equal("dc=x", Text(search));
        Assert.Equal(LdapScope.One, search.ReadEnumeratedValue<LdapScope>());
        Assert.Equal([3], search.ReadEnumeratedBytes().ToArray());
        Assert.Equal((0, 9, false), ((int)search.ReadInteger(), (int)search.ReadInteger(), search.ReadBoolean()));
        Assert.Equal("(&(mail=*)(!(cn=a*m*b))(x:dn:1.2:=v)(a>=1))", ShowFilter(search));
        var attributes = search.ReadSequence();
        Assert.Equal(("mail", "cn", false), (Text(attributes), Text(attributes), attributes.HasData));
        var control = outer.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadSequence();
        Assert.Equal((LdapRequestWriter.PagedResults, true), (Text(control), control.ReadBoolean()));
        var page = new AsnReader(control.ReadOctetString(), AsnEncodingRules.BER).ReadSequence();
        Assert.Equal((100, "cookie"), ((int)page.ReadInteger(), Text(page)));
    }

    [Fact]
    public void A_name_without_a_password_is_never_sent() => Assert.Throws<ArgumentException>(static () => LdapRequestWriter.SimpleBind(1, "cn=a", ""));

    [Theory]
    [InlineData("30 0c 02 01 01 61 07 0a 01 31 04 00 04 00", "bind InvalidCredentials")]
    [InlineData("30 0c 02 01 02 65 07 0a 01 00 04 00 04 00", "done Success cookie ''")]
    [InlineData("30 35 02 01 02 65 07 0a 01 00 04 00 04 00 a0 27 30 25 04 16 31 2e 32 2e 38 34 30 2e 31 31 33 35 35 36 2e 31 2e 34 2e 33 31 39 04 0b 30 09 02 01 00 04 04 6e 65 78 74", "done Success cookie 'next'")]
    [InlineData("30 23 02 01 02 64 1e 04 04 63 6e 3d 61 30 16 30 14 04 04 6d 61 69 6c 31 0c 04 03 61 40 78 04 05 62 40 78 2e 79", "entry cn=a mail=a@x,b@x.y")]
    [InlineData("30 0f 02 01 02 73 0a 04 08 6c 64 61 70 3a 2f 2f 78", "reference ldap://x")]
    [InlineData("30 0c 02 01 00 78 07 0a 01 34 04 00 04 00", "extended 0 Unavailable")]
    [InlineData("30 18 02 01 01 61 13 0a 01 0a 04 00 04 00 a3 0a 04 08 6c 64 61 70 3a 2f 2f 79", "bind Referral ldap://y")]
    public void Answers_say_what_the_server_means(string octets, string expected)
    {
        var message = Octets(octets);
        Assert.Equal(LdapFrame.Complete, LdapReader.TryFrame(message, null, out var length));
        Assert.Equal(message.Length, length);
        Assert.True(LdapReader.TryRead(message, null, out var response, out var error), error);
        Assert.Equal(expected, response switch
        {
            LdapBindResponse bind => $"bind {bind.Result.Code} {string.Join(',', bind.Result.Referrals)}".TrimEnd(),
            LdapSearchDone done => $"done {done.Result.Code} cookie '{Encoding.ASCII.GetString(done.Cookie.Span)}'",
            LdapSearchEntry entry => $"entry {entry.Entry.Dn} mail={string.Join(',', entry.Entry.Texts("MAIL"))}",
            LdapSearchReference reference => $"reference {string.Join(',', reference.Uris)}",
            LdapExtendedResponse extended => $"extended {extended.MessageId} {extended.Result.Code}",
            _ => "",
        });
        for (var cut = 0; cut < message.Length; cut++)
        {
            Assert.Equal(LdapFrame.NeedMore, LdapReader.TryFrame(message.AsSpan(0, cut), null, out _));
        }
    }

    [Theory]
    [InlineData("31 00")]
    [InlineData("30 80")]
    [InlineData("30 85 00 00 00 00 01")]
    [InlineData("48 54 54 50")]
    public void What_begins_as_no_message_is_told_at_once(string octets) => Assert.Equal(LdapFrame.Bad, LdapReader.TryFrame(Octets(octets), null, out _));

    [Theory]
    [InlineData("30 03 02 01 01")]
    [InlineData("30 05 02 01 01 42 00")]
    [InlineData("30 07 02 01 01 61 02 0a 00")]
    [InlineData("30 0c 02 01 ff 61 07 0a 01 31 04 00 04 00")]
    [InlineData("30 0c 02 01 01 60 07 0a 01 31 04 00 04 00")]
    public void What_is_no_answer_is_refused_with_a_reason(string octets)
    {
        Assert.False(LdapReader.TryRead(Octets(octets), null, out _, out var error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void A_message_at_the_limit_is_taken_and_one_past_it_is_not()
    {
        var message = Octets("30 0c 02 01 01 61 07 0a 01 31 04 00 04 00");
        Assert.Equal(LdapFrame.Complete, LdapReader.TryFrame(message, new LdapLimits { MessageOctets = 14 }, out _));
        Assert.Equal(LdapFrame.Bad, LdapReader.TryFrame(message, new LdapLimits { MessageOctets = 13 }, out _));
        var entry = Octets("30 23 02 01 02 64 1e 04 04 63 6e 3d 61 30 16 30 14 04 04 6d 61 69 6c 31 0c 04 03 61 40 78 04 05 62 40 78 2e 79");
        Assert.True(LdapReader.TryRead(entry, new LdapLimits { Values = 2, Attributes = 1 }, out _, out _));
        Assert.False(LdapReader.TryRead(entry, new LdapLimits { Values = 1 }, out _, out _));
        Assert.False(LdapReader.TryRead(entry, new LdapLimits { Attributes = 0 }, out _, out _));
    }

    private static byte[] Octets(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    private static string Hex(byte[] octets) => string.Join(' ', octets.Select(static octet => octet.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));

    private static string Text(AsnReader reader, Asn1Tag? tag = null) => Encoding.Latin1.GetString(reader.ReadOctetString(tag));

    // Reads a filter's octets by the grammar of RFC 4511 section 4.5.1.7, and shows its text.
    private static string ShowFilter(AsnReader reader)
    {
        var tag = reader.PeekTag();
        static Asn1Tag Of(int value) => new(TagClass.ContextSpecific, value);
        switch (tag.TagValue)
        {
            case 0 or 1:
                var parts = reader.ReadSetOf(skipSortOrderValidation: true, Of(tag.TagValue));
                var shown = "";
                while (parts.HasData)
                {
                    shown += ShowFilter(parts);
                }

                return $"({(tag.TagValue == 0 ? '&' : '|')}{shown})";
            case 2:
                return $"(!{ShowFilter(reader.ReadSequence(Of(2)))})";
            case 4:
                var strings = reader.ReadSequence(Of(4));
                var name = Text(strings);
                var pieces = strings.ReadSequence();
                var text = "";
                while (pieces.HasData)
                {
                    var place = pieces.PeekTag().TagValue;
                    text += place switch { 0 => Text(pieces, Of(0)), 1 => "*" + Text(pieces, Of(1)), _ => "*" + Text(pieces, Of(2)) };
                }

                return $"({name}={text})";
            case 7:
                return $"({Text(reader, Of(7))}=*)";
            case 9:
                var rule = reader.ReadSequence(Of(9));
                var (id, attribute, value) = (Text(rule, Of(1)), Text(rule, Of(2)), Text(rule, Of(3)));
                return $"({attribute}{(rule.HasData && rule.ReadBoolean(Of(4)) ? ":dn" : "")}:{id}:={value})";
            default:
                var compare = reader.ReadSequence(tag);
                return $"({Text(compare)}{(tag.TagValue switch { 3 => "=", 5 => ">=", 6 => "<=", _ => "~=" })}{Text(compare)})";
        }
    }
}
