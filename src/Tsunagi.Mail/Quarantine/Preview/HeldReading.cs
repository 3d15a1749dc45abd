using System.Text;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Outcomes;
using Tsunagi.Mail.Content;

namespace Tsunagi.Mail.Quarantine.Preview;

/// <summary>
/// Opens held messages to be looked at. It is its recipient's and its tenant's; everyone above gives a reason first, as for mail in the queue. Each look of
/// somebody signed in stands in the audit before anything is shown.
/// </summary>
internal sealed class HeldReading(HeldBodies bodies, Node node, AuditTrail audit, ContentDesk desk)
{
    private const string OwnReason = "opened by the tenant itself";

    /// <summary>How the content of a copy stands towards somebody signed in.</summary>
    public async ValueTask<ContentAccess> AccessAsync(HeldActor who, HeldRow row, CancellationToken cancellationToken) =>
        row.Node != node.Name || (!HeldState.NeedBody.Contains(row.State) && !row.IsKept) ? ContentAccess.Gone
        : who.IsRecipient ? ContentAccess.Open
        : !who.Caller.May(MailPermissions.ContentRead) ? ContentAccess.NotPermitted
        : who.Caller.Scope.Path == row.TenantPath || await desk.FindGrantAsync(who.Caller, row.MessageId, cancellationToken) is not null ? ContentAccess.Open
        : ContentAccess.NeedsReason;

    public async ValueTask<Outcome<HeldPreview>> ReadAsync(HeldActor who, HeldRow row, CancellationToken cancellationToken)
    {
        switch (await AccessAsync(who, row, cancellationToken))
        {
            case ContentAccess.NotPermitted:
                return Refusal.Forbidden(MailPermissions.ContentRead);
            case ContentAccess.NeedsReason:
                return new Refusal(RefusalKind.Forbidden, "mail.content.closed", $"the content of {row.Id} is its tenant's: open it with a reason first");
            case ContentAccess.Gone:
                return Gone(row);
        }

        var isOwn = who.IsRecipient || who.Caller.Scope.Path == row.TenantPath;
        var grant = isOwn ? null : await desk.FindGrantAsync(who.Caller, row.MessageId, cancellationToken);
        if (!SpoolId.TryParse(row.MessageId, out var id))
        {
            return Gone(row);
        }

        HeldPreview preview;
        try
        {
            using var body = await bodies.OpenAsync(id, row.TenantPath, row.Class, cancellationToken);
            preview = Read(body, row, grant?.ExpiresAt);
        }
        catch (Exception lost) when (lost is HeldContentLostException or IOException)
        {
            return Gone(row);
        }

        if (!who.IsRecipient)
        {
            await audit.RecordReadAsync(who.Caller, "mail.quarantine.shown", row.Id, row.TenantPath, grant?.Reason ?? OwnReason, cancellationToken);
        }

        return preview;
    }

    /// <summary>Opens a copy to somebody above its tenant, with a reason and for a time.</summary>
    public async ValueTask<Outcome<ContentGrant>> OpenAsync(HeldActor who, HeldRow row, string reason, CancellationToken cancellationToken) =>
        who.Caller.Scope.Path == row.TenantPath
            ? Refusal.Conflict("mail.content.own", $"held message {row.Id} is your own: it is open to you without a reason")
            : await desk.GrantAsync(who.Caller, row.MessageId, row.TenantPath, reason, cancellationToken);

    private static HeldPreview Read(HeldBody body, HeldRow row, long? openUntil)
    {
        var added = Encoding.UTF8.GetBytes(body.Facts.Added);
        var bytes = new byte[(int)Math.Min(row.Size + added.Length, HeldPreview.MaxShownBytes)];
        added.AsSpan(0, Math.Min(added.Length, bytes.Length)).CopyTo(bytes);
        var length = Math.Min(added.Length, bytes.Length);
        while (length < bytes.Length && body.Read(bytes.AsSpan(length)) is > 0 and var count)
        {
            length += count;
        }

        return HeldPreview.Of(bytes.AsSpan(0, length), row.Size, openUntil);
    }

    private static Refusal Gone(HeldRow row) =>
        Refusal.Conflict("mail.content.gone", $"the content of {row.Id} is not on this node: it was released or deleted, or another node keeps it");
}
