using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Account;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Events;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Connectivity.Radius;

/// <summary>What became of one life.</summary>
/// <param name="Lost">Acknowledged records that no session knows.</param>
/// <param name="Twice">Octets that meters have beyond what sessions were.</param>
internal sealed record AccountingLifeResult(int Acknowledged, int Lost, long Twice, int Crashes, string? Broken);

/// <summary>
/// A random life of accounting, drawn from a seed: NASes report sessions and send each record until it is acknowledged, while the machine loses power, dies or finds its disk failing at random
/// changes of the disk, and starts again. Judged only by what the NASes were told and what the sessions and meters say at the end.
/// </summary>
internal sealed class AccountingCrashLife
{
    private const int Boots = 3;
    private const int Clients = 3;
    private const int SessionsPerClient = 5;
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("life");

    private readonly int _seed;
    private readonly Random _random;
    private readonly ConnectivityWorld _world;
    private readonly CrashDisk _disk = new();
    private readonly Node _node;
    private readonly string _nas;
    private readonly LineSnapshotHolder _lines = new();
    private readonly ConcurrentDictionary<string, ulong> _acknowledged = new(StringComparer.Ordinal);
    private int _records;
    private volatile IPEndPoint? _server;

    private AccountingCrashLife(int seed, ConnectivityWorld world, SyncPoint? ignored)
    {
        _seed = seed;
        _random = new Random(seed);
        _world = world;
        _disk.Ignore(ignored);
        _node = new Node("life-" + seed.ToString(CultureInfo.InvariantCulture), "b_life", "/data");
        _nas = "na_" + seed.ToString(CultureInfo.InvariantCulture);
        var builder = new LineSnapshotBuilder { Version = 1 };
        builder.Set(new Nas { NasId = _nas, Name = _nas, Sources = [new IPNetwork(IPAddress.Loopback, 32)], Secret = Secret });
        builder.TryAdd(new Line { LineId = "ln_" + _nas, TenantId = world.Root.Id, TenantPath = world.Root.TenantPath, SubscriptionId = "s_" + _nas, UserName = "joe" });
        _lines.Set(builder.Build());
    }

    /// <param name="world">For its stores, which outlive each crash; many lives may share it.</param>
    public static Task<AccountingLifeResult> RunAsync(int seed, ConnectivityWorld world, SyncPoint? ignored = null, CancellationToken cancellationToken = default) =>
        new AccountingCrashLife(seed, world, ignored).RunAsync(cancellationToken);

    private async Task<AccountingLifeResult> RunAsync(CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(() => ReportAsync(client, ended.Token), CancellationToken.None)).ToArray();
        var crashes = 0;
        for (var boot = 0; boot <= Boots; boot++)
        {
            _disk.ClearFaults();
            var disk = _disk.Boot();
            var isLast = boot == Boots;
            if (!isLast)
            {
                _disk.OrderFault(_disk.Changes + 1 + _random.Next(40), (CrashDisk.Fault)_random.Next(3));
            }

            try
            {
                await RunOnceAsync(disk, clients, isLast, cancellationToken);
            }
            catch (IOException)
            {
                // The disk went while the log was opened or closed.
            }

            if (!isLast)
            {
                crashes++;
                if (_random.Next(3) == 0)
                {
                    _disk.Kill();
                }
                else
                {
                    _disk.LosePower(_seed + boot);
                }
            }
        }

