using Tsunagi.Protocols.Cpe.Digest;

namespace Tsunagi.Tests.Protocols.Cpe.Digest;

public class Digest_authentication
{
    // RFC 7616 section 3.9.1.
    private const string Nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
    private const string Opaque = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS";

    [Theory]
    [InlineData("MD5", "8ca523f5e9506fed4657c9700eebdbec")]
    [InlineData("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")]
    public void Answers_the_challenge_of_rfc_7616(string algorithm, string expected)
    {
        Assert.True(DigestChallenge.TryParse($"Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, nonce=\"{Nonce}\", opaque=\"{Opaque}\"", out DigestChallenge? challenge));
        var answer = DigestResponse.Answer(challenge!, "Mufasa", "Circle of Life", "GET", "/dir/index.html", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", 1);
        Assert.Equal(expected, answer.Response);
        Assert.True(DigestResponse.TryParse(answer.ToString(), out DigestResponse? read));
        Assert.Equal(answer, read);
        Assert.True(read!.IsMadeWith("Circle of Life", "GET"));
        Assert.False(read.IsMadeWith("Circle of life", "GET"));
        Assert.False(read.IsMadeWith("Circle of Life", "POST"));
    }

    [Fact]
    public void Answers_the_challenge_of_rfc_2617_and_the_older_one_without_qop()
    {
        // RFC 2617 section 3.5.
        Assert.True(DigestChallenge.TryParse("Digest realm=\"testrealm@host.com\",qop=\"auth,auth-int\",nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\",opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"", out DigestChallenge? challenge));
        Assert.Equal("6629fae49393a05397450978507c4ef1", DigestResponse.Answer(challenge!, "Mufasa", "Circle Of Life", "GET", "/dir/index.html", "0a4f113b", 1).Response);
        var old = DigestResponse.Answer(challenge! with { Quality = "" }, "Mufasa", "Circle Of Life", "GET", "/dir/index.html", "unused", 1);
        Assert.Equal("670fd8c2df070c60b045671b8b24ff02", old.Response);
        Assert.DoesNotContain("cnonce", old.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Basic realm=\"a\"")]
    [InlineData("Digest realm=\"a\"")]
    [InlineData("Digest realm=\"a\", nonce=\"b\", algorithm=SHA-512-256")]
    [InlineData("Digest realm=\"a\", nonce=\"b\", qop=\"auth-int\"")]
    [InlineData("")]
    public void A_challenge_that_cannot_be_met_is_none(string header) => Assert.False(DigestChallenge.TryParse(header, out _));

    [Fact]
    public void Quotes_in_names_survive()
    {
        var challenge = new DigestChallenge("a \"b\" \\", "n", "MD5-sess", "auth", null) { IsStale = true };
        Assert.True(DigestChallenge.TryParse(challenge.ToString(), out DigestChallenge? read));
        Assert.Equal(challenge, read);
        Assert.False(DigestResponse.TryParse("Digest username=\"a\", nonce", out _));
        Assert.False(DigestResponse.TryParse("Digest " + new string('a', 5_000), out _));
    }
}
