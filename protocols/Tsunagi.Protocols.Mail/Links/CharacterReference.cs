using System.Globalization;
using System.Text;

namespace Tsunagi.Protocols.Mail.Links;

/// <summary>
/// Character references of HTML ("&amp;amp;", "&amp;#46;", "&amp;#x2e"), as far as links and names are written with them: numbers, with and without the semicolon, and the names of what stands in a link. Others stay as they are.
/// </summary>
internal static class CharacterReference
{
    private const int MaxName = 10;

    /// <summary>Reads one that begins the text.</summary>
    /// <param name="text">Begins with an ampersand.</param>
    /// <param name="to">Room for two characters.</param>
    /// <param name="written">Characters written: 0 for one that is shown as nothing here.</param>
    /// <returns>Characters of the text that it takes; an ampersand that begins none is itself.</returns>
    public static int Read(ReadOnlySpan<char> text, Span<char> to, out int written)
    {
        to[0] = '&';
        written = 1;
        if (text.Length > 2 && text[1] == '#')
        {
            return ReadNumber(text, to, ref written);
        }

        int end = text[..Math.Min(text.Length, MaxName)].IndexOf(';');
        if (end < 2)
        {
            // "&amp" is read without its semicolon too, but in "&amplitude=1".
            return text.StartsWith("&amp") && (text.Length == 4 || !char.IsAsciiLetterOrDigit(text[4])) ? 4 : 1;
        }

        char known = text[1..end] switch
        {
            "amp" or "AMP" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            "nbsp" => '\u00A0',
            "shy" => '\u00AD',
            "zwnj" => '\u200C',
            "zwj" => '\u200D',
            "period" => '.',
            "sol" => '/',
            "bsol" => '\\',
            "colon" => ':',
            "commat" => '@',
            "lowbar" => '_',
            "hyphen" or "dash" => '\u2010',
            "num" => '#',
            "quest" => '?',
            "equals" => '=',
            "percnt" => '%',
            "lpar" => '(',
            "rpar" => ')',
            "lsqb" => '[',
            "rsqb" => ']',
            "Tab" => '\t',
            "NewLine" => '\n',
            _ => '\0',
        };
        if (known == '\0')
        {
            return 1;
        }

        to[0] = known;
        return end + 1;
    }

    private static int ReadNumber(ReadOnlySpan<char> text, Span<char> to, ref int written)
    {
        bool isHex = text[2] is 'x' or 'X';
        int start = isHex ? 3 : 2;
        int end = start;
        while (end < text.Length && (isHex ? char.IsAsciiHexDigit(text[end]) : char.IsAsciiDigit(text[end])))
        {
            end++;
        }

        if (end == start)
        {
            return 1;
        }

        // Any number of zeros may stand before it; what is too large is nothing that can be shown, with all its digits (HTML standard, "numeric character reference end state").
        ReadOnlySpan<char> digits = text[start..end].TrimStart('0');
        if (digits.Length > MaxName || !uint.TryParse(digits, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out uint value) || value == 0 || !Rune.TryCreate(value, out Rune rune))
        {
            rune = Rune.ReplacementChar;
        }

        written = rune.EncodeToUtf16(to);
        return end < text.Length && text[end] == ';' ? end + 1 : end;
    }
}
