namespace Tsunagi.Mail.Pending;

/// <summary>One recipient of a message that waits, or waited, before it left; as its table holds it.</summary>
/// <param name="Id">mp_…; follows from the message and the recipient's place in it.</param>
/// <param name="Node">The node whose spool has the message.</param>
/// <param name="Position">Of the recipient in the envelope.</param>
/// <param name="Recipient">As it was written, in lower case.</param>
/// <param name="Sender">The reverse-path, in lower case.</param>
/// <param name="SubmittedBy">The name of the credential; empty for a listed server.</param>
/// <param name="DueAt">When it leaves by itself.</param>
/// <param name="Doubt">The domain that was probably meant; empty where there is no doubt.</param>
/// <param name="ChangedBy">Who decided; empty while it waits, and for its time.</param>
/// <param name="Carried">1 when the spool has followed.</param>
public sealed record PendingRow(
    string Id, string MessageId, string TenantPath, string SubscriptionId, string Node, long Position, string Recipient, string Sender, string SubmittedBy, string Subject, long Size, long AcceptedAt,
    long DueAt, string Doubt, string State, long ChangedAt, string ChangedBy, long Carried)
{
    internal const string Columns =
        "p.id, p.message_id, p.tenant_path, p.subscription_id, p.node, p.position, p.recipient, p.sender, p.submitted_by, p.subject, p.size, p.accepted_at, p.due_at, p.doubt, p.state, p.changed_at, p.changed_by, p.carried";
}
