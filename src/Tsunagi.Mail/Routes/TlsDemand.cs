using System.Collections.Immutable;
using Tsunagi.Protocols.Mail.Dane;
using Tsunagi.Protocols.Mail.MtaSts;

namespace Tsunagi.Mail.Routes;

/// <summary>Which policy says what TLS to a server must be.</summary>
internal enum TlsPolicy
{
    /// <summary>None: TLS where it is offered, with any certificate, and clear text otherwise (RFC 7435).</summary>
    Opportunistic,

    /// <summary>MTA-STS in mode testing: as without a policy, but what fails is reported.</summary>
    StsTesting,

    /// <summary>MTA-STS in mode enforce: a valid certificate of the server's name, or no mail.</summary>
    StsEnforce,

    /// <summary>TLSA records of which none can be used: TLS with any certificate, or no mail (RFC 7672 section 2.2).</summary>
    DaneUnauthenticated,

    /// <summary>TLSA records: a certificate that they name, or no mail.</summary>
    Dane,
}

/// <summary>What TLS to one server must be, and from where that is known.</summary>
internal sealed record TlsDemand(TlsPolicy Policy)
{
    public static readonly TlsDemand None = new(TlsPolicy.Opportunistic);

    public StsPolicy? Sts { get; init; }

    public ImmutableArray<TlsaRecord> Tlsa { get; init; } = [];

    /// <summary>Names that a certificate under DANE-TA may have; the first is asked for in the handshake (RFC 7672 section 3.2.2).</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Clear text, or TLS that fails, is no delivery.</summary>
    public bool IsMandatory => Policy is TlsPolicy.StsEnforce or TlsPolicy.DaneUnauthenticated or TlsPolicy.Dane;

    /// <summary>Who demands, in a sentence's middle.</summary>
    public string Who => Policy switch
    {
        TlsPolicy.Dane or TlsPolicy.DaneUnauthenticated => "DANE (by its TLSA records)",
        TlsPolicy.StsEnforce => "the domain's MTA-STS policy (enforce)",
        TlsPolicy.StsTesting => "the domain's MTA-STS policy (testing)",
        _ => "nobody",
    };

    /// <summary>policy-type of RFC 8460 section 4.4.</summary>
    public string ReportType => Policy switch
    {
        TlsPolicy.Dane or TlsPolicy.DaneUnauthenticated => "tlsa",
        TlsPolicy.StsEnforce or TlsPolicy.StsTesting => "sts",
        _ => "no-policy-found",
    };
}
