using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Incidents;

namespace Tsunagi.Ddos.Sharing;

/// <summary>
/// On the one node that holds the lease, once a second: (1) each peer on its own is asked for what is new when its time has come, page by page, each page written with how far we are in one transaction; (2) each that takes it is sent what we
/// share and it has not; a peer that fails is asked again with growing pauses; (3) incidents are shared where a rule says so, and the end of those that are shared is told; (4) sources of running attacks that a peer named are told
/// once; (5) what is over is taken out.
/// </summary>
internal sealed partial class PeerKeeper(
    Stores stores, SharingOptions options, PeerBook book, PeerClient client, CollectionStore collections, Intake intake, ShareDesk desk, ForeignStore foreign, Outbox outbox, ILeases leases, TimeProvider time,
    ILogger<PeerKeeper> log) : BackgroundService
{
    private const string Lease = "ddos.sharing";
    private const int MostPages = 200;
    private const int MostSent = 200;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PurgeEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private long _purgedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.IsOn)
        {
            return;
        }

        await Task.Yield();
        try
        {
            await leases.HoldAsync(
                Lease,
                (lease, token) => Task.WhenAll(
                    [Looks.RunAsync("shared incidents", LookEvery, LookAsync, away => LogStoreAway(log, away), time, log, token), .. options.Peers.Select(peer => KeepAsync(peer, lease, token))]),
                stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops; the next start goes on where this one was.
        }
    }

    // (1), (2)
    private Task KeepAsync(SharingPeer peer, ILease lease, CancellationToken cancellationToken)
    {
        var (failures, askedAt) = (0, (long?)null);
        return Looks.RunAsync(
            "peer " + peer.Name, LookEvery,
            async token =>
            {
                var pause = failures == 0 ? TimeSpan.Zero : Shorter(TimeSpan.FromSeconds(Math.Pow(2, Math.Min(failures, 10))), LongestPause);
                if (askedAt is { } before && failures > 0 && time.GetElapsedTime(before) < pause)
                {
                    return;
                }

                var isDue = peer.Poll && (askedAt is not { } last || time.GetElapsedTime(last) >= peer.Every - (LookEvery / 2));
                askedAt = isDue || failures > 0 ? time.GetTimestamp() : askedAt;
                failures = await TryAsync(peer, lease, isDue || (peer.Poll && failures > 0), failures, token);
            },
            away => LogStoreAway(log, away), time, log, cancellationToken);
    }

    /// <summary>One round with a peer; how many have failed in a row.</summary>
    internal async ValueTask<int> TryAsync(SharingPeer peer, ILease lease, bool polls, int failures, CancellationToken cancellationToken)
    {
        var group = options.Group(peer.Group)!;
        var problem = polls ? await PollAsync(peer, group, lease, cancellationToken) : null;
        problem ??= peer.Push ? await PushAsync(peer, group, lease, cancellationToken) : null;
        if (problem is null)
        {
            return 0;
        }

        await book.FailedAsync(lease, await book.FindAsync(peer.Name, cancellationToken), problem, failures + 1, cancellationToken);
        return failures + 1;
    }

    // (1)
    private async ValueTask<string?> PollAsync(SharingPeer peer, SharingGroup group, ILease lease, CancellationToken cancellationToken)
    {
        var row = await book.FindAsync(peer.Name, cancellationToken);
        var warnings = await desk.WarningsAsync(cancellationToken);
        var (after, next) = (row.AddedAfter, (string?)null);
        for (var pages = 0; pages < MostPages; pages++)
        {
            var answer = await client.ReadAsync(peer, after, next, cancellationToken);
            if (answer.Envelope is not { } envelope)
            {
                return answer.Problem;
            }

            // Pages come oldest first, and a cursor holds for the question it was given for: how far we are is written when the last page is.
            next = envelope.HasMore ? envelope.Next : null;
            var isLast = next is null;
            row = await book.DoneAsync(
                lease, row,
                async (transaction, done) =>
                {
                    var taken = await intake.TakeAsync(transaction, peer.Name, group, envelope.Content.Objects, warnings);
                    var refused = envelope.Content.Refused.Length + taken.Refused;
                    return done with
                    {
                        AddedAfter = isLast && answer.LastAdded is { } last ? last : done.AddedAfter, Received = done.Received + envelope.Content.Objects.Length, Refused = done.Refused + refused,
                        LastRefused = taken.LastRefused.Length > 0 ? taken.LastRefused : envelope.Content.Refused.Length > 0 ? envelope.Content.Refused[^1].ToString() : done.LastRefused,
                    };
                },
                cancellationToken);
            if (isLast)
            {
                return null;
            }
        }

        return $"its collection is larger than {MostPages} pages: what was taken is kept, and it is asked again from the beginning";
    }

    // (2)
    private async ValueTask<string?> PushAsync(SharingPeer peer, SharingGroup group, ILease lease, CancellationToken cancellationToken)
    {
        while (true)
        {
            var row = await book.FindAsync(peer.Name, cancellationToken);
            var page = await collections.OwnAfterAsync(group, row.PushedTo, MostSent, cancellationToken);
            if (page.Rows.Count == 0)
            {
                return null;
            }

            lease.Lost.ThrowIfCancellationRequested();
            var answer = page.Released.Objects.Count == 0 ? null : await client.SendAsync(peer, page.Released, cancellationToken);
            if (answer?.Problem is { } problem)
            {
                return problem;
            }

            var failures = answer?.Status?.Failures ?? [];
            await book.DoneAsync(
                lease, row,
                (_, done) => ValueTask.FromResult(done with
                {
                    PushedTo = page.Rows[^1].AddedAt, Sent = done.Sent + page.Released.Objects.Count - failures.Length,
                    LastRefused = failures.Length > 0 ? $"it did not take {failures[0].Id}: {failures[0].Message}" : done.LastRefused,
                }),
                cancellationToken);
        }
    }

    private async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        if (await ProviderTenant.SystemAsync(stores, cancellationToken) is not { } system)
        {
            return;
        }

        // (3)
        foreach (var rule in options.Rules)
        {
            await ShareByRuleAsync(system, rule, cancellationToken);
        }

        foreach (var share in await OverAsync(cancellationToken))
        {
            if (await IncidentAsync(share.IncidentId, cancellationToken) is { } row)
            {
                await desk.TellEndAsync(system, share, row, cancellationToken);
            }
        }

        await TellKnownAsync(system, cancellationToken);
        await PurgeAsync(cancellationToken);
    }

    // (3)
    private async ValueTask ShareByRuleAsync(Caller system, SharingRule rule, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var rows = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<IncidentRow>(
                $"""
                SELECT {IncidentStore.Columns} FROM ddos_incident i WHERE opened_at <= @Before AND opened_at > @Since AND (closed_at IS NULL OR closed_at - opened_at >= @Lasted)
                  AND (@Tenant = '' OR tenant_id = @Tenant OR tenant_path LIKE @Below)
                  AND NOT EXISTS (SELECT 1 FROM ddos_share s WHERE s.incident_id = i.id AND s.group_name = @Group) ORDER BY id LIMIT 20
                """,
                new
                {
                    Before = now - (long)rule.After.TotalMicroseconds, Since = now - (24 * 3600 * UnixMicros.PerSecond), Lasted = (long)rule.After.TotalMicroseconds, rule.Tenant, Below = $"%{rule.Tenant}/%", rule.Group,
                }),
            cancellationToken);
        foreach (var row in rows)
        {
            await desk.ShareAsync(system, row, new ShareRequest(rule.Group, rule.Tlp, "by a rule of the configuration"), cancellationToken);
        }
    }

    private ValueTask<IReadOnlyList<ShareRow>> OverAsync(CancellationToken cancellationToken) => stores.Control.ReadAsync(
        static reader => reader.QueryAsync<ShareRow>(
            $"""
            SELECT {string.Join(", ", ShareRow.Columns.Split(", ").Select(static column => "s." + column))} FROM ddos_share s JOIN ddos_incident i ON i.id = s.incident_id
            WHERE s.tells_end = 0 AND s.withdrawn_at IS NULL AND i.closed_at IS NOT NULL ORDER BY s.id LIMIT 100
            """),
        cancellationToken);

    private ValueTask<IncidentRow?> IncidentAsync(string id, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<IncidentRow>($"SELECT {IncidentStore.Columns} FROM ddos_incident WHERE id = @Id", new { Id = id }), cancellationToken);

    // (4)
    private async ValueTask TellKnownAsync(Caller system, CancellationToken cancellationToken)
    {
        var open = await stores.Control.ReadAsync(
            static reader => reader.QueryAsync<IncidentRow>($"SELECT {IncidentStore.Columns} FROM ddos_incident WHERE closed_at IS NULL ORDER BY id DESC LIMIT 50"), cancellationToken);
        foreach (var row in open)
        {
            foreach (var peer in (await foreign.KnownAsync(row.TopSources, cancellationToken)).GroupBy(static known => known.Peer))
            {
                await stores.Control.WriteAsync(
                    async transaction =>
                    {
                        var isNew = await transaction.ExecuteAsync(
                            "INSERT INTO ddos_known_source (incident_id, peer, at) VALUES (@Id, @Peer, @At) ON CONFLICT DO NOTHING", new { row.Id, Peer = peer.Key, At = time.NowMicros() }) == 1;
                        if (isNew)
                        {
                            await outbox.AppendAsync(transaction, new Event(
                                Id.New("e", time), DdosEvents.SourcesKnown, time.NowMicros(), system.Scope.Path, row.Id,
                                JsonSerializer.Serialize(new { peer = peer.Key, sources = peer.Count(), confidence = peer.Max(static known => known.Confidence) })));
                        }

                        return isNew;
                    },
                    cancellationToken);
            }
        }
    }

    // (5)
    private async ValueTask PurgeAsync(CancellationToken cancellationToken)
    {
        if (_purgedAt != 0 && time.GetElapsedTime(_purgedAt) < PurgeEvery)
        {
            return;
        }

        await stores.Control.WriteAsync(
            async transaction =>
            {
                await intake.PurgeAsync(transaction);
                await collections.PurgeAsync(transaction);
                return true;
            },
            cancellationToken);
        _purgedAt = time.GetTimestamp();
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    [LoggerMessage(3260, LogLevel.Warning, "the store is away; peers are asked and told when it is back")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
