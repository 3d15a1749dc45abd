namespace Tsunagi.BackOffice.Documents;

/// <summary>
/// Everything an issued invoice or credit note shows: immutable, without logic but formatting. Billing fills it once at issue, stores it, and hands it to
/// <c>Pdf.InvoicePdf.Write</c> (paper), <c>Html.InvoiceHtml.Write</c> (portal) and <c>Ubl.InvoiceUbl.Write</c> (Peppol); each gives the same bytes for
/// the same document, always. It goes through System.Text.Json unchanged.
/// </summary>
/// <remarks>
/// Amounts are in minor units of <see cref="Currency"/>. The six items of a Japanese qualified invoice are: issuer and registration number
/// (<see cref="Issuer"/>), date (<see cref="IssueDate"/>, <see cref="Period"/>), what was sold with the reduced rate marked (<see cref="Lines"/>), totals
/// per rate with the rate and tax per rate (<see cref="TaxSubtotals"/>), and the customer (<see cref="Customer"/>).
/// </remarks>
public sealed record InvoiceDocument
{
    /// <summary>A document has at most this many lines.</summary>
    public const int MaxLines = 20_000;

    public required DocumentKind Kind { get; init; }

    /// <summary>Gapless number given at issue; a draft's is empty.</summary>
    public required string Number { get; init; }

    public required DateOnly IssueDate { get; init; }

    /// <summary>Null when nothing is to be paid (a credit note, a settled invoice).</summary>
    public DateOnly? DueDate { get; init; }

    public DocumentPeriod? Period { get; init; }

    public required DocumentParty Issuer { get; init; }

    public required DocumentParty Customer { get; init; }

    public required DocumentLanguage Language { get; init; }

    /// <summary>ISO 4217, one of <see cref="Core.Rating.Currency.All"/>.</summary>
    public required string Currency { get; init; }

    public required IReadOnlyList<DocumentLine> Lines { get; init; }

    /// <summary>True when line amounts contain the tax (税込); subtotals show net and tax either way.</summary>
    public bool LinesIncludeTax { get; init; }

    /// <summary>One for each category and rate that occurs, in the order printed.</summary>
    public required IReadOnlyList<DocumentTaxSubtotal> TaxSubtotals { get; init; }

    /// <summary>Sum of <see cref="TaxSubtotals"/>' net amounts.</summary>
    public required long NetMinor { get; init; }

    /// <summary>Sum of <see cref="TaxSubtotals"/>' taxes.</summary>
    public required long TaxMinor { get; init; }

    /// <summary>Net and tax: the amount of this document.</summary>
    public required long TotalMinor { get; init; }

    /// <summary>What was open before this document; 0 prints no account section unless there are movements.</summary>
    public long PreviousBalanceMinor { get; init; }

    /// <summary>Payments received since the previous document.</summary>
    public IReadOnlyList<DocumentMovement> Payments { get; init; } = [];

    /// <summary>Credit notes and prepaid amounts used against this document or the previous balance.</summary>
    public IReadOnlyList<DocumentMovement> Credits { get; init; } = [];

    /// <summary>What is to be paid now: previous balance − payments − credits + total. For a credit note: 0, or what is paid out.</summary>
    public required long AmountDueMinor { get; init; }

    public PaymentMethod PaymentMethod { get; init; } = PaymentMethod.BankTransfer;

    /// <summary>Where to pay to; null prints no account.</summary>
    public BankDetails? Bank { get; init; }

    /// <summary>Free text under the totals, a paragraph each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The subject line (件名): "2026年10月分 ネットワークサービス料金".</summary>
    public string? Subject { get; init; }

    /// <summary>The customer's purchase order number, printed when given.</summary>
    public string? PurchaseOrder { get; init; }

    /// <summary>Credit notes: which invoice is corrected.</summary>
    public DocumentReference? CreditedInvoice { get; init; }

    /// <summary>A preview of a document not yet issued: marked on every page, no number.</summary>
    public bool IsDraft { get; init; }

    /// <summary>An amount as printed: "¥12,345", "-$1,234.50".</summary>
    /// <exception cref="InvalidOperationException">The currency is not one of <see cref="Core.Rating.Currency.All"/>.</exception>
    public string Format(long minor) =>
        (Core.Rating.Currency.Find(Currency) ?? throw new InvalidOperationException($"writing document {Number}: currency {Currency} is not known")).Format(minor);
}
