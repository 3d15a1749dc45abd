using System.Buffers;
using System.Globalization;
using System.Text;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Dkim2;
using Tsunagi.Tests.Protocols.Mail.Dkim;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Dkim2;

/// <summary>Chains, valid ones among them. Whatever stands there is judged with a reason, and what passes can be undone or says why not.</summary>
public sealed class Dkim2Fuzz : FuzzTarget
{
    private static readonly Dkim2Envelope Envelope = new("<joe@example.com>", ["<list@lists.example.net>"]);
    private static readonly FixedDns Dns = DkimSamples.Keys();
    private static readonly string[] Valid = Chains();

    public override string Name => "dkim2.chain";

    public override IReadOnlyList<Type> Parsers => [typeof(Dkim2Tags), typeof(MessageInstance), typeof(MessageRecipe), typeof(Dkim2Signature), typeof(Dkim2Chain), typeof(Dkim2Custody), typeof(Dkim2Verification), typeof(Dkim2History)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("i=1;", "i=2;", "m=1;", "m=2;", "nd=example.com;", "n=x;", "mf=PD4=;", "rt=PD4=;", "s=ed:ed25519-sha256:AAAA;", "h=sha256:AAAA:AAAA", "r=eyJiIjpudWxsfQ==;", ",", ":", ";", "DKIM2-Signature:", "Message-Instance:", "\r\n ", "t=0;", "f=exploded;");

    public override int MaxOctets => 12_000;

    public override byte[] Generate(Random random)
    {
        if (random.Next(3) > 0)
        {
            return Encoding.UTF8.GetBytes(Valid[random.Next(Valid.Length)]);
        }

        string json = Pick(random, """{"h":{"subject":[{"d":["x"]},{"c":[1,1]}]},"b":[{"c":[1,2]},{"d":["a","b"]}]}""", """{"b":null}""", """{"h":{"to":[]}}""", """{"b":[{"c":[1,99]}]}""", """{"h":{"to":[{"c":[1,9]}]}}""", "{}", "x");
        string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        var header = new StringBuilder();
        for (int i = random.Next(1, 3); i > 0; i--)
        {
            header.Append(CultureInfo.InvariantCulture, $"DKIM2-Signature: i={i}; m={Pick(random, "1", "2", "x")}; t={Pick(random, "1700000000", "1", "9999999999", "x")}; d={Pick(random, "example.com", "lists.example.net", "-")}; {Pick(random, $"mf={Encode("<joe@example.com>")}; rt={Encode("<list@lists.example.net>")},{Encode("x")};", "nd=lists.example.net;", $"mf={Encode("<>")}; rt={Encode("<a@b>")};", "")} s={Pick(random, "ed:ed25519-sha256:AAAA", "x:y:AAAA", "ed:ed25519-sha256:AAAA,rsa:rsa-sha256:AAAA", "ed", ":x:")};{Pick(random, "", " n=nonce;", " f=donotmodify,exploded;", " x_1=2;")}\r\n");
            header.Append(CultureInfo.InvariantCulture, $"Message-Instance: m={i}; h={Pick(random, "sha256:AAAA:AAAA", "md5:AAAA:AAAA", "sha256:AAAA", "sha256:!:AAAA")}; r={Encode(json)};\r\n");
        }

        return Octets.Of(header + DkimSamples.Plain);
    }

    public override void Run(byte[] input)
    {
        var message = new ReadOnlySequence<byte>(input);
        foreach (Dkim2Envelope? envelope in (Dkim2Envelope?[])[Envelope, null])
        {
            Dkim2Result result = Completed.Of(Dkim2Verification.VerifyAsync(message, envelope, Dns, envelope is null ? null : DkimSamples.Now, new Dkim2Options { Hops = 4, NeedsBrackets = envelope is not null }, CancellationToken.None));
            Promise(result.Reason.Length > 0, "a reason is given");
            Promise(result.Verdict != Dkim2Verdict.Pass || result is { Signatures.Length: > 0, Instances.Length: > 0 }, "what passes has a chain");
            Promise(result.Signatures.Select(s => s.Hop).SequenceEqual(Enumerable.Range(1, result.Signatures.Length)), "hops run from one");
            Promise(Dkim2History.Undo(input, result.Instances).Count <= Math.Max(0, result.Instances.Length - 1), "each change is undone once");
        }

        foreach (string name in (string[])["Message-Instance", "DKIM2-Signature"])
        {
            HeaderSection header = HeaderSection.Read(input);
            foreach (int field in header.Find(name))
            {
                bool read = MessageInstance.TryParse(header.Body(field), out MessageInstance? instance, out string reason);
                Promise(read == instance is not null && (read || reason.Length > 0), "a reason is given");
                if (instance?.Recipe is { } recipe)
                {
                    Dkim2History.Apply(input, recipe);
                }

                Dkim2Tags.Unsigned(name, header.Body(field));
            }
        }
    }

    private static string[] Chains()
    {
        string first = Dkim2_chain.Hop(DkimSamples.Plain, Envelope, new Dkim2SigningOptions { Flags = ["donotmodify"], Nonce = "n" });
        var list = DkimSamples.Ed25519Signer with { Domain = "lists.example.net" };
        string changed = first.Replace("Subject: Is", "Subject: [x] Is");
        string second = Dkim2_chain.Hop(changed, new("<b@lists.example.net>", ["<c@example.org>"]), new Dkim2SigningOptions { Recipe = """{"h":{"subject":[{"d":["Is dinner ready?"]}]},"b":[{"c":[1,5]}]}""" }, list);
        return [first, second, Dkim2_chain.Hop(first, new("<>", ["<c@example.org>"]), null, list), first.Replace("hungry", "thirsty"), first.Replace("Suzie", "Susan"), DkimSamples.Plain];
    }
}
