using System.Diagnostics;
using System.Text;
using Tsunagi.Mail.Quarantine.Preview;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Quarantine;

public sealed class Previews
{
    [Theory]
    [InlineData("<p>Hello <b>you</b></p><p>second</p>", "Hello you\n\nsecond")]
    [InlineData("a<br>b<br/>c", "a\nb\nc")]
    [InlineData("<a href='https://evil.example/x?a=1&amp;b=2'>your bank</a> now", "your bank <https://evil.example/x?a=1&b=2> now")]
    [InlineData("<a href=https://x.example>https://x.example</a>", "https://x.example")]
    [InlineData("<a title=\"href=no\" href=\"java\nscript:alert(1)\">go</a>", "go <javascript:alert(1)>")]
    [InlineData("before<script>alert('</p>')</script>after<style>p{}</style><title>t</title>", "beforeafter")]
    [InlineData("before<script>never closed", "before")]
    [InlineData("<!-- hidden --> shown <!-- never closed", "shown")]
    [InlineData("1 < 2 and 3 > 2", "1 < 2 and 3 > 2")]
    [InlineData("&lt;b&gt; &amp; &#x8acb;&#27714;", "<b> & 請求")]
    [InlineData("<img src=\"https://t.example/p.gif\" alt=\"logo\"><ul><li>one<li>two</ul>", "[logo]\n• one\n• two")]
    [InlineData("<<<<<", "<<<<<")]
    [InlineData("", "")]
    public void Html_becomes_its_words_with_link_targets_as_text(string html, string expected) => Assert.Equal(expected, HtmlText.Read(html, 10_000).Replace("\n\n\n", "\n\n", StringComparison.Ordinal));

    [Fact]
    public void Any_html_ends_is_short_enough_and_takes_time_in_line_with_its_length()
    {
        var random = new Random(11);
        string[] pieces = ["<", ">", "<a href=\"", "\"", "<!--", "-->", "<script>", "</script", "&", "&#", ";", "x", " ", "\n", "</", "<td", "/>", "'", "\u202E", "請", "<style", "<p "];
        for (var i = 0; i < 2_000; i++)
        {
            var html = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => pieces[random.Next(pieces.Length)]));
            Assert.InRange(HtmlText.Read(html, 50).Length, 0, 600);
        }

        foreach (var piece in pieces)
        {
            var watch = Stopwatch.StartNew();
            HtmlText.Read(string.Concat(Enumerable.Repeat(piece, 400_000 / piece.Length)), 100_000);
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"'{piece}' took {watch.Elapsed}");
        }
    }

    [Fact]
    public void Files_are_named_as_people_read_them()
    {
        var message = Encoding.ASCII.GetBytes("""
            From: x@y.example
            Subject: files
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary="outer"

            --outer
            Content-Type: multipart/alternative; boundary=inner

            --inner
            Content-Type: text/html; charset=iso-2022-jp
            Content-Transfer-Encoding: quoted-printable

            <p>see <a href=3D"http://x.example/">the bill</a></p>
            --inner--
            --outer
            Content-Type: application/pdf; name="=?iso-2022-jp?B?GyRCQEE1YT1xGyhCLnBkZg==?="
            Content-Disposition: attachment

            JVBERi0=
            --outer
            Content-Type: application/zip
            Content-Disposition: attachment; filename*0*=utf-8''%E8%AB%8B; filename*1*=%E6%B1%82; filename*2=".zip"

            UEs=
            --outer
            Content-Type: APPLICATION/octet-stream
            Content-Disposition: attachment; filename="a\"b;c.exe"; size=3

            TVo=
            --outer--
            """.ReplaceLineEndings("\r\n"));
        var preview = HeldPreview.Of(message, message.Length, null);
        Assert.Equal(["請求書.pdf application/pdf", "請求.zip application/zip", "a\"b;c.exe application/octet-stream"], preview.Attachments.Select(static file => $"{file.Name} {file.Type}"));
        Assert.Equal(("see the bill <http://x.example/>", true), (preview.Text, preview.FromHtml));
        Assert.Equal("files", preview["subject"]);
    }

    [Fact]
    public void No_message_of_the_shared_corpus_or_cut_or_changed_is_too_much_for_a_preview()
    {
        var folder = SharedFiles.Find("data/mail/mimekit") ?? SharedFiles.Find("data/mail");
        Assert.SkipWhen(folder is null, "the shared mail data is absent");
        var random = new Random(7);
        var files = Directory.EnumerateFiles(folder!, "*", SearchOption.AllDirectories).Where(static file => file.EndsWith(".eml", StringComparison.Ordinal) || file.EndsWith(".txt", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Take(300);
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(file).AsSpan(0, (int)Math.Min(200_000, new FileInfo(file).Length)).ToArray();
            HeldPreview.Of(bytes, bytes.Length, null);
            HeldPreview.Of(bytes.AsSpan(0, random.Next(bytes.Length + 1)), bytes.Length, null);
            for (var i = 0; i < 20 && bytes.Length > 0; i++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            Assert.True((HeldPreview.Of(bytes, bytes.Length, null).Text?.Length ?? 0) <= 101_000);
        }
    }
}
