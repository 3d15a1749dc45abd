using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Leases;

/// <summary>
/// Keeps the node's book of leases: at start (1) what the log holds is brought into the store, (2) the book is read from there, with this server's DUID, and (3) pools may be opened; then, every few
/// seconds, (4) what other nodes answered is learned, (5) leases whose time was over, and the grace behind it, are ended in the log and then given back, (6) once an hour rows older than they are kept
/// are deleted. Nobody is answered before (3) and while the pools are not read.
/// </summary>
internal sealed partial class LeaseKeeper(
    Stores stores, LeaseLog leases, LeaseProjector projector, LeaseBook book, LeaseDesk desk, DelegatedRoutes routes, LeaseTail tail, AddressShares shares, ConnectivityOptions options, Node node, TimeProvider time, ILogger<LeaseKeeper> log)
    : BackgroundService
{
    private const int AtATime = 5_000;
    private const int EndedAtATime = 1_000;
    private const int DeletedAtATime = 500;
    private const int UuidOctets = 16;
    private const long OverlapMicros = 30 * UnixMicros.PerSecond;
    private static readonly TimeSpan DeleteEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1);

    private long _since;
    private long _deletedAt;
    private bool _isRead;
    private volatile byte[]? _duid;

    /// <summary>This server's DUID (RFC 6355: a UUID), the same after each start; null until it is known, and nobody is answered.</summary>
    public byte[]? Duid => shares.IsOpen ? _duid : null;

    /// <summary>(1) to (3); false while the log is closed.</summary>
    internal async ValueTask<bool> OpenAsync(CancellationToken cancellationToken)
    {
        if (!leases.IsKept)
        {
            tail.SetKnown();
            routes.AllKnown();
            return true;
        }

        // (1)
        if (!await projector.CatchUpAsync(cancellationToken))
        {
            return false;
        }

        // (2)
        _since = time.NowMicros() - OverlapMicros;
        await ReadAsync(cancellationToken);
        var duid = await ReadDuidAsync(cancellationToken);

        // (3)
        _isRead = true;
        _duid = duid;
        tail.SetKnown();
        routes.AllKnown();
        return true;
    }

    /// <summary>(4) and (5).</summary>
    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        // (4)
        var started = time.NowMicros();
        await LearnAsync(cancellationToken);
        _since = started - OverlapMicros;

        // (5)
        while (await EndDueAsync() == EndedAtATime)
        {
            // There are more.
        }

        lock (book.Turn)
        {
            book.ForgetRested(time.NowMicros());
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = RetryEvery;
            try
            {
                if (!_isRead)
                {
                    await OpenAsync(stoppingToken);
                    if (!leases.IsKept)
                    {
                        return;
                    }
                }
                else
                {
                    await LookAsync(stoppingToken);
                    await DeleteAsync(stoppingToken);
                    wait = options.Dhcp6.LookEvery;
                }
            }
            catch (Exception away) when (away is StoreUnavailableException or IOException)
            {
                // Leases that last go on; none is ended without knowing what other nodes answered.
                LogAway(log, away);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(_isRead && shares.IsOpen ? wait : TimeSpan.FromMilliseconds(100), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async ValueTask ReadAsync(CancellationToken cancellationToken)
    {
        for (var after = ""; ;)
        {
            var rows = await stores.Control.ReadAsync(
                reader => reader.QueryAsync<LeaseRow>(LeaseStore.Lasting, new { After = after, Now = time.NowMicros(), Limit = (long)AtATime }), cancellationToken);
            Take(rows, isStart: true);
            if (rows.Count < AtATime)
            {
                return;
            }

            after = rows[^1].Id;
        }
    }

    private async ValueTask LearnAsync(CancellationToken cancellationToken)
    {
        for (var (since, after) = (_since, ""); ;)
        {
            var rows = await stores.Control.ReadAsync(
                reader => reader.QueryAsync<LeaseRow>(LeaseStore.ChangedSince, new { Since = since, After = after, Node = node.Name, Limit = (long)AtATime }), cancellationToken);
            Take(rows, isStart: false);
            if (rows.Count < AtATime)
            {
                return;
            }

            (since, after) = (rows[^1].UpdatedAt, rows[^1].Id);
        }
    }

    private void Take(IReadOnlyList<LeaseRow> rows, bool isStart)
    {
        lock (book.Turn)
        {
            foreach (var lease in rows.Select(static row => row.ToLease()))
            {
                if (!book.Learn(lease))
                {
                    continue;
                }

                if (lease.State == LeaseState.Declined)
                {
                    book.Rest(lease);
                }

                if (isStart || lease.Owner != node.Name)
                {
                    continue;
                }

                // A part of this node's share that another node went on with, or ended.
                if (lease.IsBound)
                {
                    shares.InUse(lease.Pool, lease.LineId, lease.Part);
                }
                else
                {
                    shares.Release(lease.Pool, lease.LineId, lease.Part, lease.FreeAt);
                }
            }
        }
    }

    private async ValueTask<int> EndDueAsync()
    {
        var changes = new LeaseChanges();
        var written = new List<ValueTask<Core.Logs.LogPosition>>();
        lock (book.Turn)
        {
            foreach (var lease in book.Due(node.Name, time.NowMicros() - (long)options.Dhcp6.ExpiryGrace.TotalMicroseconds, EndedAtATime))
            {
                desk.End(lease, LeaseState.Expired, changes);
            }

            foreach (var (step, lease) in changes.Written)
            {
                written.Add(leases.AppendAsync(step, lease));
            }
        }

        foreach (var each in written)
        {
            await each;
        }

        lock (book.Turn)
        {
            desk.Follow(changes);
        }

        return changes.Ended.Count;
    }

    // (6)
    private async ValueTask DeleteAsync(CancellationToken cancellationToken)
    {
        if (_deletedAt != 0 && time.GetElapsedTime(_deletedAt) < DeleteEvery)
        {
            return;
        }

        _deletedAt = time.GetTimestamp();
        var before = time.NowMicros() - (long)options.Dhcp6.LeasesKept.TotalMicroseconds;
        while (await stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync(
                "DELETE FROM connectivity_lease WHERE id IN (SELECT id FROM connectivity_lease WHERE ended_at < @Before ORDER BY ended_at, id LIMIT @Limit)", new { Before = before, Limit = (long)DeletedAtATime }),
            cancellationToken) == DeletedAtATime)
        {
            // There are more.
        }
    }

    // RFC 8415 section 11: a server's DUID does not change; kept by the node's name, also when its disk is gone.
    private async ValueTask<byte[]> ReadDuidAsync(CancellationToken cancellationToken)
    {
        byte[] made = [0, 4, .. RandomNumberGenerator.GetBytes(UuidOctets)];
        var duid = await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    "INSERT INTO connectivity_dhcp6_server (node, duid, since_at) VALUES (@Node, @Duid, @Now) ON CONFLICT DO NOTHING", new { Node = node.Name, Duid = Convert.ToHexStringLower(made), Now = time.NowMicros() });
                return await transaction.FirstOrDefaultAsync<string>("SELECT duid FROM connectivity_dhcp6_server WHERE node = @Node", new { Node = node.Name });
            },
            cancellationToken);
        return Convert.FromHexString(duid!);
    }

    [LoggerMessage(5221, LogLevel.Warning, "leases of DHCP are not kept up with the store; those that last go on, and none is ended")]
    private static partial void LogAway(ILogger log, Exception exception);
}
