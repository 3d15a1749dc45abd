namespace Tsunagi.BackOffice.Dunning;

/// <summary>The letter of a stage in one language. Words in braces are filled in; see <see cref="LetterText.Fields"/>.</summary>
public sealed record LetterTemplate(string Subject, string Body)
{
    public const int MaxSubject = 200, MaxBody = 4_000;
}
