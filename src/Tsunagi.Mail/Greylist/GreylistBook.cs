using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Mail.Greylist;

/// <summary>How a sender stands.</summary>
internal enum GreylistStanding
{
    /// <summary>Never seen, come again too early, or too late: it is put off.</summary>
    New,

    /// <summary>Comes again for the first time.</summary>
    Returned,

    /// <summary>Came again before.</summary>
    Known,
}

/// <summary>
/// The greylist in memory: bounded, written to the store and read from it every few seconds, so that it outlives a restart and a sender that comes again to another node is known there. A store
/// that is away keeps nobody waiting: the node goes on by what it knows. A row that two nodes wrote has the earlier first time and the more passes.
/// </summary>
internal sealed partial class GreylistBook(Stores stores, MailOptions options, TimeProvider time, ILogger<GreylistBook> log) : SharedMemory(time, options.Inbound.Greylist.ShareEvery)
{
    private const int Batch = 500;
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);
    private readonly GreylistOptions _options = options.Inbound.Greylist;
    private readonly ConcurrentDictionary<string, Row> _rows = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _dirty = new(StringComparer.Ordinal);
    private long _seenMicros;
    private long _lookedMicros;
    private long _sweptMicros;

    public int Count => _rows.Count;

    /// <summary>How a sender stands now; one that is not known is written down as seen.</summary>
    /// <returns>Besides, when it was first put off.</returns>
    public (GreylistStanding Standing, long FirstMicros) Meet(string key, string tenantPath)
    {
        var now = Time.NowMicros();
        if (_rows.TryGetValue(key, out var row))
        {
            if (row.Passes > 0 && now - row.LastAt <= Micros(_options.KnownFor))
            {
                return (GreylistStanding.Known, row.FirstAt);
            }

            var waited = now - row.FirstAt;
            if (row.Passes == 0 && waited <= Micros(_options.ComeAgainWithin))
            {
                return (waited >= Micros(_options.Wait) ? GreylistStanding.Returned : GreylistStanding.New, row.FirstAt);
            }
        }

        Put(new Row(key, tenantPath, now, now, 0, 0));
        return (GreylistStanding.New, now);
    }

    /// <summary>True for one whose mail was taken before and is not forgotten.</summary>
    public bool Knows(string key) => _rows.TryGetValue(key, out var row) && row.Passes > 0 && Time.NowMicros() - row.LastAt <= Micros(_options.KnownFor);

    /// <summary>Its mail was taken.</summary>
    public void Passed(string key, string tenantPath)
    {
        var now = Time.NowMicros();

        // Once an hour says enough that it is still there.
        if (!_rows.TryGetValue(key, out var row) || row.Passes == 0 || now - row.LastAt > Micros(TimeSpan.FromHours(1)))
        {
            Put(new Row(key, tenantPath, row?.FirstAt ?? now, now, (row?.Passes ?? 0) + 1, 0));
        }
    }

    private void Put(Row row)
    {
        _rows[row.Key] = row;
        _dirty[row.Key] = 0;
    }

    protected override async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        foreach (var chunk in _dirty.Keys.Chunk(Batch))
        {
            var rows = chunk.Select(key => _dirty.TryRemove(key, out _) && _rows.TryGetValue(key, out var row) ? row : null).OfType<Row>().ToList();
            try
            {
                await stores.Control.WriteAsync(
                    async transaction =>
                    {
                        var now = Time.NowMicros();
                        foreach (var row in rows)
                        {
                            await transaction.ExecuteAsync(
                                """
                                INSERT INTO mail_greylist (key, tenant_path, first_at, last_at, passes, written_at) VALUES (@Key, @TenantPath, @FirstAt, @LastAt, @Passes, @Now)
                                ON CONFLICT (key) DO UPDATE SET
                                    first_at = CASE WHEN excluded.passes = 0 AND mail_greylist.passes = 0 AND mail_greylist.first_at < excluded.first_at AND mail_greylist.first_at > @Once THEN mail_greylist.first_at ELSE excluded.first_at END,
                                    last_at = CASE WHEN mail_greylist.last_at > excluded.last_at THEN mail_greylist.last_at ELSE excluded.last_at END,
                                    passes = CASE WHEN mail_greylist.passes > excluded.passes AND mail_greylist.last_at > @Known THEN mail_greylist.passes ELSE excluded.passes END,
                                    written_at = excluded.written_at
                                """,
                                new { row.Key, row.TenantPath, row.FirstAt, row.LastAt, row.Passes, Now = now, Once = now - Micros(_options.ComeAgainWithin), Known = now - Micros(_options.KnownFor) });
                        }

                        return 0;
                    },
                    cancellationToken);
            }
            catch
            {
                rows.ForEach(row => _dirty[row.Key] = 0);
                throw;
            }
        }
    }

    protected override async ValueTask ReadAsync(CancellationToken cancellationToken)
    {
        var now = Time.NowMicros();
        var rows = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Row>(
                "SELECT key, tenant_path, first_at, last_at, passes, written_at FROM mail_greylist WHERE written_at >= @Since ORDER BY last_at DESC LIMIT @Most", new { Since = _seenMicros, Most = (long)_options.Entries }),
            cancellationToken);
        var oldest = now - Micros(_options.ComeAgainWithin);
        foreach (var read in rows)
        {
            // What was seen here since is not lost to what was read.
            _rows.AddOrUpdate(read.Key, static (_, given) => given.Read, static (_, own, given) => Better(own, given.Read, given.Oldest), (Read: read, Oldest: oldest));
        }

        _seenMicros = Math.Max(0, now - Micros(Slack));
    }

    protected override void Forget()
    {
        var now = Time.NowMicros();
        if (now - _lookedMicros >= Micros(TimeSpan.FromMinutes(1)))
        {
            _lookedMicros = now;
            foreach (var (key, row) in _rows)
            {
                if (now - row.LastAt > Micros(row.Passes > 0 ? _options.KnownFor : _options.ComeAgainWithin))
                {
                    Forget(key);
                }
            }
        }

        if (_rows.Count > _options.Entries)
        {
            // A tenth at once, so that this is not the work of every round.
            foreach (var row in _rows.Values.OrderBy(static row => row.Passes > 0).ThenBy(static row => row.LastAt).Take(_rows.Count - (_options.Entries * 9 / 10)).ToList())
            {
                Forget(row.Key);
            }
        }
    }

    private void Forget(string key)
    {
        _rows.TryRemove(key, out _);
        _dirty.TryRemove(key, out _);
    }

    protected override async ValueTask SweepAsync(CancellationToken cancellationToken)
    {
        var now = Time.NowMicros();
        if (now - _sweptMicros > Micros(TimeSpan.FromHours(1)))
        {
            _sweptMicros = now;
            await stores.Control.WriteAsync(
                transaction => transaction.ExecuteAsync(
                    "DELETE FROM mail_greylist WHERE last_at < @Known OR (passes = 0 AND last_at < @Once)", new { Known = now - Micros(_options.KnownFor), Once = now - Micros(_options.ComeAgainWithin) }),
                cancellationToken);
        }
    }

    // Of two that were never let in, the one that was put off first and may still come again; else the one that more is known of.
    private static Row Better(Row own, Row read, long oldest) => (own.Passes, read.Passes) switch
    {
        (0, 0) => read.FirstAt < own.FirstAt && read.FirstAt > oldest ? read : own,
        _ => own.LastAt > read.LastAt || own.Passes > read.Passes ? own : read,
    };

    protected override void Kept(StoreUnavailableException away) => LogKept(log, away);

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    private sealed record Row(string Key, string TenantPath, long FirstAt, long LastAt, long Passes, long WrittenAt);

    [LoggerMessage(2721, LogLevel.Warning, "the store is away; the greylist is kept in memory")]
    private static partial void LogKept(ILogger log, Exception exception);
}
