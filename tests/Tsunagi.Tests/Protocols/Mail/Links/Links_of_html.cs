using Tsunagi.Protocols.Mail.Links;

namespace Tsunagi.Tests.Protocols.Mail.Links;

public sealed class Links_of_html
{
    [Theory]
    [InlineData("<a href=\"https://a.example/\">here</a>", "Anchor a.example")]
    [InlineData("<A HREF = 'https://a.example/'>here</A>", "Anchor a.example")]
    [InlineData("<a title=\"a > b\" href=https://a.example/x>here</a>", "Anchor a.example")]
    [InlineData("<a href=\" ht\ntp\ts://a.exa\r\nmple/ \">x</a>", "Anchor a.example")]
    [InlineData("<a href=\"&#104;ttps&colon;//a&#46example&sol;\">x</a>", "Anchor a.example")]
    [InlineData("<a href=\"//a.example/\">x</a><a href=\"www.b.example\">x</a>", "Anchor a.example|Anchor www.b.example NoScheme")]
    [InlineData("<a href=\"/p\">x</a><a href=\"mailto:a@b.example\">x</a><a href=\"javascript:x\">x</a><a href=\"cid:a@b.example\">x</a><a href=#top>x</a>", "")]
    [InlineData("<base href=\"https://base.example/d/\"><a href=\"p\">x</a><form action=/q>", "Anchor base.example")]
    [InlineData("<map><area href=https://a.example></map><img src=https://i.example/1.png background=http://b.example>", "Anchor a.example|Resource i.example|Resource b.example")]
    [InlineData("<form action='https://f.example/'><button formaction=https://g.example>", "Form f.example|Form g.example")]
    [InlineData("<meta content=\"0; URL='https://r.example/'\" http-equiv=Refresh>", "Refresh r.example")]
    [InlineData("<meta name=x content=\"0; url=https://r.example/\">", "")]
    [InlineData("<td style=\"background:url(&quot;https://c.example/x&quot;)\"><style>@import 'https://d.example/'; p{background:url(//e.example/)}</style>", "Resource c.example|Resource d.example|Resource e.example")]
    [InlineData("<script>var a='https://no.example'</script><title>https://no.example</title><!-- <a href=https://no.example> -->", "")]
    [InlineData("<!--[if mso]><v:roundrect href=\"https://o.example/\"></v:roundrect><![endif]-->", "Anchor o.example")]
    [InlineData("<p>https://t.exa<wbr>mple/ <b>https://</b>u.example</p>", "Text t.example|Text u.example")]
    [InlineData("<p>https://t<br>.example", "Text t")]
    [InlineData("a < b && c <3 https://t.example", "Text t.example")]
    [InlineData("x <a href=\"https://a.example", "Text a.example")]
    // The first attribute of a name counts, and none of a tag that never ends.
    [InlineData("<a href=https://a.example href=https://b.example HREF='https://c.example'>https://a.example</a>", "Anchor a.example shows a.example")]
    [InlineData("<a href=\"\" href=https://b.example>x</a><a href href=https://b.example>x</a><img src=https://i.example src=https://j.example>", "Resource i.example")]
    [InlineData("<meta http-equiv=x http-equiv=refresh content='0;url=https://r.example'><meta http-equiv=refresh content='0;url=https://s.example' content='0;url=https://t.example'>", "Refresh s.example")]
    [InlineData("<svg><a xlink:href=https://b.example href=https://a.example>x</a><a xlink:href=https://c.example>x</a></svg>", "Anchor a.example|Anchor c.example")]
    // Comments as browsers end them.
    [InlineData("<!--[if !mso]><!--> <a href=https://a.example>x</a> <!--<![endif]--><a href=https://b.example>x</a>", "Anchor a.example|Anchor b.example")]
    [InlineData("<!--><a href=https://a.example>x</a><!---><a href=https://b.example>x</a><!-- <a href=https://no.example> --!><a href=https://c.example>x</a>", "Anchor a.example|Anchor b.example|Anchor c.example")]
    [InlineData("<!--!><a href=https://no.example>x</a>--><!----!><a href=https://a.example>x</a><!-----><a href=https://b.example>x</a><!-- <a href=https://no.example>", "Anchor a.example|Anchor b.example")]
    [InlineData("<a href=\"https://evil.example/xx\"><base href=\"https://bank.example/\">https://bank.example</a>", "Anchor evil.example shows bank.example")]
    [InlineData("<a href=\"\u0001\u001f https://a.example/\u0002\">x</a><a href=\"&#1;&#32;https://b.example/&#x1f;\">x</a><a href=\"https://c.\u0001example\">x</a>", "Anchor a.example|Anchor b.example")]
    [InlineData("<a href=\"&#00000000104;ttps://a&#x0000000000000002e;example\">x</a><a href=\"https://b.example/&#99999999999;\">x</a>", "Anchor a.example|Anchor b.example")]
    [InlineData("<a href=\"https://a.example>x</a> <p>https://t.example</p>", "Anchor a.example|Text t.example")]
    [InlineData("<a href=https://a.example><b>no end <a href=https://b.example>x", "Anchor a.example|Anchor b.example")]
    // What an anchor's text shows.
    [InlineData("<a href=https://a.example>https://B.example/login</a>", "Anchor a.example shows b.example")]
    [InlineData("<a href=https://a.example><span>www.</span><b>b.example</b></a>", "Anchor a.example shows www.b.example")]
    [InlineData("<a href=https://a.example> b.example/login </a>", "Anchor a.example shows b.example")]
    [InlineData("<a href=https://a.example>ログインはこちら: https://b.example/</a>", "Anchor a.example shows b.example")]
    [InlineData("<a href=https://a.example>b&#46;example</a>", "Anchor a.example shows b.example")]
    [InlineData("<a href=https://a.example>Example.com</a><a href=https://c.example>readme.md</a><a href=https://d.example>a@b.example</a><a href=https://e.example>v1.2.3</a>", "Anchor a.example|Anchor c.example|Anchor d.example|Anchor e.example")]
    [InlineData("<a href=https://a.example/?u=https%3A%2F%2Fb.example>https://b.example</a>", "Anchor a.example shows b.example leads b.example|Anchor b.example Nested")]
    public void Are_those_that_lead_somewhere(string html, string expected) => Assert.Equal(expected, Say(html));

