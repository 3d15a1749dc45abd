using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core;
using Tsunagi.Core.Idempotency;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Queue;
using Tsunagi.Core.Shards;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core;

public sealed class Coordination_services
{
    [Fact]
    public async Task A_handler_in_the_container_is_found_by_the_nodes_worker_and_everything_stops_cleanly()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var stores = await TestStores.OpenAsync(WorkQueueSchema.Part, LeaseSchema.Control, LeaseSchema.Projections, IdempotencySchema.Part);
        var handler = new Handler();
        var services = new ServiceCollection();
        services.AddLogging(static logging => logging.ClearProviders()).AddSingleton(TimeProvider.System).AddSingleton<IWorkHandler>(handler);
        services.AddCoordination(stores.Stores, Node.Open(stores.Directory, "n1", TimeProvider.System));
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true });
        var hosted = provider.GetServices<IHostedService>().ToList();
        foreach (var service in hosted)
        {
            await service.StartAsync(cancel);
        }

        await provider.GetRequiredService<IWorkQueue>().EnqueueAsync(new NewWork("k", "t_1/", "p"), cancel);
        Assert.Equal("p", await handler.Seen.Task.WaitAsync(TimeSpan.FromSeconds(5), cancel));
        Assert.NotNull(provider.GetRequiredService<ShardLoops>());
        await using (var lease = await provider.GetRequiredService<ILeases>().TryAcquireAsync("feed", cancel))
        {
            Assert.Equal(1, lease!.Epoch);
        }

        foreach (var service in hosted)
        {
            await service.StopAsync(cancel);
        }
    }

    private sealed class Handler : IWorkHandler
    {
        public TaskCompletionSource<string> Seen { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Kind => "k";

        public ValueTask<WorkOutcome> HandleAsync(WorkItem item, CancellationToken lost)
        {
            Seen.TrySetResult(item.Payload);
            return ValueTask.FromResult(WorkOutcome.Done);
        }
    }
}