        await ended.CancelAsync();
        return await JudgeAsync(crashes, cancellationToken);
    }

    private async Task RunOnceAsync(IDisk disk, Task[] clients, bool isLast, CancellationToken cancellationToken)
    {
        var options = RadiusWorld.Options(account: static own => own with { Directory = "accounting", SegmentBytes = 1 << 20 });
        var health = new NasHealth(_lines, TimeProvider.System);
        using var metrics = new ConnectivityMetrics();
        var open = new OpenSessions(TimeProvider.System);
        await using var log = new AccountingLog(options, _node, disk, TimeProvider.System, NullLogger<AccountingLog>.Instance);
        using var server = new AccountingServer(options, health, log, open, metrics, TimeProvider.System, NullLogger<AccountingServer>.Instance);
        using var projector = new SessionProjector(
            _world.Stores, log, open, _world.Get<Outbox>(), _node, options, metrics, _lines, TimeProvider.System, NullLogger<SessionProjector>.Instance);
        await log.StartAsync(cancellationToken);
        await server.StartAsync(cancellationToken);
        _server = server.EndPoints[0];
        using var consumer = (await projector.TryOpenAsync(cancellationToken))!;
        var over = isLast ? Task.WhenAll(clients) : DiedAsync(clients, cancellationToken);
        while (!over.IsCompleted)
        {
            await projector.ProjectAsync(consumer, TimeSpan.FromMilliseconds(5), cancellationToken);
        }

        _server = null;
        if (isLast)
        {
            await over;
            while (await projector.ProjectAsync(consumer, TimeSpan.Zero, cancellationToken) > 0)
            {
                // There is more.
            }
        }
    }

    // Until the ordered fault came, or all has been said.
    private async Task DiedAsync(Task[] clients, CancellationToken cancellationToken)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (!_disk.IsOff && !clients.All(static client => client.IsCompleted) && TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromMilliseconds(150))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Sessions one after the other: the record of each, with its own counters, is sent until it is acknowledged.</summary>
    private async Task ReportAsync(int client, CancellationToken cancellationToken)
    {
        var shared = new RadiusSecret(Secret);
        var random = new Random((_seed * 31) + client);
        for (var session = 0; session < SessionsPerClient; session++)
        {
            var name = $"{client}-{session}";
            var octets = 0UL;
            var reports = 1 + random.Next(3);
            for (var report = 1; report <= reports; report++)
            {
                octets += (ulong)random.Next(1, int.MaxValue);
                var request = Request(shared, name, report == reports ? 2u : 3u, (uint)report * 60, octets, (byte)random.Next(256));
                while (true)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (_server is { } server
                        && (await RadiusClient.AskAsync(server, request, shared, false, 1, TimeSpan.FromMilliseconds(40), TimeProvider.System, cancellationToken)).Answer is not null)
                    {
                        break;
                    }

                    await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken);
                }

                Interlocked.Increment(ref _records);
                _acknowledged[name] = octets;
            }
        }
    }

    private static byte[] Request(RadiusSecret shared, string session, uint status, uint seconds, ulong octets, byte identifier)
    {
        var buffer = new byte[256];
        var writer = new RadiusWriter(buffer, RadiusCode.AccountingRequest, identifier);
        writer.Add(RadiusType.AcctStatusType, status);
        writer.Add(RadiusType.AcctSessionId, session);
        writer.Add(RadiusType.UserName, "joe");
        writer.Add(RadiusType.AcctSessionTime, seconds);
        writer.Add(RadiusType.AcctInputOctets, (uint)octets);
        writer.Add(RadiusType.AcctInputGigawords, (uint)(octets >> 32));
        return writer.TryFinishSigned(shared, out var length) ? buffer[..length] : throw new InvalidOperationException("a record does not go into a packet");
    }

    private async Task<AccountingLifeResult> JudgeAsync(int crashes, CancellationToken cancellationToken)
    {
        var rows = await _world.Stores.Control.ReadAsync(reader => reader.QueryAsync<SessionRow>($"SELECT {SessionStore.Columns} FROM connectivity_session WHERE nas_id = @Nas ORDER BY id", new { Nas = _nas }), cancellationToken);
        var metered = await _world.Stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<long>("SELECT CAST(coalesce(sum(quantity), 0) AS BIGINT) FROM meter_delta WHERE subscription_id = @Subscription AND meter = @Meter", new { Subscription = "s_" + _nas, Meter = ConnectivityMeters.OctetsIn }),
            cancellationToken);
        var sessions = rows.GroupBy(static row => row.NasSessionId).ToDictionary(static group => group.Key, static group => group.Sum(static row => row.OctetsIn), StringComparer.Ordinal);
        var lost = _acknowledged.Where(each => (ulong)sessions.GetValueOrDefault(each.Key) < each.Value).ToList();
        var twice = metered - _acknowledged.Values.Sum(static octets => (long)octets);
        var broken = lost.Count > 0 ? $"seed {_seed}: session {lost[0].Key} was acknowledged with {lost[0].Value} octets and has {sessions.GetValueOrDefault(lost[0].Key)}" : twice != 0 ? $"seed {_seed}: {twice} octets too many are metered" : null;
        return new AccountingLifeResult(_records, lost.Count, twice, crashes, broken);
    }
}
