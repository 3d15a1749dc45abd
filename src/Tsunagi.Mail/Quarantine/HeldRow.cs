namespace Tsunagi.Mail.Quarantine;

/// <summary>One recipient's copy of a held message, as its table holds it. Times of 0 mean "not".</summary>
/// <param name="Seq">Grows with every copy held: the order of lists, and the number in the index.</param>
/// <param name="Id">q_…; follows from the message and the recipient's place in it, so holding it again is the same copy.</param>
/// <param name="MessageId">The message as it was accepted (m_…).</param>
/// <param name="Node">The node on whose disk the content is.</param>
/// <param name="Position">Of the recipient in the envelope.</param>
/// <param name="Recipient">Lower case.</param>
/// <param name="Sender">The reverse-path; empty for the null path.</param>
/// <param name="FromText">The From field as people read it.</param>
/// <param name="ReleaseId">The message it is released as (m_…), or empty.</param>
/// <param name="Reason">What was said with the last change.</param>
public sealed record HeldRow(
    long Seq, string Id, string MessageId, string TenantPath, string SubscriptionId, string Node, string Class, long Position, string Recipient, string Sender,
    string FromText, string Subject, long Size, long HeldAt, long ExpiresAt, string State, long ChangedAt, string ChangedBy, string ReleaseId, string Reason,
    long LegalAt, string LegalBy, string LegalReason)
{
    public bool IsKept => LegalAt != 0;

    internal const string Columns = """
        h.seq, h.id, h.message_id, h.tenant_path, h.subscription_id, h.node, h.class, h.position, h.recipient, h.sender, h.from_text, h.subject, h.size, h.held_at,
        h.expires_at, h.state, h.changed_at, h.changed_by, h.release_id, h.reason, h.legal_at, h.legal_by, h.legal_reason
        """;
}
