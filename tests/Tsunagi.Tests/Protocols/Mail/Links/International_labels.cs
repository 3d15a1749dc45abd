using System.Globalization;
using Tsunagi.Protocols.Mail.Links;

namespace Tsunagi.Tests.Protocols.Mail.Links;

public sealed class International_labels
{
    // RFC 3492 section 7.1: (A), (B), (D), (L), (P), (R), (S).
    [Theory]
    [InlineData("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn")]
    [InlineData("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye")]
    [InlineData("Pročprostěnemluvíčesky", "Proprostnemluvesky-uyb24dma41a")]
    [InlineData("3年B組金八先生", "3B-ww4c5e180e575a65lsy2b")]
    [InlineData("MajiでKoiする5秒前", "MajiKoi5-783gue6qz075azm5e")]
    [InlineData("そのスピードで", "d9juau41awczczp")]
    [InlineData("-> $1.00 <-", "-> $1.00 <--")]
    public void Are_written_as_RFC_3492_says(string label, string expected)
    {
        Span<char> room = stackalloc char[126];
        Assert.True(Punycode.TryEncode(label, room, out var length));
        Assert.Equal(expected, room[..length].ToString());
        Assert.True(Punycode.TryDecode(expected, room, out length));
        Assert.Equal(label, room[..length].ToString());
    }

    [Theory]
    [InlineData("a!")]
    [InlineData("99999999")]
    [InlineData("ü-x")]
    [InlineData("b")]
    public void That_no_label_encodes_to_are_refused(string text) => Assert.False(Punycode.TryDecode(text, new char[126], out _));

    [Theory]
    [InlineData("日本語")]
    [InlineData("bücher")]
    [InlineData("раураl")]
    [InlineData("한국어")]
    public void Are_those_of_the_BCL(string label)
    {
        var theirs = new IdnMapping { AllowUnassigned = true }.GetAscii(label);
        Span<char> room = stackalloc char[126];
        Assert.True(Punycode.TryEncode(label, room, out var length));
        Assert.Equal(theirs, "xn--" + room[..length].ToString());
        Assert.Equal(label, LinkHost.Shown(theirs));
    }

    [Theory]
    [InlineData("example", false)]
    [InlineData("日本語ドメイン", false)]
    [InlineData("tシャツ", false)]
    [InlineData("東京タワーです", false)]
    [InlineData("bücher", false)]
    [InlineData("пример", false)]
    [InlineData("ελλάδα", false)]
    [InlineData("한국abc", false)]
    [InlineData("pаypal", true)]
    [InlineData("googlе", true)]
    [InlineData("αpple", true)]
    [InlineData("日本русский", true)]
    [InlineData("exampleノlogin", true)]
    [InlineData("ノート", false)]
    [InlineData("bank\u2215login", true)]
    public void Mix_scripts_or_do_not(string label, bool isMixed) => Assert.Equal(isMixed, LabelScripts.IsMixed(label));

    [Theory]
    [InlineData("www.example.co.jp", "example.co.jp")]
    [InlineData("a.b.example.com", "example.com")]
    [InlineData("news.hp.jp", "hp.jp")]
    [InlineData("t.co", "t.co")]
    [InlineData("www.t.co", "t.co")]
    [InlineData("city.chiyoda.tokyo.jp", "tokyo.jp")]
    [InlineData("localhost", "localhost")]
    [InlineData("co.jp", "co.jp")]
    [InlineData("navigator.web.de", "web.de")]
    [InlineData("api.id.me", "id.me")]
    [InlineData("www.shop.web.za", "shop.web.za")]
    [InlineData("www.shop.id.au", "shop.id.au")]
    [InlineData("www.shop.com.au", "shop.com.au")]
    [InlineData("a.b.or.at", "b.or.at")]
    [InlineData("a.b.or.de", "or.de")]
    public void Of_one_organization_share_what_was_registered(string host, string registered) => Assert.Equal(registered, OrganizationName.Of(host).ToString());
}
