using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Changes;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Events;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Search;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Usage;

namespace Tsunagi.Core;

/// <summary>Core's services in the container, in the order of the nouns.</summary>
public static class CoreServices
{
    /// <param name="modules">The modules this process runs.</param>
    public static IServiceCollection AddCore(this IServiceCollection services, Stores stores, Node node, IReadOnlyList<IServiceModule> modules)
    {
        var descriptions = (ModuleDescription[])[CoreDescription.Description, .. modules.Select(static m => m.Describe())];
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(stores).AddSingleton(node).AddSingleton(modules);
        services.AddSingleton(new EventCatalogue(descriptions.SelectMany(static d => d.Events)));
        services.AddSingleton(new SpecificationCatalogue(descriptions));
        services.AddCoordination(stores, node);

        services.AddSingleton<AuditTrail>().AddSingleton(new OutboxSignal(stores.Control.Hints)).AddSingleton<EventSignal>().AddSingleton<Outbox>().AddSingleton<EventFeed>();
        services.AddSingleton<ChangeRecorder>();
        services.AddHostedService<OutboxProjector>();

        services.AddSingleton<TenantDirectory>().AddSingleton<Plans>();
        services.AddSingleton<SubscriptionNeeds>();
        services.AddSingleton(new ProofOptions()).AddSingleton<Domains>().AddSingleton<Prefixes>().AddSingleton<Sites>();
        services.AddSingleton<SubscriptionBook>().AddSingleton<SubscriptionOrders>().AddSingleton<Exchange.Credits.ServiceCredits>();
        services.AddSingleton<DesiredSignal>().AddSingleton<DesiredRecords>();
        services.AddSingleton(provider => new Reconciler(
            stores, modules, provider, node, provider.GetRequiredService<DesiredSignal>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Reconciler>>()));
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<Reconciler>());

        services.TryAddSingleton(new NodeBeatOptions());
        services.AddSingleton(new ReadinessCatalogue(descriptions.SelectMany(static d => d.Readiness)));
        services.AddSingleton<NodeBook>().AddSingleton<IReadiness>(static provider => provider.GetRequiredService<NodeBook>());
        services.AddSingleton<NodeReadiness>().AddHostedService<NodeBeat>();

        services.AddSingleton<Apply.Applier>();
        services.AddSingleton<UsageRecords>().AddSingleton<UsageBatches>().AddSingleton<InvoicePreviews>().AddSingleton<MeterVerification>();
        services.AddSingleton<ISearchSource, CoreSearch>().AddSingleton<SearchBox>();
        return services;
    }
}
