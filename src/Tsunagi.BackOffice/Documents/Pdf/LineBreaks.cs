using System.Buffers;
using System.Text;

namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>
/// Where a line may end: between ideographs and kana except at what must not begin or end a line (kinsoku, JIS X 4051 section 6.1: a small table), at spaces
/// and behind hyphens in Latin; a word wider than the line is cut where it must.
/// </summary>
internal static class LineBreaks
{
    private static readonly SearchValues<char> NotAtStart = SearchValues.Create(
        "、。，．・：；？！゛゜ヽヾゝゞ々ー’”）〕］｝〉》」』】〙〗°′″℃％‰¢ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ‐–—…‥〜～円､｡｣･ｧｨｩｪｫｬｭｮｯｰﾞﾟ,.:;?!)]}%»›");

    private static readonly SearchValues<char> NotAtEnd = SearchValues.Create("‘“（〔［｛〈《「『【〘〖￥＄£¥$€（([{«‹〒№＃#｢");

    /// <summary>Cuts a text into lines no wider than <paramref name="width"/> points at a size. Spaces at a cut are not drawn.</summary>
    public static List<SetText> Wrap(SetText text, double size, double width)
    {
        var lines = new List<SetText>();
        var glyphs = text.Glyphs;
        var room = width * 1000 / size;
        for (var start = 0; start < glyphs.Length;)
        {
            var end = EndOfLine(glyphs, start, room);
            var shown = end;
            while (shown > start && IsSpace(glyphs[shown - 1].Rune))
            {
                shown--;
            }

            lines.Add(text.Slice(start, shown - start));
            for (start = end; start < glyphs.Length && IsSpace(glyphs[start].Rune);)
            {
                start++;
            }
        }

        return lines;
    }

    /// <summary>Whether a line may end between two characters.</summary>
    public static bool IsAllowed(Rune before, Rune after)
    {
        if (IsSpace(after) || IsIn(NotAtStart, after) || IsIn(NotAtEnd, before) || before.Value == 0xA0 || after.Value == 0xA0)
        {
            return false;
        }

        return IsSpace(before) || before.Value is '-' or '/' or 0x2013 ? !Rune.IsDigit(after) || IsSpace(before) : IsWide(before) || IsWide(after);
    }

    private static int EndOfLine(ReadOnlySpan<SetGlyph> glyphs, int start, double room)
    {
        double used = 0;
        var allowed = start;
        for (var i = start; i < glyphs.Length; i++)
        {
            if (i > start && IsAllowed(glyphs[i - 1].Rune, glyphs[i].Rune))
            {
                allowed = i;
            }

            used += glyphs[i].Advance;
            if (used > room && !IsSpace(glyphs[i].Rune))
            {
                return allowed > start ? allowed : Math.Max(i, start + 1);
            }
        }

        return glyphs.Length;
    }

    private static bool IsSpace(Rune rune) => rune.Value is ' ' or 0x3000;

    private static bool IsIn(SearchValues<char> set, Rune rune) => rune.IsBmp && set.Contains((char)rune.Value);

    /// <summary>Ideographs, kana, Hangul and full-width forms.</summary>
    private static bool IsWide(Rune rune) =>
        rune.Value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF)
            or (>= 0xFE30 and <= 0xFE4F) or (>= 0xFF00 and <= 0xFFEF) or (>= 0x20000 and <= 0x3FFFF);
}
