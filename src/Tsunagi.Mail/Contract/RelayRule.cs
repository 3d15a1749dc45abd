using System.Text.Json;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Outbound;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;

namespace Tsunagi.Mail.Contract;

/// <summary>A customer's servers send from addresses of their own: none of this machine, of the provider's inner network or of a cloud's inside, whence others' mail could come too.</summary>
internal sealed class RelayRule(OutboundTcp outbound) : ISubscriptionRule
{
    public ValueTask<Refusal?> CheckAsync(ISqlTransaction transaction, Subscription subscription, string specification, string settings) =>
        ValueTask.FromResult(specification == GatewaySettings.Kind ? Check(JsonSerializer.Deserialize<GatewaySettings>(settings, SettingsJson.Options)) : null);

    internal Refusal? Check(GatewaySettings? settings)
    {
        foreach (var relay in settings?.Relays ?? [])
        {
            if (RelayNetwork.TryParse(relay, out var network, out _) && outbound.Policy.WhyNot(network.BaseAddress) is { } kind)
            {
                return Refusal.Invalid(
                    "mail.gateway.relay", "settings.relays", $"{relay} is a {kind} address: mail from there is nobody's in particular", "public addresses, or networks that an operator allows in outbound.allow");
            }
        }

        return null;
    }
}
