using Tsunagi.Mail.Quarantine.Preview;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Mail.Quarantine;

/// <summary>Held messages of strangers, looked at: nothing throws, everything is as long as it may be, and no text turns the reading direction or steers anything.</summary>
public sealed class HeldPreviewFuzz : FuzzTarget
{
    public override string Name => "mail.preview";

    public override IReadOnlyList<Type> Parsers => [typeof(HtmlText), typeof(HeldParts), typeof(ParameterText)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1(
        "Content-Type: ", "multipart/mixed; boundary=", "text/html", "application/pdf; name=", "Content-Disposition: attachment; filename=", "filename*=utf-8''", "filename*0*=", "*1=", "%E8%AB%8B", "=?utf-8?B?6KuL?=", "\"", "\\\"", ";", "=",
        "--b", "--b--", "\r\n", "\r\n\r\n", "<", ">", "</", "<!--", "-->", "<script>", "</script>", "<a href=", "<img alt=", "<li>", "<td>", "<br/>", "&lt;", "&#8238;", "&", "'");

    public override byte[] Generate(Random random)
    {
        string html = Pick(random,
            "<p>one</p><ul><li>two</ul><a href=\"http://x.example/?a&amp;b\">three</a> <img alt=four src=x>", "<table><tr><td>a<th>b</table><script>x</script>c<style>d</style>e", "<a title='href=no' HREF=http://y.example >y</A> 1 < 2 <!-- n --> <svg/> <!doctype html>",
            "<a href='j'>x<a href=k>y", "<b nothing to=see / here>z</b><a \n href = \"http://z.example\"", "<<p>>", "<!-- never", "<script>never", "&lt;&#x202e;&gt;");
        string file = Pick(random,
            "Content-Type: application/pdf; name=\"=?utf-8?B?6KuL?=.pdf\"\r\nContent-Disposition: attachment\r\n\r\nx\r\n", "Content-Disposition: attachment; filename*0*=utf-8''%E8%AB; filename*1*=%8B.x; size=3\r\n\r\nx\r\n",
            "Content-Type: image/png\r\nContent-Disposition: inline; filename=\"a\\\"b;c.png\"\r\n\r\nx\r\n", "Content-Disposition: attachment; filename*=iso-2022-jp'ja'%1B$B%40A%1B(B; x\r\n\r\nx\r\n", "Content-Type: application/zip; name = plain.zip ; y=\"\r\n\r\nx\r\n");
        return Octets.Of(Pick(random,
            $"Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--b\r\n{file}--b--\r\n",
            $"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{html}\r\n",
            $"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\nContent-Type: text/html\r\n\r\n{html}\r\n--c--\r\n--b\r\n{file}"));
    }

    public override void Run(byte[] input)
    {
        var preview = HeldPreview.Of(input, input.Length, null);
        Promise((preview.Text?.Length ?? 0) <= 101_000, "the words are no longer than wanted");
        Promise(preview.Text?.Any(static c => char.IsControl(c) && c != '\n') != true, "no control characters but line ends");
        Promise(preview.Attachments.All(static file => file.Name.Length <= 200 && !file.Name.Any(char.IsControl)), "names are short and hold no control characters");
        Promise(preview.Text?.Any(static c => c is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069') != true, "nothing turns the reading direction");
    }
}
