using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice.Letters;

/// <summary>Sends letters on the one node that holds the lease. Apart from dunning itself, so that a relay that is slow holds up nobody whose services are to go on.</summary>
internal sealed partial class LetterWorker(LetterSender sender, ILeases leases, TimeProvider time, ILogger<LetterWorker> log) : BackgroundService
{
    public const string LeaseName = "backoffice.letters";

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => leases.HoldAsync(LeaseName, FollowAsync, stoppingToken);

    private async Task FollowAsync(ILease lease, CancellationToken lost)
    {
        await sender.TakeOverAsync(lease, lost);
        while (!lost.IsCancellationRequested)
        {
            try
            {
                await sender.SendAsync(lease, lost);
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

    [LoggerMessage(5012, LogLevel.Warning, "the store is away; letters wait")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(5013, LogLevel.Error, "sending letters failed; the next look tries again")]
    private static partial void LogFailed(ILogger log, Exception exception);
}
