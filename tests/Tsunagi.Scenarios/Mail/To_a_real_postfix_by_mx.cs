using System.Security.Cryptography;
using Tsunagi.Tests.Mail.Routes;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Scenarios.Mail;

/// <summary>A Postfix as the mail server of a stranger's domain: its STARTTLS, under DANE by its TLSA record.</summary>
public class To_a_real_postfix_by_mx
{
    [Fact]
    public async Task Mail_goes_under_dane_and_waits_when_its_record_is_of_another_key()
    {
        Assert.SkipWhen(PostfixInstance.WhyNot() is not null, PostfixInstance.WhyNot() ?? "");
        using var directory = new TemporaryDirectory();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=mx.postfix.example", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        var (keyFile, certificateFile) = (Path.Combine(directory.Path, "key.pem"), Path.Combine(directory.Path, "certificate.pem"));
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await using var receiver = new Tsunagi.Tests.Mail.CustomerServer();
        await using var postfix = await PostfixInstance.StartAsync(receiver.Port, "smtpd_tls_security_level=may", "smtpd_tls_received_header=yes", $"smtpd_tls_cert_file={certificateFile}", $"smtpd_tls_key_file={keyFile}");
        await using var world = await MxWorld.StartAsync(given => given with { TrustResolver = true, SmtpPort = postfix.Port });
        world.Domain("postfix.example", 1);
        world.Zone.Signed.Add("postfix.example");
        var tlsa = $"_{postfix.Port}._tcp.mx.postfix.example";
        world.Zone.Set(tlsa, $"{tlsa} TLSA 3 1 1 {Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))}");
        var id = await world.SendAsync("bob@postfix.example");
        Assert.Equal("bob@postfix.example=delivered", await world.FatesAsync(id));
        Assert.Contains("DANE, certificate as its TLSA records name it", await world.FirstAttemptAsync(id), StringComparison.Ordinal);
        var taken = Assert.Single(await receiver.GotAsync(1));
        Assert.Contains("using TLSv1.3", System.Text.Encoding.UTF8.GetString(taken.Content.Span), StringComparison.Ordinal);

        world.Zone.Set(tlsa, $"{tlsa} TLSA 3 1 1 {new string('0', 64)}");
        id = await world.SendAsync("bob@postfix.example");
        Assert.Contains("451 4.7.5", await world.FirstAttemptAsync(id), StringComparison.Ordinal);
        Assert.Single(receiver.Messages);
    }
}
