namespace Tsunagi.BackOffice.Bank.Matching;

/// <summary>What a match rests on, or why there is none.</summary>
public enum MatchReason
{
    /// <summary>The booking went out, or takes an earlier one back.</summary>
    NotAPayment,

    /// <summary>The virtual account paid to.</summary>
    VirtualAccount,

    /// <summary>A number of an invoice in the reference.</summary>
    InvoiceNumber,

    /// <summary>The customer's number in the reference or in the direct debit.</summary>
    CustomerNumber,

    /// <summary>The payer's account or code, learned.</summary>
    PayerAccount,

    /// <summary>The payer's name, the customer's or learned.</summary>
    PayerName,

    /// <summary>Only the amount fits, and only one invoice.</summary>
    AmountAlone,

    /// <summary>Payer's name belongs to several accounts, or marks point to different ones.</summary>
    Ambiguous,

    /// <summary>Nothing points to a customer.</summary>
    UnknownPayer,

    /// <summary>The customer is known and owes nothing in this currency.</summary>
    NothingOpen,
}
