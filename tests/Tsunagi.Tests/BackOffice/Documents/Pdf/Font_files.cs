using System.Buffers.Binary;
using System.Reflection;
using System.Text;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Documents.Pdf;
using Tsunagi.BackOffice.Documents.Pdf.Fonts;

namespace Tsunagi.Tests.BackOffice.Documents.Pdf;

public class Font_files
{
    private static readonly byte[] Regular = Read();

    [Fact]
    public void Shipped_ones_have_what_japanese_names_are_written_with()
    {
        foreach (var weight in Enum.GetValues<FontWeight>())
        {
            foreach (var rune in "AZaz09¥€£éüñßąŁΩЖあンー々〆髙﨑德彅鷗祇㈱①℡〒※△▲①ｱﾞ（）－～".EnumerateRunes())
            {
                Assert.True(DocumentFonts.Shipped.Find(weight, rune, default).Glyph > 0, $"{weight}: {rune}");
            }
        }
    }

    [Fact]
    public void Advances_and_heights_are_thousandths_of_an_em()
    {
        Assert.True(TrueTypeFace.TryParse(Regular, out var face, out _));
        Assert.Equal("BIZUDPGothic-Regular", face.PostScriptName);
        Assert.Equal(2048, face.UnitsPerEm);
        Assert.Equal(1000, face.Advance(face.GlyphOf(new Rune('漢'))));
        Assert.InRange(face.Advance(face.GlyphOf(new Rune('i'))), 150, 350);
        Assert.Equal((880, -120), (face.Ascent, face.Descent));
    }

    [Fact]
    public void Variants_of_ideographs_have_their_own_glyph_and_keep_their_selector_as_text()
    {
        Assert.True(TrueTypeFace.TryParse(Regular, out var face, out _));
        Rune few = new('僅'), selector = new(0xE0100);
        Assert.True(face.GlyphOf(few, selector) > 0);
        Assert.NotEqual(face.GlyphOf(few), face.GlyphOf(few, selector));
        var setter = new TypeSetter(DocumentFonts.Shipped);
        var set = setter.Set("僅\U000E0100僅");
        Assert.Equal(2, set.Length);
        Assert.NotEqual(set.Glyphs[0].Cid, set.Glyphs[1].Cid);
    }

    [Theory]
    [InlineData("か\u3099", "が")]
    [InlineData("ハ\u309A", "パ")]
    [InlineData("ウ\u3099", "ヴ")]
    [InlineData("a\u200B\uFEFFb", "ab")]
    [InlineData("a\nb\tc", "a b c")]
    public void Text_is_set_as_people_read_it(string text, string read)
    {
        var setter = new TypeSetter(DocumentFonts.Shipped);
        Assert.Equal(read, string.Concat(setter.Set(text).Glyphs.ToArray().Select(glyph => glyph.Rune.ToString())));
        Assert.Empty(setter.Missing);
    }

    [Fact]
    public void A_second_face_is_asked_when_the_first_has_no_glyph()
    {
        Assert.True(TrueTypeFace.TryParse(Regular, out var face, out _));
        Assert.True(TrueTypeFace.TryParse(WithoutGroups(), out var poor, out var error), error);
        Assert.Equal(0, poor.GlyphOf(new Rune('漢')));
        var fonts = DocumentFonts.Only([poor, face], [face]);
        Assert.Equal(0, fonts.Find(FontWeight.Regular, new Rune('A'), default).Face);
        Assert.Equal(1, fonts.Find(FontWeight.Regular, new Rune('漢'), default).Face);
        var pdf = new InvoicePdf(fonts).Write(SampleDocuments.All["ja-account"]);
        Assert.Empty(pdf.Missing);
    }

