using static System.Buffers.Binary.BinaryPrimitives;

namespace Tsunagi.BackOffice.Documents.Pdf.Fonts;

/// <summary>
/// Writes a font file that holds only the glyphs a document uses, renumbered in the order given and without hinting (tables glyf, head, hhea, hmtx, loca,
/// maxp: what a CIDFontType2 needs, ISO 32000-1 section 9.9). The same glyphs in the same order give the same octets.
/// </summary>
internal static class FontSubset
{
    private const int MoreComponents = 0x0020, WordArguments = 0x0001, HasInstructions = 0x0100, OneScale = 0x0008, TwoScales = 0x0040, Matrix = 0x0080;

    /// <param name="face">The whole font.</param>
    /// <param name="glyphs">Glyphs of the whole font by their new number; the first is 0 (.notdef). Grows by the parts of composite glyphs.</param>
    public static byte[] Write(TrueTypeFace face, List<int> glyphs)
    {
        var glyf = new PdfBuffer(64 << 10);
        var offsets = new List<int>(glyphs.Count + 8);
        var renumbered = new Dictionary<int, int>(glyphs.Count);
        for (var i = 0; i < glyphs.Count; i++)
        {
            renumbered.TryAdd(glyphs[i], i);
        }

        for (var i = 0; i < glyphs.Count; i++)
        {
            offsets.Add(glyf.Length);
            AppendGlyph(glyf, face, glyphs[i], glyphs, renumbered);
            glyf.Align(4);
        }

        offsets.Add(glyf.Length);
        return Assemble(face, glyphs, offsets, glyf.Written);
    }

    private static void AppendGlyph(PdfBuffer glyf, TrueTypeFace face, int glyph, List<int> glyphs, Dictionary<int, int> renumbered)
    {
        var outline = face.Outline(glyph);
        if (outline.Length < 12)
        {
            return;
        }

        int contours = ReadInt16BigEndian(outline);
        if (contours >= 0)
        {
            AppendSimple(glyf, outline, contours);
        }
        else
        {
            AppendComposite(glyf, outline, face.GlyphCount, glyphs, renumbered);
        }
    }

    /// <summary>numberOfContours, box, endPtsOfContours[], instructionLength, instructions[], points: the instructions are left out.</summary>
    private static void AppendSimple(PdfBuffer glyf, ReadOnlySpan<byte> outline, int contours)
    {
        var lengthAt = 10 + (2 * contours);
        if (lengthAt + 2 > outline.Length)
        {
            return;
        }

        var points = lengthAt + 2 + ReadUInt16BigEndian(outline[lengthAt..]);
        if (points > outline.Length)
        {
            return;
        }

        glyf.Append(outline[..lengthAt]);
        glyf.Append([0, 0]);
        glyf.Append(outline[points..]);
    }

    /// <summary>Box, then for each component flags, glyph, arguments and scale; instructions at the end are left out.</summary>
    private static void AppendComposite(PdfBuffer glyf, ReadOnlySpan<byte> outline, int glyphCount, List<int> glyphs, Dictionary<int, int> renumbered)
    {
        glyf.Append(outline[..10]);
        Span<byte> start = stackalloc byte[4];
        for (var at = 10; at + 4 <= outline.Length;)
        {
            int flags = ReadUInt16BigEndian(outline[at..]), component = ReadUInt16BigEndian(outline[(at + 2)..]);
            var length = ComponentLength(flags);
            if (component >= glyphCount || at + length > outline.Length)
            {
                component = 0;
                length = Math.Min(length, outline.Length - at);
                flags &= ~MoreComponents;
            }

            if (!renumbered.TryGetValue(component, out var number))
            {
                renumbered[component] = number = glyphs.Count;
                glyphs.Add(component);
            }

            WriteUInt16BigEndian(start, (ushort)(flags & ~HasInstructions));
            WriteUInt16BigEndian(start[2..], (ushort)number);
            glyf.Append(start);
            glyf.Append(outline.Slice(at + 4, length - 4));
            if ((flags & MoreComponents) == 0)
            {
                return;
            }

            at += length;
        }
    }

    private static int ComponentLength(int flags) =>
        4 + ((flags & WordArguments) != 0 ? 4 : 2) + ((flags & OneScale) != 0 ? 2 : (flags & TwoScales) != 0 ? 4 : (flags & Matrix) != 0 ? 8 : 0);

    private static byte[] Assemble(TrueTypeFace face, List<int> glyphs, List<int> offsets, ReadOnlySpan<byte> glyf)
    {
        var head = face.Head.ToArray();
        WriteUInt32BigEndian(head.AsSpan(8), 0);
        WriteInt16BigEndian(head.AsSpan(50), 1);
        var hhea = face.HorizontalHeader.ToArray();
        WriteUInt16BigEndian(hhea.AsSpan(34), (ushort)glyphs.Count);
        var maxp = face.MaximumProfile.ToArray();
        WriteUInt16BigEndian(maxp.AsSpan(4), (ushort)glyphs.Count);
        var hmtx = new byte[4 * glyphs.Count];
        var loca = new byte[4 * offsets.Count];
        for (var i = 0; i < glyphs.Count; i++)
        {
            var (advance, bearing) = face.Metrics(glyphs[i]);
            WriteUInt16BigEndian(hmtx.AsSpan(4 * i), advance);
            WriteInt16BigEndian(hmtx.AsSpan((4 * i) + 2), bearing);
        }

        for (var i = 0; i < offsets.Count; i++)
        {
            WriteUInt32BigEndian(loca.AsSpan(4 * i), (uint)offsets[i]);
        }

        var file = new FontFileWriter(6);
        file.Add("glyf"u8, glyf);
        file.Add("head"u8, head);
        file.Add("hhea"u8, hhea);
        file.Add("hmtx"u8, hmtx);
        file.Add("loca"u8, loca);
        file.Add("maxp"u8, maxp);
        return file.Finish();
    }
}
