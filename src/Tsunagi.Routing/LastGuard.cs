using System.Net;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Routing;

/// <summary>The last guard before a router or a scrubber, whoever wants the route and whatever checked it before: its destination.</summary>
internal sealed class LastGuard(RoutingOptions options)
{
    private readonly IReadOnlyList<FlowAddress> _peers = [.. options.Peers.Select(static peer => FlowAddress.From(IPAddress.Parse(peer.Address)))];

    /// <summary>Why a destination may not be acted on; null when it may.</summary>
    public string? WhyNot(BgpPrefix destination)
    {
        var shortest = destination.IsIPv6 ? options.ShortestPrefix6 : options.ShortestPrefix4;
        if (destination.Length < shortest)
        {
            return $"{destination} is shorter than /{shortest}";
        }

        return _peers.Any(peer => peer.IsIPv4 != destination.IsIPv6 && peer.Prefix(destination.Length) == destination.Address) ? $"{destination} holds one of our BGP peers" : null;
    }

    /// <summary>Why a rule may not be acted on; null when it may.</summary>
    public string? WhyNot(FlowSpecRule rule) => rule.Find(FlowSpecType.Destination) is not { Offset: 0 } destination || rule.RouteDistinguisher is not null
        ? "a rule without a destination would act on everybody's traffic"
        : WhyNot(destination.Prefix);
}
