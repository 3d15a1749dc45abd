using System.Buffers;
using System.Text;
using FsCheck.Fluent;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Tests.Testing;
using static Tsunagi.Tests.Protocols.Mail.Dkim.DkimSamples;

namespace Tsunagi.Tests.Protocols.Mail.Dkim;

public class Dkim_signing
{
    [Theory]
    [InlineData(Canonicalization.Simple, Canonicalization.Simple)]
    [InlineData(Canonicalization.Simple, Canonicalization.Relaxed)]
    [InlineData(Canonicalization.Relaxed, Canonicalization.Simple)]
    [InlineData(Canonicalization.Relaxed, Canonicalization.Relaxed)]
    public async Task Is_verified_in_every_form_and_with_both_keys(Canonicalization header, Canonicalization body)
    {
        var options = new DkimSigningOptions { HeaderForm = header, BodyForm = body, Identity = "joe@example.com", Lifetime = TimeSpan.FromDays(7) };
        IReadOnlyList<DkimResult> results = await Verify(Sign(Plain, options, RsaSigner, Ed25519Signer));
        Assert.Equal([DkimVerdict.Pass, DkimVerdict.Pass], results.Select(r => r.Verdict));
        Assert.Equal((1_700_604_800L, "joe@example.com"), (results[0].Signature!.ExpiresAtSeconds, results[0].Signature!.Identity));
    }

    [Fact]
    [Trait("Golden", "true")]
    public void Writes_what_it_wrote_before() => Golden.Compare(
        Path.Combine(Repository.Root, "tests/Tsunagi.Tests/Protocols/Mail/Dkim/golden/signed.out"), Encoding.UTF8.GetBytes(Sign(Plain, null, Ed25519Signer)));

    [Fact]
    public void Holds_against_any_message()
    {
        var messages = from fields in Gen.Choose(0, 6)
                       from body in Properties.Bytes("\r\n\t ab", 200)
                       from values in Gen.ArrayOf(Properties.Bytes(" \tab", 30), fields)
                       select "From: a@example.com\r\n" + string.Concat(values.Select((v, i) => $"{(i % 2 == 0 ? "Subject" : "to")}:{Octets.Show(v).Replace('\r', ' ').Replace('\n', ' ').Replace('\0', ' ')}\r\n")) + "\r\n" + Octets.Show(body);
        Properties.Holds(messages, message =>
        {
            string signed = Sign(message, null, Ed25519Signer);
            var results = Completed.Of(Verify(signed));
            Assert.Equal(DkimVerdict.Pass, Assert.Single(results).Verdict);
        }, 100);
    }

    [Fact]
    public async Task Names_each_field_as_often_as_it_stands_there_and_once_more_where_forgers_would_add_one()
    {
        string signed = Sign("List-Id: <a>\r\nList-Id: <b>\r\n" + Plain, null, Ed25519Signer);
        DkimResult result = (await Verify(signed))[0];
        Assert.Equal((DkimVerdict.Pass, 2, 2, 1, 1), (result.Verdict, Times(result, "list-id"), Times(result, "From"), Times(result, "Reply-To"), Times(result, "Cc")));
        foreach (string added in (string[])["From: mallory@example.net\r\n", "Subject: buy\r\n", "Reply-To: mallory@example.net\r\n", "Content-Type: text/html\r\n"])
        {
            Assert.Equal(DkimVerdict.Fail, (await Verify(added + signed))[0].Verdict);
        }

        Assert.Equal(DkimVerdict.Pass, (await Verify("Received: by mx.example.net\r\n" + signed))[0].Verdict);
    }

    [Fact]
    public void Writes_lines_that_fit()
    {
        string signed = Sign(string.Concat(Enumerable.Repeat("References: <x@example.com>\r\n", 40)) + Plain, null, RsaSigner);
        Assert.All(signed[..signed.IndexOf("References:", signed.IndexOf("\r\n b=", StringComparison.Ordinal), StringComparison.Ordinal)].Split("\r\n"), line => Assert.InRange(line.Length, 0, 78));
    }

    [Fact]
    public async Task Is_verified_by_the_signature_beside_another()
    {
        string twice = Sign(Sign(Plain, null, RsaSigner), null, Ed25519Signer);
        Assert.Equal([DkimVerdict.Pass, DkimVerdict.Pass], (await Verify(twice)).Select(r => r.Verdict));
    }

    [Fact]
    public async Task Keeps_keys_through_PEM()
    {
        foreach (DkimSigner signer in (DkimSigner[])[RsaSigner, Ed25519Signer])
        {
            Assert.True(DkimPrivateKey.TryParsePem(signer.Key.ToPem(), out DkimPrivateKey? again, out _));
            Assert.Equal((signer.Key.ToRecord(), signer.Key.Algorithm, signer.Key.Bits), (again!.ToRecord(), again.Algorithm, again.Bits));
            Assert.Equal(DkimVerdict.Pass, (await Verify(Sign(Plain, null, signer with { Key = again })))[0].Verdict);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----")]
    public void Refuses_what_is_no_private_key(string pem)
    {
        Assert.False(DkimPrivateKey.TryParsePem(pem, out _, out string reason));
        Assert.NotEmpty(reason);
    }

    [Theory]
    [InlineData(1024, true)]
    [InlineData(1016, false)]
    public void Takes_no_key_that_RFC_8301_forbids(int bits, bool taken)
    {
        using var rsa = System.Security.Cryptography.RSA.Create(bits);
        Assert.Equal(taken, DkimPrivateKey.TryParsePem(rsa.ExportPkcs8PrivateKeyPem(), out DkimPrivateKey? key, out string reason));
        Assert.Equal(taken, key is not null && reason.Length == 0);
        key?.Dispose();
    }

    [Theory]
    [InlineData("example.com; x=1", "ed", null)]
    [InlineData("example.com", "ed\r\nBcc: mallory@example.net", null)]
    [InlineData("example.com", "", null)]
    [InlineData("example.com", "ed", "joe@example.org")]
    [InlineData("example.com", "ed", "joe;@example.com")]
    [InlineData("example.com", "ed", "joe\r\n@example.com")]
    public void Refuses_names_that_would_leave_their_tag(string domain, string selector, string? identity)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Throws<ArgumentException>(() => DkimSigning.Sign(DkimSamples.Sequence(Plain), [RsaSigner, new DkimSigner(domain, selector, DkimSamples.Ed25519)], new DkimSigningOptions { Identity = identity }, Now, output));
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void Is_done_by_many_threads_with_one_key()
    {
        Parallel.For(0, 64, _ =>
        {
            var output = new ArrayBufferWriter<byte>();
            DkimSigning.Sign(DkimSamples.Sequence(Plain), [RsaSigner], null, Now, output);
            Assert.True(output.WrittenCount > 300);
        });
    }

    private static int Times(DkimResult result, string name) => result.Signature!.SignedFields.Count(f => f.Equals(name, StringComparison.OrdinalIgnoreCase));
}
