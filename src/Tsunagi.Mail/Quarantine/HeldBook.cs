using System.Security.Cryptography;
using System.Text;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Quarantine;

/// <summary>
/// The rows of held mail: who may see which, their states, their words. Every change of a state is one guarded statement (from these states only), so whoever comes
/// second changes nothing, whatever node or door he comes by.
/// </summary>
internal sealed class HeldBook(Stores stores, Node node, TimeProvider time)
{
    private const int MostOfMessage = 200;
    private const string Order = "ORDER BY h.seq DESC LIMIT @Limit";

    private const string Conditions = """
        AND h.seq < @Before AND h.seq >= @Least AND (@Class = '' OR h.class = @Class) AND h.held_at >= @From AND h.held_at < @To
        """;

    private const string AnyState = "AND (@State = '' OR h.state = @State)";

    public static readonly TenantQuery Newest = new("mail.held.newest", $$"""
        SELECT {{HeldRow.Columns}} FROM mail_held h WHERE {tenant:h} {{Conditions}} {{Order}}
        """);

    // Held is what most rows are; of every other state there are few, and they have an index.
    public static readonly TenantQuery OfState = new("mail.held.of-state", $$"""
        SELECT {{HeldRow.Columns}} FROM mail_held h WHERE {tenant:h} AND h.state = @State {{Conditions}} {{Order}}
        """);

    public static readonly TenantQuery OfRecipient = new("mail.held.of-recipient", $$"""
        SELECT {{HeldRow.Columns}} FROM mail_held h WHERE {tenant:h} AND h.recipient = @Recipient {{AnyState}} {{Conditions}} {{Order}}
        """);

    public static readonly TenantQuery Found = new(
        "mail.held.found",
        $$"""
        SELECT {{HeldRow.Columns}} FROM mail_held_words w CROSS JOIN mail_held h ON h.seq = w.rowid
        WHERE w.mail_held_words MATCH @Words AND w.rowid < @Before AND w.rowid >= @Least AND {tenant:h} {{AnyState}} {{Conditions}} ORDER BY w.rowid DESC LIMIT @Limit
        """,
        $$"""
        SELECT {{HeldRow.Columns}} FROM mail_held h
        WHERE h.words @> CAST(string_to_array(replace(@Words, '"', ''), ' ') AS varchar[]) AND {tenant:h} {{AnyState}} {{Conditions}} {{Order}}
        """);

    public static readonly TenantQuery ById = new("mail.held.by-id", $$"""SELECT {{HeldRow.Columns}} FROM mail_held h WHERE {tenant:h} AND h.id = @Id""");

    public static readonly TenantQuery Requests = new("mail.held.requests", """
        SELECT count(*) FROM mail_held h WHERE {tenant:h} AND h.state = 'requested'
        """);

    /// <summary>Newest first.</summary>
    public async ValueTask<IReadOnlyList<HeldRow>> ListAsync(Caller caller, HeldFilter filter, int limit, CancellationToken cancellationToken)
    {
        var words = HeldWords.Query(filter);
        var alone = filter.Recipient.Contains('@', StringComparison.Ordinal) && filter.Text.Length == 0 && filter.Sender.Length == 0 && filter.Subject.Length == 0;
        if (words.Length == 0 && (filter.Text + filter.Sender + filter.Recipient + filter.Subject).Trim().Length > 0)
        {
            // Nothing in it is a word: nothing has it.
            return [];
        }

        var (least, before) = await BoundsAsync(filter, cancellationToken);
        var query = alone ? OfRecipient : words.Length > 0 ? Found : filter.State.Length > 0 ? OfState : Newest;
        return await new TenantStore(stores.Control, caller.Scope).QueryAsync<HeldRow>(
            query,
            new
            {
                Words = words, Recipient = filter.Recipient.Trim().ToLowerInvariant(), filter.State, filter.Class, From = filter.FromMicros, To = filter.ToMicros,
                Before = before, Least = least, Limit = (long)limit,
            },
            cancellationToken);
    }

    public ValueTask<HeldRow?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<HeldRow>(ById, new { Id = id }, cancellationToken);

