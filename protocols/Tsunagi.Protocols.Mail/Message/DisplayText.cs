using System.Globalization;
using System.Text;

namespace Tsunagi.Protocols.Mail.Message;

/// <summary>
/// Makes text of strangers fit to be shown and logged: no control characters, no characters that turn the reading direction of what
/// stands around them, no half surrogates, and not longer than wanted.
/// </summary>
internal static class DisplayText
{
    /// <summary>Nothing in the text would be changed.</summary>
    public static bool IsClean(string text) => Clean(text, int.MaxValue).Equals(text, StringComparison.Ordinal);

    public static string Clean(string text, int maxCharacters)
    {
        bool clean = text.Length <= maxCharacters;
        foreach (char c in text)
        {
            clean &= c is >= ' ' and < '\x7f';
        }

        if (clean)
        {
            return text;
        }

        var shown = new StringBuilder(Math.Min(text.Length, maxCharacters));
        foreach (Rune rune in text.EnumerateRunes()) // a half surrogate comes as U+FFFD
        {
            if (shown.Length + rune.Utf16SequenceLength > maxCharacters)
            {
                break;
            }

            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                shown.Append(' ');
            }
            else if (!IsDirection(rune.Value))
            {
                shown.Append(rune);
            }
        }
        return shown.ToString();
    }

    // The explicit directional formatting characters of UAX #9.
    private static bool IsDirection(int rune) => rune is 0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
