using System.Text;

namespace Tsunagi.Protocols.Mail.Links;

/// <summary>The scripts of a label's letters (UAX 24), as far as names are registered in them.</summary>
[Flags]
public enum LabelScript
{
    /// <summary>Digits, hyphens, marks: they belong to every script.</summary>
    None = 0,
    /// <summary>Latin.</summary>
    Latin = 1,
    /// <summary>Greek.</summary>
    Greek = 2,
    /// <summary>Cyrillic.</summary>
    Cyrillic = 4,
    /// <summary>Armenian.</summary>
    Armenian = 8,
    /// <summary>Han: kanji.</summary>
    Han = 16,
    /// <summary>Hiragana.</summary>
    Hiragana = 32,
    /// <summary>Katakana.</summary>
    Katakana = 64,
    /// <summary>Hangul.</summary>
    Hangul = 128,
    /// <summary>Bopomofo.</summary>
    Bopomofo = 256,
    /// <summary>Cherokee, whose letters look like capital ones of Latin.</summary>
    Cherokee = 512,
    /// <summary>Any other, all taken for one.</summary>
    Other = 1024,
}

/// <summary>Whether a label mixes scripts as no language does (UTS 39 section 5).</summary>
public static class LabelScripts
{
    // UTS 39 section 5.2, "highly restrictive": what Japanese, Chinese and Korean are written in.
    private const LabelScript Japanese = LabelScript.Latin | LabelScript.Han | LabelScript.Hiragana | LabelScript.Katakana;
    private const LabelScript Chinese = LabelScript.Latin | LabelScript.Han | LabelScript.Bopomofo;
    private const LabelScript Korean = LabelScript.Latin | LabelScript.Han | LabelScript.Hangul;

    /// <summary>The scripts of a label.</summary>
    /// <param name="label">A U-label, UTF-16.</param>
    public static LabelScript Of(ReadOnlySpan<char> label)
    {
        LabelScript all = LabelScript.None;
        foreach (Rune rune in label.EnumerateRunes())
        {
            all |= Of(rune);
        }

        return all;
    }

    /// <summary>
    /// The label is of more scripts than one language has (UTS 39 section 5.2, "highly restrictive"), or has a sign of kana that looks like a slash or a stroke between Latin letters, as in "bank.exampleノlogin".
    /// </summary>
    /// <param name="label">A U-label, UTF-16.</param>
    public static bool IsMixed(ReadOnlySpan<char> label)
    {
        LabelScript all = Of(label);
        return ((all & ~Japanese) != LabelScript.None && (all & ~Chinese) != LabelScript.None && (all & ~Korean) != LabelScript.None && System.Numerics.BitOperations.PopCount((uint)all) > 1) || HasStroke(label);
    }

    /// <summary>The script of a letter.</summary>
    public static LabelScript Of(Rune rune) => rune.Value switch
    {
        0x30FB or 0x30FC or 0xFF70 => LabelScript.None, // the middle dot and the sign of length: of both kana
        < 0x80 => Rune.IsLetter(rune) ? LabelScript.Latin : LabelScript.None,
        0xAA or 0xBA or (>= 0xC0 and <= 0x24F and not (0xD7 or 0xF7)) or (>= 0x250 and <= 0x2AF) or (>= 0x1E00 and <= 0x1EFF) or (>= 0x2C60 and <= 0x2C7F) or (>= 0xA722 and <= 0xA7FF) or (>= 0xAB30 and <= 0xAB64) => LabelScript.Latin,
        (>= 0x370 and <= 0x3FF) or (>= 0x1F00 and <= 0x1FFF) => LabelScript.Greek,
        (>= 0x400 and <= 0x52F) or (>= 0x1C80 and <= 0x1C8F) or (>= 0x2DE0 and <= 0x2DFF) or (>= 0xA640 and <= 0xA69F) => LabelScript.Cyrillic,
        >= 0x531 and <= 0x58F => LabelScript.Armenian,
        0x3005 or 0x3007 or (>= 0x2E80 and <= 0x2FDF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF) => LabelScript.Han,
        (>= 0x3041 and <= 0x3096) or (>= 0x309D and <= 0x309F) => LabelScript.Hiragana,
        (>= 0x30A1 and <= 0x30FA) or (>= 0x30FD and <= 0x30FF) or (>= 0x31F0 and <= 0x31FF) or (>= 0xFF66 and <= 0xFF9D) => LabelScript.Katakana,
        (>= 0x1100 and <= 0x11FF) or (>= 0x3130 and <= 0x318F) or (>= 0xA960 and <= 0xA97F) or (>= 0xAC00 and <= 0xD7FF) => LabelScript.Hangul,
        (>= 0x3105 and <= 0x312F) or (>= 0x31A0 and <= 0x31BF) => LabelScript.Bopomofo,
        (>= 0x13A0 and <= 0x13FF) or (>= 0xAB70 and <= 0xABBF) => LabelScript.Cherokee,
        _ => Rune.IsLetter(rune) ? LabelScript.Other : LabelScript.None,
    };

    // Signs of no script but these are read as parts of a path; those of kana are wrong only between letters that are no kana.
    private static bool HasStroke(ReadOnlySpan<char> label)
    {
        for (int i = 0; i < label.Length; i++)
        {
            if (label[i] is '\u2044' or '\u2215' or '\u29F8' or '\u2571' or '\u3033')
            {
                return true;
            }

            if (label[i] is '\u30CE' or '\u30BD' or '\u30BE' or '\u30F3' or '\u4E36' or '\u4E3F' && i > 0 && i + 1 < label.Length && label[i - 1] < 0x80 && label[i + 1] < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
