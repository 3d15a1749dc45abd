namespace Tsunagi.Core.Exchange.Routes;

/// <summary>One route or rule that a module wants on the provider's routers: how a service asks the routing module, which it never sees.</summary>
/// <param name="Key">Unique over all modules: the id of the thing that wants it.</param>
/// <param name="Kind">Which kind.</param>
/// <param name="Text">A prefix ("192.0.2.1/32") for a blackhole; a rule with its action ("dst 192.0.2.1/32 proto udp then discard") for FlowSpec.</param>
/// <param name="UntilMicros">When it ends by itself: whoever announces it must not do so any longer, whatever else he is told.</param>
public sealed record WantedRoute(string Key, WantedRouteKind Kind, string Text, long UntilMicros);

/// <summary>What a wanted route does.</summary>
public enum WantedRouteKind
{
    /// <summary>All traffic to the prefix is dropped (RFC 7999).</summary>
    Blackhole,

    /// <summary>Traffic that matches is dropped or limited (RFC 8955, RFC 8956).</summary>
    FlowSpec,
}
