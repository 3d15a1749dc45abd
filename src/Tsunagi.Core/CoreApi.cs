using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Apply;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Events;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Search;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Core;

/// <summary>Core's routes below /api/v1, noun by noun.</summary>
public static class CoreApi
{
    public static void Map(RouteGroupBuilder api)
    {
        IdentityApi.Map(api);
        AuditApi.Map(api);
        WebhookApi.Map(api);
        TenantApi.Map(api);
        ProofApi.Map(api);
        CatalogueApi.Map(api);
        SubscriptionApi.Map(api);
        EventApi.Map(api);
        MeterApi.Map(api);
        SearchApi.Map(api);
        ApplyApi.Map(api);
        NodeApi.Map(api);
    }
}
