using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Incidents;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>
/// Reads what scrubbers count of our rules, several times a second: (1) the rate at which an incident's rules drop is told to the book, for the detector: an exporter behind the dropper sees nothing of the attack any more,
/// and an incident that were closed for that would lift what stops it. (2) What changed is written to the rules' rows, for pages and reports, also of rules that are gone.
/// </summary>
internal sealed partial class DropReader(Stores stores, Ledger ledger, IncidentBook book, TimeProvider time, ILogger<DropReader> log, IScrubbers? scrubbers = null) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    private readonly IScrubbers _scrubbers = scrubbers ?? IScrubbers.None;
    private readonly Dictionary<(string Scrubber, string Rule), (RuleDrop Drop, double Packets, double Bits)> _rates = [];
    private readonly Dictionary<(string Scrubber, string Rule), RuleDrop> _written = [];

    /// <summary>One look: (1) and (2).</summary>
    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        var drops = _scrubbers.All.SelectMany(static view => view.Rules.Select(rule => (Key: (view.Name, rule.Key), Drop: RuleDrop.Of(view.Name, rule)))).ToDictionary(static each => each.Key, static each => each.Drop);
        foreach (var (key, drop) in drops)
        {
            Rate(key, drop);
        }

        foreach (var key in _rates.Keys.Where(key => !drops.ContainsKey(key)).ToList())
        {
            _rates.Remove(key);
            _written.Remove(key);
        }

        // (1)
        var rules = ledger.Active.Where(static row => row.IncidentId.Length > 0).ToDictionary(static row => row.Id, static row => row.IncidentId, StringComparer.Ordinal);
        foreach (var incident in _rates.Where(rate => rules.ContainsKey(rate.Key.Rule)).GroupBy(rate => rules[rate.Key.Rule]))
        {
            book.TellDropped(incident.Key, (long)incident.Sum(static rate => rate.Value.Packets), (long)incident.Sum(static rate => rate.Value.Bits), time.NowMicros());
        }

        // (2)
        var changed = drops.Where(each => !_written.TryGetValue(each.Key, out var written) || !written.SaysTheSame(each.Value)).ToList();
        if (changed.Count > 0)
        {
            await WriteAsync(changed, cancellationToken);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _scrubbers.All.Count == 0
        ? Task.CompletedTask
        : Looks.RunAsync("what scrubbers drop", Every, LookAsync, away => LogAway(log, away), time, log, stoppingToken);

    private void Rate((string Scrubber, string Rule) key, RuleDrop drop)
    {
        if (!_rates.TryGetValue(key, out var before) || before.Drop.CountedAt == 0)
        {
            _rates[key] = (drop, 0, 0);
        }
        else if (drop.CountedAt > before.Drop.CountedAt)
        {
            var seconds = (drop.CountedAt - before.Drop.CountedAt) / (double)UnixMicros.PerSecond;
            _rates[key] = (drop, Math.Max(0, drop.Packets - before.Drop.Packets) / seconds, Math.Max(0, drop.Octets - before.Drop.Octets) * 8 / seconds);
        }
        else if (drop.State != ScrubbedRule.InPlace)
        {
            _rates[key] = (drop, 0, 0);
        }
    }

    private async ValueTask WriteAsync(List<KeyValuePair<(string Scrubber, string Rule), RuleDrop>> changed, CancellationToken cancellationToken)
    {
        var there = await stores.Control.WriteAsync(
            async transaction =>
            {
                var rules = new HashSet<string>(StringComparer.Ordinal);
                foreach (var rule in changed.GroupBy(static each => each.Key.Rule))
                {
                    if (await transaction.FirstOrDefaultAsync<string>("SELECT drops FROM ddos_mitigation WHERE id = @Id", new { Id = rule.Key }) is { } known)
                    {
                        await transaction.ExecuteAsync("UPDATE ddos_mitigation SET drops = @Drops WHERE id = @Id", new { Id = rule.Key, Drops = RuleDrop.Merge(known, [.. rule.Select(static each => each.Value)]) });
                        rules.Add(rule.Key);
                    }
                }

                return rules;
            },
            cancellationToken);

        // A rule that the store does not know yet is told again.
        foreach (var (key, drop) in changed.Where(each => there.Contains(each.Key.Rule)))
        {
            _written[key] = drop;
        }
    }

    [LoggerMessage(3415, LogLevel.Warning, "the store is away; what scrubbers drop is written when it is back")]
    private static partial void LogAway(ILogger log, Exception exception);
}
