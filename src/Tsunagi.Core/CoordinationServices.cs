using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Idempotency;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Queue;
using Tsunagi.Core.Shards;
using Tsunagi.Core.Store;

namespace Tsunagi.Core;

/// <summary>How nodes and requests keep out of each other's way: queue, leases, shards, idempotency keys. Options registered before are kept.</summary>
internal static class CoordinationServices
{
    public static IServiceCollection AddCoordination(this IServiceCollection services, Stores stores, Node node)
    {
        services.TryAddSingleton(new WorkQueueOptions());
        services.TryAddSingleton(new LeaseOptions());
        services.TryAddSingleton(new ShardOptions());
        services.TryAddSingleton(new IdempotencyOptions());
        services.AddSingleton(provider => WorkQueue.For(stores.Control, provider.GetRequiredService<WorkQueueOptions>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IHostedService>(provider => new WorkLoop(
            provider.GetRequiredService<IWorkQueue>(), stores.Control, provider.GetServices<IWorkHandler>(), provider.GetRequiredService<WorkQueueOptions>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<WorkLoop>>()));
        services.AddSingleton<ILeases>(provider => Leases.For(
            stores, node.Name, provider.GetRequiredService<LeaseOptions>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Leases>>()));
        services.AddSingleton<ShardLoops>();
        services.TryAddSingleton(provider => new IdempotencyKeys(
            stores.Control, provider.GetRequiredService<IdempotencyOptions>(), provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<KeyHousekeeping>();
        return services;
    }
}
