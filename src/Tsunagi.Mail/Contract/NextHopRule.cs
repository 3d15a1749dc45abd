using System.Net;
using System.Text.Json;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Outbound;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;

namespace Tsunagi.Mail.Contract;

/// <summary>
/// A next hop written as an address must be one the node may dial: no tenant makes the program talk to its own machine, the provider's inner network or a
/// cloud's metadata service. A name is judged when it is dialled, by the addresses it then has.
/// </summary>
internal sealed class NextHopRule(OutboundTcp outbound) : ISubscriptionRule
{
    public ValueTask<Refusal?> CheckAsync(ISqlTransaction transaction, Subscription subscription, string specification, string settings) =>
        ValueTask.FromResult(specification == GatewaySettings.Kind ? Check(JsonSerializer.Deserialize<GatewaySettings>(settings, SettingsJson.Options)) : null);

    internal Refusal? Check(GatewaySettings? settings) =>
        NextHop.TryParse(settings?.NextHop, out var nextHop, out _) && IPAddress.TryParse(nextHop.Host, out var address) && outbound.Policy.WhyNot(address) is { } kind
            ? Refusal.Invalid(
                "mail.gateway.next-hop", "settings.nextHop", $"the next hop {nextHop} has a {kind} address, which this provider does not dial for customers",
                "a public address, or a network that an operator allows in outbound.allow")
            : null;
}
