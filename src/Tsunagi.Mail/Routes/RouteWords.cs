using Tsunagi.Mail.Delivery;

namespace Tsunagi.Mail.Routes;

/// <summary>What is said of a connection on a route: its TLS, and which policy held.</summary>
internal static class RouteWords
{
    /// <param name="fallback">Why the first try with TLS failed; empty when it did not.</param>
    public static string OfConnection(NextHopConnection connection, TlsDemand demand, string fallback)
    {
        var tls = connection.Tls.Length > 0 ? connection.Tls
            : fallback.Length > 0 ? "not encrypted: TLS failed, and no policy asks for it"
            : "not encrypted: the server offers no STARTTLS, and no policy asks for it";
        return connection.Tls.Length == 0 && demand.Policy == TlsPolicy.Opportunistic ? tls : $"{tls}; {Of(demand)}{(connection.Doubt is { } doubt ? ": " + doubt.Why : "")}";
    }

    public static string Of(TlsDemand demand) => demand.Policy switch
    {
        TlsPolicy.Dane => "DANE, certificate as its TLSA records name it",
        TlsPolicy.DaneUnauthenticated => "DANE without a usable record: encrypted, certificate not checked",
        TlsPolicy.StsEnforce => "MTA-STS (enforce), certificate valid for the server's name",
        TlsPolicy.StsTesting => "MTA-STS (testing), failures are reported only",
        _ => "opportunistic, certificate not checked",
    };
}
