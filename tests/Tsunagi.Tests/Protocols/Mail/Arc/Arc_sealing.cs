using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Protocols.Mail.Arc;
using Tsunagi.Protocols.Mail.AuthResults;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Tests.Testing;
using static Tsunagi.Tests.Protocols.Mail.Dkim.DkimSamples;

namespace Tsunagi.Tests.Protocols.Mail.Arc;

public class Arc_sealing
{
    [Fact]
    public async Task Makes_a_chain_that_verifies_hop_by_hop()
    {
        string message = Sign(Plain, null, RsaSigner);
        for (int hop = 1; hop <= 3; hop++)
        {
            message = await Seal(message, hop % 2 == 0 ? RsaSigner : Ed25519Signer);
            ArcResult result = await Verify(message, new ArcOptions { FindsOldestPass = true });
            Assert.True(result.Verdict == ArcVerdict.Pass, result.Reason);
            Assert.Equal((hop, hop, 0), (result.LastInstance, result.Sets.Length, result.OldestPass));
            Assert.StartsWith("mx.example.org; spf=pass", result.Sets[^1].Results, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Tells_since_when_a_message_is_unchanged()
    {
        string first = await Seal(Plain, RsaSigner);
        string changed = first.Replace("Subject: Is dinner", "Subject: [list] Is dinner");
        Assert.Equal(ArcVerdict.Fail, (await Verify(changed)).Verdict);
        string second = await Seal(changed, Ed25519Signer, await Verify(first)); // the list checked before it changed the subject
        ArcResult result = await Verify(second, new ArcOptions { FindsOldestPass = true });
        Assert.Equal((ArcVerdict.Pass, 2), (result.Verdict, result.OldestPass));
    }

    // Signing less than the body says nothing of what was added to it.
    [Fact]
    public async Task Counts_an_earlier_signature_with_l_tag_as_of_another_message()
    {
        string first = SealWithLength(Plain, "Hi.\r\n");
        Assert.Equal(ArcVerdict.Pass, (await Verify(first)).Verdict);
        ArcResult result = await Verify(await Seal(first, Ed25519Signer), new ArcOptions { FindsOldestPass = true });
        Assert.Equal((ArcVerdict.Pass, 2), (result.Verdict, result.OldestPass));
    }

    [Fact]
    public async Task Seals_a_broken_chain_as_failed_and_then_no_more()
    {
        string broken = (await Seal(Plain, RsaSigner)).Replace("hungry", "thirsty");
        string failed = await Seal(broken, Ed25519Signer);
        ArcResult result = await Verify(failed);
        Assert.Equal((ArcVerdict.Fail, true, "fail"), (result.Verdict, result.IsClosed, result.Sets[^1].Seal.ChainStatus));
        Assert.Equal(failed, await Seal(failed, RsaSigner));
    }

    [Fact]
    public async Task Adds_a_fiftieth_set_and_no_more()
    {
        string message = Plain;
        for (int hop = 1; hop <= 50; hop++)
        {
            message = await Seal(message, Ed25519Signer);
        }

        Assert.Equal((ArcVerdict.Pass, 50), ((await Verify(message)).Verdict, (await Verify(message)).LastInstance));
        Assert.Equal(message, await Seal(message, Ed25519Signer));
    }

    [Theory]
    [InlineData(3, ArcVerdict.Pass)]
    [InlineData(2, ArcVerdict.Fail)]
    public async Task Is_verified_up_to_the_limit_of_sets(int limit, ArcVerdict verdict)
    {
        string message = await Seal(await Seal(await Seal(Plain, Ed25519Signer), Ed25519Signer), Ed25519Signer);
        Assert.Equal(verdict, (await Verify(message, new ArcOptions { Sets = limit })).Verdict);
    }

    [Fact]
    public async Task Is_not_known_while_a_key_can_not_be_fetched()
    {
        var zone = Tsunagi.Mail.Conformance.ZoneFile.Read("zonedata:\n  ed._domainkey.example.com:\n    - TIMEOUT\n");
        Assert.Equal(ArcVerdict.TempError, (await ArcVerification.VerifyAsync(Sequence(await Seal(Plain, Ed25519Signer)), zone, Now, null, CancellationToken.None)).Verdict);
    }

    [Fact]
    public async Task Of_a_recorded_chain_verifies()
    {
        if (SharedFiles.Find("data/mail/mail-auth/arc/002.txt") is not { } file)
        {
            Assert.Skip("the message is not here: data/mail/mail-auth/arc");
            return;
        }

        string text = (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n");
        int end = text.IndexOf("\n\n", StringComparison.Ordinal);
        string zone = "txt-records:\n" + string.Concat(text[..end].Split('\n').Select(line => $"  {line.Replace(" v=DKIM1", ": v=DKIM1", StringComparison.Ordinal)}\n"));
        var result = await ArcVerification.VerifyAsync(Sequence(text[(end + 2)..].ReplaceLineEndings("\r\n")), Tsunagi.Mail.Conformance.ZoneFile.Read(zone), Now, null, CancellationToken.None);
        Assert.True(result.Verdict == ArcVerdict.Pass, result.Reason);
        Assert.Equal(2, result.Sets.Length);
    }

    [Theory]
    [InlineData("ARC-Seal")]
    [InlineData("Authentication-Results")]
    public void Refuses_to_cover_what_it_may_not(string field)
    {
        using var message = SignedMessage.Read(Sequence(Plain));
        Assert.Throws<ArgumentException>(() => new ArcSealing(message, new ArcSealingOptions { Fields = ["From", field] }));
    }

    private static async Task<ArcResult> Verify(string message, ArcOptions? options = null) =>
        await ArcVerification.VerifyAsync(Sequence(message), Zone(), Now, options, CancellationToken.None);

    // A first set whose message signature covers the beginning of the body only; we make none such.
    private static string SealWithLength(string message, string beginning)
    {
        HeaderSection header = HeaderSection.Read(Sequence(message));
        const string results = "ARC-Authentication-Results: i=1; mx.example.org; none\r\n";
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(beginning)));
        string signature = Field(
            "ARC-Message-Signature",
            [("i", "1"), ("a", "ed25519-sha256"), ("c", "relaxed/relaxed"), ("d", "example.com"), ("s", "ed"), ("l", $"{beginning.Length}"), ("h", "From"), ("bh", hash), ("b", "")],
            hashed => HeaderCanonicalizer.WriteSigned(header, ["From"], Canonicalization.Relaxed, except: -1, hashed));
        string seal = Field("ARC-Seal", [("i", "1"), ("a", "ed25519-sha256"), ("cv", "none"), ("d", "example.com"), ("s", "ed"), ("b", "")], hashed =>
        {
            HeaderCanonicalizer.Write(Encoding.ASCII.GetBytes(results.TrimEnd()), Canonicalization.Relaxed, hashed);
            HeaderCanonicalizer.Write(Encoding.ASCII.GetBytes(signature.TrimEnd()), Canonicalization.Relaxed, hashed);
        });
        return seal + signature + results + message;

        static string Field(string name, (string, string)[] tags, Action<ArrayBufferWriter<byte>> hash)
        {
            string unsigned = SignatureWriter.Unsigned(name, tags);
            var hashed = new ArrayBufferWriter<byte>();
            hash(hashed);
            var field = new ArrayBufferWriter<byte>();
            SignatureWriter.WriteSigned(unsigned, name, SignatureWriter.Sign(Ed25519Signer.Key, hashed, unsigned, Canonicalization.Relaxed), field);
            return Encoding.ASCII.GetString(field.WrittenSpan);
        }
    }

    internal static async Task<string> Seal(string message, DkimSigner signer, ArcResult? chain = null, IMailDns? dns = null)
    {
        using SignedMessage signed = SignedMessage.Read(Sequence(message));
        var verification = new ArcVerification(signed);
        var sealing = new ArcSealing(signed);
        signed.AppendBodyOf(Sequence(message));
        chain ??= await verification.CompleteAsync(dns ?? Zone(), Now, CancellationToken.None);
        var results = new AuthenticationResults
        {
            AuthservId = "mx.example.org",
            Results = [new AuthenticationResult { Method = "spf", Result = "pass", Properties = [new("smtp", "mailfrom", "joe@football.example.com")] }, AuthenticationResult.Of(chain)],
        };
        var output = new ArrayBufferWriter<byte>();
        sealing.TryComplete(signer, chain, results, Now, output);
        return Encoding.UTF8.GetString(output.WrittenSpan) + message;
    }
}
