using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Nodes;

/// <summary>Writes this node's row: at the start, at every beat, at once when its readiness changes, and when it stops as asked.</summary>
public sealed partial class NodeBeat(NodeBook book, NodeReadiness readiness, NodeBeatOptions options, TimeProvider time, ILogger<NodeBeat> log) : BackgroundService
{
    private IReadOnlyList<NotReady>? _said;
    private long _saidAt;
    private bool _begun;

    /// <summary>One look: writes when the beat is due or the reasons are others than last time.</summary>
    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        var reasons = readiness.Known();
        if (_said is { } said && said.SequenceEqual(reasons) && time.GetElapsedTime(_saidAt) < options.Beat)
        {
            return;
        }

        if (!_begun)
        {
            await book.BeginAsync(reasons, cancellationToken);
            _begun = true;
        }
        else
        {
            await book.BeatAsync(reasons, cancellationToken);
        }

        _said = reasons;
        _saidAt = time.GetTimestamp();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await book.EndAsync(cancellationToken);
        }
        catch (Exception away) when (away is StoreUnavailableException or OperationCanceledException)
        {
            LogUnsaid(log, away.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (StoreUnavailableException away)
            {
                LogUnsaid(log, away.Message);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(options.Look, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(150, LogLevel.Debug, "the other nodes could not be told how this one is: {Reason}")]
    private static partial void LogUnsaid(ILogger log, string reason);
}
