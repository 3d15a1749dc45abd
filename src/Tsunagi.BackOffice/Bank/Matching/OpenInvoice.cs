namespace Tsunagi.BackOffice.Bank.Matching;

/// <summary>An invoice that is not fully paid, as the matcher sees it.</summary>
/// <param name="Number">As printed.</param>
/// <param name="AccountId">The billing account that owes it.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="OpenMinor">What is still to be paid, above zero.</param>
/// <param name="DueDate">The oldest is paid first.</param>
public sealed record OpenInvoice(string Number, string AccountId, string Currency, long OpenMinor, DateOnly DueDate);