    // What would be written for each attribute, and for the text of a tag that never ends as well, does not fit.
    [Theory]
    [InlineData("<a", " href=x")]
    [InlineData("<a href=https://a.example>x</a><a", " href=https://b.example")]
    [InlineData("", "<a href=x")]
    [InlineData("<a href=x>", "</a")]
    public void That_never_end_are_text(string start, string again) => Assert.True(Say(start + string.Concat(Enumerable.Repeat(again, 60))).Length >= 0);

    [Theory]
    [InlineData("@evil.example/", "evil.example UserIsHost")]
    [InlineData("@evil.example", "evil.example UserIsHost")]
    [InlineData("@evil.example:443?x", "evil.example UserIsHost")]
    public void Keep_their_host_whatever_stands_before_it(string end, string expected)
    {
        foreach (var fill in (string[])["a", "a@", "&#97;"])
        {
            for (var length = 1_960; length < 2_010; length += fill == "a" ? 1 : 7)
            {
                var link = "https://bank.example:" + string.Concat(Enumerable.Repeat(fill, length)) + end;
                Assert.Equal(expected.Length > 0 ? "Anchor " + expected : "", fill.Contains('@') && expected.Length == 0 ? "" : Say($"<a href=\"{link}\">x</a>"));
                Assert.Equal(expected.Length > 0 && fill == "a" ? "Text " + expected : "", fill == "a" ? Say(link) : "");
            }
        }
    }

    private static string Say(string html)
    {
        var links = new MessageLinks();
        links.ReadText(html, isHtml: true);
        return string.Join('|', links.Found.Select(static link =>
            $"{link.Place} {link.Host}{(link.Form == LinkForm.None ? "" : " " + link.Form)}{(link.Shown.Length > 0 ? " shows " + link.Shown : "")}{(link.LeadsTo.Length > 0 ? " leads " + link.LeadsTo : "")}"));
    }
}
