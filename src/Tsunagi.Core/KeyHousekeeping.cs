using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Idempotency;
using Tsunagi.Core.Queue;
using Tsunagi.Core.Store;

namespace Tsunagi.Core;

/// <summary>Forgets, once an hour, the keys of requests and of work that are past their retention. Every node may do it.</summary>
internal sealed partial class KeyHousekeeping(IdempotencyKeys requests, IWorkQueue work, TimeProvider time, ILogger<KeyHousekeeping> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                LogForgotten(await requests.ForgetOldAsync(stoppingToken), await work.ForgetKeysAsync(stoppingToken));
            }
            catch (StoreUnavailableException away)
            {
                LogLater(away.Message);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    [LoggerMessage(125, LogLevel.Debug, "forgot {Requests} keys of requests and {Work} of work")]
    private partial void LogForgotten(int requests, int work);

    [LoggerMessage(126, LogLevel.Warning, "old keys are forgotten an hour later: {Reason}")]
    private partial void LogLater(string reason);
}
