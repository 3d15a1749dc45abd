namespace Tsunagi.BackOffice.Documents;

public enum DocumentKind
{
    Invoice,

    /// <summary>Amounts of a credit note are positive: what is given back (in Japan the qualified return invoice, 適格返還請求書).</summary>
    CreditNote,
}
