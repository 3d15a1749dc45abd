namespace Tsunagi.BackOffice.Documents;

/// <summary>The invoice that a credit note corrects.</summary>
public sealed record DocumentReference(string Number, DateOnly IssueDate);
