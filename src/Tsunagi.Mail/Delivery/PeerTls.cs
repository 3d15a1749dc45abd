using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Routes;

namespace Tsunagi.Mail.Delivery;

/// <summary>What a connection asks of its peer's TLS.</summary>
/// <param name="Level">Whether it is used, and whether nothing goes without.</param>
/// <param name="Name">The name asked for in the handshake.</param>
/// <param name="Who">Who requires it, in a sentence's middle: "the contract".</param>
internal sealed record PeerTls(NextHopTls Level, string Name, string Who = "the contract")
{
    /// <summary>Judges what was presented; null is well. Without it a required certificate is one that this machine trusts, and an opportunistic one is anybody's.</summary>
    public Func<X509Certificate?, X509Chain?, SslPolicyErrors, CertificateProblem?>? WhyNot { get; init; }

    /// <summary>What <see cref="WhyNot"/> finds is kept and told, and ends nothing (MTA-STS in mode testing).</summary>
    public bool OnlyTells { get; init; }

    public bool IsRequired => Level == NextHopTls.Required;

    public static PeerTls Of(NextHop nextHop, NextHopTls tls) => new(tls, nextHop.Host);
}