    /// <summary>The copies of one message, in the order of its envelope.</summary>
    public async ValueTask<IReadOnlyList<HeldRow>> OfMessageAsync(Caller caller, string message, CancellationToken cancellationToken) =>
        [.. (await ListAsync(caller, HeldFilter.Newest with { Text = message }, MostOfMessage, cancellationToken)).Where(row => row.MessageId == message).OrderBy(static row => row.Position)];

    /// <summary>What a recipient has that is newer than this number and still held, newest first.</summary>
    public ValueTask<IReadOnlyList<HeldRow>> NewForAsync(string tenantPath, string recipient, long afterSeq, int limit, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.QueryAsync<HeldRow>(
            $"SELECT {HeldRow.Columns} FROM mail_held h WHERE h.recipient = @Recipient AND h.tenant_path = @Path AND h.state = 'held' AND h.seq > @After ORDER BY h.seq DESC LIMIT @Limit",
            new { Recipient = recipient, Path = tenantPath, After = afterSeq, Limit = (long)limit }),
        cancellationToken);

    /// <summary>How many recipients wait for an answer.</summary>
    public ValueTask<long> RequestsAsync(Caller caller, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<long>(Requests, null, cancellationToken);

    /// <summary>Those of these messages that are in the book.</summary>
    public async ValueTask<IReadOnlySet<string>> KnownAsync(IReadOnlyCollection<string> messages, CancellationToken cancellationToken) =>
        (await stores.Control.ReadAsync(
            reader => reader.QueryAsync<string>("SELECT message_id FROM mail_held_body WHERE message_id IN @Ids ORDER BY message_id", new { Ids = messages }), cancellationToken)).ToHashSet();

    /// <summary>Enters messages whose files are on the disk, all in one transaction; one that is there already stays as it is.</summary>
    public ValueTask<bool> AddAsync(IReadOnlyList<NewHeld> messages, CancellationToken cancellationToken) => stores.Control.WriteAsync(
        async transaction =>
        {
            var copies = messages.Sum(static message => message.Facts.Recipients.Count);
            var last = await transaction.FirstOrDefaultAsync<long>("UPDATE mail_held_head SET seq = seq + @Copies WHERE one = 1 RETURNING seq", new { Copies = (long)copies });
            var next = last - copies;
            foreach (var message in messages)
            {
                next = await AddAsync(transaction, message, next);
            }

            return true;
        },
        cancellationToken);

    /// <summary>
    /// Takes one copy from a state to the next, when it is in one that allows it and, for what ends it, under no legal hold; null when it is not. What follows from it
    /// (audit, event) is written by the caller in the same transaction.
    /// </summary>
    public async ValueTask<HeldRow?> MoveAsync(ISqlTransaction transaction, string id, HeldAct act, string by, string reason, string releaseId)
    {
        var moved = await transaction.FirstOrDefaultAsync<string>(
            """
            UPDATE mail_held SET state = @To, changed_at = @At, changed_by = @By, reason = @Reason, release_id = CASE WHEN @Release = '' THEN release_id ELSE @Release END
            WHERE id = @Id AND state IN @From AND (@Ends = 0 OR legal_at = 0) RETURNING message_id
            """,
            new { Id = id, act.To, act.From, At = time.NowMicros(), By = by, Reason = reason, Release = releaseId, Ends = act.EndsIt ? 1L : 0L });
        if (moved is null)
        {
            return null;
        }

        await SpendAsync(transaction, moved);
        return await ReadAsync(transaction, id);
    }

    public async ValueTask<HeldRow?> ReadAsync(ISqlReader reader, string id) =>
        await reader.FirstOrDefaultAsync<HeldRow>($"SELECT {HeldRow.Columns} FROM mail_held h WHERE h.id = @Id", new { Id = id });

    /// <summary>Puts a legal hold on a copy or lifts it (an empty reason); null when there is nothing to change.</summary>
    public async ValueTask<HeldRow?> KeepAsync(ISqlTransaction transaction, string id, string by, string reason)
    {
        var keeps = reason.Length > 0;
        var changed = await transaction.FirstOrDefaultAsync<string>(
            $"""
            UPDATE mail_held SET legal_at = @At, legal_by = @By, legal_reason = @Reason
            WHERE id = @Id AND {(keeps ? "legal_at = 0 AND state IN ('held', 'requested', 'refused', 'releasing')" : "legal_at <> 0")} RETURNING message_id
            """,
            new { Id = id, At = keeps ? time.NowMicros() : 0L, By = keeps ? by : "", Reason = reason });
        if (changed is null)
        {
            return null;
        }

        await SpendAsync(transaction, changed);
        return await ReadAsync(transaction, id);
    }

    /// <summary>What this node is to hand to its queue, oldest first.</summary>
    public ValueTask<IReadOnlyList<HeldRow>> ReleasingAsync(int limit, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.QueryAsync<HeldRow>(
            $"SELECT {HeldRow.Columns} FROM mail_held h WHERE h.state = 'releasing' AND h.node = @Node ORDER BY h.seq LIMIT @Limit", new { Node = node.Name, Limit = (long)limit }),
        cancellationToken);

    /// <summary>Copies whose days are over, oldest first.</summary>
    public ValueTask<IReadOnlyList<HeldRow>> OverdueAsync(int limit, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.QueryAsync<HeldRow>(
            $"""
            SELECT {HeldRow.Columns} FROM mail_held h WHERE h.state IN ('held', 'requested', 'refused') AND h.legal_at = 0 AND h.expires_at <= @Now ORDER BY h.expires_at LIMIT @Limit
            """,
            new { Now = time.NowMicros(), Limit = (long)limit }),
        cancellationToken);

    /// <summary>Messages of this node whose content nobody needs any more.</summary>
    public ValueTask<IReadOnlyList<SpentBody>> SpentAsync(int limit, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.QueryAsync<SpentBody>(
            "SELECT message_id, tenant_path FROM mail_held_body WHERE spent = 1 AND node = @Node ORDER BY message_id LIMIT @Limit", new { Node = node.Name, Limit = (long)limit }),
        cancellationToken);

    /// <summary>Takes their names out, after their files are deleted.</summary>
    public ValueTask<int> ForgetBodiesAsync(IReadOnlyCollection<string> messages, CancellationToken cancellationToken) => stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync("DELETE FROM mail_held_body WHERE spent = 1 AND message_id IN @Ids", new { Ids = messages }), cancellationToken);

