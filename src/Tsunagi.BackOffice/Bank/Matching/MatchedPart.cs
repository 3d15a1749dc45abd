namespace Tsunagi.BackOffice.Bank.Matching;

/// <summary>What an invoice gets of a payment.</summary>
public sealed record MatchedPart(string Number, long AmountMinor);
