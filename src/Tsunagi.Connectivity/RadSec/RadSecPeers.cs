using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Core.Net.Tls;

namespace Tsunagi.Connectivity.RadSec;

/// <summary>
/// Whose a certificate is (RFC 6614 section 2.3): (1) the access server that states its fingerprint, whoever signed it; else (2) the one that states a name of it (subjectAltName dNSName; the
/// common name where there is none), when an authority of ours signed it. Either way only while it is valid. Who shows none, or one that is nobody's, gets no connection.
/// </summary>
internal sealed class RadSecPeers(ClientAuthorities authorities, Certificates certificates, NasHealth nases, RefusedCertificates refused, TimeProvider time)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>For the handshake of one connection; whose it is, is told when it is done.</summary>
    public SslServerAuthenticationOptions OptionsFor(string? serverName, IPAddress address, Action<Nas> found)
    {
        var options = certificates.OptionsFor(serverName);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.AddRange(authorities.Current());
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        options.CertificateChainPolicy = policy;
        options.ClientCertificateRequired = true;
        options.EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;

        // Each connection lives long and shows its certificate itself.
        options.AllowTlsResume = false;
        options.RemoteCertificateValidationCallback = (_, shown, _, errors) =>
        {
            if (Find(shown as X509Certificate2, errors, out var problem) is { } nas)
            {
                found(nas);
                return true;
            }

            var certificate = shown as X509Certificate2;
            refused.Add(new RefusedCertificate(address.ToString(), certificate?.Subject ?? "", certificate is null ? "" : FingerprintOf(certificate), problem));
            return false;
        };
        return options;
    }

    /// <summary>"sha256:" and 64 hexadecimal digits, as access servers state it.</summary>
    public static string FingerprintOf(X509Certificate2 certificate) => Nas.FingerprintPrefix + Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256));

    private Nas? Find(X509Certificate2? shown, SslPolicyErrors errors, out string problem)
    {
        problem = "it shows no certificate";
        if (shown is null)
        {
            return null;
        }

        var now = time.GetUtcNow().LocalDateTime;
        if (now < shown.NotBefore || now > shown.NotAfter)
        {
            problem = "its certificate is not valid now";
            return null;
        }

        // (1)
        var snapshot = nases.Snapshot;
        if (snapshot.NasByCertificate(FingerprintOf(shown)) is { } stated)
        {
            return stated;
        }

        // (2)
        if (errors != SslPolicyErrors.None)
        {
            problem = "no authority of connectivity.radSec.clientAuthorities signed its certificate for clients, and no access server states its fingerprint";
            return null;
        }

        problem = "no access server states a name of its certificate, or its fingerprint";
        return NamesOf(shown).Select(snapshot.NasByCertificate).FirstOrDefault(static nas => nas is not null);
    }

    private static IReadOnlyList<string> NamesOf(X509Certificate2 certificate)
    {
        string[] names = [.. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(static extension => extension.EnumerateDnsNames())];
        return names.Length > 0 ? names : [certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)];
    }
}