    /// <summary>Takes out rows that ended before this time, with their words; returns how many.</summary>
    public ValueTask<int> ForgetEndedAsync(long beforeMicros, int limit, CancellationToken cancellationToken) => stores.Control.WriteAsync(
        async transaction =>
        {
            var ended = await transaction.QueryAsync<long>(
                """
                SELECT seq FROM mail_held WHERE state IN ('released', 'deleted', 'expired', 'unreadable') AND changed_at < @Before AND legal_at = 0 ORDER BY changed_at LIMIT @Limit
                """,
                new { Before = beforeMicros, Limit = (long)limit });
            if (ended.Count == 0)
            {
                return 0;
            }

            await transaction.ExecuteAsync("DELETE FROM mail_held WHERE seq IN @Seqs", new { Seqs = ended });
            if (transaction.Dialect == SqlDialect.Sqlite)
            {
                await transaction.ExecuteAsync("DELETE FROM mail_held_words WHERE rowid IN @Seqs", new { Seqs = ended });
            }

            return ended.Count;
        },
        cancellationToken);

    /// <summary>Tenants that have held mail on this node.</summary>
    public ValueTask<IReadOnlyList<string>> TenantsAsync(CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.QueryAsync<string>("SELECT DISTINCT tenant_path FROM mail_held_body WHERE node = @Node ORDER BY tenant_path", new { Node = node.Name }), cancellationToken);

    private async ValueTask<long> AddAsync(ISqlTransaction transaction, NewHeld message, long seq)
    {
        var facts = message.Facts;
        var now = time.NowMicros();
        var heldClass = HeldClass.Of(facts.Hold);
        var isNew = await transaction.ExecuteAsync(
            """
            INSERT INTO mail_held_body (message_id, tenant_path, node, class, held_at, spent) VALUES (@Message, @Path, @Node, @Class, @Now, 0) ON CONFLICT (message_id) DO NOTHING
            """,
            new { Message = message.MessageId, Path = facts.TenantPath, Node = node.Name, Class = heldClass, Now = now });
        for (var position = 0; position < facts.Recipients.Count; position++)
        {
            seq++;
            if (isNew > 0)
            {
                await AddCopyAsync(transaction, message, position, seq, heldClass, now);
            }
        }

        return seq;
    }

