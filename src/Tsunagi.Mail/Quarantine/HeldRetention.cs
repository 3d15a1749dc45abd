using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Meters;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Trace;

namespace Tsunagi.Mail.Quarantine;

/// <summary>
/// Ends what is over, by itself: the node that holds the lease (1) expires copies whose days are over and (2) forgets rows that ended long ago; each node (3) deletes
/// its files that nobody needs any more, and (4) once after its start, files that a crash left without a row.
/// </summary>
internal sealed partial class HeldRetention(
    HeldBook book, HeldBodies bodies, MailSpool spool, GatewayContracts contracts, Stores stores, Outbox outbox, ILeases leases, MailOptions options, MailMetrics metrics,
    TimeProvider time, ILogger<HeldRetention> log) : BackgroundService
{
    private const string Lease = "mail.quarantine.retention";
    private const int Together = 200;
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            var ending = leases.HoldAsync(Lease, (lease, token) => RepeatAsync(async () =>
            {
                await ExpireAsync(lease, token);
                await ForgetAsync(token);
            }, token), stoppingToken);
            var swept = false;
            await RepeatAsync(
                async () =>
                {
                    swept = swept || await SweepOrphansAsync(stoppingToken);
                    await DeleteSpentAsync(stoppingToken);
                },
                stoppingToken);
            await ending;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start goes on.
        }
    }

    /// <summary>(1) Returns how many copies expired.</summary>
    internal async ValueTask<int> ExpireAsync(ILease? lease, CancellationToken cancellationToken)
    {
        for (var expired = 0; ;)
        {
            var rows = await book.OverdueAsync(Together, cancellationToken);
            if (rows.Count == 0)
            {
                return expired;
            }

            expired += await stores.Control.WriteAsync(transaction => ExpireAsync(transaction, lease, rows), cancellationToken);
            await Task.Delay(Breath, time, cancellationToken);
        }
    }

    /// <summary>(2) Returns how many rows were forgotten.</summary>
    internal async ValueTask<int> ForgetAsync(CancellationToken cancellationToken)
    {
        var before = time.NowMicros() - (long)TimeSpan.FromDays(options.Quarantine.KeepEndedDays).TotalMicroseconds;
        for (var forgotten = 0; ;)
        {
            var count = await book.ForgetEndedAsync(before, Together, cancellationToken);
            if (count == 0)
            {
                return forgotten;
            }

            forgotten += count;
            await Task.Delay(Breath, time, cancellationToken);
        }
    }

    /// <summary>(3) Returns how many files were deleted.</summary>
    internal async ValueTask<int> DeleteSpentAsync(CancellationToken cancellationToken)
    {
        for (var deleted = 0; ;)
        {
            var spent = await book.SpentAsync(Together, cancellationToken);
            if (spent.Count == 0)
            {
                return deleted;
            }

            foreach (var body in spent)
            {
                if (SpoolId.TryParse(body.MessageId, out var id))
                {
                    bodies.Delete(id, body.TenantPath);
                }
            }

            await book.ForgetBodiesAsync([.. spent.Select(static body => body.MessageId)], cancellationToken);
            deleted += spent.Count;
        }
    }

    /// <summary>(4) Files that no row names and whose message is no longer in the spool.</summary>
    internal async ValueTask<bool> SweepOrphansAsync(CancellationToken cancellationToken)
    {
        var tenants = (await book.TenantsAsync(cancellationToken)).Concat(contracts.Table.BySubscription.Values.Select(static gateway => gateway.TenantPath)).Distinct();
        foreach (var files in bodies.Files(tenants).Chunk(Together))
        {
            // In this order: what the keeper enters meanwhile is in the spool until it is in the book.
            var gone = files.Where(file => spool.FactsOf(file.Id) is null).ToList();
            var known = await book.KnownAsync([.. gone.Select(static file => file.Id.ToString())], cancellationToken);
            foreach (var (tenantPath, id) in gone.Where(file => !known.Contains(file.Id.ToString())))
            {
                bodies.Delete(id, tenantPath);
                LogOrphan(log, id.ToString());
            }
        }

        return true;
    }

    private async ValueTask<int> ExpireAsync(ISqlTransaction transaction, ILease? lease, IReadOnlyList<HeldRow> rows)
    {
        if (lease is not null)
        {
            await lease.GuardAsync(transaction);
        }

        var expired = new List<HeldRow>(rows.Count);
        foreach (var row in rows)
        {
            if (await book.MoveAsync(transaction, row.Id, HeldAct.Expire, "system", "", "") is not null)
            {
                expired.Add(row);
            }
        }

        // One event for each contract: a flood of spam ends on one day as it came on one day.
        foreach (var contract in expired.GroupBy(static row => (row.TenantPath, row.SubscriptionId)))
        {
            var classes = contract.GroupBy(static row => row.Class).ToDictionary(static group => group.Key, static group => group.Count());
            await outbox.AppendAsync(transaction, new Event(
                Id.New("e", time), MailEvents.QuarantineExpired, time.NowMicros(), contract.Key.TenantPath, contract.Key.SubscriptionId,
                JsonSerializer.Serialize(new { subscription = contract.Key.SubscriptionId, copies = contract.Count(), classes })));
        }

        transaction.OnCommitted(() => expired.GroupBy(static row => row.Class).ToList().ForEach(group => metrics.HeldActed(HeldState.Expired, group.Key, group.Count())));
        return expired.Count;
    }

    private async Task RepeatAsync(Func<Task> act, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await act();
            }
            catch (Exception away) when (away is StoreUnavailableException or IOException)
            {
                LogAway(log, away);
            }

            await Task.Delay(options.Quarantine.SweepEvery, time, cancellationToken);
        }
    }

    [LoggerMessage(2531, LogLevel.Warning, "the store or the disk is away; what is over in the quarantine ends later")]
    private static partial void LogAway(ILogger log, Exception exception);

    [LoggerMessage(2532, LogLevel.Information, "the file of {Message} was left by a crash and is deleted")]
    private static partial void LogOrphan(ILogger log, string message);
}
