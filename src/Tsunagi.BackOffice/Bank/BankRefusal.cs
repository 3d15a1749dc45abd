namespace Tsunagi.BackOffice.Bank;

/// <summary>A direct debit that was not carried out (振替不能).</summary>
/// <param name="CustomerNumber">As in the order.</param>
/// <param name="Code">The bank's result code: 1 not enough money, 2 no account, 3 stopped by the customer, 4 no mandate, 8 stopped by us, 9 other.</param>
/// <param name="Line">Record of the file, from 1.</param>
public sealed record BankRefusal(string CustomerNumber, string PayerName, long AmountMinor, char Code, int Line);
