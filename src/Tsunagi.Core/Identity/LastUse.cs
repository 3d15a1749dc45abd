using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Identity;

/// <summary>When sessions and tokens were last used, gathered in memory and written twice a minute: a busy console must not write a row per request.</summary>
public sealed partial class LastUse(Stores stores, TimeProvider time, ILogger<LastUse> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);
    private const int Batch = 500;
    private readonly ConcurrentDictionary<string, long> _used = new(StringComparer.Ordinal);

    /// <summary>It was used now.</summary>
    public void Touch(string credentialId) => _used[credentialId] = time.NowMicros();

    /// <summary>When this node last saw it used and has not written that yet; 0 otherwise.</summary>
    public long Of(string credentialId) => _used.GetValueOrDefault(credentialId);

    /// <summary>Writes what was gathered.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var chunk in _used.ToArray().Chunk(Batch))
        {
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    foreach (var (id, at) in chunk)
                    {
                        await transaction.ExecuteAsync(
                            id.StartsWith("k_", StringComparison.Ordinal)
                                ? "UPDATE identity_token SET last_used_at = @At WHERE id = @Id AND (last_used_at IS NULL OR last_used_at < @At)"
                                : "UPDATE identity_session SET last_used_at = @At WHERE id = @Id AND last_used_at < @At",
                            new { Id = id, At = at });
                    }

                    return 0;
                },
                cancellationToken);
            foreach (var written in chunk)
            {
                // Only what was written goes: a use since then stays.
                _used.TryRemove(written);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(stoppingToken);
                await FlushAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (StoreUnavailableException away)
            {
                LogKept(log, away);
            }
        }
    }

    [LoggerMessage(EventId = 1301, Level = LogLevel.Warning, Message = "writing last uses of sessions failed; they are kept for the next round")]
    private static partial void LogKept(ILogger log, Exception error);
}
