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
/// Relays this node's stored reports: (1) those that are due, of each session the oldest, so many at a time; (2) each goes to its realm's home servers with the time it lay here in Acct-Delay-Time; (3) an
/// acknowledged one is done, another is due again after a while that doubles; (4) one that is older than reports are kept, or of a realm that is not relayed any more, is given up and told. A crash between
/// (2) and (3) sends a report again, as an access server does whose acknowledgement was lost: home servers know it by its session and counters.
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

    /// <summary>One look; sends until nothing is due.</summary>
    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        while (await RelayAsync(cancellationToken) == options.Proxy.RelayedAtATime)
        {
            // There may be more.
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Looks.RunAsync("accounting for other providers", Every, LookAsync, away => LogAway(log, away), time, log, stoppingToken);

    private async ValueTask<int> RelayAsync(CancellationToken cancellationToken)
    {
        // (1)
        var rows = await RelayBook.DueAsync(stores, node.Name, time.NowMicros(), options.Proxy.RelayedAtATime, cancellationToken);

        // (2)
        var outcomes = await Task.WhenAll(rows.Select(SendAsync));
        await stores.Control.WriteAsync(
            async transaction =>
            {
                // (3) and (4)
                var now = time.NowMicros();
                foreach (var (row, outcome) in rows.Zip(outcomes))
                {
                    await (outcome is null ? RelayBook.LaterAsync(transaction, row.Id, now + WaitOf(row)) : RelayBook.EndAsync(transaction, row.Id, outcome, now));
                }

                await TellAsync(transaction, [.. rows.Zip(outcomes).Where(static each => each.Second is GivenUp or NoRealm).Select(static each => (each.First, each.Second!))], now);
                await transaction.ExecuteAsync(
                    "DELETE FROM connectivity_relay WHERE id IN (SELECT id FROM connectivity_relay WHERE done_at < @Before ORDER BY done_at, id LIMIT @Limit)",
                    new { Before = now - (long)KnownFor.TotalMicroseconds, Limit = (long)DeletedAtATime });
                return true;
            },
            cancellationToken);
        return rows.Count;
    }

    // Null for later.
    private async Task<string?> SendAsync(RelayRow row)
    {
        if (proxy.Realms.FirstOrDefault(realm => realm.Name == row.Realm && realm.Accounting == RelayedAccounting.Stored) is not { } realm)
        {
            return NoRealm;
        }

        var age = time.NowMicros() - row.ReceivedAt;
        if (await proxy.RelayAsync(realm, Convert.FromBase64String(row.Packet), (uint)Math.Max(0, age / UnixMicros.PerSecond)))
        {
            return Acknowledged;
        }

        return age > (long)options.Proxy.RelayKept.TotalMicroseconds ? GivenUp : null;
    }

    private static long WaitOf(RelayRow row) => (long)FirstWait.TotalMicroseconds << (int)Math.Min(row.Tries, MostDoublings);

    private async ValueTask TellAsync(ISqlTransaction transaction, IReadOnlyList<(RelayRow Row, string Outcome)> lost, long now)
    {
        if (lost.Count == 0 || await ProviderTenant.PathAsync(transaction) is not { } provider)
        {
            return;
        }

        foreach (var group in lost.GroupBy(static each => (each.Row.Realm, each.Outcome)))
        {
            await outbox.AppendAsync(transaction, new Event(
                Id.New("e", time), ProxyEvents.NotRelayed, now, provider, group.Key.Realm, JsonSerializer.Serialize(new { realm = group.Key.Realm, reports = group.Count(), reason = group.Key.Outcome, node = node.Name })));
        }
    }

    [LoggerMessage(5192, LogLevel.Warning, "the store is away; accounting for other providers waits in it and in the log")]
    private static partial void LogAway(ILogger log, Exception exception);
}
