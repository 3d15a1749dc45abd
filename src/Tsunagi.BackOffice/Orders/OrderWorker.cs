using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Orders;

/// <summary>On the one node that holds the lease: does the items of orders whose time has come, and lets quotes expire.</summary>
internal sealed partial class OrderWorker(Fulfilment fulfilment, QuoteOrders quotes, Stores stores, ILeases leases, OrderSignal signal, TimeProvider time, ILogger<OrderWorker> log) : BackgroundService
{
    public const string LeaseName = "backoffice.orders";

    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(2);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => leases.HoldAsync(LeaseName, FollowAsync, stoppingToken);

    private async Task FollowAsync(ILease lease, CancellationToken lost)
    {
        while (!lost.IsCancellationRequested)
        {
            try
            {
                if (await ProviderTenant.SystemAsync(stores, lost) is { } system)
                {
                    await fulfilment.CarryOnAsync(system, lease, lost);
                    await quotes.ExpireAsync(system, lost);
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

            await signal.WaitAsync(PollEvery, time, lost);
        }
    }

    [LoggerMessage(5016, LogLevel.Warning, "the store is away; orders wait where they are")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(5017, LogLevel.Error, "carrying orders on failed; they stay where they are and are tried again")]
    private static partial void LogFailed(ILogger log, Exception exception);
}

/// <summary>There is an order to look at.</summary>
internal sealed class OrderSignal : CoalescedSignal;
