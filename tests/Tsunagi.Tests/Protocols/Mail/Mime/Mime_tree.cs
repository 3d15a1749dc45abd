using System.Text;
using Tsunagi.Protocols.Mail.Mime;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Mail.Mime;

public sealed class Mime_tree
{
    private const string Nested =
        "Content-Type: multipart/mixed; boundary=\"o\"\r\n\r\npreamble\r\n--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\n\r\nplain\r\n--i  \r\nContent-Type: text/html\r\n\r\n<p>\r\n--i--\r\n"
        + "--o\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\nRA==\r\n--o\r\n"
        + "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\nContent-Type: image/png\r\n\r\npng\r\n--o--\r\nepilogue\r\n";

    [Fact]
    public void The_structure_is_read_with_places_types_and_names()
    {
        var octets = Octets.Of(Nested);
        var tree = MimeTree.Read(octets);
        Assert.Equal(
            ["0 multipart/mixed", "1 multipart/alternative", "2 text/plain", "2 text/html", "1 application/pdf", "1 message/rfc822", "2 image/png"],
            tree.Parts.Select(static part => $"{part.Depth} {part.MediaType}"));
        Assert.Equal(MimeFlaw.None, tree.Flaws);
        Assert.Equal(["plain", "<p>", "ABCD", "png"], tree.Parts.Where(static part => !part.IsComposite).Select(part => Encoding.ASCII.GetString(part.Decode(octets, 100, out _))));
        Assert.Equal(["a.pdf"], tree.Parts[4].Names);
        Assert.True(tree.Parts[4].IsAttachment);
        Assert.Equal([-1, 0, 1, 1, 0, 0, 5], tree.Parts.Select(static part => part.Parent));
    }

    [Theory]
    [InlineData("Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n", MimeFlaw.DuplicateField)]
    [InlineData("Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n\r\n", MimeFlaw.DuplicateField)]
    [InlineData("Content-Type: multipart/mixed; boundary=a; boundary=b\r\n\r\n--a\r\n\r\nx\r\n--a--", MimeFlaw.DuplicateParameter)]
    [InlineData("Content-Type: text\r\n\r\n", MimeFlaw.BadType)]
    [InlineData("Content-Type: multipart/mixed\r\n\r\n", MimeFlaw.BadBoundary)]
    [InlineData("Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n", MimeFlaw.BadBoundary)]
    [InlineData("Content-Type: multipart/mixed; boundary=\"a \"\r\n\r\n--a \r\n\r\nx\r\n--a --", MimeFlaw.BadBoundary)]
    [InlineData("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nx\r\n--ab\r\n--a--", MimeFlaw.BoundaryPrefix)]
    [InlineData("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nx", MimeFlaw.Unclosed)]
    [InlineData("Content-Type: multipart/mixed; boundary=a\r\n\r\nx", MimeFlaw.Unclosed)]
    [InlineData("Content-Transfer-Encoding: x-uuencode\r\n\r\n", MimeFlaw.UnknownEncoding)]
    [InlineData("Content-Type: multipart/mixed; boundary=a\r\nContent-Transfer-Encoding: base64\r\n\r\n--a\r\n\r\nx\r\n--a--", MimeFlaw.EncodedComposite)]
    [InlineData("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nQQ==", MimeFlaw.EncodedComposite)]
    [InlineData("Content-Type: a/b; name=x.txt\r\nContent-Disposition: attachment; filename=x.exe\r\n\r\n", MimeFlaw.ConflictingNames)]
    [InlineData("Content-Disposition: attachment; filename*=utf-8''fdp%E2%80%AEexe.x\r\n\r\n", MimeFlaw.DeceptiveName)]
    [InlineData("no field\r\nSubject: x\r\n\r\n", MimeFlaw.MalformedHeader)]
    [InlineData("Content-Type: text/plain; charset=utf-8 (a; b=c)\r\n\r\n", MimeFlaw.None)]
    public void What_mail_programs_read_differently_is_told(string message, MimeFlaw expected) => Assert.Equal(expected, MimeTree.Read(Octets.Of(message)).Flaws);

