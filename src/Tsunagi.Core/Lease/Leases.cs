using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Lease;

/// <summary>What both kinds of leases share.</summary>
public abstract partial class Leases : ILeases
{
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private protected Leases(LeaseOptions options, TimeProvider time, ILogger logger)
    {
        if (options.Beat * 4 > options.TimeToLive)
        {
            throw new ArgumentException($"lease beat {options.Beat} must be at most a quarter of the time to live {options.TimeToLive}", nameof(options));
        }

        Options = options;
        _time = time;
        _logger = logger;
    }

    private protected LeaseOptions Options { get; }

    /// <summary>Leases that fit the stores, whose schemas must hold the parts of <see cref="LeaseSchema"/>.</summary>
    /// <param name="holder">What people read as the holder: the node's name.</param>
    public static Leases For(Stores stores, string holder, LeaseOptions options, TimeProvider time, ILogger<Leases> logger) =>
        stores.Control.Dialect == SqlDialect.Postgres
            ? new StoreLeases(stores, holder, options, time, logger)
            : new InProcessLeases(stores, holder, options, time, logger);

    public abstract ValueTask<ILease?> TryAcquireAsync(string name, CancellationToken cancellationToken);

    public async Task HoldAsync(string name, Func<ILease, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var lease = await TryAcquireAsync(name, cancellationToken);
                if (lease is not null)
                {
                    await using (lease)
                    {
                        LogHeld(name, lease.Epoch);
                        using var either = CancellationTokenSource.CreateLinkedTokenSource(lease.Lost, cancellationToken);
                        await WorkAsync(lease, work, either.Token, cancellationToken);
                    }
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (StoreUnavailableException away)
            {
                LogStoreAway(name, away.Message);
            }
            catch (Exception fault)
            {
                LogWorkFailed(name, fault);
            }

            await Task.Delay(Options.Beat, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Says at once when the work ended because the lease was lost: giving it back may take a while, where the store is the reason.</summary>
    private async Task WorkAsync(ILease lease, Func<ILease, CancellationToken, Task> work, CancellationToken either, CancellationToken cancellationToken)
    {
        try
        {
            await work(lease, either);
            lease.Lost.ThrowIfCancellationRequested();
        }
        catch (Exception lost) when (lost is StaleLeaseException || (lost is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogLost(lease.Name);
        }
    }

    /// <summary>Raises the fence in the projections; the control store's was raised with the lease's row.</summary>
    private protected static async ValueTask RaiseFenceAsync(IStore projections, string name, long epoch, CancellationToken cancellationToken) =>
        await projections.WriteAsync(transaction => LeaseFence.RaiseAsync(transaction, name, epoch), cancellationToken);

    [LoggerMessage(130, LogLevel.Information, "lease {Name}: held, epoch {Epoch}")]
    private partial void LogHeld(string name, long epoch);

    [LoggerMessage(131, LogLevel.Warning, "lease {Name}: lost, what it covers has stopped here")]
    private partial void LogLost(string name);

    [LoggerMessage(132, LogLevel.Error, "lease {Name}: what it covers failed, it is given back and taken again")]
    private partial void LogWorkFailed(string name, Exception fault);

    [LoggerMessage(133, LogLevel.Warning, "lease {Name}: the store is away, it is tried again: {Reason}")]
    private partial void LogStoreAway(string name, string reason);
}
