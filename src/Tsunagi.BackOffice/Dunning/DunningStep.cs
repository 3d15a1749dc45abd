namespace Tsunagi.BackOffice.Dunning;

/// <summary>A step that was taken or skipped, as it is kept.</summary>
/// <param name="State">One of <see cref="DunningStepState"/>'s words.</param>
/// <param name="Invoices">The numbers of the invoices, in the order of their due dates.</param>
/// <param name="OnDay">The civil date of the account's zone.</param>
/// <param name="DataKeptUntil">Of a suspension.</param>
/// <param name="EndedAt">Of a suspension: when the payment lifted it.</param>
internal sealed record DunningStep(
    string Id, string Proposal, string TenantPath, string AccountId, string AccountName, string Stage, string Action, string State, long AmountMinor, string Currency, string Invoices, string OnDay, long DecidedAt,
    string DecidedBy, long Automatic, string? Reason, long TermsVersion, string? DataKeptUntil, long? EndedAt, string? LetterId, string? LetterState)
{
    internal const string Columns = """
        d.id, d.proposal, d.tenant_path, d.account_id, a.name AS account_name, d.stage, d.action, d.state, d.amount_minor, d.currency, d.invoices, d.on_day, d.decided_at, d.decided_by, d.automatic, d.reason, d.terms_version,
        d.data_kept_until, d.ended_at, l.id AS letter_id, l.state AS letter_state
        """;

    internal const string From = "bo_dunning_step d JOIN bo_account a ON a.id = d.account_id LEFT JOIN bo_letter l ON l.step_id = d.id";
}

/// <summary>What became of a proposal.</summary>
internal static class DunningStepState
{
    public const string Done = "done";
    public const string Skipped = "skipped";
}
