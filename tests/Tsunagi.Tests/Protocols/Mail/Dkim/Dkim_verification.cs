using System.Security.Cryptography;
using Tsunagi.Mail.Conformance;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Tests.Testing;
using static Tsunagi.Tests.Protocols.Mail.Dkim.DkimSamples;

namespace Tsunagi.Tests.Protocols.Mail.Dkim;

public class Dkim_verification
{
    private const string Tags = "v=1; a=ed25519-sha256; d=example.com; s=ed; h=From:To:Subject;";

    [Fact]
    public async Task Of_the_vectors_of_RFC_8463_passes_for_both_keys()
    {
        IReadOnlyList<DkimResult> results = await Verify(Rfc8463Signatures + Plain, ZoneFile.Read(Rfc8463Zone));
        Assert.Equal([DkimVerdict.Pass, DkimVerdict.Pass], results.Select(r => r.Verdict));
        Assert.Equal([(256, false), (1024, true)], results.Select(r => (r.KeyBits, r.IsWeakKey)));
    }

    // RFC 6376 appendix A.2 and C
    [Fact]
    public async Task Of_the_vector_of_RFC_6376_passes()
    {
        string message = "DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\r\n      c=simple/simple; q=dns/txt; i=joe@football.example.com;\r\n      h=Received : From : To : Subject : Date : Message-ID;\r\n"
            + "      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB\r\n      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut\r\n"
            + "      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV\r\n      4bmp/YzhwvcubU4=;\r\n"
            + "Received: from client1.football.example.com  [192.0.2.1]\r\n      by submitserver.example.com with SUBMISSION;\r\n      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r\n" + Plain.Replace(".  Are", ". Are");
        const string zone = "txt-records:\n  brisbane._domainkey.example.com: v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB\n";
        DkimResult result = Assert.Single(await Verify(message, ZoneFile.Read(zone)));
        Assert.True(result.Verdict == DkimVerdict.Pass, result.Reason);
    }

