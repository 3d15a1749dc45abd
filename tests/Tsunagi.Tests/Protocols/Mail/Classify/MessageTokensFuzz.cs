using Tsunagi.Protocols.Mail.Classify;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Classify;

/// <summary>Mail of strangers taken apart: nothing throws, limits hold, each feature stands once and can be told in words, and a second reading gives the same.</summary>
public sealed class MessageTokensFuzz : FuzzTarget
{
    private readonly MessageTokens _tokens = new(new TokenLimits { Words = 100, Features = 300, Links = 5, TextParts = 4 });

    public override string Name => "mail.tokens";

    public override IReadOnlyList<Type> Parsers => [typeof(MessageTokens), typeof(HeaderTokens), typeof(RouteTokens), typeof(StructureTokens), typeof(TextTokens), typeof(HtmlTokens), typeof(LinkTokens), typeof(FeatureVector)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("Subject: ", "From: ", "Received: from ", "Message-ID: <", "Content-Type: text/html", "<a href=", "<!--", "-->", "<style>", "</", "&#x41;", "&nbsp;", "http://", "https://", "mailto:", "www.", "@", "%", "$1", "\u00e6\u0097\u00a5", "\u001b$B", "display:none", "\r\n", "\r\n\r\n", "=", "'", "\"", ">", "<", "----", "!!!", "xn--", "[127.0.0.1]");

    public override byte[] Generate(Random random)
    {
        var head = Pick(random, "", "Received: from a1b2c3d4.dsl.example (unknown [192.0.2.1]) by x with ESMTP; now\r\n", "Reply-To: a@b.example\r\nSender: c@d.example\r\n", "X-Mailer: Thing 1.0\r\nMessage-ID: <1.A@example>\r\nDate: Mon, 1 Jan 2024 00:00:00 +0900\r\n", "To: undisclosed-recipients:;\r\nFrom: x\r\n")
            + Pick(random, "Subject: FREE     $100 !!!\r\n", "Subject: =?utf-8?B?44GU6KuL5rGC?=\r\n", "From: \"a@b\" <c@d.co.jp>\r\n", "Content-Disposition: attachment; filename=a.pdf.exe\r\n");
        var body = Pick(random,
            "Content-Type: text/html\r\n\r\n<html><style>x</style><a href='http://u@192.0.2.1:8/a%20b?c@d'>www.e.example</a><p style='font-size:0;display:none' width=1 color=red>f&#65;&amp;&eacute;<!-- x -->g</p><img width=1 src=cid:x>",
            "\r\n> quoted\r\nClick HERE https://x.example/login?a=1 100% $5,000 mail a@b.example ====== 50,000 " + new string('z', 50) + "\r\n",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\n\u001b$BF|K\\\u001b(B\r\n--b\r\nContent-Type: application/zip; name=x.zip\r\n\r\nPK\r\n--b--\r\n",
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n5LuK44GZ44GQ44K744Kt44Ol44Oq44OG44Kj56K66KqN44Gg44KI\r\n");
        return Octets.Of(head + body);
    }

    public override void Run(byte[] input)
    {
        _tokens.Read(input);
        Promise(_tokens.Count <= 300, "the limit of features holds");
        var first = new HashSet<uint>();
        foreach (var group in Enum.GetValues<FeatureGroup>())
        {
            var hashes = _tokens.Of(group);
            for (var i = 0; i < hashes.Length; i++)
            {
                Promise(first.Add(hashes[i]), "a feature stands once");
                Promise(_tokens.Describe(group, i).Text.Length <= 200, "a feature is told shortly");
            }
        }

        Promise(first.Count == _tokens.Count, "the count is that of the groups");
        Promise(FeatureVector.TryRead(FeatureVector.Of(_tokens).ToBytes(), out var kept) && kept!.Count == _tokens.Count, "features can be kept");
        _tokens.Read(input);
        Promise(first.Count == _tokens.Count && Enum.GetValues<FeatureGroup>().All(group => _tokens.Of(group).ToArray().All(first.Contains)), "a second reading gives the same");
    }
}
