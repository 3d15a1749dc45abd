using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tsunagi.Tests.Protocols.Mail.Dane;

/// <summary>Certificates of a test: authorities, intermediates, servers. Elliptic, so that making one costs nothing.</summary>
internal sealed class MadeCertificates : IDisposable
{
    private readonly List<X509Certificate2> _made = [];

    /// <summary>Within the life of what is made here.</summary>
    public static DateTimeOffset Now { get; } = TimeProvider.System.GetUtcNow();

    public void Dispose() => _made.ForEach(static certificate => certificate.Dispose());

    public X509Certificate2 Root(string name) => Keep(Request(name, isAuthority: true, []).CreateSelfSigned(Now.AddDays(-30), Now.AddDays(30)));

    public X509Certificate2 Intermediate(string name, X509Certificate2 issuer) => Signed(name, issuer, isAuthority: true, [], Now.AddDays(10));

    /// <param name="names">DNS names, or addresses.</param>
    public X509Certificate2 Server(X509Certificate2 issuer, DateTimeOffset? until = null, params string[] names) => Signed(names.Length > 0 ? names[0] : "nameless", issuer, isAuthority: false, names, until ?? Now.AddDays(5));

    public X509Certificate2 SelfSigned(params string[] names) => Keep(Request(names[0], isAuthority: false, names).CreateSelfSigned(Now.AddDays(-30), Now.AddDays(30)));

    private X509Certificate2 Signed(string name, X509Certificate2 issuer, bool isAuthority, string[] names, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(name, isAuthority, names, key);
        using var bare = request.Create(issuer, until < Now ? until.AddDays(-5) : Now.AddDays(-20), until, RandomNumberGenerator.GetBytes(8));
        using var withKey = bare.CopyWithPrivateKey(key);
        return Keep(withKey);
    }

    // A key that a TLS stream takes lies in a store of its own.
    private X509Certificate2 Keep(X509Certificate2 certificate)
    {
        var kept = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
        _made.Add(kept);
        return kept;
    }

    private static CertificateRequest Request(string name, bool isAuthority, string[] names, ECDsa? key = null)
    {
        var request = new CertificateRequest($"CN={name}", key ?? ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        if (isAuthority)
        {
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        }
        else
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
            var alternatives = new SubjectAlternativeNameBuilder();
            foreach (var one in names)
            {
                if (IPAddress.TryParse(one, out var address))
                {
                    alternatives.AddIpAddress(address);
                }
                else
                {
                    alternatives.AddDnsName(one);
                }
            }

            request.CertificateExtensions.Add(alternatives.Build());
        }

        return request;
    }
}
