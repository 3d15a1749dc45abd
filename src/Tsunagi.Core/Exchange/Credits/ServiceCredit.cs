namespace Tsunagi.Core.Exchange.Credits;

/// <summary>A proposed credit and what became of it.</summary>
/// <param name="Percent">As text ("12.5"); null for an amount.</param>
/// <param name="State">One of <see cref="ServiceCreditState"/>.</param>
/// <param name="DecisionReason">What the person who decided said.</param>
/// <param name="CreditedMinor">What an approved one comes to, above zero, without tax.</param>
/// <param name="Explanation">How it came about, in figures.</param>
public sealed record ServiceCredit(
    string Id, string TenantPath, string SubscriptionId, string Source, string Key, long FromAt, long ToAt, long? AmountMinor, string? Percent, string Reason, string Evidence, string State, long ProposedAt,
    string? DecidedBy, long? DecidedAt, string? DecisionReason, long? CreditedMinor, string? Explanation)
{
    /// <summary>The columns in the order of the members.</summary>
    public const string Columns = """
        c.id, c.tenant_path, c.subscription_id, c.source, c.credit_key AS key, c.from_at, c.to_at, c.amount_minor, c.percent, c.reason, c.evidence, c.state, c.proposed_at, c.decided_by, c.decided_at, c.decision_reason,
        c.credited_minor, c.explanation
        """;
}

/// <summary>The states of a credit.</summary>
public static class ServiceCreditState
{
    public const string Proposed = "proposed", Approved = "approved", Rejected = "rejected";

    public static readonly IReadOnlyList<string> All = [Proposed, Approved, Rejected];
}
