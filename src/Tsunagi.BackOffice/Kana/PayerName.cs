using System.Text;

namespace Tsunagi.BackOffice.Kana;

/// <summary>
/// Names as banks write them (half-width kana, no small letters, no spaces to rely on, legal forms abbreviated) and as people write them become one form that
/// can be compared: full-width katakana and capital letters without legal form. Normalising twice changes nothing.
/// </summary>
public static class PayerName
{
    private const char Open = '(', Close = ')', LongVowel = 'ー';

    /// <summary>U+FF61 to U+FF9F.</summary>
    private const string HalfWidth = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜";

    private const string Small = "ァィゥェォッャュョヮヵヶ", Large = "アイウエオツヤユヨワカケ";

    /// <summary>The abbreviations of the Zengin rules for legal forms, and those written out.</summary>
    private static readonly string[] Forms =
        ["カ", "ユ", "メ", "シ", "ド", "イ", "イザイ", "ザイ", "シヤ", "シユウ", "ガク", "フク", "ホゴ", "ソウ", "シヨク", "トクヒ", "ドク", "チドク", "ベン", "ギヨウ", "ロウム"];

    private static readonly string[] WrittenOut = ["株式会社", "有限会社", "合同会社", "合資会社", "合名会社", "カブシキガイシヤ", "カブシキカイシヤ", "ユウゲンガイシヤ", "ユウゲンカイシヤ", "ゴウドウガイシヤ", "ゴウドウカイシヤ"];

    /// <summary>The comparable form; empty when the name has no letters.</summary>
    public static string Normalise(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var letters = WithoutForms(Fold(name));

        // A form that a bracket stood in is one only now.
        return WithoutForms(letters.Replace("(", "", StringComparison.Ordinal).Replace(")", "", StringComparison.Ordinal));
    }

    /// <summary>Half-width kana as banks send it becomes what people read: "ｶ)ﾐﾔｺ" to "カ)ミヤコ".</summary>
    public static string Widen(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var wide = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var letter = Widen(text[i]);
            if (i + 1 < text.Length && Mark(text[i + 1]) is var mark and not '\0' && Voiced.TryCompose(new Rune(char.IsSurrogate(letter) ? '?' : letter), mark, out var composed))
            {
                letter = (char)composed.Value;
                i++;
            }

            wide.Append(letter);
        }

        return wide.ToString();
    }

    /// <summary>Full-width letters, digits and marks become ASCII; all else stays.</summary>
    internal static string Narrow(string text) => string.Create(text.Length, text, static (narrow, text) =>
    {
        for (var i = 0; i < text.Length; i++)
        {
            narrow[i] = text[i] is >= '！' and <= '～' ? (char)(text[i] - '！' + '!') : text[i];
        }
    });

    private static char Widen(char letter) => letter is >= '\uFF61' and <= '\uFF9F' ? HalfWidth[letter - '\uFF61'] : letter;

    private static char Mark(char letter) => letter switch { '\uFF9E' or '゛' or '\u3099' => '\u3099', '\uFF9F' or '゜' or '\u309A' => '\u309A', _ => '\0' };

    private static string Fold(string name)
    {
        var folded = new StringBuilder(name.Length);
        foreach (var letter in Widen(name))
        {
            var c = letter is >= '！' and <= '～' ? (char)(letter - '！' + '!') : letter is >= 'ぁ' and <= 'ゖ' ? (char)(letter - 'ぁ' + 'ァ') : letter;
            c = Small.IndexOf(c, StringComparison.Ordinal) is var at and >= 0 ? Large[at] : char.ToUpperInvariant(c);
            if (c is '-' or '\u2010' or '\u2013' or '\u2014' or '\u2015' or '\u2212')
            {
                c = LongVowel;
            }

            if (char.IsLetterOrDigit(c) || c is LongVowel or Open or Close or '&' or '々' or '〆' || char.IsSurrogate(c))
            {
                folded.Append(c);
            }
        }

        return folded.ToString();
    }

    private static string WithoutForms(string letters)
    {
        for (var before = -1; before != letters.Length;)
        {
            before = letters.Length;
            letters = WithoutForm(letters);
        }

        return letters;
    }

    /// <summary>Takes off "カ)" in front, "(カ" behind, "(カ)" anywhere, and a written-out form in front or behind.</summary>
    private static string WithoutForm(string letters)
    {
        foreach (var form in Forms)
        {
            letters = letters.Replace($"({form})", "", StringComparison.Ordinal);
            letters = letters.StartsWith(form + Close, StringComparison.Ordinal) ? letters[(form.Length + 1)..] : letters;
            letters = letters.EndsWith(Open + form, StringComparison.Ordinal) ? letters[..^(form.Length + 1)] : letters;
        }

        foreach (var form in WrittenOut)
        {
            letters = letters.Length > form.Length && letters.StartsWith(form, StringComparison.Ordinal) ? letters[form.Length..] : letters;
            letters = letters.Length > form.Length && letters.EndsWith(form, StringComparison.Ordinal) ? letters[..^form.Length] : letters;
        }

        return letters;
    }
}
