namespace Tsunagi.Connectivity.Import;

/// <summary>Counts what an import does, step by step.</summary>
internal sealed class ImportTally
{
    private readonly Dictionary<string, int[]> _counts = new(StringComparer.Ordinal);
    private readonly List<ImportStep> _steps = [];

    public int Remaining { get; set; }

    public void Add(string kind, string name, string? detail = null) => Note(kind, 0, "add", name, detail);

    public void Change(string kind, string name, string detail) => Note(kind, 1, "change", name, detail);

    public void Same(string kind) => Of(kind)[2]++;

    public void Refuse(string kind, string name, string why) => Note(kind, 3, "refuse", name, why);

    public ImportReport Report(bool dryRun, IReadOnlyList<ImportProblem> problems, IReadOnlyCollection<string> noChap, IReadOnlyCollection<string> noMsChap) => new(
        dryRun, [.. _counts.Select(static pair => new ImportCount(pair.Key, pair.Value[0], pair.Value[1], pair.Value[2], pair.Value[3]))], _steps, Remaining,
        [.. problems.OrderByDescending(static problem => problem.IsError).Take(ImportReport.Most)], problems.Count, [.. noChap.Take(ImportReport.Most)], noChap.Count, [.. noMsChap.Take(ImportReport.Most)], noMsChap.Count);

    private int[] Of(string kind) => _counts.TryGetValue(kind, out var count) ? count : _counts[kind] = new int[4];

    private void Note(string kind, int which, string act, string name, string? detail)
    {
        Of(kind)[which]++;
        if (_steps.Count < ImportReport.Most)
        {
            _steps.Add(new ImportStep(kind, act, name, detail));
        }
    }
}
