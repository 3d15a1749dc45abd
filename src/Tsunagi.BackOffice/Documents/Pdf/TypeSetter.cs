using System.Text;
using Tsunagi.BackOffice.Documents.Pdf.Fonts;
using Tsunagi.BackOffice.Kana;

namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>
/// From text to glyphs of one document. A character that no face has is shown as 〓 (the geta mark printers set for a missing type), keeps its own text for
/// readers, and is noted in <see cref="Missing"/>: never a silent blank.
/// </summary>
internal sealed class TypeSetter
{
    private const int Geta = 0x3013;

    private readonly DocumentFonts _fonts;
    private readonly PdfFont[][] _used;
    private readonly List<MissingGlyph> _missing = [];
    private readonly HashSet<Rune> _missed = [];
    private SetGlyph[] _glyphs = new SetGlyph[256];

    public TypeSetter(DocumentFonts fonts)
    {
        _fonts = fonts;
        var number = 0;
        _used = [.. new[] { FontWeight.Regular, FontWeight.Bold }.Select(weight => fonts.Faces(weight).Select(face => new PdfFont(face, ++number)).ToArray())];
    }

    public IEnumerable<PdfFont> UsedFonts => _used.SelectMany(fonts => fonts).Where(font => font.IsUsed);

    public IReadOnlyList<MissingGlyph> Missing => _missing;

    public SetText Set(string text, FontWeight weight = FontWeight.Regular)
    {
        if (_glyphs.Length < text.Length)
        {
            _glyphs = new SetGlyph[text.Length];
        }

        var count = 0;
        for (var at = 0; at < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var consumed);
            at += consumed;
            rune = Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029 ? new Rune(' ') : rune;
            if (IsIgnorable(rune))
            {
                continue;
            }

            if (at < text.Length && Voiced.TryCompose(rune, text[at], out var composed))
            {
                (rune, at) = (composed, at + 1);
            }

            _glyphs[count++] = Set(text, rune, TakeSelector(text, ref at), weight);
        }

        return new SetText(_glyphs[..count], 0, count);
    }

    /// <summary>As much of a text as the width takes, with "…" when it is cut: only for what is said in full elsewhere.</summary>
    public SetText Fit(SetText text, double size, double width)
    {
        if (text.Width(size) <= width)
        {
            return text;
        }

        var count = text.Length;
        while (count > 0 && text.Slice(0, count).Width(size) > width - size)
        {
            count--;
        }

        return new SetText([.. text.Slice(0, count).Glyphs, .. Set("…").Glyphs], 0, count + 1);
    }

    private SetGlyph Set(string text, Rune rune, Rune selector, FontWeight weight)
    {
        var (face, glyph) = _fonts.Find(weight, rune.Value == 0xA0 ? new Rune(' ') : rune, selector);
        if (glyph == 0)
        {
            if (_missed.Add(rune))
            {
                _missing.Add(new MissingGlyph(rune, text));
            }

            (face, glyph) = _fonts.Find(weight, new Rune(Geta), default);
        }

        var font = _used[(int)weight][face];
        return new SetGlyph(font, font.Cid(glyph, rune, selector), font.Face.Advance(glyph), rune);
    }

    /// <summary>Variation selectors stand behind the ideograph they change (U+FE00…FE0F, U+E0100…E01EF).</summary>
    private static Rune TakeSelector(string text, ref int at)
    {
        if (at < text.Length && Rune.DecodeFromUtf16(text.AsSpan(at), out var next, out var consumed) == System.Buffers.OperationStatus.Done
            && next.Value is ((>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF)))
        {
            at += consumed;
            return next;
        }

        return default;
    }

    /// <summary>Characters without a picture of their own: joiners, direction marks, byte order marks, selectors without a base.</summary>
    private static bool IsIgnorable(Rune rune) =>
        rune.Value is 0xAD or (>= 0x200B and <= 0x200F) or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x2069) or 0xFEFF or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0000 and <= 0xE0FFF);
}
