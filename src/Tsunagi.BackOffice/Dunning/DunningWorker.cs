using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Dunning;

/// <summary>
/// On the one node that holds the lease: every few seconds (1) suspensions whose invoices are paid are ended; every minute (2) automatic stages act, and once a day
/// (3) what waits for a person is told. Letters go out by a worker of their own.
/// </summary>
internal sealed partial class DunningWorker(
    Stores stores, DunningBook book, DunningOrders orders, DunningLifts lifts, Outbox outbox, ILeases leases, TimeProvider time, ILogger<DunningWorker> log) : BackgroundService
{
    public const string LeaseName = "backoffice.dunning";

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2), ActEvery = TimeSpan.FromMinutes(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => leases.HoldAsync(LeaseName, FollowAsync, stoppingToken);

    private async Task FollowAsync(ILease lease, CancellationToken lost)
    {
        var acted = time.GetTimestamp() - (long)(ActEvery.TotalSeconds * time.TimestampFrequency);
        while (!lost.IsCancellationRequested)
        {
            try
            {
                if (await ProviderTenant.SystemAsync(stores, lost) is { } system)
                {
                    // :: (1)
                    await lifts.LiftAsync(system, lease, lost);
                    if (time.GetElapsedTime(acted) >= ActEvery)
                    {
                        // :: (2), (3)
                        acted = time.GetTimestamp();
                        await orders.ActAsync(system, lease, lost);
                        await TellAsync(system, lease, lost);
                    }
                }
            }
            catch (StoreUnavailableException e)
            {
                LogStoreAway(log, e);
            }
            catch (Exception e) when (e is not (OperationCanceledException or StaleLeaseException))
            {
                LogFailed(log, e);
            }

            await Task.Delay(LookEvery, time, lost).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Says once a day how many steps wait for a person.</summary>
    internal async ValueTask TellAsync(Caller system, ILease? lease, CancellationToken cancellationToken)
    {
        var (frame, proposals) = await book.ProposalsAsync(system, null, cancellationToken);
        var waiting = proposals.Where(static each => !each.Stage.Automatic && each.Blocks.Count == 0).ToList();
        var stale = frame.IsStale && proposals.Count > 0;
        if (waiting.Count == 0 && !stale)
        {
            return;
        }

        await stores.Control.WriteAsync(
            async transaction =>
            {
                if (lease is not null)
                {
                    await lease.GuardAsync(transaction);
                }

                foreach (var (kind, type, count) in new[] { ("proposed", BackOfficeEvents.DunningProposed, waiting.Count), ("stale", BackOfficeEvents.DunningStale, stale ? proposals.Count : 0) })
                {
                    if (count > 0 && await transaction.ExecuteAsync(
                        "INSERT INTO bo_dunning_day (day, kind, steps) VALUES (@Day, @Kind, @Count) ON CONFLICT (day, kind) DO NOTHING", new { Day = Invoices.InvoiceBook.Text(frame.Bank.Today), Kind = kind, Count = (long)count }) > 0)
                    {
                        await outbox.AppendAsync(transaction, new Event(Id.New("e", time), type, time.NowMicros(), system.Scope.Path, "dunning", JsonSerializer.Serialize(new { steps = count })));
                    }
                }

                return true;
            },
            cancellationToken);
    }

    [LoggerMessage(5010, LogLevel.Warning, "the store is away; dunning waits")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(5011, LogLevel.Error, "a look at dunning failed; the next one tries again")]
    private static partial void LogFailed(ILogger log, Exception exception);
}
