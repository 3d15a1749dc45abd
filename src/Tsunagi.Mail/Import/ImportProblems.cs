namespace Tsunagi.Mail.Import;

/// <summary>A place in a file that was not understood, or was understood and has no place here: nothing is dropped without one.</summary>
/// <param name="Line">1 for the first; 0 for the file as a whole.</param>
/// <param name="IsError">True where something is missing because of it; false where it is only to be known.</param>
public sealed record MailImportProblem(string File, int Line, string Message, bool IsError);

/// <summary>Keeps what is to be told, each thing once; past a number it only counts.</summary>
internal sealed class ImportProblems
{
    public const int Most = 1_000;
    private readonly HashSet<MailImportProblem> _known = [];
    private readonly List<MailImportProblem> _all = [];

    public int InAll { get; private set; }

    public IReadOnlyList<MailImportProblem> All => _all;

    public void Error(string file, int line, string message) => Add(new MailImportProblem(file, line, message, true));

    public void Note(string file, int line, string message) => Add(new MailImportProblem(file, line, message, false));

    private void Add(MailImportProblem problem)
    {
        if (_known.Contains(problem))
        {
            return;
        }

        InAll++;
        if (_all.Count < Most)
        {
            _known.Add(problem);
            _all.Add(problem);
        }
    }
}
