namespace Tsunagi.Core.Audit;

/// <summary>What reading the whole chain found.</summary>
/// <param name="Entries">How many entries hold, from the first on.</param>
/// <param name="HeadHash">Hash of the last entry that holds. Kept elsewhere, it proves later that nothing before it was changed.</param>
/// <param name="BrokenPosition">The first position that does not hold, or null.</param>
/// <param name="Problem">What is wrong there, in a sentence.</param>
public sealed record AuditVerification(long Entries, string HeadHash, long? BrokenPosition, string? Problem)
{
    public bool Holds => BrokenPosition is null;
}
