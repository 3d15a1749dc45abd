using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Mail.Reporting.Daily;

/// <summary>
/// Things that are alike, counted in memory and added to the control store at an interval and at the end, so that one node reports what all saw. A crash loses what an interval counted: it is told to strangers,
/// nobody is billed by it. What the store cannot take is counted on.
/// </summary>
/// <param name="what">What is counted, as the log calls it.</param>
/// <param name="mostKinds">Kinds of one interval; those beyond are not counted, and that is told once.</param>
internal abstract partial class DayCounts<TKind>(string what, int mostKinds, TimeSpan writeEvery, Stores stores, TimeProvider time, ILogger log) : BackgroundService
    where TKind : notnull
{
    private const int Together = 200;

    private readonly Lock _gate = new();
    private Dictionary<TKind, long> _counts = [];
    private bool _full;

    /// <summary>Adds to the store what was counted of some kinds; returns when it is there or the transaction is to be undone.</summary>
    protected abstract ValueTask<bool> WriteAsync(ISqlTransaction transaction, IReadOnlyList<KeyValuePair<TKind, long>> counts);

    /// <summary>The first microsecond of the day that is today, UTC.</summary>
    protected long Today => UnixMicros.From(new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero));

    /// <summary>What a kind is counted as that the interval does not have yet; one at a time.</summary>
    protected virtual TKind AsCounted(TKind kind) => kind;

    /// <summary>An interval begins, with no kinds.</summary>
    protected virtual void Begin()
    {
    }

    internal void Add(TKind kind, long count)
    {
        lock (_gate)
        {
            kind = _counts.ContainsKey(kind) ? kind : AsCounted(kind);
            if (_counts.TryGetValue(kind, out var known))
            {
                _counts[kind] = known + count;
            }
            else if (_counts.Count < mostKinds)
            {
                _counts.Add(kind, count);
            }
            else if (!_full)
            {
                _full = true;
                LogFull(log, mostKinds, what);
            }
        }
    }

    /// <summary>Adds what was counted to the store.</summary>
    /// <exception cref="StoreUnavailableException">It is counted on, and added later.</exception>
    internal async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        Dictionary<TKind, long> counts;
        lock (_gate)
        {
            (counts, _counts, _full) = (_counts, [], false);
            Begin();
        }

        var written = 0;
        try
        {
            foreach (var chunk in counts.Chunk(Together))
            {
                await stores.Control.WriteAsync(transaction => WriteAsync(transaction, chunk), cancellationToken);
                written += chunk.Length;
            }
        }
        finally
        {
            foreach (var (kind, count) in counts.Skip(written))
            {
                Add(kind, count);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await WriteAsync(cancellationToken);
        }
        catch (StoreUnavailableException away)
        {
            LogStoreAway(log, what, away);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Looks.RunAsync(what, writeEvery, WriteAsync, away => LogStoreAway(log, what, away), time, log, stoppingToken);

    [LoggerMessage(2921, LogLevel.Warning, "the store is away; {What} are written later")]
    private static partial void LogStoreAway(ILogger log, string what, Exception exception);

    [LoggerMessage(2922, LogLevel.Warning, "more than {Kinds} kinds of {What} in a minute; further kinds are not counted")]
    private static partial void LogFull(ILogger log, int kinds, string what);
}
