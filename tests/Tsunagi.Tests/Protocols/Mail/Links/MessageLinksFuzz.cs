using Tsunagi.Protocols.Mail.Links;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Links;

/// <summary>Links of strangers: nothing throws, limits hold, a host is one that could be asked for and reads as itself again, and a second reading gives the same.</summary>
public sealed class MessageLinksFuzz : FuzzTarget
{
    private readonly MessageLinks _links = new(new LinkLimits { Links = 10, Places = 40, TextParts = 3, PartOctets = 2_000, LinkCharacters = 700 });

    public override string Name => "mail.links";

    public override IReadOnlyList<Type> Parsers => [typeof(MessageLinks), typeof(HtmlLinks), typeof(TextLinks), typeof(LinkText), typeof(LinkHost), typeof(ShownHost), typeof(CharacterReference), typeof(Punycode), typeof(LabelScripts)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("http://", "https://", "www.", "hxxp://", "[.]", "(dot)", "[:]//", "//", "\\\\", "@", ":80", "%2e", "%2F", "%e3%81%82", "?u=http%3A%2F%2F", "xn--", "xn--a-", "[::1]", "[", "]", "0x7f.1", "127.1", "4294967295", ".", "..",
        "<a href=", " href=x", "<area href='", "</a>", "<base href=\"", "<meta http-equiv=refresh content='0;url=", "<form action=", "<img src=", "style=\"url(", "<style>", "</style>", "<!--", "-->", "--!>", "<!-->", "<!--[if", "]>", "<wbr>", "&#46;", "&#x2e", "&period;", "&amp;", "&colon;", "&sol;", "&commat;", "&shy;", "&zwnj;", "&nbsp;", "&lt;", "&quot;", "&Tab;", "&#0;", "&", "\"", "'", ">", "<", "=",
        "\u00e3\u0080\u0082", "\u00ef\u00bc\u008e", "\u00d0\u00b0", "\u00e6\u0097\u00a5", "\u00e3\u0083\u008e", "\u00f0\u009d\u0090\u009a", "\u00e2\u0080\u008b", ".jp", ".example", "\r\n", "\r\n\r\n", "Content-Type: text/html\r\n");

    public override byte[] Generate(Random random)
    {
        var host = Pick(random, "a.example", "www.example.co.jp", "xn--wgv71a119e.jp", "192.0.2.1", "0x7f000001", "[2001:db8::1]", "u:p@a.example", "bank.example@evil.example", "%61.example", "\u00d0\u00b0b.example", "\u00e6\u0097\u00a5\u00e6\u009c\u00ac.jp", "a\u00e3\u0080\u0082example", "exa\u00e3\u0083\u008emple.jp", "\u00f0\u009d\u0090\u009ab.example");
        var link = Pick(random, "http://", "https://", "//", "hxxp://", "https:\\\\", "ftp://") + host + Pick(random, "", "/", "/p?u=https%3A%2F%2Fn.example%2F", ":8080/a", "?http://n.example", "#x", "/\u00e3\u0081\u0082");
        return Octets.Of(Pick(random,
            $"Content-Type: text/plain; charset=utf-8\r\n\r\nsee {link}, {host} or www.b.example. evil[.]example\u00e3\u0081\u0082\r\n",
            $"Content-Type: text/html; charset=utf-8\r\n\r\n<base href='{link}'><a href=\"{link}\">https://{host}/</a><A href={link}>b.example</A><img src='{link}'>text {link} &#x3c;<area href=p>\r\n",
            $"Content-Type: text/html; charset=utf-8\r\n\r\n<meta http-equiv=refresh content=\"0;url={link}\"><style>a{{background:url('{link}')}}</style><form action={link}><!-- {link} --><p style=\"url({link})\" title='x>y'>{link}<wbr>x</p><!--[if mso]><a href=&#104;ttp://c.example>x<![endif]-->\r\n",
            $"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n{link}\r\n--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<a href=3D\"{link}\">x=\r\n</a>\r\n--b--\r\n"));
    }

    public override void Run(byte[] input)
    {
        _links.Read(input);
        var first = _links.Found.ToList();
        Promise(first.Count <= 10, "the limit of links holds");
        Promise(first.Distinct().Count() == first.Count, "each different link stands once");
        Span<char> again = stackalloc char[LinkHost.MaxCharacters];
        Span<char> room = stackalloc char[126];
        foreach (var link in first)
        {
            Promise(link.Host.Length is > 0 and <= LinkHost.MaxCharacters && System.Text.Ascii.IsValid(link.Host), "a host is short ASCII");
            Promise(link.IsAddress == System.Net.IPAddress.TryParse(link.Host, out _) || !link.IsAddress, "an address is one");
            var written = link.Host.Contains(':', StringComparison.Ordinal) ? $"[{link.Host}]" : link.Host;
            Promise(again[..LinkHost.Read(written, again, out var form)].SequenceEqual(link.Host), "a host reads as itself");
            Promise((form & LinkForm.Address) == (link.Form & LinkForm.Address), "and as the same kind");
            foreach (var name in (ReadOnlySpan<string>)[link.Shown, link.LeadsTo, link.User])
            {
                Promise(name.Length <= LinkHost.MaxCharacters && System.Text.Ascii.IsValid(name), "what it shows is a host");
            }

            foreach (var label in LinkHost.Shown(link.Host).Split('.'))
            {
                _ = LabelScripts.IsMixed(label);
                Promise(!label.StartsWith("xn--", StringComparison.Ordinal) || !Punycode.TryDecode(label.AsSpan(4), room, out var length) || length >= 0, "an A-label is told as it is");
            }
        }

        _links.Read(input);
        Promise(first.SequenceEqual(_links.Found), "a second reading gives the same");
        _links.ReadText(System.Text.Encoding.UTF8.GetString(input), isHtml: input.Length % 2 == 0);
        Promise(_links.Found.Count <= 10, "the limit holds for text alone");
    }
}
