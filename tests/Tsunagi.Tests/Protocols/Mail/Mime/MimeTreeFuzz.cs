using Tsunagi.Protocols.Mail.Mime;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Mime;

/// <summary>Structures of strangers: nothing throws, limits hold, parts lie within what holds them and beside each other.</summary>
public sealed class MimeTreeFuzz : FuzzTarget
{
    public override string Name => "mime.tree";

    public override IReadOnlyList<Type> Parsers => [typeof(MimeTree), typeof(MimeField), typeof(TransferEncoding), typeof(MimePart)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("Content-Type: ", "multipart/mixed; boundary=", "message/rfc822", "text/plain", "; name=", "; filename*0*=utf-8''", "; filename*1=", "%E3%81", "\"", "\\", "(", ")", "--b", "--b--", "--c", "\r\n", "\r\n\r\n", "\n", " ", ";",
        "Content-Transfer-Encoding: ", "base64", "quoted-printable", "=41", "=\r\n", "QQ==", "Content-Disposition: attachment", "=?utf-8?B?5pel?=");

    public override byte[] Generate(Random random) => Octets.Of(Entity(random, 0));

    public override void Run(byte[] input)
    {
        var limits = new MimeLimits { Depth = 4, Parts = 12, NameCharacters = 30 };
        MimeTree tree = MimeTree.Read(input, limits);
        Promise(tree.Parts.Count is > 0 and <= 12, "the limit of parts holds");
        Promise(tree.Parts[0] is { Parent: -1, Start: 0 } root && root.End == input.Length, "the first is the message");
        for (int i = 0; i < tree.Parts.Count; i++)
        {
            MimePart part = tree.Parts[i];
            Promise(part.Start <= part.BodyStart && part.BodyStart <= part.End && part.Depth <= 4, "a part has its place");
            Promise(part.Names.Length <= 2 && part.Names.All(static name => name.Length <= 30 && !name.Any(char.IsControl)), "names are clean and short");
            Promise(part.Decode(input, 50, out _).Length <= Math.Min(50, part.End - part.BodyStart), "decoding makes nothing larger");
            if (i > 0)
            {
                MimePart parent = tree.Parts[part.Parent];
                Promise(part.Parent < i && parent.IsComposite && parent.Depth == part.Depth - 1 && part.Start >= parent.BodyStart && part.End <= parent.End, "a part lies within what holds it");
                Promise(tree.Parts[i - 1].Depth < part.Depth || tree.Parts.Take(i).Last(p => p.Depth == part.Depth && p.Parent == part.Parent) is var before && before.End <= part.Start, "parts do not overlap");
            }
        }
    }

    private static string Entity(Random random, int depth)
    {
        string leaf = Pick(random,
            "Content-Type: application/zip; name=\"a.zip\"\r\nContent-Disposition: attachment; filename*0=\"a;\"; filename*1*=b%20c\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsDBA==\r\n",
            "Content-Type: text/plain; charset=utf-8 (comment (nested \\) x))\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9=\r\n!=x\r\n",
            "Content-Type: text/html\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>\r\n", "\r\nplain\r\n", "Content-Type: x; name==?utf-8?Q?a?=\r\nContent-Transfer-Encoding: x-what\r\n\r\n", "Content-Disposition: inline; filename*=utf-8'ja'%E6%97%A5\r\n\r\nfile\r\n");
        if (depth > 5 || random.Next(3) == 0)
        {
            return leaf;
        }

        char b = (char)('b' + random.Next(3));
        string inner = string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"--{b}\r\n{Entity(random, depth + 1)}\r\n"));
        return Pick(random,
            $"Content-Type: multipart/{Pick(random, "mixed", "digest", "alternative")}; boundary={Pick(random, $"{b}", $"\"{b}\"", $"{b}; boundary=z")}\r\n\r\npreamble\r\n{inner}--{b}--\r\nepilogue\r\n",
            $"Content-Type: message/rfc822\r\n\r\n{Entity(random, depth + 1)}",
            $"Content-Type: multipart/mixed; boundary={b}\r\n\r\n{inner}");
    }
}
