using Tsunagi.Protocols.Mail.Links;

namespace Tsunagi.Tests.Protocols.Mail.Links;

public sealed class Links_of_text
{
    [Theory]
    [InlineData("see https://example.com/a.", "example.com")]
    [InlineData("(see https://example.com)", "example.com")]
    [InlineData("<http://Example.COM.:8080/>", "example.com")]
    [InlineData("www.example.com, or WWW.Example.ORG", "www.example.com NoScheme|www.example.org NoScheme")]
    [InlineData("awww.example.com and x@www.example.com and www.a", "")]
    [InlineData("ftp://files.example/x", "files.example")]
    [InlineData("gopher://example.com mailto:a@b.example", "")]
    // Japanese text follows without a space, or a quotation ends.
    [InlineData("詳しくはhttps://example.jpをご覧ください。", "example.jp")]
    [InlineData("詳しくはhttps://www.example.co.jp/pathをご覧ください。", "www.example.co.jp")]
    [InlineData("「https://example.jp」（https://example.com）", "example.jp|example.com")]
    [InlineData("https://example.jp。次の文", "example.jp")]
    [InlineData("サイトはwww.example.jpです", "www.example.jp NoScheme")]
    [InlineData("https://日本語.jp/", "xn--wgv71a119e.jp International")]
    [InlineData("https://日本語.jpへどうぞ", "xn--wgv71a119e.jp International")]
    [InlineData("https://www.ｅｘａｍｐｌｅ．ｊｐ/", "www.example.jp")]
    [InlineData("https://evil。example/", "evil.example")]
    [InlineData("https://ex\u00adam\u200bple.com/", "example.com")]
    [InlineData("https://xn--wgv71a119e.jp/", "xn--wgv71a119e.jp International")]
    [InlineData("https://pаypal.com/", "xn--pypal-4ve.com International")]
    // Written so that nobody makes a link of it.
    [InlineData("hxxps://evil.example/a", "evil.example Defanged")]
    [InlineData("https://evil[.]example/a and evil(dot)example and bad[.]evil.example", "evil.example Defanged|bad.evil.example Defanged")]
    [InlineData("a list[.] of", "")]
    [InlineData("https[:]//evil.example/ http://bad[.]example/", "evil.example Defanged|bad.example Defanged")]
    // In a path or query such a mark makes nothing unclickable.
    [InlineData("https://203.0.113.5/[.] https://203.0.113.6/?x=(dot)y https://203.0.113.7/a[:]b", "203.0.113.5 Address|203.0.113.6 Address|203.0.113.7 Address")]
    [InlineData("https://[.]@203.0.113.8/", "203.0.113.8 Address, User")]
    // Hosts as browsers read them.
    [InlineData("http://%65vil%2Eexample/", "evil.example EncodedHost")]
    [InlineData("https://bank.example@evil.example/", "evil.example UserIsHost")]
    [InlineData("https://bank.example%2Flogin:x@evil.example/", "evil.example UserIsHost")]
    [InlineData("https://john:secret@git.example/", "git.example User")]
    [InlineData("https:\\\\evil.example\\a@bank.example", "evil.example")]
    [InlineData("http://192.0.2.1/", "192.0.2.1 Address")]
    [InlineData("http://3221225985/", "192.0.2.1 Address, OddAddress")]
    [InlineData("http://0xC0000201/", "192.0.2.1 Address, OddAddress")]
    [InlineData("http://0300.0.02.1/", "192.0.2.1 Address, OddAddress")]
    [InlineData("http://192.0.513/", "192.0.2.1 Address, OddAddress")]
    [InlineData("http://192.0.2.256/ http://1.2.3.4.5/ http://0x1g.0x/ http://4294967296/ http://09.1/", "")]
    [InlineData("http://[2001:db8::1]:8080/", "2001:db8::1 Address")]
    [InlineData("http://[::ffff:192.0.2.1]/", "192.0.2.1 Address")]
    [InlineData("http://[2001:db8::g]/ http://[]/", "")]
    // Redirectors: one level.
    [InlineData("https://r.example/?u=https%3A%2F%2Fevil.example%2Fa&x=1", "r.example|evil.example Nested")]
    [InlineData("https://r.example/?u=https%253A%252F%252Fevil.example", "r.example|evil.example Nested")]
    [InlineData("https://r.example/http://evil.example/?u=http://worse.example", "r.example|evil.example Nested")]
    [InlineData("https://r.example/?http=1&u=http://192.0.2.1/", "r.example|192.0.2.1 Address, Nested")]
    [InlineData("https://a_b.example/ https://a..example/ https://a b.example/", "a_b.example|a")]
    public void Are_those_that_mail_programs_make(string text, string expected)
    {
        var links = new MessageLinks();
        links.ReadText(text, isHtml: false);
        Assert.Equal(expected, string.Join('|', links.Found.Select(static link => link.Form == LinkForm.None ? link.Host : $"{link.Host} {link.Form}")));
        Assert.False(links.IsFull);
    }

