using Tsunagi.BackOffice.Bank.Matching;

namespace Tsunagi.BackOffice.Bank.Import;

/// <summary>One booking of the file, what it pays and what became of it.</summary>
/// <param name="Key">The booking's own id: the key of its payment, also when it is recorded by hand with source "bank".</param>
/// <param name="Match">What it pays, why, and how sure that is.</param>
/// <param name="PaymentId">The payment it became.</param>
/// <param name="Problem">Why it could not be recorded.</param>
public sealed record BankImportLine(
    string Key, string BookedOn, long AmountMinor, string Currency, string Payer, string Reference, BankImportState State, PaymentMatch Match, string? PaymentId = null, string? Problem = null);
