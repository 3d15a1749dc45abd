using System.Security.Cryptography;
using System.Text;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Pending;

/// <summary>The rows of mail that waits before it leaves. Every decision is one guarded statement (from "pending" only), so whoever comes second changes nothing, whatever node or door he comes by.</summary>
internal sealed class PendingBook(Stores stores, Node node, TimeProvider time)
{
    /// <summary>Raised when something was decided.</summary>
    internal const string Channel = "mail_pending";

    private const int MostOfMessage = 1_000;

    public static readonly TenantQuery Newest = new("mail.pending.newest", $$"""
        SELECT {{PendingRow.Columns}} FROM mail_pending p WHERE {tenant:p} AND p.id < @Before AND (@State = '' OR p.state = @State)
          AND (@Text = '' OR p.recipient = @Text OR p.sender = @Text OR p.message_id = @Text) ORDER BY p.id DESC LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("mail.pending.by-id", $$"""SELECT {{PendingRow.Columns}} FROM mail_pending p WHERE {tenant:p} AND p.id = @Id""");

    public static readonly TenantQuery Waiting = new("mail.pending.waiting", "SELECT count(*) FROM mail_pending p WHERE {tenant:p} AND p.state = 'pending'");

    /// <summary>Newest first.</summary>
    /// <param name="text">A recipient, a sender or a message, whole; empty for all.</param>
    /// <param name="before">The id after which the list goes on; empty for its beginning.</param>
    public ValueTask<IReadOnlyList<PendingRow>> ListAsync(Caller caller, string text, string state, string before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<PendingRow>(
            Newest, new { Text = text.Trim().ToLowerInvariant(), State = state, Before = before.Length > 0 ? before : "n", Limit = (long)limit }, cancellationToken);

    public ValueTask<PendingRow?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<PendingRow>(ById, new { Id = id }, cancellationToken);

    /// <summary>The recipients of one message, in the order of its envelope.</summary>
    public async ValueTask<IReadOnlyList<PendingRow>> OfMessageAsync(Caller caller, string message, CancellationToken cancellationToken) =>
        [.. (await ListAsync(caller, message, "", "", MostOfMessage, cancellationToken)).OrderBy(static row => row.Position)];

    public ValueTask<long> WaitingAsync(Caller caller, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<long>(Waiting, null, cancellationToken);

    /// <summary>Enters messages of this node's spool, all in one transaction. What was decided of one that is there already is to be carried again: the spool may not know it. Returns those that were not there.</summary>
    public ValueTask<IReadOnlySet<SpoolId>> EnterAsync(IReadOnlyList<(SpoolId Id, AcceptFacts Facts)> messages, CancellationToken cancellationToken) => stores.Control.WriteAsync<IReadOnlySet<SpoolId>>(
        async transaction =>
        {
            var fresh = new HashSet<SpoolId>();
            foreach (var (id, facts) in messages)
            {
                for (var position = 0; position < facts.Recipients.Count; position++)
                {
                    if (await EnterAsync(transaction, id, facts, position) > 0)
                    {
                        fresh.Add(id);
                    }
                }
            }

            var known = messages.Where(message => !fresh.Contains(message.Id)).Select(static message => message.Id.ToString()).ToList();
            if (known.Count > 0)
            {
                await transaction.ExecuteAsync("UPDATE mail_pending SET carried = 0 WHERE message_id IN @Ids AND state <> 'pending'", new { Ids = known });
            }

            return fresh;
        },
        cancellationToken);

    /// <summary>Decides about one recipient; null when it is decided already. What follows from it (audit, event) is written by the caller in the same transaction.</summary>
    public async ValueTask<PendingRow?> DecideAsync(ISqlTransaction transaction, string id, string state, string by)
    {
        var decided = await transaction.FirstOrDefaultAsync<string>(
            "UPDATE mail_pending SET state = @To, changed_at = @At, changed_by = @By, carried = 0 WHERE id = @Id AND state = 'pending' RETURNING id",
            new { Id = id, To = state, At = time.NowMicros(), By = by });
        if (decided is null)
        {
            return null;
        }

        transaction.OnCommitted(() => stores.Control.Hints.Raise(Channel));
        return await ReadAsync(transaction, id);
    }

    public ValueTask<PendingRow?> ReadAsync(ISqlReader reader, string id) =>
        reader.FirstOrDefaultAsync<PendingRow>($"SELECT {PendingRow.Columns} FROM mail_pending p WHERE p.id = @Id", new { Id = id });

    /// <summary>Of this node's, those whose time has come go; returns how many.</summary>
    public async ValueTask<int> ExpireAsync(CancellationToken cancellationToken)
    {
        var key = new { Node = node.Name, Now = time.NowMicros() };
        var due = await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<string>("SELECT id FROM mail_pending WHERE node = @Node AND state = 'pending' AND due_at <= @Now LIMIT 1", key), cancellationToken);
        return due is null ? 0 : await stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync("UPDATE mail_pending SET state = 'sent', changed_at = @Now, carried = 0 WHERE node = @Node AND state = 'pending' AND due_at <= @Now", key), cancellationToken);
    }

    /// <summary>What was decided of this node's and is not carried yet.</summary>
    public ValueTask<IReadOnlyList<PendingRow>> LeftAsync(int limit, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.QueryAsync<PendingRow>(
            $"SELECT {PendingRow.Columns} FROM mail_pending p WHERE p.node = @Node AND p.carried = 0 ORDER BY p.message_id, p.position LIMIT @Limit", new { Node = node.Name, Limit = (long)limit }),
        cancellationToken);

    public ValueTask<int> CarriedAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) => stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync("UPDATE mail_pending SET carried = 1 WHERE id IN @Ids AND state <> 'pending'", new { Ids = ids }), cancellationToken);

    /// <summary>Takes out what was decided before this time and carried; returns how many.</summary>
    public ValueTask<int> ForgetAsync(long beforeMicros, CancellationToken cancellationToken) => stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync("DELETE FROM mail_pending WHERE state <> 'pending' AND carried = 1 AND changed_at < @Before AND node = @Node", new { Before = beforeMicros, Node = node.Name }),
        cancellationToken);

    /// <summary>The same recipient of a message has the same id, however often it is entered.</summary>
    internal static string RowId(SpoolId message, int position) =>
        Id.Format("mp", (long)(ulong)(message.Value >> 80), SHA256.HashData(Encoding.UTF8.GetBytes($"pending {message} {position}")).AsSpan(0, 10));

    private ValueTask<int> EnterAsync(ISqlTransaction transaction, SpoolId id, AcceptFacts facts, int position) => transaction.ExecuteAsync(
        """
        INSERT INTO mail_pending (id, message_id, tenant_path, subscription_id, node, position, recipient, sender, submitted_by, subject, size, accepted_at, due_at, doubt, state, changed_at, changed_by, carried)
        VALUES (@Id, @Message, @Path, @Subscription, @Node, @Position, @Recipient, @Sender, @SubmittedBy, @Subject, @Size, @Accepted, @Due, @Doubt, 'pending', @Accepted, '', 1) ON CONFLICT (id) DO NOTHING
        """,
        new
        {
            Id = RowId(id, position), Message = id.ToString(), Path = facts.TenantPath, facts.Subscription, Node = node.Name, Position = (long)position,
            Recipient = facts.Recipients[position].ToLowerInvariant(), Sender = facts.ReversePath.ToLowerInvariant(), facts.SubmittedBy, facts.Subject, Size = facts.SizeBytes, Accepted = facts.AcceptedMicros,
            Due = facts.PendingUntilMicros, Doubt = position < facts.Doubts.Count ? facts.Doubts[position] : "",
        });
}
