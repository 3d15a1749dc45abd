using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice.Runs;

/// <summary>Carries runs on, on the one node that holds the lease: those a person has just made or released, and those a killed program left.</summary>
internal sealed partial class RunWorker(RunEngine engine, ILeases leases, RunSignal signal, TimeProvider time, ILogger<RunWorker> log) : BackgroundService
{
    public const string LeaseName = "backoffice.runs";

    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(2);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => leases.HoldAsync(LeaseName, FollowAsync, stoppingToken);

    private async Task FollowAsync(ILease lease, CancellationToken lost)
    {
        while (!lost.IsCancellationRequested)
        {
            try
            {
                foreach (var run in await engine.OpenAsync(lost))
                {
                    await engine.CarryOnAsync(run, lease, lost);
                }
            }
            catch (StoreUnavailableException e)
            {
                LogStoreAway(log, e);
            }
            catch (Exception e) when (e is not (OperationCanceledException or StaleLeaseException))
            {
                // One run that cannot go on must not stop the program: it stays where it is, the log says why.
                LogFailed(log, e);
            }

            await signal.WaitAsync(PollEvery, time, lost);
        }
    }

    [LoggerMessage(5001, LogLevel.Warning, "the store is away; invoice runs wait where they are")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(5002, LogLevel.Error, "carrying an invoice run on failed; it stays where it is and is tried again")]
    private static partial void LogFailed(ILogger log, Exception exception);
}
