using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Net.Tls;

namespace Tsunagi.Tests.Core.Net;

public sealed class Server_certificates : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("tsunagi-cert-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void First_start_makes_a_self_signed_one_that_only_the_owner_reads_and_the_second_keeps_it()
    {
        var first = Open().CertificateFor(null);
        Assert.True(first.MatchesHostname("localhost"));
        Assert.True(first.MatchesHostname("127.0.0.1"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_directory, "self-signed.pem")));
        Assert.Equal(first.Thumbprint, Open().CertificateFor(null).Thumbprint);
    }

    [Fact]
    public void Name_is_matched_exactly_then_by_wildcard_then_by_default()
    {
        Put("a.pem", "mx.example.net");
        Put("b.pem", "*.example.org");
        var certificates = Open();
        Assert.Equal("CN=mx.example.net", certificates.CertificateFor("MX.example.net").Subject);
        Assert.Equal("CN=*.example.org", certificates.CertificateFor("mail.example.org").Subject);
        Assert.Equal("CN=mx.example.net", certificates.CertificateFor("a.b.example.org").Subject);
        Assert.Equal("CN=mx.example.net", certificates.CertificateFor(null).Subject);
    }

    [Fact]
    public void Added_certificate_is_in_service_without_a_restart()
    {
        var certificates = Open();
        Assert.Equal("CN=localhost", certificates.CertificateFor("mx.example.net").Subject);
        Put("mx.pem", "mx.example.net");
        Assert.Equal("CN=mx.example.net", certificates.CertificateFor("mx.example.net").Subject);
    }

    [Fact]
    public void Broken_file_keeps_the_former_set_and_stops_a_start_with_its_name()
    {
        Put("mx.pem", "mx.example.net");
        var certificates = Open();
        File.WriteAllText(Path.Combine(_directory, "mx.pem"), "-----BEGIN CERTIFICATE-----\nnonsense");
        Assert.Equal("CN=mx.example.net", certificates.CertificateFor("mx.example.net").Subject);
        var error = Assert.Throws<InvalidDataException>(() => Open());
        Assert.Contains("mx.pem", error.Message, StringComparison.Ordinal);
    }

    private Certificates Open() => Certificates.Open(
        new CertificateOptions { Directory = _directory, SelfSignedNames = ["localhost", "127.0.0.1"], LookAgainAfter = TimeSpan.Zero },
        TimeProvider.System,
        NullLogger.Instance);

    private void Put(string file, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        File.WriteAllText(Path.Combine(_directory, file), certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
    }
}
