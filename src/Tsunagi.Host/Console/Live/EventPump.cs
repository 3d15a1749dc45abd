using Microsoft.Extensions.Hosting;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Ui.Live;

namespace Tsunagi.Host.Console.Live;

/// <summary>
/// Follows the event feed and tells lists of events that there is more: topic "events", and "subject:{id}" for the page of the thing itself.
/// It carries no content, only the call to read again.
/// </summary>
internal sealed class EventPump(LiveHub hub, Stores stores, EventFeed feed, EventSignal signal, TimeProvider time) : BackgroundService
{
    private const int Batch = 500;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Caller? everything = null;
        var after = -1L;
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = signal.Next;
            try
            {
                everything ??= await ProviderAsync(stoppingToken);
                if (everything is not null)
                {
                    after = after < 0 ? await feed.LastPositionAsync(stoppingToken) : await TellAsync(everything, after, stoppingToken);
                }
            }
            catch (Exception away) when (away is StoreUnavailableException or OperationCanceledException)
            {
                // Tried again below; a hint that comes late is no loss.
            }

            await Task.WhenAny(next, Task.Delay(Poll, time, stoppingToken));
        }
    }

    private async ValueTask<long> TellAsync(Caller everything, long after, CancellationToken cancellationToken)
    {
        var batch = await feed.AfterAsync(everything, after, Batch, cancellationToken);
        if (hub.Readers > 0)
        {
            foreach (var path in batch.Select(static item => item.TenantPath).Distinct())
            {
                hub.Publish("events", path, "{}");
            }

            foreach (var (subject, path) in batch.Select(static item => (item.Subject, item.TenantPath)).Distinct())
            {
                hub.Publish("subject:" + subject, path, "{}");
            }
        }

        return batch.Count == 0 ? after : batch[^1].Position;
    }

    private async ValueTask<Caller?> ProviderAsync(CancellationToken cancellationToken)
    {
        var id = await stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<string>("SELECT id FROM tenant WHERE kind = 'provider'"), cancellationToken);
        return id is null ? null : Caller.System(new TenantScope(id, id + "/"));
    }
}
