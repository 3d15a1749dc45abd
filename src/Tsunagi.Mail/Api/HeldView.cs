using Tsunagi.Core.Identity;
using Tsunagi.Mail.Quarantine;

namespace Tsunagi.Mail.Api;

/// <summary>One recipient's copy of a held message.</summary>
/// <param name="MessageId">The message as it was accepted: its story is the trace's.</param>
/// <param name="Class">spam, virus, attachment or policy.</param>
/// <param name="State">held, requested, refused, releasing, released, deleted, expired or unreadable.</param>
/// <param name="Sender">The reverse-path; empty for the null path.</param>
/// <param name="From">The From field; for the tenant itself only, as is the subject: content is closed to everyone above it.</param>
/// <param name="ReleaseId">The message it was released as.</param>
/// <param name="LegalHold">Why it is kept beyond its days; absent when it is not.</param>
public sealed record HeldView(
    string Id, string MessageId, string TenantId, string SubscriptionId, string Class, string Why, string State, string Recipient, string Sender, string? From, string? Subject,
    long SizeBytes, long HeldAt, long ExpiresAt, long ChangedAt, string? ChangedBy, string? Reason, string? ReleaseId, LegalHoldView? LegalHold)
{
    internal static HeldView Of(HeldRow row, Caller caller)
    {
        var own = caller.Scope.Path == row.TenantPath;
        return new HeldView(
            row.Id, row.MessageId, MessageView.TenantOf(row.TenantPath), row.SubscriptionId, row.Class, HeldClass.Why(row.Class).In(caller.Locale), row.State, row.Recipient, row.Sender,
            own ? row.FromText : null, own ? row.Subject : null, row.Size, row.HeldAt, row.ExpiresAt, row.ChangedAt, MessageView.Some(row.ChangedBy), MessageView.Some(row.Reason),
            MessageView.Some(row.ReleaseId), row.IsKept ? new LegalHoldView(row.LegalAt, row.LegalBy, row.LegalReason) : null);
    }
}

/// <summary>A legal hold: since when, by whom, why.</summary>
public sealed record LegalHoldView(long Since, string By, string Reason);

/// <summary>A rule about a sender.</summary>
/// <param name="Scope">recipient, domain or tenant.</param>
/// <param name="Owner">The recipient's address or the domain; absent for a tenant.</param>
/// <param name="Sender">An address, or "@domain".</param>
/// <param name="Rule">allow or block.</param>
public sealed record SenderRuleView(string Id, string TenantId, string Scope, string? Owner, string Sender, string Rule, long ChangedAt, string ChangedBy)
{
    internal static SenderRuleView Of(SenderEntry entry) => new(
        entry.Id, MessageView.TenantOf(entry.TenantPath), entry.Scope, entry.Scope == "tenant" ? null : entry.Owner, entry.Sender, entry.Rule, entry.ChangedAt, entry.ChangedBy);
}
