using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Time;

/// <summary>The loop of whoever looks at something every so often until the program stops.</summary>
public static partial class Looks
{
    /// <summary>Looks, and goes on whatever goes wrong in a look: a store that is away is told once until it is back, an error of ours each time.</summary>
    /// <param name="what">What is looked at, as the program's log calls it: "the pushes".</param>
    /// <param name="away">Tells that the store is away, and what waits for it.</param>
    public static async Task RunAsync(
        string what, TimeSpan every, Func<CancellationToken, ValueTask> look, Action<StoreUnavailableException> away, TimeProvider time, ILogger log, CancellationToken stoppingToken)
    {
        ArgumentNullException.ThrowIfNull(look);
        ArgumentNullException.ThrowIfNull(away);
        var isAway = false;
        try
        {
            using var timer = new PeriodicTimer(every, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await look(stoppingToken);
                    isAway = false;
                }
                catch (StoreUnavailableException failure)
                {
                    if (!isAway)
                    {
                        away(failure);
                    }

                    isAway = true;
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    // The one place for whatever goes wrong in a look: the next one is a moment away.
                    LogFailed(log, failure, what);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops; the next start looks anew.
        }
    }

    [LoggerMessage(160, LogLevel.Error, "a look at {What} failed; the next one goes on")]
    private static partial void LogFailed(ILogger log, Exception exception, string what);
}
