using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Routing.Bgp;

/// <summary>A route as one session announces and withdraws it. Two of the same <paramref name="Nlri"/> replace each other at the router.</summary>
/// <param name="Nlri">Family and route, as text.</param>
/// <param name="Octets">The announcement as it goes out: what was announced differs from what is wanted when these differ.</param>
internal sealed record OutRoute(string Nlri, BgpFamily Family, byte[] Octets, BgpUpdate Withdraw);
