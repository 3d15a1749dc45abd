namespace Tsunagi.BackOffice.Bank.Matching;

/// <summary>
/// What a booking pays. Parts and <see cref="RestMinor"/> add up to the amount and <see cref="FeeMinor"/>.
/// </summary>
/// <param name="AccountId">The billing account; null when it is not known.</param>
/// <param name="Parts">Invoices paid, the oldest first.</param>
/// <param name="FeeMinor">Missing of the invoices' sum because a bank took it.</param>
/// <param name="RestMinor">Paid and not used: credit of the account.</param>
public sealed record PaymentMatch(MatchGrade Grade, MatchReason Reason, MatchFit Fit, string? AccountId, IReadOnlyList<MatchedPart> Parts, long FeeMinor, long RestMinor)
{
    internal static PaymentMatch Nothing(MatchReason reason, long amountMinor, string? accountId = null) => new(MatchGrade.None, reason, MatchFit.None, accountId, [], 0, Math.Max(0, amountMinor));
}
