using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Routing.Scrub;

/// <summary>Tells the provider's operators when a scrubber does not take what is wanted for longer than a moment, when it does again, and when somebody else changed its table.</summary>
internal sealed partial class ScrubberWatch(Stores stores, Outbox outbox, IScrubbers scrubbers, TimeProvider time, ILogger<ScrubberWatch> log) : BackgroundService
{
    private const long MomentMicros = 3 * UnixMicros.PerSecond;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly Findings _found = new(stores, outbox, time);
    private readonly HashSet<string> _failing = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _repaired = new(StringComparer.Ordinal);

    internal ValueTask LookAsync(CancellationToken cancellationToken)
    {
        foreach (var view in scrubbers.All.Where(_ => _found.Count < Findings.MostAtATime))
        {
            if (view.State == ScrubberView.Failing && time.NowMicros() - view.SinceAt > MomentMicros && _failing.Add(view.Name))
            {
                Tell(RoutingEvents.ScrubberFailing, view);
            }
            else if (view.State == ScrubberView.Up && _failing.Remove(view.Name))
            {
                Tell(RoutingEvents.ScrubberBack, view);
            }

            if (view.Repaired > _repaired.GetValueOrDefault(view.Name))
            {
                _repaired[view.Name] = view.Repaired;
                Tell(RoutingEvents.ScrubberChanged, view);
            }
        }

        return _found.TellAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => scrubbers.All.Count == 0
        ? Task.CompletedTask
        : Looks.RunAsync("the scrubbers", Every, LookAsync, away => LogAway(log, away), time, log, stoppingToken);

    private void Tell(string type, ScrubberView view) => _found.Add(type, view.Name, null, JsonSerializer.Serialize(new
    {
        scrubber = view.Name, error = view.LastError, since = view.SinceAt, rules = view.Rules.Count(static rule => rule.Acts), repaired = view.Repaired,
    }));

    [LoggerMessage(3361, LogLevel.Warning, "the store is away; the state of scrubbers is told when it is back")]
    private static partial void LogAway(ILogger log, Exception exception);
}
