namespace Tsunagi.BackOffice.Documents;

/// <summary>How the amount due is to be paid.</summary>
public enum PaymentMethod
{
    BankTransfer,

    /// <summary>Drawn from the customer's account on the due date (口座振替).</summary>
    DirectDebit,

    Card,

    /// <summary>Nothing is to be paid by this document.</summary>
    None,
}
