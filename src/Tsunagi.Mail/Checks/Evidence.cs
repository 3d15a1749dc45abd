using System.Text;

namespace Tsunagi.Mail.Checks;

/// <summary>
/// One thing a check found: a fact, never a decision. Policy says what it is worth.
/// </summary>
/// <param name="Code">One of <see cref="EvidenceCatalogue"/>.</param>
/// <param name="Values">Named values in the order the code's words name them: what a person reads to understand it.</param>
internal sealed record Evidence(string Code, IReadOnlyList<EvidenceValue> Values)
{
    public static Evidence Of(string code, params ReadOnlySpan<(string Name, string Text)> values)
    {
        var kept = new EvidenceValue[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            kept[i] = new EvidenceValue(values[i].Name, Clean(values[i].Text));
        }

        return new Evidence(code, kept);
    }

    // Values come from strangers and end in pages, terminals and reports.
    private static string Clean(string text)
    {
        var clean = new StringBuilder(Math.Min(text.Length, EvidenceValue.MaxCharacters));
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > EvidenceValue.MaxCharacters)
            {
                break;
            }

            clean.Append(Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator ? "?" : rune.ToString());
        }

        return clean.ToString();
    }
}

/// <summary>A named value of an evidence.</summary>
internal readonly record struct EvidenceValue(string Name, string Text)
{
    public const int MaxCharacters = 200;
}
