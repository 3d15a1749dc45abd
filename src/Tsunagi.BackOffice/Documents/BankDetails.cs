namespace Tsunagi.BackOffice.Documents;

/// <summary>The account to pay to (振込先). In Japan bank, branch, kind, number and holder in kana; elsewhere IBAN and BIC.</summary>
public sealed record BankDetails(string BankName, string AccountHolder)
{
    /// <summary>Zengin code, four digits.</summary>
    public string? BankCode { get; init; }

    public string? BranchName { get; init; }

    /// <summary>Three digits.</summary>
    public string? BranchCode { get; init; }

    public BankAccountKind AccountKind { get; init; } = BankAccountKind.Ordinary;

    /// <summary>Seven digits in Japan; a virtual account of this customer finds its payment by itself.</summary>
    public string? AccountNumber { get; init; }

    public string? Iban { get; init; }

    public string? Bic { get; init; }

    /// <summary>What the payer is asked to quote; null asks for the document's number.</summary>
    public string? PaymentReference { get; init; }
}
