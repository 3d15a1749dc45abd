using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Outbound.Webhooks;
using Tsunagi.Core.Queue;

namespace Tsunagi.Core.Outbound;

/// <summary>Puts outgoing connections and webhooks into the container. Needs the queue, the feed and the secrets beside it.</summary>
public static class OutboundSetup
{
    public static IServiceCollection AddOutbound(this IServiceCollection services, OutboundOptions? options = null)
    {
        services.AddSingleton(options ?? new OutboundOptions()).AddSingleton<OutboundTcp>().AddSingleton<OutboundHttp>();
        services.AddSingleton<WebhookBook>().AddSingleton<WebhookDeliveries>().AddSingleton<IWorkHandler, WebhookDelivery>().AddHostedService<WebhookPump>();
        return services;
    }
}
