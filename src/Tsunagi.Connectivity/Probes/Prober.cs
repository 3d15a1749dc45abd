using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Probes;

/// <summary>
/// Probes the paths of lines, on the one node that holds the lease: every few seconds (1) it looks which probes there are, (2) sends and receives for them (<see cref="ProbeEngine"/>), (3) takes what is decided:
/// minutes, paths that were lost or came back, and (4) makes it durable. When the lease goes, sending stops at once, and what was not decided is not counted.
/// </summary>
internal sealed partial class Prober(ProbeBook book, ProbeWriter writer, ILeases leases, ProbeOptions options, TimeProvider time, ILogger<Prober> log) : BackgroundService
{
    public const string LeaseName = "connectivity.probes";

    private static readonly TimeSpan ForgetEvery = TimeSpan.FromHours(1);

    private bool _isAway;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => leases.HoldAsync(LeaseName, ProbeAsync, stoppingToken);

    private async Task ProbeAsync(ILease lease, CancellationToken lost)
    {
        using var engine = new ProbeEngine(options, () => !lost.IsCancellationRequested && lease.IsSafe, time, log);
        engine.Start();
        var forgot = time.GetTimestamp();
        try
        {
            while (!lost.IsCancellationRequested)
            {
                await LookAsync(engine, lease, lost);
                if (time.GetElapsedTime(forgot) >= ForgetEvery)
                {
                    forgot = time.GetTimestamp();
                    await writer.ForgetAsync(lost);
                }

                await Task.Delay(options.FollowEvery, time, lost).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            engine.Stop();
            Take(engine.Close(), lease);
            if (lease.IsSafe)
            {
                using var brief = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
                await WriteAsync(lease, brief.Token);
            }
        }
    }

    /// <summary>One look.</summary>
    internal async ValueTask LookAsync(ProbeEngine engine, ILease? lease, CancellationToken cancellationToken)
    {
        try
        {
            // (1), (2)
            engine.Follow(await book.RunningAsync(cancellationToken));

            // (3)
            Take(engine.Look(), lease);

            // (4)
            await writer.WriteAsync(lease, cancellationToken);
            _isAway = false;
        }
        catch (StoreUnavailableException away)
        {
            // Probing goes on; what it finds waits.
            Take(engine.Look(), lease);
            if (!_isAway)
            {
                LogStoreAway(log, away);
            }

            _isAway = true;
        }
        catch (Exception failed) when (failed is not (OperationCanceledException or StaleLeaseException))
        {
            LogFailed(log, failed);
        }
    }

    private void Take(ProbeFindings found, ILease? lease)
    {
        foreach (var (probe, change) in found.Changes)
        {
            writer.Add(probe, change);
        }

        foreach (var (probe, tally) in found.Minutes)
        {
            writer.Add(ProbeMinute.Of(probe, writer.SenderOf(lease), tally));
        }
    }

    private async ValueTask WriteAsync(ILease lease, CancellationToken cancellationToken)
    {
        try
        {
            await writer.WriteAsync(lease, cancellationToken);
        }
        catch (Exception failed) when (failed is StoreUnavailableException or StaleLeaseException or OperationCanceledException)
        {
            LogLeft(log, failed.Message);
        }
    }

    [LoggerMessage(5311, LogLevel.Warning, "the store is away; lines are probed on, and what is measured is written when it is back")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(5312, LogLevel.Error, "looking at the probes of lines failed; it is tried again")]
    private static partial void LogFailed(ILogger log, Exception exception);

    [LoggerMessage(5313, LogLevel.Warning, "the last minutes of the probes of this node were not written and are unknown: {Reason}")]
    private static partial void LogLeft(ILogger log, string reason);
}
