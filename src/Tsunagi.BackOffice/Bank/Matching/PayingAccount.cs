namespace Tsunagi.BackOffice.Bank.Matching;

/// <summary>By what a billing account's payments are known.</summary>
/// <param name="AccountId">The billing account.</param>
public sealed record PayingAccount(string AccountId)
{
    /// <summary>The account number that is this customer's alone, as printed on its invoices.</summary>
    public string? VirtualAccount { get; init; }

    /// <summary>The customer's number, which it may write as reference and by which direct debits name it.</summary>
    public string? CustomerNumber { get; init; }

    /// <summary>The customer's own name, and names learned from payments a person assigned; normalised or not.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Payer's codes and account numbers learned the same way.</summary>
    public IReadOnlyList<string> PayerAccounts { get; init; } = [];
}
