using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Connectivity.Account;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Proxy;

/// <summary>A report that a home server is still to acknowledge.</summary>
internal sealed record RelayRow(string Id, string Realm, long EventAt, long ReceivedAt, string Packet, long Tries);

/// <summary>A report that is too old, of a node that does not relay it.</summary>
internal sealed record RelayLeft(string Id, string Realm);

/// <summary>How many reports of a realm wait, and since when the oldest does (µs since 1970).</summary>
internal sealed record RelayWaiting(string Realm, long Reports, long OldestAt);

/// <summary>
/// Reports on their way to home servers. One report is there once, however often the access server sent it and to which of our nodes: it is known by NAS, session, user, kind and all that it says, and by when it
/// happened (an access server that starts anew may use a session's id again). Of a session only the oldest is on its way.
/// </summary>
internal static class RelayBook
{
    // Two tellings of one report differ by its delay, which is in whole seconds, and by how long it lay somewhere.
    private const long SameMicros = 5 * 60 * UnixMicros.PerSecond;

    private const string Due =
        """
        SELECT r.id, r.realm, r.event_at, r.received_at, r.packet, r.tries FROM connectivity_relay r WHERE r.node = @Node AND r.done_at IS NULL AND r.due_at <= @Now
          AND NOT EXISTS (SELECT 1 FROM connectivity_relay e WHERE e.session_key = r.session_key AND e.done_at IS NULL AND (e.node = @Node OR e.received_at >= @Oldest) AND (e.event_at, e.position, e.id) < (r.event_at, r.position, r.id))
        ORDER BY r.due_at, r.id LIMIT @Limit
        """;

    /// <summary>In the transaction that makes sessions of the same records, so exactly once.</summary>
    public static async ValueTask AddAsync(ISqlTransaction transaction, string node, string realm, AccountingRecord record, AccountingReport report, long receivedAt, long position)
    {
        var session = Hash($"{record.NasId}\n{report.SessionId}\n{report.UserName}");
        var key = Hash($"{session}\n{ContentOf(record.Packet.Span)}");
        var known = await transaction.FirstOrDefaultAsync<string>(
            "SELECT id FROM connectivity_relay WHERE report_key = @Key AND event_at >= @From AND event_at <= @To ORDER BY id LIMIT 1", new { Key = key, From = report.EventAt - SameMicros, To = report.EventAt + SameMicros });
        if (known is null)
        {
            var id = Id.Format("ar", receivedAt / 1_000, SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{key}\n{report.EventAt}"))).AsSpan(0, 10));
            await transaction.ExecuteAsync(
                """
                INSERT INTO connectivity_relay (id, node, realm, session_key, report_key, event_at, position, received_at, packet, due_at, tries, done_at, outcome)
                VALUES (@Id, @Node, @Realm, @Session, @Key, @EventAt, @Position, @ReceivedAt, @Packet, 0, 0, NULL, '') ON CONFLICT (id) DO NOTHING
                """,
                new { Id = id, Node = node, Realm = realm, Session = session, Key = key, report.EventAt, Position = position, ReceivedAt = receivedAt, Packet = Convert.ToBase64String(record.Packet.Span) });
        }
    }

    /// <param name="oldest">µs: a report of another node that came before holds up none here.</param>
    public static ValueTask<IReadOnlyList<RelayRow>> DueAsync(Stores stores, string node, long now, long oldest, int most, CancellationToken cancellationToken) =>
        stores.Control.ReadAsync(reader => reader.QueryAsync<RelayRow>(Due, new { Node = node, Now = now, Oldest = oldest, Limit = (long)most }), cancellationToken);

    /// <summary>Reports of other nodes that came before a time: those nodes did not come back, or did not give them up in time.</summary>
    public static ValueTask<IReadOnlyList<RelayLeft>> LeftAsync(Stores stores, string node, long oldest, int most, CancellationToken cancellationToken) =>
        stores.Control.ReadAsync(
            reader => reader.QueryAsync<RelayLeft>(
                "SELECT id, realm FROM connectivity_relay WHERE done_at IS NULL AND node <> @Node AND received_at < @Oldest ORDER BY received_at, id LIMIT @Limit", new { Node = node, Oldest = oldest, Limit = (long)most }),
            cancellationToken);

    /// <summary>By realm; of all nodes.</summary>
    public static ValueTask<IReadOnlyList<RelayWaiting>> WaitingAsync(Stores stores, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        static reader => reader.QueryAsync<RelayWaiting>(
            "SELECT realm, CAST(count(*) AS BIGINT) AS reports, CAST(min(received_at) AS BIGINT) AS oldest_at FROM connectivity_relay WHERE done_at IS NULL GROUP BY realm ORDER BY realm"),
        cancellationToken);

    /// <summary>Its content goes; that it was is kept a while, so that it is known when it comes again. False when another node has ended it.</summary>
    public static async ValueTask<bool> EndAsync(ISqlTransaction transaction, string id, string outcome, long now) =>
        await transaction.ExecuteAsync("UPDATE connectivity_relay SET done_at = @Now, outcome = @Outcome, packet = '' WHERE id = @Id AND done_at IS NULL", new { Id = id, Outcome = outcome, Now = now }) == 1;

    public static async ValueTask LaterAsync(ISqlTransaction transaction, string id, long dueAt) =>
        await transaction.ExecuteAsync("UPDATE connectivity_relay SET due_at = @DueAt, tries = tries + 1 WHERE id = @Id", new { Id = id, DueAt = dueAt });

    // What does not change when an access server, or a proxy before us, says the same again: its kind by number, then all attributes but the delay, the stamp and what belongs to the hop.
    private static string ContentOf(ReadOnlySpan<byte> octets)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var kind = 0u;
        if (RadiusPacket.TryParse(octets, null, out var packet, out _))
        {
            packet.TryFind(RadiusType.AcctStatusType, out kind);
            foreach (var attribute in packet.Attributes)
            {
                if (attribute.Type is not (RadiusType.AcctDelayTime or RadiusType.EventTimestamp or RadiusType.ProxyState or RadiusType.MessageAuthenticator))
                {
                    hash.AppendData(attribute.Octets);
                }
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{kind}\n{Convert.ToHexStringLower(hash.GetHashAndReset())}");
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