    [Theory]
    [InlineData(0x4F54544Fu, "CFF")]
    [InlineData(0x74746366u, "collection")]
    [InlineData(0x12345678u, "not a TrueType font")]
    public void Other_kinds_are_refused_in_words(uint version, string word)
    {
        var file = Regular[..4096];
        BinaryPrimitives.WriteUInt32BigEndian(file, version);
        Assert.False(TrueTypeFace.TryParse(file, out _, out var error));
        Assert.Contains(word, error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_operators_are_asked_first_and_a_bad_path_is_named()
    {
        using var directory = new Tsunagi.Tests.Testing.TemporaryDirectory();
        var path = Path.Combine(directory.Path, "house.ttf");
        File.WriteAllBytes(path, WithComposite());
        Assert.True(DocumentFonts.TryOpen(new DocumentOptions { Fonts = [path] }, out var fonts, out var error), error);
        Assert.Equal((0, 1), fonts.Find(FontWeight.Bold, new Rune('A'), default));
        Assert.Equal(1, fonts.Find(FontWeight.Regular, new Rune('漢'), default).Face);
        Assert.False(DocumentFonts.TryOpen(new DocumentOptions { Fonts = [path + "x"] }, out _, out error));
        Assert.Contains("house.ttfx", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_font_whose_licence_bits_forbid_embedding_is_refused()
    {
        var file = Regular.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(Table(file, "OS/2").Offset + 8), 2);
        Assert.False(TrueTypeFace.TryParse(file, out _, out var error));
        Assert.Contains("forbid embedding", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_ones_never_throw_and_what_is_read_can_be_cut()
    {
        var random = new Random(7);
        foreach (var table in new[] { "head", "hhea", "maxp", "cmap", "loca", "glyf", "hmtx", "name", "OS/2", "" })
        {
            for (var round = 0; round < 8; round++)
            {
                var file = Regular.ToArray();
                var (offset, length) = table.Length == 0 ? (0, 300) : Table(file, table);
                for (var i = 0; i < 40; i++)
                {
                    file[offset + random.Next(Math.Min(length, 4000))] = (byte)random.Next(256);
                }

                if (TrueTypeFace.TryParse(file, out var face, out var error))
                {
                    Assert.NotEmpty(FontSubset.Write(face, [0, .. Enumerable.Range(1, Math.Min(40, face.GlyphCount - 1))]));
                    face.GlyphOf(new Rune('漢'));
                }
                else
                {
                    Assert.NotEmpty(error);
                }
            }
        }

        foreach (var length in new[] { 0, 11, 12, 13, 299, 4_000, 200_000, Regular.Length - 1 })
        {
            _ = TrueTypeFace.TryParse(Regular[..length], out _, out _);
        }
    }

    [Fact]
    public void The_same_glyphs_are_cut_to_the_same_octets_with_the_right_checksum()
    {
        Assert.True(TrueTypeFace.TryParse(Regular, out var face, out _));
        var subset = FontSubset.Write(face, [0, 40, 900]);
        Assert.Equal(subset, FontSubset.Write(face, [0, 40, 900]));
        Assert.Equal(0xB1B0AFBAu, Checksum(subset));
    }

    [Fact]
    public void Composites_bring_their_parts_renumbered_and_leave_their_instructions()
    {
        Assert.True(TrueTypeFace.TryParse(WithComposite(), out var face, out var error), error);
        List<int> glyphs = [0, 2];
        var subset = FontSubset.Write(face, glyphs);
        Assert.Equal([0, 2, 1], glyphs);
        Assert.Equal(0xB1B0AFBAu, Checksum(subset));
        var (offset, length) = Table(subset, "glyf");
        // The composite without WE_HAVE_INSTRUCTIONS and the instructions, its part now number 2, padded to four; then the square without its three.
        Assert.Equal("FFFF0000000000640064" + "0002" + "0002" + "0000", Convert.ToHexString(subset, offset, 16));
        Assert.Equal("00010000000000640064" + "0003" + "0000" + "01010101", Convert.ToHexString(subset, offset + 16, 18));
        Assert.Equal(0, length % 4);
    }

    /// <summary>Three glyphs: none, a square with three instructions, the square again as a composite with two.</summary>
    private static byte[] WithComposite()
    {
        byte[] square = [.. Convert.FromHexString("0001000000000064006400030003B0B0B0"), 0x01, 0x01, 0x01, 0x01, 0, 0, 0, 100, 0, 0, 0xFF, 0x9C, 0, 0, 0, 100, 0, 0, 0, 0];
        var composite = Convert.FromHexString("FFFF0000000000640064" + "0102" + "0001" + "0000" + "0002B0B0");
        byte[] glyf = [.. square, .. new byte[(4 - (square.Length % 4)) % 4], .. composite, .. new byte[(4 - (composite.Length % 4)) % 4]];
        var loca = new byte[16];
        BinaryPrimitives.WriteUInt32BigEndian(loca.AsSpan(8), (uint)(square.Length + ((4 - (square.Length % 4)) % 4)));
        BinaryPrimitives.WriteUInt32BigEndian(loca.AsSpan(12), (uint)glyf.Length);
        var head = new byte[54];
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(18), 1000);
        BinaryPrimitives.WriteInt16BigEndian(head.AsSpan(50), 1);
        var hhea = new byte[36];
        BinaryPrimitives.WriteUInt16BigEndian(hhea.AsSpan(34), 3);
        var maxp = new byte[32];
        BinaryPrimitives.WriteUInt16BigEndian(maxp.AsSpan(4), 3);
        var cmap = Convert.FromHexString("000000010003000A0000000C" + "000C0000" + "0000001C" + "00000000" + "00000001" + "00000041" + "00000042" + "00000001");
        var file = new FontFileWriter(7);
        file.Add("cmap"u8, cmap);
        file.Add("glyf"u8, glyf);
        file.Add("head"u8, head);
        file.Add("hhea"u8, hhea);
        file.Add("hmtx"u8, new byte[12]);
        file.Add("loca"u8, loca);
        file.Add("maxp"u8, maxp);
        return file.Finish();
    }

    private static uint Checksum(ReadOnlySpan<byte> file)
    {
        uint sum = 0;
        for (; file.Length >= 4; file = file[4..])
        {
            sum += BinaryPrimitives.ReadUInt32BigEndian(file);
        }

        return sum;
    }

    /// <summary>The face with the number of groups of its format 12 cut to the first few and its format 4 subtables out of reach.</summary>
    private static byte[] WithoutGroups()
    {
        var file = Regular.ToArray();
        var cmap = file.AsSpan(Table(file, "cmap").Offset);
        int count = BinaryPrimitives.ReadUInt16BigEndian(cmap[2..]);
        for (var i = 0; i < count; i++)
        {
            var row = cmap[(4 + (8 * i))..];
            var table = cmap[(int)BinaryPrimitives.ReadUInt32BigEndian(row[4..])..];
            if (BinaryPrimitives.ReadUInt16BigEndian(table) == 12)
            {
                BinaryPrimitives.WriteUInt32BigEndian(table[12..], 6);
            }
            else
            {
                BinaryPrimitives.WriteUInt16BigEndian(row, 1);
            }
        }

        return file;
    }

    private static (int Offset, int Length) Table(byte[] file, string name)
    {
        for (var at = 12; ; at += 16)
        {
            if (Encoding.ASCII.GetString(file, at, 4) == name)
            {
                return ((int)BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8)), (int)BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 12)));
            }
        }
    }

    private static byte[] Read()
    {
        using var stream = typeof(DocumentFonts).Assembly.GetManifestResourceStream("fonts/regular.ttf")!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
