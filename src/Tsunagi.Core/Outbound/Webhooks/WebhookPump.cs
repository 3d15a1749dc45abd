using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Queue;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Outbound.Webhooks;

/// <summary>
/// Follows the feed for every active webhook: (1) the events of its tenant behind its position; (2) those it wants become work, and (3) the position moves, in
/// one transaction. Any number of nodes may do so at once: who finds the position moved leaves it alone.
/// </summary>
public sealed partial class WebhookPump(Stores stores, EventFeed feed, EventSignal signal, IWorkQueue queue, TimeProvider time, ILogger<WebhookPump> log) : BackgroundService
{
    private const int Batch = 100;
    private const int MaxWebhooks = 5_000;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    /// <summary>One round over all active webhooks. True when at least one has more waiting.</summary>
    public async ValueTask<bool> RoundAsync(CancellationToken cancellationToken)
    {
        var active = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<WebhookRow>(
                $"SELECT {WebhookBook.Columns} FROM webhook WHERE state = @State ORDER BY id LIMIT @Limit", new { State = WebhookState.Active, Limit = (long)MaxWebhooks }),
            cancellationToken);
        var more = false;
        foreach (var webhook in active)
        {
            more |= await FollowAsync(webhook, cancellationToken);
        }

        return more;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var next = signal.Next;
                if (!await RoundAsync(stoppingToken))
                {
                    await Task.WhenAny(next, Task.Delay(Poll, time, stoppingToken));
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (StoreUnavailableException away)
            {
                LogAway(log, away.Message);
                await Task.Delay(Poll, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async ValueTask<bool> FollowAsync(WebhookRow webhook, CancellationToken cancellationToken)
    {
        // (1) A webhook sees what its tenant sees.
        var tenant = Caller.System(new TenantScope(webhook.TenantId, webhook.TenantPath));
        var events = await feed.AfterAsync(tenant, webhook.Position, Batch, cancellationToken);
        if (events.Count == 0)
        {
            return false;
        }

        var patterns = webhook.Patterns;
        var wanted = events.Where(each => WebhookRules.Matches(patterns, each.Type)).ToList();
        await stores.Control.WriteAsync(
            async transaction =>
            {
                // (3) First, because it is also the guard.
                if (await transaction.ExecuteAsync(
                    "UPDATE webhook SET position = @To WHERE id = @Id AND position = @From AND state = 'active'", new { webhook.Id, From = webhook.Position, To = events[^1].Position }) == 1)
                {
                    // (2)
                    foreach (var each in wanted)
                    {
                        await queue.EnqueueAsync(transaction, WebhookDelivery.Work(webhook.Id, webhook.TenantPath, each));
                    }
                }

                return 0;
            },
            cancellationToken);
        return events.Count == Batch;
    }

    [LoggerMessage(EventId = 1401, Level = LogLevel.Warning, Message = "following the feed for webhooks waits: {Reason}")]
    private static partial void LogAway(ILogger log, string reason);
}
