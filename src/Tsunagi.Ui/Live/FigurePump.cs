using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Ui.Live;

/// <summary>Asks every <see cref="ILiveFigures"/> for the scopes somebody looks at, and tells their browsers. Nobody looks: nothing is asked.</summary>
internal sealed partial class FigurePump(LiveHub hub, IEnumerable<ILiveFigures> sources, TimeProvider time, ILogger<FigurePump> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await TickAsync(timer, stoppingToken))
        {
            foreach (var scope in hub.ScopesReading(FigureTopic.Head))
            {
                await TellAsync(scope, stoppingToken);
            }
        }
    }

    private static async ValueTask<bool> TickAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async ValueTask TellAsync(TenantScope scope, CancellationToken stoppingToken)
    {
        var figures = new Dictionary<string, double>();
        foreach (var source in sources)
        {
            try
            {
                await source.ReadAsync(scope, figures, stoppingToken);
            }
            catch (Exception failure) when (failure is StoreUnavailableException or OperationCanceledException)
            {
                LogLate(log, source.GetType().Name, failure.Message);
            }
        }

        if (figures.Count > 0)
        {
            figures["at"] = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
            hub.Publish(FigureTopic.Of(scope), scope.Path, JsonSerializer.Serialize(figures));
        }
    }

    [LoggerMessage(2001, LogLevel.Warning, "live figures of {Source} did not come: {Why}")]
    private static partial void LogLate(ILogger log, string source, string why);
}
