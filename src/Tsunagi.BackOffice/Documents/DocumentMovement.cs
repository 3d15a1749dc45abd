namespace Tsunagi.BackOffice.Documents;

/// <summary>A payment received or a credit used between the previous document and this one. The amount is positive and lowers what is due.</summary>
public sealed record DocumentMovement(DateOnly Date, string Description, long AmountMinor)
{
    /// <summary>Number of the credit note, reference of the payment.</summary>
    public string? Reference { get; init; }
}
