using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Dkim;

/// <summary>Published keys. The same record with its tags in another order says the same.</summary>
public sealed class DkimKeyFuzz : FuzzTarget
{
    public override string Name => "dkim.key";

    public override IReadOnlyList<Type> Parsers => [typeof(DkimKey)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("v=DKIM1", "; ", "p=", "p=AAAA", "k=rsa", "t=y", "s=*", "h=sha256", "\r\n", "\0", "\u00e9", "==");

    public override byte[] Generate(Random random) => Octets.Of(Pick(random, "v=DKIM1; ", "", "v=DKIM2;") + string.Join(Pick(random, ";", "; "), ((string[])[Pick(random, "k=rsa", "k=ED25519", "k=x"), Pick(random, "p=AAAA", "p=", "p=A A\t A A", "p=!"), Pick(random, "t=y:s", "t=s", "n=a note"), Pick(random, "s=email:x", "s=*", "s=tls", "h=sha1:sha256", "h=sha1")]).Take(random.Next(1, 5))));

    public override void Run(byte[] input)
    {
        string text = Octets.Show(input);
        if (!DkimKey.TryParse(text, out DkimKey? key, out string reason))
        {
            Promise(key is null && reason.Length > 0, "a reason is given");
            return;
        }

        Promise(key!.IsRevoked == key.PublicKey.IsEmpty && key.Type == key.Type.ToLowerInvariant(), "a key is what it says");
        if (!text.StartsWith("v", StringComparison.Ordinal) && TagList.TryParse(input, out TagList? tags, out _) && !tags!.Names.Contains("v"))
        {
            string turned = string.Join(';', text.TrimEnd(' ', ';', '\t', '\r', '\n').Split(';').Reverse());
            Promise(!DkimKey.TryParse(turned, out DkimKey? again, out _) || (again!.Type, again.AllowsMail, again.AllowsSha256, again.IsStrict, again.IsTesting) == (key.Type, key.AllowsMail, key.AllowsSha256, key.IsStrict, key.IsTesting), "order does not matter");
        }
    }
}
