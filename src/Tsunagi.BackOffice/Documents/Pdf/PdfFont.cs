using System.Text;
using Tsunagi.BackOffice.Documents.Pdf.Fonts;

namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>
/// A face as one document uses it: a composite font (ISO 32000-1 section 9.7) whose CIDs are the glyphs in the order of their first use. Two characters
/// that share a glyph get a CID each, so that a reader gets back the exact text.
/// </summary>
internal sealed class PdfFont
{
    private readonly Dictionary<(int Glyph, Rune Rune, Rune Selector), int> _cids = [];
    private readonly List<int> _glyphs = [0];
    private readonly List<(Rune Rune, Rune Selector)> _texts = [default];

    public PdfFont(TrueTypeFace face, int number)
    {
        Face = face;
        Number = number;
    }

    public TrueTypeFace Face { get; }

    /// <summary>Its resource is named F and this number.</summary>
    public int Number { get; }

    public bool IsUsed => _glyphs.Count > 1;

    public int Cid(int glyph, Rune rune, Rune selector)
    {
        if (!_cids.TryGetValue((glyph, rune, selector), out var cid))
        {
            _cids[(glyph, rune, selector)] = cid = _glyphs.Count;
            _glyphs.Add(glyph);
            _texts.Add((rune, selector));
        }

        return cid;
    }

    /// <summary>Writes the font's five objects and returns the number of the first, which pages refer to.</summary>
    public int Write(PdfFile file)
    {
        var used = _glyphs.Count;
        var subset = FontSubset.Write(Face, [.. _glyphs]);
        int type0 = file.Reserve(), descendant = file.Reserve(), descriptor = file.Reserve();
        var fontFile = file.WriteStream(subset, into => into.Append("/Length1 "u8).Append(subset.Length));
        var toUnicode = file.WriteStream(ToUnicode().Written);
        var name = SubsetTag(subset) + "+" + Face.PostScriptName;

        file.Begin(type0).Append("<</Type/Font/Subtype/Type0/BaseFont/"u8).Append(name).Append("/Encoding/Identity-H/DescendantFonts["u8).Append(descendant)
            .Append(" 0 R]/ToUnicode "u8).Append(toUnicode).Append(" 0 R>>"u8);
        file.End();

        var body = file.Begin(descendant).Append("<</Type/Font/Subtype/CIDFontType2/BaseFont/"u8).Append(name)
            .Append("/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/CIDToGIDMap/Identity/FontDescriptor "u8).Append(descriptor).Append(" 0 R/DW 1000/W["u8);
        AppendWidths(body, used);
        body.Append("]>>"u8);
        file.End();

        body = file.Begin(descriptor).Append("<</Type/FontDescriptor/FontName/"u8).Append(name).Append("/Flags 4/FontBBox["u8);
        foreach (var edge in Face.Box)
        {
            body.Append(edge).Append(" "u8);
        }

        body.Append("]/ItalicAngle 0/Ascent "u8).Append(Face.Ascent).Append("/Descent "u8).Append(Face.Descent).Append("/CapHeight "u8).Append(Face.CapHeight)
            .Append("/StemV 80/FontFile2 "u8).Append(fontFile).Append(" 0 R>>"u8);
        file.End();
        return type0;
    }

    /// <summary>W (section 9.7.4.3): "first last w" for three and more of one width in a row, "first [w …]" for others; 1000 is the default and left out.</summary>
    private void AppendWidths(PdfBuffer body, int used)
    {
        for (var cid = 0; cid < used;)
        {
            var width = Face.Advance(_glyphs[cid]);
            var same = 1;
            while (cid + same < used && Face.Advance(_glyphs[cid + same]) == width)
            {
                same++;
            }

            if (width == 1000)
            {
                cid += same;
            }
            else if (same > 2)
            {
                body.Append(cid).Append(" "u8).Append(cid + same - 1).Append(" "u8).Append(width).Append(" "u8);
                cid += same;
            }
            else
            {
                body.Append(cid).Append("["u8);
                while (cid < used && (width = Face.Advance(_glyphs[cid])) != 1000)
                {
                    body.Append(width).Append(" "u8);
                    cid++;
                }

                body.Append("]"u8);
            }
        }
    }

    /// <summary>The CMap from CIDs back to text (section 9.10.3), UTF-16BE.</summary>
    private PdfBuffer ToUnicode()
    {
        const int MaxRows = 100;
        var map = new PdfBuffer(8 << 10);
        map.Append("/CIDInit/ProcSet findresource begin 12 dict begin begincmap/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def/CMapName/Adobe-Identity-UCS def/CMapType 2 def\n"u8);
        map.Append("1 begincodespacerange<0000><FFFF>endcodespacerange\n"u8);
        Span<char> units = stackalloc char[4];
        for (var first = 1; first < _texts.Count; first += MaxRows)
        {
            var rows = Math.Min(MaxRows, _texts.Count - first);
            map.Append(rows).Append(" beginbfchar\n"u8);
            for (var cid = first; cid < first + rows; cid++)
            {
                map.Append("<"u8).AppendHex(cid, 4).Append("><"u8);
                var count = _texts[cid].Rune.EncodeToUtf16(units);
                count += _texts[cid].Selector.Value == 0 ? 0 : _texts[cid].Selector.EncodeToUtf16(units[count..]);
                foreach (var unit in units[..count])
                {
                    map.AppendHex(unit, 4);
                }

                map.Append(">\n"u8);
            }

            map.Append("endbfchar\n"u8);
        }

        map.Append("endcmap CMapName currentdict/CMap defineresource pop end end"u8);
        return map;
    }

    /// <summary>Six letters that differ from subset to subset (section 9.6.4).</summary>
    private static string SubsetTag(byte[] subset)
    {
        var hash = System.Security.Cryptography.SHA256.HashData(subset);
        return string.Create(6, hash, static (letters, octets) =>
        {
            for (var i = 0; i < letters.Length; i++)
            {
                letters[i] = (char)('A' + (octets[i] % 26));
            }
        });
    }
}
