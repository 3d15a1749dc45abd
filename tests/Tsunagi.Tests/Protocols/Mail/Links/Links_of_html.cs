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
    [InlineData("x <a href=\"https://a.example", "Anchor a.example shows a.example")]
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
    public void Are_those_that_lead_somewhere(string html, string expected)
    {
        var links = new MessageLinks();
        links.ReadText(html, isHtml: true);
        Assert.Equal(expected, string.Join('|', links.Found.Select(static link =>
            $"{link.Place} {link.Host}{(link.Form == LinkForm.None ? "" : " " + link.Form)}{(link.Shown.Length > 0 ? " shows " + link.Shown : "")}{(link.LeadsTo.Length > 0 ? " leads " + link.LeadsTo : "")}")));
    }
}
