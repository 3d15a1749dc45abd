using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Proxy;

/// <summary>
/// Relays this node's stored reports: (1) those that are due, of each session the oldest, so many at a time; (2) each is due again after a while that doubles, which is written before it is sent: a store that
/// can be read and not written sends nobody the same again and again; (3) each goes to its realm's home servers with the time it lay here in Acct-Delay-Time; (4) an acknowledged one is done; (5) one that is
/// older than reports are kept, whichever node's it is, or of a realm that is not relayed any more, is given up and told. A crash between (3) and (4) sends a report again, as an access server does whose
/// acknowledgement was lost: home servers know it by its session and counters.
/// </summary>
internal sealed partial class AccountingRelay(Stores stores, RadiusProxy proxy, Node node, Outbox outbox, ConnectivityOptions options, TimeProvider time, ILogger<AccountingRelay> log) : BackgroundService
{
    private const string Acknowledged = "acknowledged";
    private const string GivenUp = "given-up";
    private const string NoRealm = "no-realm";
    private const int MostDoublings = 6;
    private const int DeletedAtATime = 500;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KnownFor = TimeSpan.FromDays(1);
    private static readonly TimeSpan LeftEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FailureEvery = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long _leftAt;
    private long _failedAt;

    /// <summary>One look; sends until nothing is due.</summary>
    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        await GiveUpLeftAsync(cancellationToken);
        while (await RelayAsync(cancellationToken) == options.Proxy.RelayedAtATime)
        {
            // There may be more.
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Looks.RunAsync("accounting for other providers", Every, LookAsync, away => LogAway(log, away), time, log, stoppingToken);

    private async ValueTask<int> RelayAsync(CancellationToken cancellationToken)
    {
        // (1)
        var rows = await RelayBook.DueAsync(stores, node.Name, time.NowMicros(), OldestKept(), options.Proxy.RelayedAtATime, cancellationToken);

        if (rows.Count == 0)
        {
            return 0;
        }

        // (2)
        await stores.Control.WriteAsync(
            async transaction =>
            {
                var now = time.NowMicros();
                foreach (var row in rows)
                {
                    await RelayBook.LaterAsync(transaction, row.Id, now + WaitOf(row));
                }

                return true;
            },
            cancellationToken);

        // (3)
        var outcomes = await Task.WhenAll(rows.Select(SendAsync));
        await stores.Control.WriteAsync(
            async transaction =>
            {
                // (4) and (5)
                var now = time.NowMicros();
                var lost = new List<(string Realm, string Outcome)>();
                foreach (var (row, outcome) in rows.Zip(outcomes))
                {
                    if (outcome is not null && await RelayBook.EndAsync(transaction, row.Id, outcome, now) && outcome != Acknowledged)
                    {
                        lost.Add((row.Realm, outcome));
                    }
                }

                await TellAsync(transaction, lost, now);
                return true;
            },
            cancellationToken);
        return rows.Count;
    }

    // (5), of nodes that do not do it themselves.
    private async ValueTask GiveUpLeftAsync(CancellationToken cancellationToken)
    {
        if (_leftAt != 0 && time.GetElapsedTime(_leftAt) < LeftEvery)
        {
            return;
        }

        while (await RelayBook.LeftAsync(stores, node.Name, OldestKept(), DeletedAtATime, cancellationToken) is { Count: > 0 } left)
        {
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    var now = time.NowMicros();
                    var lost = new List<(string Realm, string Outcome)>();
                    foreach (var row in left)
                    {
                        if (await RelayBook.EndAsync(transaction, row.Id, GivenUp, now))
                        {
                            lost.Add((row.Realm, GivenUp));
                        }
                    }

                    await TellAsync(transaction, lost, now);
                    return true;
                },
                cancellationToken);
        }

        // What was acknowledged is known for a while, so that it is not taken for new when it comes again.
        var before = time.NowMicros() - (long)KnownFor.TotalMicroseconds;
        while (await stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<string>("SELECT id FROM connectivity_relay WHERE done_at < @Before LIMIT 1", new { Before = before }), cancellationToken) is not null)
        {
            await stores.Control.WriteAsync(
                transaction => transaction.ExecuteAsync(
                    "DELETE FROM connectivity_relay WHERE id IN (SELECT id FROM connectivity_relay WHERE done_at < @Before ORDER BY done_at, id LIMIT @Limit)", new { Before = before, Limit = (long)DeletedAtATime }),
                cancellationToken);
        }

        _leftAt = time.GetTimestamp();
    }

    private long OldestKept() => time.NowMicros() - (long)options.Proxy.RelayKept.TotalMicroseconds;

    // Null for later. What fails of one is no other's matter.
    private async Task<string?> SendAsync(RelayRow row)
    {
        if (proxy.Realms.FirstOrDefault(realm => realm.Name == row.Realm && realm.Accounting == RelayedAccounting.Stored) is not { } realm)
        {
            return NoRealm;
        }

        var age = time.NowMicros() - row.ReceivedAt;
        try
        {
            if (await proxy.RelayAsync(realm, Convert.FromBase64String(row.Packet), (uint)Math.Max(0, age / UnixMicros.PerSecond)))
            {
                return Acknowledged;
            }
        }
        catch (Exception failed)
        {
            TellFailure(failed, realm.Name);
        }

        return age > (long)options.Proxy.RelayKept.TotalMicroseconds ? GivenUp : null;
    }

    private static long WaitOf(RelayRow row) => (long)FirstWait.TotalMicroseconds << (int)Math.Min(row.Tries, MostDoublings);

    private async ValueTask TellAsync(ISqlTransaction transaction, IReadOnlyList<(string Realm, string Outcome)> lost, long now)
    {
        if (lost.Count == 0 || await ProviderTenant.PathAsync(transaction) is not { } provider)
        {
            return;
        }

        foreach (var group in lost.GroupBy(static each => each))
        {
            await outbox.AppendAsync(transaction, new Event(
                Id.New("e", time), ProxyEvents.NotRelayed, now, provider, group.Key.Realm, JsonSerializer.Serialize(new { realm = group.Key.Realm, reports = group.Count(), reason = group.Key.Outcome, node = node.Name })));
        }
    }

    private void TellFailure(Exception failed, string realm)
    {
        lock (_lock)
        {
            if (_failedAt != 0 && time.GetElapsedTime(_failedAt) < FailureEvery)
            {
                return;
            }

            _failedAt = time.GetTimestamp();
        }

        LogFailed(log, failed, realm);
    }

    [LoggerMessage(5192, LogLevel.Warning, "the store is away; accounting for other providers waits in it and in the log")]
    private static partial void LogAway(ILogger log, Exception exception);

    [LoggerMessage(5193, LogLevel.Error, "relaying a stored report of the realm {Realm} failed; it is tried again, and others go on")]
    private static partial void LogFailed(ILogger log, Exception exception, string realm);
}
