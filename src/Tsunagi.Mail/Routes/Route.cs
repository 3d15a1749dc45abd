using Tsunagi.Protocols.Mail.Route;

namespace Tsunagi.Mail.Routes;

/// <summary>The way to a domain's mail servers, as known now.</summary>
/// <param name="Servers">As in the plan, each with what its TLS must be.</param>
internal sealed record Route(MxPlan Plan, StsState Sts, IReadOnlyList<RouteServer> Servers)
{
    public string Domain => Plan.Domain;
}

/// <summary>One server of a route.</summary>
/// <param name="Refused">Why it is not dialled, for people; empty where it may be.</param>
/// <param name="RefusedAs">The result-type of RFC 8460 section 4.3 where a TLS policy refuses it; empty otherwise.</param>
internal sealed record RouteServer(MxHost Host, TlsDemand Demand, string Refused = "", string RefusedAs = "")
{
    public bool MayBeTried => Refused.Length == 0 && !Host.Addresses.IsEmpty;
}