    [Fact]
    public void Host_may_have_253_characters_and_a_label_63()
    {
        var name = string.Join('.', Enumerable.Repeat(new string('a', 63), 3)) + "." + new string('b', 61);
        Span<char> host = stackalloc char[LinkHost.MaxCharacters];
        Assert.Equal(253, LinkHost.Read(name, host, out _));
        Assert.Equal(0, LinkHost.Read(name + "b", host, out _));
        Assert.Equal(0, LinkHost.Read(new string('a', 64) + ".example", host, out _));
        Assert.Equal(0, LinkHost.Read(new string('a', 100_000), host, out _));
        Assert.Equal(0, LinkHost.Read(string.Concat(Enumerable.Repeat("日本", 40)) + ".example", host, out _));
    }

    [Fact]
    public void Are_as_many_as_the_limits_say()
    {
        var text = string.Join(' ', Enumerable.Range(0, 5).Select(static i => $"https://h{i}.example/ https://h{i}.example/x"));
        (int Kept, bool IsFull) Read(LinkLimits limits)
        {
            var links = new MessageLinks(limits);
            links.ReadText(text, isHtml: false);
            return (links.Found.Count, links.IsFull);
        }

        Assert.Equal((5, false), Read(new LinkLimits { Links = 5 }));
        Assert.Equal((4, true), Read(new LinkLimits { Links = 4 }));
        Assert.Equal((5, false), Read(new LinkLimits { Places = 10 }));
        Assert.Equal((5, true), Read(new LinkLimits { Places = 9 }));
        Assert.Equal((5, false), Read(new LinkLimits { LinkCharacters = 20 }));
    }

    [Fact]
    public void Of_a_message_come_from_every_text_part_decoded()
    {
        const string Message = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nhttps://soft.exa=\r\nmple/ =68ttps://two.example\r\n"
            + "--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPGEgaHJlZj0iaHR0cHM6Ly9iYXNlLmV4YW1wbGUvIj54PC9hPg==\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\nhttps://no.example\r\n--b--\r\n";
        var links = new MessageLinks();
        links.Read(Tsunagi.Tests.Testing.Octets.Of(Message));
        Assert.Equal(["soft.example", "two.example", "base.example"], links.Found.Select(static link => link.Host));
        links.Read(Tsunagi.Tests.Testing.Octets.Of("\r\nhttps://next.example"));
        Assert.Equal(["next.example"], links.Found.Select(static link => link.Host));

        var little = new MessageLinks(new LinkLimits { TextParts = 1 });
        little.Read(Tsunagi.Tests.Testing.Octets.Of(Message));
        Assert.Equal((2, true), (little.Found.Count, little.IsCut));
        little = new MessageLinks(new LinkLimits { Octets = 16 });
        little.Read(Tsunagi.Tests.Testing.Octets.Of(Message));
        Assert.Equal(["soft.exa"], little.Found.Select(static link => link.Host));
        Assert.True(little.IsCut);
        little = new MessageLinks(new LinkLimits { PartOctets = 200 });
        little.Read(Tsunagi.Tests.Testing.Octets.Of(Message));
        Assert.Equal((3, false), (little.Found.Count, little.IsCut));
    }
}
