using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Authentication;

namespace Tsunagi.Routers.Arms;

/// <summary>
/// TLS 1.0 and 1.1 for boxes that know no other (the open client speaks TLS 1.0 and nothing else). OpenSSL 3 speaks them at its security level 0 only, which .NET sets for one handshake when encryption
/// is left to the list of ciphers; that list holds none without encryption, and no RC4. It touches no other listener of the program.
/// </summary>
[SuppressMessage("Security", "CA5397:Do not use deprecated SslProtocols values", Justification = "boxes in the field know no other; off unless an operator lists a listener for them")]
[SuppressMessage("Security", "CA5398:Avoid hardcoded SslProtocols values", Justification = "as above")]
[UnsupportedOSPlatform("windows")]
internal static class LegacyTls
{
    private static readonly CipherSuitesPolicy Ciphers = new(
    [
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, TlsCipherSuite.TLS_DHE_RSA_WITH_AES_256_CBC_SHA, TlsCipherSuite.TLS_DHE_RSA_WITH_AES_128_CBC_SHA,
        TlsCipherSuite.TLS_RSA_WITH_AES_256_CBC_SHA, TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA, TlsCipherSuite.TLS_RSA_WITH_3DES_EDE_CBC_SHA,
    ]);

#pragma warning disable SYSLIB0039, SYSLIB0040, CS0618 // deprecated protocols, and the policy that sets the security level: the subject of this file
    public static SslServerAuthenticationOptions ForServer(SslStreamCertificateContext certificate) => new()
    {
        ServerCertificateContext = certificate, EnabledSslProtocols = SslProtocols.Tls | SslProtocols.Tls11, EncryptionPolicy = EncryptionPolicy.AllowNoEncryption, CipherSuitesPolicy = Ciphers,
        ClientCertificateRequired = false,
    };

    public static SslClientAuthenticationOptions ForClient(RemoteCertificateValidationCallback trust) => new()
    {
        TargetHost = "", EnabledSslProtocols = SslProtocols.Tls | SslProtocols.Tls11, EncryptionPolicy = EncryptionPolicy.AllowNoEncryption, CipherSuitesPolicy = Ciphers, RemoteCertificateValidationCallback = trust,
    };
#pragma warning restore SYSLIB0039, SYSLIB0040, CS0618
}
