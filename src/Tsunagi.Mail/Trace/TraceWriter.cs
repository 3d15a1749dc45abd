using System.Data;
using System.Data.Common;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Api;
using Tsunagi.Mail.Shadow;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Verdict;

namespace Tsunagi.Mail.Trace;

/// <summary>Writes a batch into the tables of the trace. The hot path of the projection: prepared commands, no row mapping, each row written once.</summary>
internal static class TraceWriter
{
    private const string InsertMessage = """
        INSERT INTO mail_message (id, tenant_path, subscription_id, accepted_at, state, sender, from_domain, message_id, subject, size, client_address, helo, tls,
          flags, transaction_id, about_id, recipients, attempts, next_at, finished_at, last_reply, submitted_by)
        VALUES (@id, @tenant, @subscription, @accepted, @state, @sender, @from, @header, @subject, @size, @client, @helo, @tls,
          @flags, @transaction, @about, @recipients, @attempts, @next, @finished, @reply, @submitter) ON CONFLICT (id) DO NOTHING
        """;

    private const string UpdateMessage = """
        UPDATE mail_message SET state = @state, attempts = @attempts, next_at = @next, finished_at = @finished, last_reply = @reply WHERE id = @id
        """;

    private const string InsertRecipient = """
        INSERT INTO mail_recipient (message_id, position, tenant_path, recipient, state, reply, updated_at)
        VALUES (@id, @position, @tenant, @recipient, @state, @reply, @at) ON CONFLICT (message_id, position) DO NOTHING
        """;

    private const string UpdateRecipient =
        "UPDATE mail_recipient SET state = @state, reply = @reply, updated_at = @at WHERE message_id = @id AND position = @position";

    private const string InsertAttempt = """
        INSERT INTO mail_attempt (message_id, attempt, tenant_path, started_at, ended_at, next_hop, address, tls, next_at, replies, report_id)
        VALUES (@id, @attempt, @tenant, @started, @ended, @hop, @address, @tls, @next, @replies, @report) ON CONFLICT (message_id, attempt) DO NOTHING
        """;

    private const string InsertVerdict = """
        INSERT INTO mail_verdict (message_id, tenant_path, action, reason, facts) VALUES (@id, @tenant, @action, @reason, @facts) ON CONFLICT (message_id) DO NOTHING
        """;

    private const string InsertShadow = """
        INSERT INTO mail_shadow (message_id, tenant_path, domain, judged_at, ours, action, theirs, field)
        VALUES (@id, @tenant, @domain, @at, @ours, @action, @theirs, @field) ON CONFLICT (message_id) DO NOTHING
        """;

    public static async ValueTask WriteAsync(ISqlTransaction transaction, TraceBatch batch)
    {
        foreach (var entry in batch.Entries)
        {
            if (entry.Accept is { } facts)
            {
                await InsertMessageAsync(transaction, entry, facts);
                await InsertRecipientsAsync(transaction, entry, facts);
                if (!facts.Evidence.IsEmpty)
                {
                    await InsertVerdictAsync(transaction, entry.Id, facts);
                }

                if (entry.Shadow is { } shadow)
                {
                    await InsertShadowAsync(transaction, entry.Id, facts, shadow);
                }
            }
            else if (entry.Last is { } last)
            {
                await UpdateMessageAsync(transaction, entry, last);
                await UpdateRecipientsAsync(transaction, entry);
            }

            foreach (var attempt in entry.Attempts)
            {
                await InsertAttemptAsync(transaction, entry.Id, attempt);
            }
        }
    }

