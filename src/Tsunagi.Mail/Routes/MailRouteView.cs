namespace Tsunagi.Mail.Routes;

/// <summary>Where mail for a domain would go now, and why.</summary>
/// <param name="Goes">smarthost, mx, nextHop (a domain served here: to the customer's own server), never, or later.</param>
/// <param name="NextHop">The one server it goes to, where that is not a matter of MX records.</param>
/// <param name="Summary">What would happen, in a sentence of the caller's language.</param>
/// <param name="Status">The code that mail would be answered with; absent where it would be sent.</param>
/// <param name="IsSecure">The MX answer was validated by DNSSEC, and that is believed.</param>
/// <param name="Hints">What to know or do, in the caller's language.</param>
public sealed record MailRouteView(
    string Domain, string Goes, string? NextHop, string Summary, string? Status, bool IsSecure, IReadOnlyList<RouteServerView> Servers, RoutePolicyView? MtaSts, IReadOnlyList<string> TlsReportsTo, IReadOnlyList<string> Hints);

/// <summary>One server, in the order of trying.</summary>
/// <param name="IsSecure">Its addresses were validated.</param>
/// <param name="Policy">opportunistic, sts-testing, sts-enforce, dane-unauthenticated or dane.</param>
/// <param name="Tlsa">Its TLSA records where they count.</param>
/// <param name="Says">What its TLS must be, or why it is not tried, in the caller's language.</param>
/// <param name="Answer">What it said when it was asked: TLS and policy, or what failed; absent where it was not.</param>
public sealed record RouteServerView(
    string Name, int Preference, IReadOnlyList<string> Addresses, bool IsSecure, bool IsTried, string Policy, IReadOnlyList<string> Tlsa, string Says, string? Answer);

/// <summary>The domain's policy of MTA-STS.</summary>
/// <param name="Mode">none, testing or enforce.</param>
/// <param name="Problem">Why the newest could not be had; absent where nothing is wrong.</param>
public sealed record RoutePolicyView(string? Id, string? Mode, IReadOnlyList<string> Mx, long? MaxAgeSeconds, DateTimeOffset? FetchedAt, DateTimeOffset? ExpiresAt, string? Problem);
