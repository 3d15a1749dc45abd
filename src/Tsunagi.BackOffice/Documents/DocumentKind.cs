namespace Tsunagi.BackOffice.Documents;

public enum DocumentKind
{
    Invoice,

    /// <summary>Amounts of a credit note are positive: what is given back (in Japan the qualified return invoice, 適格返還請求書).</summary>
    CreditNote,

    /// <summary>An offer: what is charged once and a full month; its due date is the last day on which it may be accepted.</summary>
    Quote,
}