    [Fact]
    public async Task Of_recorded_messages_passes()
    {
        if (SharedFiles.Find("data/mail/mail-auth/dkim") is not { } folder)
        {
            Assert.Skip("the messages are not here: data/mail/mail-auth/dkim");
            return;
        }

        foreach (string file in Directory.EnumerateFiles(folder, "*.txt").Order())
        {
            // Their times are long past, so no clock is held to them. The keys stand on top, one a line, then an empty line and the message.
            string text = Octets.Show(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n");
            int end = text.IndexOf("\n\n", StringComparison.Ordinal);
            string zone = "txt-records:\n" + string.Concat(text[..end].Split('\n').Select(line => $"  {line[..line.IndexOf(' ', StringComparison.Ordinal)]}: \"{line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]}\"\n"));
            var results = await DkimVerification.VerifyAsync(new(Octets.Of(text[(end + 2)..].Replace("\n", "\r\n"))), ZoneFile.Read(zone), DateTimeOffset.UnixEpoch, new DkimOptions { ClockSkew = TimeSpan.FromDays(36500) }, CancellationToken.None);
            Assert.Contains(results, r => r.Verdict == DkimVerdict.Pass);
        }
    }

    [Fact]
    public async Task Fails_for_another_body() =>
        Assert.Equal("the body was changed", (await Verify(Sign(Plain, null, RsaSigner).Replace("lost", "won")))[0].Reason);

    [Fact]
    public async Task Fails_for_another_header() =>
        Assert.Equal("the signature does not fit the header", (await Verify(Sign(Plain, null, RsaSigner).Replace("dinner", "supper")))[0].Reason);

    [Fact]
    public async Task Finds_no_signature_in_a_message_without_one() => Assert.Empty(await Verify(Plain));

    [Fact]
    public async Task Of_a_signature_with_l_tag_shorter_than_the_body_is_reported_as_partial()
    {
        string signed = SignAs(Tags + " l=5;", Plain, "Hi.\r\n");
        DkimResult result = Assert.Single(await Verify(signed));
        Assert.Equal((DkimVerdict.Pass, true, 50L), (result.Verdict, result.IsPartial, result.UnsignedOctets));
        Assert.True(Assert.Single(await Verify(signed + "added\r\n")).Verdict == DkimVerdict.Pass);
    }

    [Fact]
    public async Task Of_a_signature_over_more_than_the_body_fails() =>
        Assert.Equal("the body is shorter than what was signed", Assert.Single(await Verify(SignAs(Tags + " l=500;", Plain))).Reason);

    [Fact]
    public async Task Of_a_signature_over_all_of_the_body_by_its_length_is_not_partial() =>
        Assert.Equal((DkimVerdict.Pass, false), (await Verify(SignAs(Tags + " l=55;", Plain))).Select(r => (r.Verdict, r.IsPartial)).Single());

    [Theory]
    [InlineData(1_700_000_000, DkimVerdict.Pass)]
    [InlineData(1_700_000_001, DkimVerdict.Fail)]
    public async Task Fails_once_a_signature_has_expired(long now, DkimVerdict verdict) =>
        Assert.Equal(verdict, (await Verify(SignAs(Tags + " t=1600000000; x=1700000000;", Plain), now: DateTimeOffset.FromUnixTimeSeconds(now)))[0].Verdict);

    [Theory]
    [InlineData(1_700_000_900, DkimVerdict.Pass)]
    [InlineData(1_700_000_901, DkimVerdict.Fail)]
    public async Task Fails_for_a_signature_made_further_in_the_future_than_clocks_differ(long signedAt, DkimVerdict verdict) =>
        Assert.Equal(verdict, (await Verify(SignAs($"{Tags} t={signedAt};", Plain)))[0].Verdict);

    [Theory]
    [InlineData("v=2; a=ed25519-sha256; d=example.com; s=ed; h=From;", "v= is not 1")]
    [InlineData("a=ed25519-sha256; d=example.com; s=ed; h=From;", "v= is not 1")]
    [InlineData("v=1; a=ed25519-sha256; d=example.com; s=ed; h=To;", "does not cover From")]
    [InlineData("v=1; a=ed25519-sha256; d=example.com; s=ed; h=From:;", "h= is missing")]
    [InlineData("v=1; a=ed25519-sha256; d=example.com; s=ed; i=joe@example.org; h=From;", "i= is not within d=")]
    [InlineData("v=1; a=ed25519-sha256; d=example.com; s=ed; i=joe@xexample.com; h=From;", "i= is not within d=")]
    [InlineData("v=1; a=ed25519-sha256; d=example.com; s=ed; c=nofws; h=From;", "c= names no canonicalization")]
    [InlineData("v=1; a=ed25519-sha256; d=example.com; s=ed; q=http; h=From;", "q= names no way")]
    [InlineData("v=1; a=ed25519-sha256; d=example.com; s=ed; t=soon; h=From;", "t= is no time")]
    [InlineData("v=1; a=ed25519-sha256; d=example.com; s=ed; t=5; x=5; h=From;", "x= is no time after t=")]
    [InlineData("v=1; a=ed25519-sha256; d=example.com; s=ed; l=-1; h=From;", "l= is no length")]
    [InlineData("v=1; a=ed25519-sha256; d=exam ple.com; s=ed; h=From;", "d= is no domain name")]
    [InlineData("v=1; a=ed25519-sha256; d=example.com; s=e..d; h=From;", "s= is no selector")]
    [InlineData("v=1; a=ed25519-sha256; d=example.com; s=ed; s=ed; h=From;", "the tag s stands twice")]
    [InlineData("v=1;; a=ed25519-sha256; d=example.com; s=ed; h=From;", "a tag without a value")]
    [InlineData("v=1; a=; d=example.com; s=ed; h=From;", "one of a=, b=, d= and s= is missing")]
    [InlineData("v=1; a=rsa-md5; d=example.com; s=ed; h=From;", "rsa-md5 is not known")]
    public async Task Is_a_permanent_error_for_what_can_never_verify(string tags, string reason)
    {
        DkimResult result = Assert.Single(await Verify(SignAs(tags, Plain)));
        Assert.Equal(DkimVerdict.PermError, result.Verdict);
        Assert.Contains(reason, result.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v=DKIM1; k=ed25519; p=", "was withdrawn")]
    [InlineData("v=DKIM1; k=rsa; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "is of the type rsa")]
    [InlineData("v=DKIM1; k=ed25519; h=sha1; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "does not allow sha256")]
    [InlineData("v=DKIM1; k=ed25519; s=tlsrpt; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "is not for mail")]
    [InlineData("v=DKIM1; k=ed25519; t=s; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "does not allow identities below")]
    [InlineData("v=DKIM1; k=ed25519; p=AAAA", "is no Ed25519 key")]
    [InlineData("v=DKIM2; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "v= is not DKIM1")]
    [InlineData("k=ed25519; v=DKIM1; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "does not stand first")]
    [InlineData("v=DKIM1; k=ed25519", "p= is missing")]
    public async Task Is_a_permanent_error_for_a_key_that_is_unfit(string key, string reason)
    {
        ZoneFile zone = ZoneFile.Read($"txt-records:\n  ed._domainkey.example.com: {key}\n");
        DkimResult result = Assert.Single(await Verify(SignAs("v=1; a=ed25519-sha256; d=example.com; s=ed; i=@mail.example.com; h=From;", Plain), zone));
        Assert.Equal(DkimVerdict.PermError, result.Verdict);
        Assert.Contains(reason, result.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zonedata:\n  other.example: []\n", DkimVerdict.PermError)]
    [InlineData("zonedata:\n  ed._domainkey.example.com:\n    - TIMEOUT\n", DkimVerdict.TempError)]
    [InlineData("zonedata:\n  ed._domainkey.example.com:\n    - TXT: v=spf1 -all\n    - TXT: k=ed25519; t=y; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n", DkimVerdict.Pass)]
    public async Task Depends_on_what_stands_at_the_keys_name(string zone, DkimVerdict verdict) =>
        Assert.Equal(verdict, (await Verify(SignAs(Tags, Plain), ZoneFile.Read(zone)))[0].Verdict);

    [Theory]
    [InlineData(512, DkimVerdict.Fail, true)]
    [InlineData(1023, DkimVerdict.Fail, true)]
    [InlineData(1024, DkimVerdict.Pass, true)]
    [InlineData(2047, DkimVerdict.Pass, true)]
    [InlineData(2048, DkimVerdict.Pass, false)]
    public async Task Holds_RSA_keys_to_RFC_8301(int bits, DkimVerdict verdict, bool weak)
    {
        // 1,024 bits are signed with; what the limits say is moved instead of making keys of odd lengths.
        using DkimPrivateKey key = DkimPrivateKey.Create(DkimAlgorithm.RsaSha256, 1024);
        var options = new DkimOptions { LeastRsaBits = 1024 + 1024 - Math.Min(bits, 1024), WeakRsaBits = bits >= 2048 ? 1024 : 2048 };
        ZoneFile zone = ZoneFile.Read($"txt-records:\n  k._domainkey.example.com: {key.ToRecord()}\n");
        DkimResult result = (await Verify(Sign(Plain, null, new DkimSigner("example.com", "k", key)), zone, options))[0];
        Assert.Equal((verdict, weak), (result.Verdict, result.IsWeakKey));
    }

    [Theory]
    [InlineData(2048, DkimVerdict.Pass)]
    [InlineData(2047, DkimVerdict.PermError)]
    public async Task Does_not_try_keys_beyond_the_limit(int most, DkimVerdict verdict) =>
        Assert.Equal(verdict, (await Verify(Sign(Plain, null, RsaSigner), options: new DkimOptions { MostRsaBits = most }))[0].Verdict);

    [Fact]
    public async Task Takes_a_key_in_the_form_RFC_6376_describes()
    {
        using RSA rsa = RSA.Create(2048);
        Assert.True(DkimPrivateKey.TryParsePem(rsa.ExportRSAPrivateKeyPem(), out DkimPrivateKey? key, out _));
        ZoneFile zone = ZoneFile.Read($"txt-records:\n  k._domainkey.example.com: p={Convert.ToBase64String(rsa.ExportRSAPublicKey())}\n");
        Assert.Equal(DkimVerdict.Pass, (await Verify(Sign(Plain, null, new DkimSigner("example.com", "k", key!)), zone))[0].Verdict);
    }

    [Fact]
    public async Task Gives_nothing_for_rsa_sha1() =>
        Assert.Equal((DkimVerdict.Fail, "rsa-sha1 proves nothing any more"), (await Verify(SignAs("v=1; a=rsa-sha1; d=example.com; s=ed; h=From;", Plain))).Select(r => (r.Verdict, r.Reason)).Single());

    [Theory]
    [InlineData(3, 3, 0)]
    [InlineData(2, 2, 1)]
    public async Task Verifies_as_many_signatures_as_the_limit_and_passes_over_the_rest(int limit, int passed, int passedOver)
    {
        string signed = Sign(Sign(Plain, null, RsaSigner, Ed25519Signer), null, Ed25519Signer);
        IReadOnlyList<DkimResult> results = await Verify(signed, options: new DkimOptions { Signatures = limit });
        Assert.Equal((passed, passedOver), (results.Count(r => r.Verdict == DkimVerdict.Pass), results.Count(r => r.Verdict == DkimVerdict.Policy)));
    }

    [Theory]
    [InlineData(2, DkimVerdict.Pass)]
    [InlineData(1, DkimVerdict.PermError)]
    public async Task Tries_as_many_keys_of_a_name_as_the_limit(int limit, DkimVerdict verdict)
    {
        ZoneFile zone = ZoneFile.Read("zonedata:\n  ed._domainkey.example.com:\n    - TXT: v=spf1 -all\n    - TXT: k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n");
        Assert.Equal(verdict, (await Verify(SignAs(Tags, Plain), zone, new DkimOptions { KeysPerName = limit }))[0].Verdict);
    }

    [Theory]
    [InlineData(TagList.MostTags, true)]
    [InlineData(TagList.MostTags + 1, false)]
    public void Reads_as_many_tags_as_the_limit(int tags, bool read) =>
        Assert.Equal(read, TagList.TryParse(Octets.Of(string.Join(';', Enumerable.Range(0, tags).Select(i => $"t{i}=x"))), out _, out _));

    [Theory]
    [InlineData(TagList.MostOctets, true)]
    [InlineData(TagList.MostOctets + 1, false)]
    public void Reads_a_tag_list_as_long_as_the_limit(int octets, bool read) =>
        Assert.Equal(read, TagList.TryParse(Octets.Of("z=" + new string('x', octets - 2)), out _, out _));

    [Fact]
    public async Task Sees_a_second_From_however_long_it_is()
    {
        string forged = "From: " + new string('x', HeaderLimits.Default.FieldOctets) + "@example.net\r\n" + Sign(Plain, null, RsaSigner);
        Assert.Equal(DkimVerdict.Fail, Assert.Single(await Verify(forged)).Verdict);
    }

    [Fact]
    public void Can_not_be_asked_for_once_the_body_has_begun()
    {
        using var message = SignedMessage.Read(DkimSamples.Sequence(Sign(Plain, null, RsaSigner)));
        message.Append("x"u8);
        Assert.Throws<InvalidOperationException>(() => new DkimVerification(message));
    }

    [Fact]
    public async Task Says_nothing_of_a_header_section_that_was_not_read_whole()
    {
        string signed = Sign(Plain, null, RsaSigner);
        using var message = SignedMessage.Read(DkimSamples.Sequence(signed), new HeaderLimits { SectionOctets = signed.IndexOf("Message-ID: ", StringComparison.Ordinal) });
        var verification = new DkimVerification(message);
        message.Complete();
        Assert.Equal(DkimVerdict.PermError, (await verification.CompleteAsync(Zone(), Now, CancellationToken.None))[0].Verdict);
    }
}
