using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tsunagi.Protocols.Mail.Dane;

namespace Tsunagi.Tests.Protocols.Mail.Dane;

public sealed class Certificates_under_dane : IDisposable
{
    private readonly MadeCertificates _made = new();
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _intermediate;
    private readonly X509Certificate2 _server;

    public Certificates_under_dane()
    {
        _root = _made.Root("root");
        _intermediate = _made.Intermediate("intermediate", _root);
        _server = _made.Server(_intermediate, null, "mx.example.net");
    }

    public void Dispose() => _made.Dispose();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    public void Of_the_server_itself_match_by_certificate_and_by_key_whatever_they_say(byte selector, byte matching)
    {
        var expired = _made.Server(_root, MadeCertificates.Now.AddDays(-1), "other.example");
        var record = Record(3, selector, matching, expired);
        Assert.Equal((DaneVerdict.Authenticated, record), Is(Verify([record], expired)));
        Assert.Equal(DaneVerdict.Failed, Verify([record], _server).Verdict);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    public void Of_an_anchor_that_was_presented_match_root_and_intermediate(byte selector, byte matching)
    {
        Assert.Equal(DaneVerdict.Authenticated, Verify([Record(2, selector, matching, _root)], _server, _intermediate, _root).Verdict);
        Assert.Equal(DaneVerdict.Authenticated, Verify([Record(2, selector, matching, _intermediate)], _server, _intermediate).Verdict);
    }

    [Fact]
    public void Of_an_anchor_that_stands_in_the_record_alone_match_too()
    {
        Assert.Equal(DaneVerdict.Authenticated, Verify([Record(2, 0, 0, _root)], _server, _intermediate).Verdict);
        Assert.Equal(DaneVerdict.Authenticated, Verify([Record(2, 0, 0, _intermediate)], _server).Verdict);
        Assert.Equal(DaneVerdict.Failed, Verify([Record(2, 0, 1, _root)], _server, _intermediate).Verdict);
    }

    [Fact]
    public void Of_an_anchor_must_name_the_server_and_be_valid_now()
    {
        var record = Record(2, 0, 1, _root);
        Assert.Contains("another name", Verify([record], _made.Server(_root, null, "mx.other.example"), _root).Why, StringComparison.Ordinal);
        Assert.Contains("no chain", Verify([record], _made.Server(_root, MadeCertificates.Now.AddDays(-1), "mx.example.net"), _root).Why, StringComparison.Ordinal);
        Assert.Equal(DaneVerdict.Authenticated, Verify([record], _made.Server(_root, null, "*.example.net"), _root).Verdict);
    }

    /// <summary>An attacker presents the anchor, which is public, beside a certificate that it did not sign: same names, other keys.</summary>
    [Fact]
    public void That_only_look_as_if_the_anchor_signed_them_fail()
    {
        var forgedRoot = _made.Root("root");
        var forged = _made.Server(forgedRoot, null, "mx.example.net");
        Assert.Equal(DaneVerdict.Failed, Verify([Record(2, 0, 1, _root)], forged, _root).Verdict);
        Assert.Equal(DaneVerdict.Failed, Verify([Record(2, 1, 1, _root)], forged, forgedRoot, _root).Verdict);
        Assert.Equal(DaneVerdict.Failed, Verify([Record(2, 0, 1, _intermediate)], _made.SelfSigned("mx.example.net"), _intermediate).Verdict);
    }

    [Fact]
    public void Are_not_looked_at_where_no_record_can_be_used()
    {
        var unusable = new[]
        {
            Record(0, 0, 1, _root), Record(1, 1, 1, _server), Record(3, 2, 1, _server), Record(3, 1, 3, _server), new TlsaRecord(3, 1, 1, [1, 2, 3]), new TlsaRecord(3, 1, 0, []),
        };
        Assert.All(unusable, static record => Assert.False(record.IsUsable));
        Assert.Equal(DaneVerdict.Unusable, Verify(unusable, _server).Verdict);
        Assert.Equal(DaneVerdict.Authenticated, Verify([.. unusable, Record(3, 1, 1, _server)], _server).Verdict);
        Assert.Equal(DaneVerdict.Failed, Verify([.. unusable, Record(3, 1, 1, _root)], _server).Verdict);
    }

    /// <summary>RFC 7671 section 9: of two digests of one kind the stronger decides.</summary>
    [Fact]
    public void Are_compared_by_the_strongest_digest_of_a_kind()
    {
        Assert.Equal(DaneVerdict.Failed, Verify([Record(3, 1, 1, _server), Record(3, 1, 2, _root)], _server).Verdict);
        Assert.Equal(DaneVerdict.Authenticated, Verify([Record(3, 0, 1, _server), Record(3, 1, 2, _root)], _server).Verdict);
    }

    [Fact]
    public void That_were_not_presented_fail() => Assert.Equal(DaneVerdict.Failed, Verify([Record(3, 1, 1, _server)]).Verdict);

    [Fact]
    public void Are_written_as_in_a_zone() => Assert.Equal("3 1 1 " + Convert.ToHexStringLower(SHA256.HashData(_server.PublicKey.ExportSubjectPublicKeyInfo())), Record(3, 1, 1, _server).ToString());

    internal static TlsaRecord Record(byte usage, byte selector, byte matching, X509Certificate2 certificate)
    {
        var octets = selector == 0 ? certificate.RawData : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        return new TlsaRecord(usage, selector, matching, [.. matching switch { 1 => SHA256.HashData(octets), 2 => SHA512.HashData(octets), _ => octets }]);
    }

    private static DaneResult Verify(TlsaRecord[] records, params X509Certificate2[] presented) => DaneVerifier.Verify(records, presented, ["mx.example.net"], MadeCertificates.Now);

    private static (DaneVerdict, TlsaRecord?) Is(DaneResult result) => (result.Verdict, result.Match);
}
