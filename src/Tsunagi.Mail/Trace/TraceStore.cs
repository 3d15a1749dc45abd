using System.Collections.Concurrent;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Mail.Trace;

/// <summary>
/// Reads the trace as one caller may see it. The subject is content: it is shown to the tenant itself and closed to everyone above it. A look at a
/// tenant's message from above is written into the audit, where the tenant reads it.
/// </summary>
public sealed class TraceStore(Stores stores, AuditTrail audit, TimeProvider time)
{
    private const int MaxAttempts = 1_000;
    private const string Last = "~";
    private static readonly TimeSpan LookIsNewAfter = TimeSpan.FromMinutes(10);

    private const string Columns = """
        m.id, m.tenant_path, m.subscription_id, m.accepted_at, m.state, m.sender, m.from_domain, m.message_id, m.subject, m.size, m.client_address, m.helo,
        m.tls, m.flags, m.transaction_id, m.about_id, m.recipients, m.attempts, m.next_at, m.finished_at, m.last_reply, m.submitted_by,
        coalesce((SELECT r.recipient FROM mail_recipient r WHERE r.message_id = m.id AND r.position = 0), '') AS first_recipient
        """;

    private const string Conditions = """
        AND m.id < @Before AND m.accepted_at >= @From AND m.accepted_at < @To AND (@State = '' OR m.state = @State) AND (@Subscription = '' OR m.subscription_id = @Subscription) ORDER BY m.id DESC LIMIT @Limit
        """;

    // A state is compared alone, so that its index is of use: few messages wait or fail among millions that were delivered.
    private static readonly string OfState = Conditions.Replace("(@State = '' OR m.state = @State)", "m.state = @State", StringComparison.Ordinal);

    public static readonly TenantQuery Newest = new("mail.message.newest", $$"""SELECT {{Columns}} FROM mail_message m WHERE {tenant:m} {{Conditions}}""");

    public static readonly TenantQuery NewestOfState = new("mail.message.of-state", $$"""SELECT {{Columns}} FROM mail_message m WHERE {tenant:m} {{OfState}}""");

    public static readonly TenantQuery Named = new("mail.message.named", $$"""
        SELECT {{Columns}} FROM mail_message m WHERE {tenant:m} AND m.id IN (
          SELECT message_id FROM mail_recipient WHERE recipient = @Lower
          UNION SELECT id FROM mail_message WHERE sender = @Text
          UNION SELECT id FROM mail_message WHERE message_id = @Header AND message_id <> ''
          UNION SELECT id FROM mail_message WHERE id = @Text
          UNION SELECT id FROM mail_message WHERE submitted_by = @Lower AND submitted_by <> ''
          UNION SELECT id FROM mail_message WHERE transaction_id = @Text AND transaction_id <> ''
          UNION SELECT id FROM mail_message WHERE about_id = @Text AND about_id <> '') {{Conditions}}
        """);

    public static readonly TenantQuery ById = new("mail.message.by-id", $$"""SELECT {{Columns}} FROM mail_message m WHERE {tenant:m} AND m.id = @Id""");

    public static readonly TenantQuery RecipientsOf = new("mail.message.recipients", """
        SELECT position, recipient, state, reply, updated_at FROM mail_recipient WHERE {tenant} AND message_id = @Id ORDER BY position
        """);

    public static readonly TenantQuery AttemptsOf = new("mail.message.attempts", """
        SELECT attempt, started_at, ended_at, next_hop, address, tls, next_at, replies, report_id FROM mail_attempt
        WHERE {tenant} AND message_id = @Id ORDER BY attempt DESC LIMIT @Limit
        """);

    public static readonly TenantQuery ReportsOf = new("mail.message.reports", """
        SELECT id FROM mail_message WHERE {tenant} AND about_id = @Id AND about_id <> '' AND (flags & 16) = 16 ORDER BY id
        """);

    public static readonly TenantQuery VerdictOf = new("mail.message.verdict", "SELECT facts FROM mail_verdict WHERE {tenant} AND message_id = @Id");

    public static readonly TenantQuery StatesOf = new("mail.message.states", """
        SELECT state, count(*) AS messages, min(accepted_at) AS oldest_at FROM mail_message
        WHERE {tenant} AND state IN ('queued', 'held', 'deferred') GROUP BY state ORDER BY state
        """);

    private readonly ConcurrentDictionary<(string, string), long> _looks = new();

    public async ValueTask<IReadOnlyList<MessageRow>> ListAsync(Caller caller, MessageFilter filter, int limit, CancellationToken cancellationToken)
    {
        var text = filter.Text.Trim();
        var rows = await new TenantStore(stores.Projections, caller.Scope).QueryAsync<MessageRow>(
            text.Length > 0 ? Named : filter.State.Length > 0 ? NewestOfState : Newest,
            new
            {
                Text = text, Lower = text.ToLowerInvariant(), Header = text.Trim('<', '>'), filter.State, filter.Subscription,
                From = filter.FromMicros, To = filter.ToMicros, Before = filter.Before.Length == 0 ? Last : filter.Before, Limit = (long)limit,
            },
            cancellationToken);
        return [.. rows.Select(row => Closed(caller, row))];
    }

    /// <summary>Null when there is no such message, or it is not the caller's to see. A look from above is audited.</summary>
    public async ValueTask<MessageTrace?> FindAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var store = new TenantStore(stores.Projections, caller.Scope);
        if (await store.FirstOrDefaultAsync<MessageRow>(ById, new { Id = id }, cancellationToken) is not { } row)
        {
            return null;
        }

        var recipients = await store.QueryAsync<RecipientRow>(RecipientsOf, new { Id = id }, cancellationToken);
        var attempts = await store.QueryAsync<AttemptRow>(AttemptsOf, new { Id = id, Limit = (long)MaxAttempts }, cancellationToken);
        var reports = await store.QueryAsync<string>(ReportsOf, new { Id = id }, cancellationToken);
        var verdict = await store.FirstOrDefaultAsync<string>(VerdictOf, new { Id = id }, cancellationToken);
        await NoteLookAsync(caller, row, cancellationToken);
        return new MessageTrace(Closed(caller, row), recipients, [.. attempts.Reverse()], reports, verdict ?? "");
    }

    /// <summary>How much waits, by state.</summary>
    public ValueTask<IReadOnlyList<WaitingCount>> WaitingAsync(Caller caller, CancellationToken cancellationToken) =>
        new TenantStore(stores.Projections, caller.Scope).QueryAsync<WaitingCount>(StatesOf, null, cancellationToken);

    private static MessageRow Closed(Caller caller, MessageRow row) => caller.Scope.Path == row.TenantPath ? row : row with { Subject = "" };

    // Reloading a page is one look.
    private async ValueTask NoteLookAsync(Caller caller, MessageRow row, CancellationToken cancellationToken)
    {
        var key = (caller.ActorId, row.Id);
        if (caller.Scope.Path == row.TenantPath || (_looks.TryGetValue(key, out var at) && time.GetElapsedTime(at) < LookIsNewAfter))
        {
            return;
        }

        if (_looks.Count > 10_000)
        {
            _looks.Clear();
        }

        _looks[key] = time.GetTimestamp();
        await audit.RecordReadAsync(caller, "mail.trace.looked", row.Id, row.TenantPath, "message trace", cancellationToken);
    }
}

/// <summary>How many messages of a state wait, and since when the oldest.</summary>
public sealed record WaitingCount(string State, long Messages, long OldestAt);
