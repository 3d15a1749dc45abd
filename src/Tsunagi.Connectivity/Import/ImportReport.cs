namespace Tsunagi.Connectivity.Import;

/// <summary>What an import did, or would do.</summary>
/// <param name="Steps">What is added, changed or refused, at most 1,000 of them.</param>
/// <param name="Remaining">Steps that are left for another call of the same request.</param>
/// <param name="NoChap">User names whose password cannot do CHAP, at most 1,000; they need PAP, or a new password.</param>
/// <param name="NoMsChap">The same for MS-CHAP.</param>
public sealed record ImportReport(
    bool DryRun, IReadOnlyList<ImportCount> Counts, IReadOnlyList<ImportStep> Steps, int Remaining, IReadOnlyList<ImportProblem> Problems, int ProblemsInAll, IReadOnlyList<string> NoChap, int NoChapInAll,
    IReadOnlyList<string> NoMsChap, int NoMsChapInAll)
{
    internal const int Most = 1_000;
}

/// <summary>How many of a kind are added, changed, the same already, or refused.</summary>
public sealed record ImportCount(string Kind, int Added, int Changed, int Same, int Refused);

/// <summary>One thing.</summary>
/// <param name="Act">add, change or refuse.</param>
/// <param name="Detail">What changes, or why not.</param>
public sealed record ImportStep(string Kind, string Act, string Name, string? Detail);
