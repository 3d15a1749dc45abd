using System.Text;

namespace Tsunagi.BackOffice.Kana;

/// <summary>Kana written as a base and a combining sound mark (U+3099, U+309A), as some systems store names, become the one character fonts have.</summary>
internal static class Voiced
{
    private const string Bases = "かきくけこさしすせそたちつてとはひふへほカキクケコサシスセソタチツテトハヒフヘホ";
    private const char VoicedMark = '\u3099', HalfVoicedMark = '\u309A';

    public static bool TryCompose(Rune rune, char mark, out Rune composed)
    {
        composed = rune;
        if (mark is not VoicedMark and not HalfVoicedMark || !rune.IsBmp)
        {
            return false;
        }

        var letter = (char)rune.Value;
        var result = (letter, mark) switch
        {
            ('う', VoicedMark) => 'ゔ',
            ('ウ', VoicedMark) => 'ヴ',
            (_, VoicedMark) when Bases.Contains(letter) => (char)(letter + 1),
            (>= 'は' and <= 'ほ', HalfVoicedMark) or (>= 'ハ' and <= 'ホ', HalfVoicedMark) when Bases.Contains(letter) => (char)(letter + 2),
            _ => '\0',
        };
        composed = result == '\0' ? rune : new Rune(result);
        return result != '\0';
    }
}
