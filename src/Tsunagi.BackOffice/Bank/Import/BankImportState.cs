namespace Tsunagi.BackOffice.Bank.Import;

/// <summary>What became of a booking.</summary>
public enum BankImportState
{
    /// <summary>Not a payment of a customer: it went out, or took something back.</summary>
    Skipped,

    /// <summary>Recorded by an earlier import.</summary>
    Known,

    /// <summary>It would be recorded, or (with <see cref="NewBankImport.Record"/>) was not asked to be: a person looks first.</summary>
    Proposed,

    /// <summary>Recorded as a payment and set against its invoices.</summary>
    Recorded,

    /// <summary>Nothing fits: record it by hand under the account it belongs to, with its id as key.</summary>
    Unmatched,

    /// <summary>It could not be recorded; see the problem.</summary>
    Failed,
}
