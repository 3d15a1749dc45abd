namespace Tsunagi.BackOffice.Invoices;

/// <summary>An issued document as lists show it.</summary>
/// <param name="Kind">"invoice", "credit" (a credit note; its amounts are positive: what is given back) or "opening" (an open invoice of the system before).</param>
/// <param name="SettledMinor">Payments and credits set against it; of a credit note, what was used of it.</param>
public sealed record InvoiceRow(
    string Id, string TenantPath, string AccountId, string Kind, string Number, long AccountSeq, string Period, string? RunId, string IssueDate, string? DueDate, string Currency, long NetMinor,
    long TaxMinor, long TotalMinor, string Counterparty, string? CorrectsId, string? Reason, long KnownAt, long RulesVersion, string InputHash, long IssuedAt, string IssuedBy, long SettledMinor)
{
    internal const string Columns = """
        i.id, i.tenant_path, i.account_id, i.kind, i.number, i.account_seq, i.period, i.run_id, i.issue_date, i.due_date, i.currency, i.net_minor, i.tax_minor, i.total_minor, i.counterparty,
        i.corrects_id, i.reason, i.known_at, i.rules_version, i.input_hash, i.issued_at, i.issued_by,
        CAST(coalesce((SELECT sum(a.amount_minor) FROM bo_allocation a WHERE a.invoice_id = i.id OR a.source_id = i.id), 0) AS bigint) AS settled_minor
        """;

    public long OpenMinor => TotalMinor - SettledMinor;
}

/// <summary>The kinds of document.</summary>
public static class InvoiceKind
{
    public const string Invoice = "invoice";
    public const string Credit = "credit";
    public const string Opening = "opening";
}

/// <summary>What an issued document is made of, as it is kept.</summary>
internal sealed record InvoiceContent(string Bill, string Document);