    private static async ValueTask InsertMessageAsync(ISqlTransaction transaction, TraceBatch.Entry entry, AcceptFacts facts)
    {
        var command = transaction.Prepare(InsertMessage, static command => Declare(
            command, "id", "tenant", "subscription", "#accepted", "state", "sender", "from", "header", "subject", "#size", "client", "helo", "tls",
            "#flags", "transaction", "about", "#recipients", "#attempts", "#next", "#finished", "reply", "submitter"));
        var values = command.Parameters;
        var last = entry.Last;
        values[0].Value = entry.Id;
        values[1].Value = facts.TenantPath;
        values[2].Value = facts.Subscription;
        values[3].Value = facts.AcceptedMicros;
        values[4].Value = last is not null ? MessageState.Of(last) : AtFirst(facts);
        values[5].Value = facts.ReversePath;
        values[6].Value = facts.FromDomain;
        values[7].Value = facts.MessageIdHeader;
        values[8].Value = facts.Subject;
        values[9].Value = facts.SizeBytes;
        values[10].Value = facts.ClientAddress;
        values[11].Value = facts.Helo;
        values[12].Value = facts.Tls;
        values[13].Value = (long)facts.Flags;
        values[14].Value = facts.Transaction;
        values[15].Value = facts.About;
        values[16].Value = (long)facts.Recipients.Count;
        values[17].Value = (long)(last?.Attempt ?? 0);
        values[18].Value = last?.NextMicros ?? facts.PendingUntilMicros;
        values[19].Value = FinishedAt(last);
        values[20].Value = LastReply(last);
        values[21].Value = facts.SubmittedBy;
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private static async ValueTask InsertVerdictAsync(ISqlTransaction transaction, string id, AcceptFacts facts)
    {
        VerdictFacts.TryRead(facts.Evidence.Span, out var verdict, out _);
        var command = transaction.Prepare(InsertVerdict, static command => Declare(command, "id", "tenant", "action", "reason", "facts"));
        var values = command.Parameters;
        values[0].Value = id;
        values[1].Value = facts.TenantPath;
        values[2].Value = VerdictView.NameOf(verdict.Action);
        values[3].Value = verdict.Reason;
        values[4].Value = Convert.ToBase64String(facts.Evidence.Span);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private static async ValueTask InsertShadowAsync(ISqlTransaction transaction, string id, AcceptFacts facts, ShadowWord shadow)
    {
        var command = transaction.Prepare(InsertShadow, static command => Declare(command, "id", "tenant", "domain", "#at", "ours", "action", "theirs", "field"));
        var values = command.Parameters;
        values[0].Value = id;
        values[1].Value = facts.TenantPath;
        values[2].Value = shadow.Domain;
        values[3].Value = facts.AcceptedMicros;
        values[4].Value = shadow.Ours;
        values[5].Value = shadow.Action;
        values[6].Value = shadow.Theirs;
        values[7].Value = shadow.Field;
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private static async ValueTask UpdateMessageAsync(ISqlTransaction transaction, TraceBatch.Entry entry, AttemptFacts last)
    {
        var command = transaction.Prepare(UpdateMessage, static command => Declare(command, "state", "#attempts", "#next", "#finished", "reply", "id"));
        var values = command.Parameters;
        values[0].Value = MessageState.Of(last);
        values[1].Value = (long)last.Attempt;
        values[2].Value = last.NextMicros;
        values[3].Value = FinishedAt(last);
        values[4].Value = LastReply(last);
        values[5].Value = entry.Id;
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private static async ValueTask InsertRecipientsAsync(ISqlTransaction transaction, TraceBatch.Entry entry, AcceptFacts facts)
    {
        var command = transaction.Prepare(InsertRecipient, static command => Declare(command, "id", "#position", "tenant", "recipient", "state", "reply", "#at"));
        for (var i = 0; i < facts.Recipients.Count; i++)
        {
            var (state, reply, at) = StateOf(entry, i);
            var values = command.Parameters;
            values[0].Value = entry.Id;
            values[1].Value = (long)i;
            values[2].Value = facts.TenantPath;
            values[3].Value = facts.Recipients[i].ToLowerInvariant();
            values[4].Value = state ?? AtFirst(facts);
            values[5].Value = reply;
            values[6].Value = at == 0 ? facts.AcceptedMicros : at;
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private static async ValueTask UpdateRecipientsAsync(ISqlTransaction transaction, TraceBatch.Entry entry)
    {
        var command = transaction.Prepare(UpdateRecipient, static command => Declare(command, "state", "reply", "#at", "id", "#position"));
        for (var i = 0; i < entry.Last!.States.Count; i++)
        {
            var (state, reply, at) = StateOf(entry, i);
            if (state is null)
            {
                continue;
            }

            var values = command.Parameters;
            values[0].Value = state;
            values[1].Value = reply;
            values[2].Value = at;
            values[3].Value = entry.Id;
            values[4].Value = (long)i;
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private static async ValueTask InsertAttemptAsync(ISqlTransaction transaction, string id, AttemptFacts attempt)
    {
        var command = transaction.Prepare(InsertAttempt, static command => Declare(
            command, "id", "#attempt", "tenant", "#started", "#ended", "hop", "address", "tls", "#next", "replies", "report"));
        var values = command.Parameters;
        values[0].Value = id;
        values[1].Value = (long)attempt.Attempt;
        values[2].Value = attempt.TenantPath;
        values[3].Value = attempt.StartedMicros;
        values[4].Value = attempt.EndedMicros;
        values[5].Value = attempt.NextHop;
        values[6].Value = attempt.Address;
        values[7].Value = attempt.Tls;
        values[8].Value = attempt.NextMicros;
        values[9].Value = AttemptReplies.Write(attempt.Replies);
        values[10].Value = attempt.Report;
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>What the latest attempt of the batch that spoke for this recipient said; a null state when none did.</summary>
    private static (string? State, string Reply, long At) StateOf(TraceBatch.Entry entry, int recipient)
    {
        for (var i = entry.Attempts.Count - 1; i >= 0; i--)
        {
            var attempt = entry.Attempts[i];
            foreach (var reply in attempt.Replies)
            {
                if (recipient >= reply.First && recipient < reply.First + reply.Count && recipient < attempt.States.Count)
                {
                    return (MessageState.Of(attempt, recipient), reply.Text, attempt.EndedMicros);
                }
            }
        }

        return (null, "", 0);
    }

    private static string AtFirst(AcceptFacts facts) =>
        facts.PendingUntilMicros > 0 ? MessageState.Pending : facts.Flags.HasFlag(MessageFlags.Held) ? MessageState.Held : MessageState.Queued;

    private static long FinishedAt(AttemptFacts? last) => last is { NextMicros: 0 } ? last.EndedMicros : 0;

    private static string LastReply(AttemptFacts? last) => last is { Replies.Count: > 0 } ? last.Replies[0].Text : "";

    // A name that begins with # is a number.
    private static void Declare(DbCommand command, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name.TrimStart('#');
            parameter.DbType = name[0] == '#' ? DbType.Int64 : DbType.String;
            command.Parameters.Add(parameter);
        }
    }
}
