using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Dkim;

/// <summary>Signature fields over messages. What is read keeps to the grammar; the body's hash is the same however it is cut.</summary>
public sealed class DkimMessageFuzz : FuzzTarget
{
    public override string Name => "dkim.message";

    public override IReadOnlyList<Type> Parsers => [typeof(TagList), typeof(DkimSignatureReader), typeof(DkimSignature), typeof(HeaderSection), typeof(HeaderCanonicalizer), typeof(BodyHasher)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("\r\n", "\r\n ", "\r\n\r\n", ";", "=", ":", "b=", "bh=AAAA", "h=from", "v=1", "l=1", "i=@example.com", "a=rsa-sha1", "c=relaxed", "t=", "x=9", "q=dns/txt", "DKIM-Signature:", "\t", "\r", "\n", "\0", "99999999999999999999");

    public static string Signature(Random random, string instance = "v=1;")
    {
        var tags = new List<string>
        {
            instance + Pick(random, " a=rsa-sha256", " a=ed25519-sha256", " a=rsa-sha1", " a=x", "a ="),
            Pick(random, " b=YWJj", " b=YW\r\n Jj", "b=", "b=!"),
            Pick(random, " bh=AAAA", " bh=", " bh=*"),
            Pick(random, " d=example.com", " d=\u00e3\u0083\u0089.example", " d=example.com.", "d=", "d=a b"),
            Pick(random, " s=a.b", " s=x", "s=" + new string('s', 70), "s="),
            Pick(random, " h=From : to:subject", " h=From", " h=Subject:from:from", "h=", "h=a b"),
        };
        foreach (string tag in (string[])["c=relaxed/simple", "c=simple", "c=relaxed/relaxed", "c=x/y", "l=5", "l=0", "l=-", "t=123456", "x=999", "x=99999999999999999999", "q=dns/txt:x", "q=x", "i=joe@example.com", "i=@a.example.com", "i=x@y", "i=none", "cv=none", "cv=pass", "cv=x", "z=From:a|To:b"])
        {
            if (random.Next(12) == 0 && !tags.Exists(t => t.TrimStart()[..2] == tag[..2]))
            {
                tags.Add(Pick(random, " ", "\r\n\t") + tag);
            }
        }

        return string.Join(';', tags) + Pick(random, "", ";", " ;\r\n ");
    }

    public override byte[] Generate(Random random) => Octets.Of(
        $"DKIM-Signature: {Signature(random, Pick(random, "v=1;", "v=1;", "i=1; cv=none;", "i=51; cv=pass;", "i=2; cv=x;"))}\r\n{Pick(random, "From: a@b\r\n", "from :\ta \r\n b \r\n", "")}Subject: x\r\n{Pick(random, "To: a\r\nTo:  b \t c\r\n", "X\r\n")}\r\n{Pick(random, "body  text \r\n\r\n", "a\rb\nc \r\n \r\n", "", "\r\n\r\n")}");

    public override void Run(byte[] input)
    {
        var limits = new HeaderLimits { Fields = 20, SectionOctets = 2000 };
        HeaderSection header = HeaderSection.Read(input, limits);
        HeaderSection cut = HeaderSection.Read(Octets.Cut(input, input.Length / 3, input.Length / 2), limits);
        Promise(header.Count == cut.Count && header.BodyOffset == cut.BodyOffset && header.End == cut.End, "a cut changes no header");
        var output = new ArrayBufferWriter<byte>();
        header.WriteWithout([], output);
        Promise(output.WrittenSpan.SequenceEqual(input.AsSpan(0, output.WrittenCount)), "a section without nothing is the section");
        if (header.Count > 0)
        {
            output = new ArrayBufferWriter<byte>();
            header.WriteWithout([header.Count - 1], output);
            Promise(output.WrittenCount < header.BodyOffset && HeaderSection.Read(output.WrittenSpan, limits).Count == header.Count - 1, "a field that is taken off is gone");
        }

        for (int i = 0; i < header.Count; i++)
        {
            Promise(header.Raw(i).EndsWith(header.Body(i)) && header.Find(header.Name(i)).Contains(i), "a field is found where it is");
            bool isList = TagList.TryParse(header.Body(i), out TagList? tags, out string wrong);
            Promise(isList == tags is not null && isList == (wrong.Length == 0), "a list is read, or it is said why not");
            foreach (SignatureField kind in Enum.GetValues<SignatureField>())
            {
                if (DkimSignatureReader.TryRead(header.Body(i), kind, out DkimSignature? signature, out string reason))
                {
                    Check(header, i, signature!, kind);
                }
                else
                {
                    Promise(reason.Length > 0, "a reason is given");
                }
            }

            Promise(tags is null || tags.Names.Distinct().Count() == tags.Names.Count(), "no tag stands twice");
        }

        var body = input.AsMemory(Math.Min(header.BodyOffset, input.Length));
        foreach (Canonicalization form in Enum.GetValues<Canonicalization>())
        {
            Promise(Hash(new ReadOnlySequence<byte>(body), form).SequenceEqual(Hash(Octets.CutEverywhere(body), form)), "a cut changes no hash");
        }
    }

    private static byte[] Hash(ReadOnlySequence<byte> body, Canonicalization form)
    {
        using var message = new SignedMessage(HeaderSection.Read("\r\n"u8));
        BodyHasher hasher = message.Want(form, null);
        BodyHasher limited = message.Want(form, 3);
        message.Append(body);
        message.Complete();
        Promise(hasher.Octets == limited.Octets, "a limit changes no count");
        return hasher.Hash.ToArray();
    }

    private static void Check(HeaderSection header, int field, DkimSignature signature, SignatureField kind)
    {
        Promise(signature.Value.Length > 0 && signature.Domain.Length > 0 && signature.KeyName.Length <= 253, "what must be there is there");
        Promise(kind == SignatureField.Dkim ? signature.Instance == 0 : signature.Instance is >= 1 and <= 50, "an instance is of ARC");
        Promise(kind == SignatureField.ArcSeal || signature.SignedFields.Length > 0 && signature.BodyHash.Length > 0, "what signs a message names fields");
        var output = new ArrayBufferWriter<byte>();
        HeaderCanonicalizer.WriteSigned(header, signature.SignedFields, signature.HeaderForm, field, output);
        ReadOnlySpan<byte> raw = header.Raw(field);
        int before = output.WrittenCount;
        HeaderCanonicalizer.WriteUnsigned(raw, raw.Length - header.Body(field).Length, signature.Tags, Canonicalization.Simple, output);
        Promise(output.WrittenCount - before < raw.Length && SHA256.HashData(output.WrittenSpan).Length == 32, "b= is taken out");
        HeaderCanonicalizer.Write(raw, Canonicalization.Relaxed, output);
        Promise(DkimSignature.TryParse(header.Body(field), out _, out _) == (DkimSignatureReader.TryRead(header.Body(field), SignatureField.Dkim, out _, out _)), "both ways read the same");
    }
}
