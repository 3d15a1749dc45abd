namespace Tsunagi.BackOffice.Projects;

/// <summary>Work that is built once (a network, a system) and asked for by milestones.</summary>
/// <param name="AmountMinor">Of all milestones that were not cancelled, without tax.</param>
internal sealed record Project(
    string Id, string TenantPath, string TenantId, string AccountId, string Number, string Name, string? Reference, string Currency, string State, long AmountMinor, long Version, string MadeBy, long MadeAt, long? EndedAt,
    string? Reason, string CustomerName)
{
    public const string Columns = """
        p.id, p.tenant_path, p.tenant_id, p.account_id, p.number, p.name, p.reference, p.currency, p.state,
        CAST(coalesce((SELECT sum(m.amount_minor) FROM bo_milestone m WHERE m.project_id = p.id AND m.state <> 'cancelled'), 0) AS bigint) AS amount_minor,
        p.version, p.made_by, p.made_at, p.ended_at, p.reason, t.name AS customer_name
        """;
}

/// <summary>A part of a project that is delivered, accepted and billed by itself.</summary>
/// <param name="DueOn">The civil day it was promised for.</param>
/// <param name="ByCustomer">1 when the customer accepted it here, 0 when an operator or a reseller recorded it.</param>
/// <param name="Evidence">The document of acceptance, as who recorded it names it, or the customer's word.</param>
/// <param name="DocumentSha256">Of the document, in hexadecimal.</param>
/// <param name="CostMinor">Of the work in progress what went to expenses with it.</param>
/// <param name="InvoiceId">The invoice it stands on.</param>
internal sealed record Milestone(
    string ProjectId, long No, string TenantPath, string Name, long AmountMinor, string DueOn, string State, string? AcceptedOn, string? AcceptedBy, long? AcceptedAt, long ByCustomer, string? Evidence, string? DocumentSha256,
    long CostMinor, string? InvoiceId)
{
    public const string Columns = """
        m.project_id, m.no, m.tenant_path, m.name, m.amount_minor, m.due_on, m.state, m.accepted_on, m.accepted_by, m.accepted_at, m.by_customer, m.evidence, m.document_sha256, m.cost_minor,
        (SELECT i.id FROM bo_adjustment a JOIN bo_invoice i ON i.account_id = a.account_id AND i.account_seq = a.invoice_seq WHERE a.source = 'milestone:' || m.project_id || ':' || CAST(m.no AS TEXT)) AS invoice_id
        """;
}

/// <summary>A cost of the work, recorded once by its key.</summary>
internal sealed record ProjectCost(string Id, string ProjectId, string OnDay, long AmountMinor, string Label, string ForeignKey, string RecordedBy, long RecordedAt);

/// <summary>The states of projects and milestones.</summary>
public static class ProjectState
{
    public const string Open = "open";

    /// <summary>Of a milestone: it is accepted, and on the next bill.</summary>
    public const string Accepted = "accepted";

    /// <summary>Of a project: nothing is open any more, and something was accepted.</summary>
    public const string Completed = "completed";

    public const string Cancelled = "cancelled";

    public static readonly IReadOnlyList<string> All = [Open, Completed, Cancelled];
}
