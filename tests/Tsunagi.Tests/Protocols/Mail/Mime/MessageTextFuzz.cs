using Tsunagi.Protocols.Mail.Mime;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Mime;

/// <summary>Messages of strangers: nothing throws, the limit holds, and nothing comes out that could steer a terminal or turn the reading direction.</summary>
public sealed class MessageTextFuzz : FuzzTarget
{
    public override string Name => "mime.text";

    public override IReadOnlyList<Type> Parsers => [typeof(MessageText)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("Content-Type: ", "multipart/mixed; boundary=", "text/plain", "text/html", "; charset=", "utf-8", "iso-2022-jp", "\"", "--b", "--b--", "\r\n", "\r\n\r\n", "\n",
        "Content-Transfer-Encoding: ", "base64", "quoted-printable", "=E3=81=93", "=\r\n", "= \r\n", "=", "44GT", "QQ==", "QUI", "Content-Disposition: attachment", "\x1b$B", "\x1b[31m");

    public override byte[] Generate(Random random)
    {
        string part = Pick(random,
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n44GT44KT44Gr44Gh44Gv\r\n",
            "Content-Type: text/plain; charset=\"iso-8859-1\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9=\r\n!\r\n",
            "Content-Type: text/html\r\n\r\n<p>\r\n", "\r\nplain\tline\r\n", "Content-Disposition: attachment\r\n\r\nfile\r\n", "Content-Transfer-Encoding: base64\r\n\r\nQUI\r\n");
        string wrapped = Pick(random, part,
            $"Content-Type: multipart/mixed; boundary=b\r\n\r\nx\r\n--b\r\n{part}--b\r\n{part}\r\n--b--\r\n",
            $"Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: multipart/alternative; boundary=c d\r\n\r\n--c\r\n{part}\r\n--c--\r\n--b--\r\n",
            $"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{part}");
        return Octets.Of(random.Next(5) == 0 ? wrapped.Replace("\r\n", "\n") : wrapped);
    }

    public override void Run(byte[] input)
    {
        int limit = input.Length % 50;
        MessageText text = MessageText.Read(input, limit);
        Promise(text.Text.Length <= limit, "the text is no longer than wanted");
        Promise(!text.Text.Any(static c => char.IsControl(c) && c != '\n'), "no control characters but line ends");
        Promise(text.IsFound || text.Text.Length == 0, "what was not found has no text");
    }
}