    [Theory]
    [InlineData("filename=plain.txt", "plain.txt")]
    [InlineData("filename=\"a \\\"b\\\".txt\"", "a \"b\".txt")]
    [InlineData("filename*=UTF-8'ja'%E6%97%A5.txt", "日.txt")]
    [InlineData("filename*=iso-2022-jp'ja'%1B$B%46%7C%1B%28B.txt", "日.txt")]
    [InlineData("filename*0*=utf-8''%E6%97; filename*1*=%A5; filename*2=.txt", "日.txt")]
    [InlineData("filename*0=\"a;\"; filename*1=\"b.txt\"", "a;b.txt")]
    [InlineData("filename=\"=?utf-8?B?5pel?=.txt\"", "日.txt")]
    [InlineData("filename=\"\u0093\u00fa.txt\"", "日.txt")]
    [InlineData("FileName = spaced.txt ; x=y", "spaced.txt")]
    [InlineData("filename=a%zz.txt", "a%zz.txt")]
    public void A_name_is_read_in_every_form_senders_write(string parameter, string expected) =>
        Assert.Equal([expected], MimeTree.Read(Octets.Of($"Content-Disposition: attachment; {parameter}\r\n\r\n")).Parts[0].Names);

    [Theory]
    [InlineData("QUJD", MimeEncoding.Base64, "ABC", false)]
    [InlineData("QU\r\nJD", MimeEncoding.Base64, "ABC", false)]
    [InlineData("Q!U*JD", MimeEncoding.Base64, "ABC", true)]
    [InlineData("QUI=QUI=", MimeEncoding.Base64, "ABAB", true)]
    [InlineData("=41=4", MimeEncoding.QuotedPrintable, "A=4", true)]
    [InlineData("=41= \r\nB", MimeEncoding.QuotedPrintable, "AB", false)]
    public void Broken_encodings_are_decoded_and_told(string body, MimeEncoding encoding, string expected, bool isFlawed)
    {
        var decoded = TransferEncoding.Decode(Octets.Of(body), encoding, 100, out var flawed);
        Assert.Equal((expected, isFlawed), (Octets.Show(decoded), flawed));
        Assert.Single(TransferEncoding.Decode(Octets.Of(body), encoding, 1, out _));
    }

    [Fact]
    public void Depth_and_parts_are_read_up_to_their_limits_and_one_more_is_told()
    {
        static string Deep(int levels) => levels == 0 ? "\r\nx" : "Content-Type: message/rfc822\r\n\r\n" + Deep(levels - 1);
        static string Wide(int parts) => "Content-Type: multipart/mixed; boundary=a\r\n\r\n" + string.Concat(Enumerable.Repeat("--a\r\n\r\nx\r\n", parts)) + "--a--";
        var limits = new MimeLimits { Depth = 3, Parts = 5 };
        Assert.Equal((4, MimeFlaw.None), Of(Deep(3)));
        Assert.Equal((4, MimeFlaw.Beyond), Of(Deep(4)));
        Assert.Equal((5, MimeFlaw.None), Of(Wide(4)));
        Assert.Equal((5, MimeFlaw.Beyond), Of(Wide(5)));
        Assert.Equal(["12"], MimeTree.Read("Content-Type: a/b; name=123\r\n\r\n"u8, limits with { NameCharacters = 2 }).Parts[0].Names);

        (int, MimeFlaw) Of(string message)
        {
            var tree = MimeTree.Read(Octets.Of(message), limits);
            return (tree.Parts.Count, tree.Flaws);
        }
    }

    [Fact]
    public void Messages_of_other_projects_are_read_within_their_bounds()
    {
        var folder = SharedFiles.Find("data/mail/mimekit/messages") ?? SharedFiles.Find("data/mail/mimekit");
        Assert.SkipWhen(folder is null || SharedFiles.Find("data/mail/rspamd") is null, "the shared mail data is not here");
        var files = Directory.GetFiles(folder!, "*.*", SearchOption.AllDirectories).Concat(Directory.GetFiles(SharedFiles.Find("data/mail/rspamd")!, "*.eml", SearchOption.AllDirectories)).ToList();
        Assert.True(files.Count > 50);
        foreach (var file in files)
        {
            var octets = File.ReadAllBytes(file);
            foreach (var part in MimeTree.Read(octets).Parts)
            {
                Assert.InRange(part.BodyStart, part.Start, part.End);
                Assert.InRange(part.End, part.BodyStart, octets.Length);
                part.Decode(octets, 1 << 20, out _);
            }
        }
    }
}
