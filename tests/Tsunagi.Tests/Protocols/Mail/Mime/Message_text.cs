using System.Globalization;
using System.Text;
using Tsunagi.Protocols.Mail.Mime;

namespace Tsunagi.Tests.Protocols.Mail.Mime;

public sealed class Message_text
{
    [Theory]
    [InlineData("Subject: x\r\n\r\nplain\r\ntext\r\n", "plain\ntext")]
    [InlineData("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n44GT44KT\r\n44Gr44Gh44Gv\r\n", "こんにちは")]
    [InlineData("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nQUI\r\n", "AB")]
    [InlineData("Content-Type: text/plain;\r\n charset=\"iso-8859-1\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9 =\r\nau lait =x\r\n", "café au lait =x")]
    [InlineData("Content-Type: multipart/alternative; boundary=b\r\n\r\npreamble\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>no\r\n--b\r\nContent-Type: text/plain\r\n\r\nyes\r\n--b--\r\nepilogue", "yes")]
    [InlineData("Content-Type: multipart/mixed; boundary=\"o;o\"\r\n\r\n--o\r\n\r\nx", "")]
    [InlineData("Content-Type: multipart/mixed; x=\"a;b\"; boundary=\"o;o\"\r\n\r\n--o;o\r\n\r\nx", "x")]
    [InlineData("Content-Type: multipart/mixed; x; boundary=o\r\n\r\n--o\r\n\r\nx", "x")]
    [InlineData("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\ninner\r\n--b--\r\n--a--", "inner")]
    [InlineData("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Disposition: attachment\r\n\r\nfile\r\n--a\r\n\r\nletter\r\n--a--", "letter")]
    [InlineData("Content-Type: text/html\r\n\r\n<b>x</b>", "")]
    [InlineData("\r\nno header\r\n", "no header")]
    public void The_first_plain_text_is_shown(string message, string expected) => Assert.Equal(expected, MessageText.Read(Encoding.UTF8.GetBytes(message)).Text);

    [Fact]
    public void Control_characters_and_changes_of_direction_are_not()
    {
        var text = MessageText.Read("\r\na\u001b[31mb\u202ec\td"u8).Text;
        Assert.Equal("a [31mbc d", text);
    }

    [Fact]
    public void It_is_cut_at_the_limit_and_says_so()
    {
        var whole = MessageText.Read("\r\n0123456789"u8, 10);
        var cut = MessageText.Read("\r\n01234567890"u8, 10);
        Assert.Equal(("0123456789", false, "0123456789", true), (whole.Text, whole.IsCut, cut.Text, cut.IsCut));
    }

    [Fact]
    public void Parts_within_parts_end_somewhere()
    {
        var message = new StringBuilder();
        for (var depth = 0; depth < 50; depth++)
        {
            message.Append(CultureInfo.InvariantCulture, $"Content-Type: multipart/mixed; boundary=b{depth}x\r\n\r\n--b{depth}x\r\n");
        }

        Assert.False(MessageText.Read(Encoding.ASCII.GetBytes(message + "\r\ndeep")).IsFound);
    }
}
