namespace Tsunagi.Protocols.Mail.Dane;

/// <summary>What TLSA records say of a server's certificates.</summary>
/// <param name="Verdict">Whether they match.</param>
/// <param name="Match">The record that matched; null when none did.</param>
/// <param name="Why">A sentence for people when none did; empty otherwise.</param>
public sealed record DaneResult(DaneVerdict Verdict, TlsaRecord? Match, string Why);

/// <summary>How a check against TLSA records ended.</summary>
public enum DaneVerdict
{
    /// <summary>A record matches: the server is who it should be.</summary>
    Authenticated,
    /// <summary>There are records and none can be used: TLS is needed, nobody is authenticated (RFC 7672 section 2.2).</summary>
    Unusable,
    /// <summary>There are usable records and none matches: no mail may be sent over this session.</summary>
    Failed,
}
