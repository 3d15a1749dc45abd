using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tsunagi.Core.Net.Tls;

/// <summary>The channel binding tls-server-end-point (RFC 5929 section 4.1).</summary>
internal static class ServerEndPoint
{
    /// <summary>
    /// The certificate's hash by the hash of its signature, MD5 and SHA-1 replaced by SHA-256. Empty where the signature has no hash of its own (Ed25519) or one that is not told by
    /// its name alone (RSASSA-PSS): then nothing is bound.
    /// </summary>
    public static ReadOnlyMemory<byte> BindingOf(X509Certificate2 certificate)
    {
        HashAlgorithmName? hash = certificate.SignatureAlgorithm.Value switch
        {
            // RSA with MD5, SHA-1, SHA-256; ECDSA with SHA-1, SHA-256
            "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.113549.1.1.11" or "1.2.840.10045.4.1" or "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
            "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
            "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
            _ => null,
        };
        return hash is { } known ? certificate.GetCertHash(known) : default(ReadOnlyMemory<byte>);
    }
}