    private async ValueTask AddCopyAsync(ISqlTransaction transaction, NewHeld message, int position, long seq, string heldClass, long now)
    {
        var facts = message.Facts;
        var recipient = facts.Recipients[position].ToLowerInvariant();
        await transaction.ExecuteAsync(
            """
            INSERT INTO mail_held (seq, id, message_id, tenant_path, subscription_id, node, class, position, recipient, sender, from_text, subject, size, held_at, expires_at,
              state, changed_at, changed_by, release_id, reason, legal_at, legal_by, legal_reason)
            VALUES (@Seq, @Id, @Message, @Path, @Subscription, @Node, @Class, @Position, @Recipient, @Sender, @From, @Subject, @Size, @Now, @Expires,
              'held', @Now, '', '', '', 0, '', '')
            """,
            new
            {
                Seq = seq, Id = CopyId(message.MessageId, position), Message = message.MessageId, Path = facts.TenantPath, facts.Subscription, Node = node.Name, Class = heldClass,
                Position = (long)position, Recipient = recipient, Sender = facts.ReversePath, From = message.FromText, facts.Subject, Size = facts.SizeBytes, Now = now,
                Expires = message.ExpiresMicros,
            });
        await transaction.ExecuteAsync(
            transaction.Dialect == SqlDialect.Sqlite
                ? "INSERT INTO mail_held_words (rowid, words) VALUES (@Seq, @Words)"
                : "UPDATE mail_held SET words = CAST(string_to_array(@Words, ' ') AS varchar[]) WHERE seq = @Seq",
            new { Seq = seq, Words = HeldWords.Of(message.MessageId, recipient, facts.ReversePath, message.FromText, facts.Subject) });
    }

    // The content goes when no copy needs it: the node that has it looks for this mark.
    private static ValueTask<int> SpendAsync(ISqlTransaction transaction, string message) => transaction.ExecuteAsync(
        """
        UPDATE mail_held_body SET spent = CASE WHEN EXISTS (
          SELECT 1 FROM mail_held h WHERE h.message_id = @Message AND (h.state IN @Needing OR h.legal_at <> 0)) THEN 0 ELSE 1 END WHERE message_id = @Message
        """,
        new { Message = message, Needing = HeldState.NeedBody });

    /// <summary>The same copy has the same id, however often it is held.</summary>
    internal static string CopyId(string message, int position)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{message} {position}"));
        return SpoolId.TryParse(message, out var id) ? Id.Format("q", (long)(ulong)(id.Value >> 80), hash.AsSpan(0, 10)) : throw new ArgumentException($"'{message}' is no message", nameof(message));
    }

    // Numbers grow with time, so a span of days is a span of numbers; nodes' clocks may differ a little, which the margin forgives.
    private async ValueTask<(long Least, long Before)> BoundsAsync(HeldFilter filter, CancellationToken cancellationToken)
    {
        const long margin = 60 * UnixMicros.PerSecond;
        var (least, before) = (0L, filter.Before);
        if (filter.FromMicros > 0)
        {
            least = await SeqAtAsync(filter.FromMicros - margin, cancellationToken) ?? long.MaxValue;
        }

        if (filter.ToMicros < long.MaxValue - margin && await SeqAtAsync(filter.ToMicros + margin, cancellationToken) is { } end)
        {
            before = Math.Min(before, end);
        }

        return (least, before);
    }

    private ValueTask<long?> SeqAtAsync(long micros, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<long?>("SELECT seq FROM mail_held WHERE held_at >= @At ORDER BY held_at, seq LIMIT 1", new { At = micros }), cancellationToken);
}

/// <summary>A message whose file may go.</summary>
internal sealed record SpentBody(string MessageId, string TenantPath);
