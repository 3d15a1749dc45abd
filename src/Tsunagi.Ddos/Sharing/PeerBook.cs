using System.Text.Json;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Incidents;

namespace Tsunagi.Ddos.Sharing;

/// <summary>How far we are with each peer, and what went wrong last. Every write is the lease holder's.</summary>
internal sealed class PeerBook(Stores stores, SharingOptions options, Outbox outbox, TimeProvider time)
{
    /// <summary>So many tries in a row fail before it is told.</summary>
    public const int TellAfter = 3;

    /// <summary>Every peer of the configuration, with what is known of it.</summary>
    public async ValueTask<IReadOnlyList<(SharingPeer Peer, PeerRow Row)>> AllAsync(CancellationToken cancellationToken)
    {
        var rows = await stores.Control.ReadAsync(static reader => reader.QueryAsync<PeerRow>($"SELECT {PeerRow.Columns} FROM ddos_peer ORDER BY name"), cancellationToken);
        return [.. options.Peers.Select(peer => (peer, rows.FirstOrDefault(row => row.Name == peer.Name) ?? PeerRow.Of(peer.Name)))];
    }

    public async ValueTask<PeerRow> FindAsync(string name, CancellationToken cancellationToken) =>
        await stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<PeerRow>($"SELECT {PeerRow.Columns} FROM ddos_peer WHERE name = @Name", new { Name = name }), cancellationToken) ?? PeerRow.Of(name);

    /// <summary>It went well: what changed with it is written, with what it brought, in one transaction.</summary>
    public ValueTask<PeerRow> DoneAsync(ILease lease, PeerRow row, Func<ISqlTransaction, PeerRow, ValueTask<PeerRow>> also, CancellationToken cancellationToken) => stores.Control.WriteAsync(
        async transaction =>
        {
            await lease.GuardAsync(transaction);
            var now = time.NowMicros();
            var done = await also(transaction, row with { TriedAt = now, OkAt = now, Problem = "", FailingSince = null, IsTold = 0 });
            await SaveAsync(transaction, done);
            if (row.IsTold == 1)
            {
                await TellAsync(transaction, DdosEvents.PeerBack, row.Name, new { peer = row.Name });
            }

            return done;
        },
        cancellationToken);

    /// <summary>It went wrong, so many times in a row.</summary>
    public ValueTask<PeerRow> FailedAsync(ILease lease, PeerRow row, string problem, int times, CancellationToken cancellationToken) => stores.Control.WriteAsync(
        async transaction =>
        {
            await lease.GuardAsync(transaction);
            var now = time.NowMicros();
            var tells = times >= TellAfter && row.IsTold == 0;
            var failed = row with { TriedAt = now, Problem = problem.Length > 500 ? problem[..500] : problem, FailingSince = row.FailingSince ?? now, IsTold = tells ? 1 : row.IsTold };
            await SaveAsync(transaction, failed);
            if (tells)
            {
                await TellAsync(transaction, DdosEvents.PeerFailing, row.Name, new { peer = row.Name, problem = failed.Problem, since = failed.FailingSince });
            }

            return failed;
        },
        cancellationToken);

    private static async ValueTask SaveAsync(ISqlTransaction transaction, PeerRow row) => await transaction.ExecuteAsync(
        $"""
        INSERT INTO ddos_peer ({PeerRow.Columns}) VALUES (@Name, @TriedAt, @OkAt, @Problem, @FailingSince, @IsTold, @AddedAfter, @PushedTo, @Received, @Refused, @LastRefused, @Sent)
        ON CONFLICT (name) DO UPDATE SET tried_at = excluded.tried_at, ok_at = excluded.ok_at, problem = excluded.problem, failing_since = excluded.failing_since, is_told = excluded.is_told,
          added_after = excluded.added_after, pushed_to = excluded.pushed_to, received = excluded.received, refused = excluded.refused, last_refused = excluded.last_refused, sent = excluded.sent
        """,
        row);

    private async ValueTask TellAsync(ISqlTransaction transaction, string type, string subject, object facts) =>
        await outbox.AppendAsync(transaction, new Event(Id.New("e", time), type, time.NowMicros(), await ProviderTenant.PathAsync(transaction) ?? "", subject, JsonSerializer.Serialize(facts)));
}

/// <summary>A peer as its table holds it.</summary>
/// <param name="AddedAfter">What its server said of the last object we took, as it wrote it.</param>
/// <param name="PushedTo">Up to which object of our collection it was sent, by when that was added.</param>
internal sealed record PeerRow(
    string Name, long? TriedAt, long? OkAt, string Problem, long? FailingSince, long IsTold, string AddedAfter, long PushedTo, long Received, long Refused, string LastRefused, long Sent)
{
    public const string Columns = "name, tried_at, ok_at, problem, failing_since, is_told, added_after, pushed_to, received, refused, last_refused, sent";

    public static PeerRow Of(string name) => new(name, null, null, "", null, 0, "", 0, 0, 0, "", 0);
}
