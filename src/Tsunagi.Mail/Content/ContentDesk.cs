using System.Buffers;
using System.Text.Json;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Trace;

namespace Tsunagi.Mail.Content;

/// <summary>
/// Opens the content of messages that are still in the spool. It belongs to the tenant: its own users with the permission open it; everyone above
/// gives a reason first, which opens one message to one person for a limited time, is told to the tenant as an event, and stands with every single
/// look in the audit, before anything is shown.
/// </summary>
internal sealed class ContentDesk(Stores stores, MailSpool spool, AuditTrail audit, Outbox outbox, MailOptions options, TimeProvider time)
{
    private const string OwnReason = "opened by the tenant itself";

    /// <summary>How the content stands towards a caller: what the trace page asks.</summary>
    public async ValueTask<ContentAccess> AccessAsync(Caller caller, MessageRow message, CancellationToken cancellationToken)
    {
        if (!caller.May(MailPermissions.ContentRead))
        {
            return ContentAccess.NotPermitted;
        }

        if (!IsHere(message.Id))
        {
            return ContentAccess.Gone;
        }

        return IsOwn(caller, message) || await FindGrantAsync(caller, message.Id, cancellationToken) is not null ? ContentAccess.Open : ContentAccess.NeedsReason;
    }

    /// <summary>Opens one message to a caller above its tenant.</summary>
    public async ValueTask<Outcome<ContentGrant>> OpenAsync(Caller caller, string message, string reason, CancellationToken cancellationToken)
    {
        if (await RowAsync(caller, message, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("message", message);
        }

        if (IsOwn(caller, row))
        {
            return Refusal.Conflict("mail.content.own", $"message {message} is your own: it is open to you without a reason");
        }

        return await GrantAsync(caller, message, row.TenantPath, reason, cancellationToken);
    }

    /// <summary>Opens one message to one person for a time. Only after the message itself was found in the caller's part of the tree, and is not his own.</summary>
    internal async ValueTask<ContentGrant> GrantAsync(Caller caller, string message, string tenantPath, string reason, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var grant = new ContentGrant(message, reason, now, now + (long)options.ContentOpenFor.TotalMicroseconds);
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO mail_content_grant (message_id, actor_id, tenant_path, reason, granted_at, expires_at)
                    VALUES (@Message, @Actor, @Path, @Reason, @GrantedAt, @ExpiresAt)
                    ON CONFLICT (message_id, actor_id) DO UPDATE SET reason = excluded.reason, granted_at = excluded.granted_at, expires_at = excluded.expires_at
                    """,
                    new { Message = message, Actor = caller.ActorId, Path = tenantPath, Reason = reason, grant.GrantedAt, grant.ExpiresAt });
                await transaction.ExecuteAsync("DELETE FROM mail_content_grant WHERE expires_at < @Now", new { Now = now });
                await audit.AppendAsync(transaction, caller, "mail.content.opened", message, tenantPath, null, new { until = grant.ExpiresAt }, reason);
                await outbox.AppendAsync(transaction, new Event(
                    Id.New("e", time), MailEvents.ContentOpened, now, tenantPath, message,
                    JsonSerializer.Serialize(new { by = caller.ActorId, until = grant.ExpiresAt })));
                return true;
            },
            cancellationToken);
        return grant;
    }

    /// <summary>The content up to <paramref name="maxBytes"/>, the look noted before it is given.</summary>
    /// <param name="what">"shown" or "downloaded": how it leaves, for the audit.</param>
    public async ValueTask<Outcome<OpenedContent>> ReadAsync(Caller caller, string message, long maxBytes, string what, CancellationToken cancellationToken)
    {
        if (await RowAsync(caller, message, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("message", message);
        }

        var grant = IsOwn(caller, row) ? null : await FindGrantAsync(caller, message, cancellationToken);
        if (grant is null && !IsOwn(caller, row))
        {
            return new Refusal(RefusalKind.Forbidden, "mail.content.closed", $"the content of {message} is its tenant's: open it with a reason first");
        }

        if (!SpoolId.TryParse(message, out var id) || Read(id, maxBytes) is not { } content)
        {
            return Refusal.Conflict("mail.content.gone", $"the content of {message} is not on this node: it was delivered and is no longer kept, or another node holds it");
        }

        await audit.RecordReadAsync(caller, "mail.content." + what, message, row.TenantPath, grant?.Reason ?? OwnReason, cancellationToken);
        return content with { Message = message, OpenUntil = grant?.ExpiresAt };
    }

    private static bool IsOwn(Caller caller, MessageRow message) => caller.Scope.Path == message.TenantPath;

    /// <summary>The content for the program itself, which shows it to nobody; null where it is not in this node's spool. Only after the message was found in the caller's part of the tree.</summary>
    internal ReadOnlyMemory<byte>? ReadHere(string message, long maxBytes) => SpoolId.TryParse(message, out var id) && Read(id, maxBytes) is { } content ? content.Bytes : (ReadOnlyMemory<byte>?)null;

    /// <summary>The content is in this node's spool.</summary>
    internal bool IsHere(string message)
    {
        try
        {
            return SpoolId.TryParse(message, out var id) && spool.FactsOf(id) is not null;
        }
        catch (LogPoisonedException)
        {
            return false;
        }
    }

    private OpenedContent? Read(SpoolId id, long maxBytes)
    {
        try
        {
            if (spool.FactsOf(id) is not { } facts)
            {
                return null;
            }

            using var content = spool.OpenContent(id);
            var length = (int)Math.Min(Math.Min(facts.SizeBytes, maxBytes), Array.MaxLength);
            var bytes = new byte[length];
            for (var at = 0; at < length;)
            {
                var count = content.Read(bytes.AsSpan(at));
                if (count == 0)
                {
                    return null;
                }

                at += count;
            }

            return new OpenedContent("", bytes, facts.SizeBytes, null);
        }
        catch (Exception gone) when (gone is IOException or KeyNotFoundException)
        {
            // It was delivered just now, the disk lost it, or the spool is being opened again.
            return null;
        }
    }

    private ValueTask<MessageRow?> RowAsync(Caller caller, string message, CancellationToken cancellationToken) =>
        new TenantStore(stores.Projections, caller.Scope).FirstOrDefaultAsync<MessageRow>(TraceStore.ById, new { Id = message }, cancellationToken);

    // Only after the message itself was found in the caller's part of the tree.
    internal ValueTask<ContentGrant?> FindGrantAsync(Caller caller, string message, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<ContentGrant>(
            "SELECT message_id, reason, granted_at, expires_at FROM mail_content_grant WHERE message_id = @Message AND actor_id = @Actor AND expires_at > @Now",
            new { Message = message, Actor = caller.ActorId, Now = time.NowMicros() }),
        cancellationToken);
}

/// <summary>How a message's content stands towards a caller.</summary>
internal enum ContentAccess
{
    NotPermitted,
    Gone,
    NeedsReason,
    Open,
}

/// <summary>One message opened to one person, until it closes again.</summary>
public sealed record ContentGrant(string MessageId, string Reason, long GrantedAt, long ExpiresAt);

/// <summary>Content as it was opened.</summary>
/// <param name="SizeBytes">Of all of it; <paramref name="Bytes"/> may be its head.</param>
/// <param name="OpenUntil">When it closes again; null for the tenant itself.</param>
internal sealed record OpenedContent(string Message, ReadOnlyMemory<byte> Bytes, long SizeBytes, long? OpenUntil);
