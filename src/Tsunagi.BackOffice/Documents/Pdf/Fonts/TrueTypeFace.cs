using System.Diagnostics.CodeAnalysis;
using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Tsunagi.BackOffice.Documents.Pdf.Fonts;

/// <summary>
/// One parsed font file with TrueType outlines (OpenType 1.9: head, hhea, maxp, hmtx, loca, glyf, cmap; OS/2, name and post when present). Immutable:
/// parsed once, used by all threads.
/// </summary>
public sealed class TrueTypeFace
{
    /// <summary>Font files above this size are refused.</summary>
    public const int MaxFileBytes = 64 << 20;

    private const uint TrueTypeVersion = 0x00010000, AppleTrueTypeVersion = 0x74727565, CffVersion = 0x4F54544F, CollectionTag = 0x74746366;
    private const int RestrictedLicence = 0x0002, NoSubsetting = 0x0100;

    private readonly byte[] _file;
    private readonly GlyphMap _map;
    private readonly FontTable _glyf, _loca, _hmtx;
    private readonly bool _longLoca;
    private readonly int _longMetrics;
    private readonly int[] _advances;

    private TrueTypeFace(byte[] file, Dictionary<uint, FontTable> tables, GlyphMap map)
    {
        (_file, _map) = (file, map);
        (_glyf, _loca, _hmtx) = (tables[Tag("glyf")], tables[Tag("loca")], tables[Tag("hmtx")]);
        Head = tables[Tag("head")].Of(file)[..54].ToArray();
        HorizontalHeader = tables[Tag("hhea")].Of(file)[..36].ToArray();
        MaximumProfile = tables[Tag("maxp")].Of(file)[..32].ToArray();
        UnitsPerEm = ReadUInt16BigEndian(Head.AsSpan(18));
        _longLoca = ReadInt16BigEndian(Head.AsSpan(50)) != 0;
        GlyphCount = ReadUInt16BigEndian(MaximumProfile.AsSpan(4));
        _longMetrics = ReadUInt16BigEndian(HorizontalHeader.AsSpan(34));
        Ascent = ToThousandths(ReadInt16BigEndian(HorizontalHeader.AsSpan(4)));
        Descent = ToThousandths(ReadInt16BigEndian(HorizontalHeader.AsSpan(6)));
        CapHeight = tables.TryGetValue(Tag("OS/2"), out var os2) && os2.Length >= 90 && ReadUInt16BigEndian(os2.Of(file)) >= 2
            ? ToThousandths(ReadInt16BigEndian(os2.Of(file)[88..]))
            : Ascent * 4 / 5;
        Box = [.. Enumerable.Range(0, 4).Select(i => ToThousandths(ReadInt16BigEndian(Head.AsSpan(36 + (2 * i)))))];
        PostScriptName = tables.TryGetValue(Tag("name"), out var name) ? ReadPostScriptName(name.Of(file)) : "Font";
        _advances = [.. Enumerable.Range(0, GlyphCount).Select(glyph => ToThousandths(ReadAdvance(glyph)))];
    }

    public string PostScriptName { get; }

    public int UnitsPerEm { get; }

    public int GlyphCount { get; }

    /// <summary>In thousandths of an em, as PDF counts.</summary>
    public int Ascent { get; }

    /// <summary>In thousandths of an em, below zero.</summary>
    public int Descent { get; }

    /// <summary>In thousandths of an em.</summary>
    public int CapHeight { get; }

    /// <summary>The box around all glyphs, in thousandths of an em: left, bottom, right, top.</summary>
    public IReadOnlyList<int> Box { get; }

    internal byte[] Head { get; }

    internal byte[] HorizontalHeader { get; }

    internal byte[] MaximumProfile { get; }

    /// <param name="file">Kept, not copied: the caller does not change it afterwards.</param>
    /// <param name="error">What is wrong with the file, in words; empty when it was read.</param>
    public static bool TryParse(byte[] file, [NotNullWhen(true)] out TrueTypeFace? face, out string error)
    {
        ArgumentNullException.ThrowIfNull(file);
        face = null;
        if (!TryReadDirectory(file, out var tables, out error) || !TryCheck(file, tables, out error)
            || !GlyphMap.TryParse(tables[Tag("cmap")].Of(file), ReadUInt16BigEndian(tables[Tag("maxp")].Of(file)[4..]), out var map, out error))
        {
            return false;
        }

        face = new TrueTypeFace(file, tables, map);
        return true;
    }

    /// <summary>The glyph of a character, or 0 (.notdef) when the face has none.</summary>
    public int GlyphOf(Rune rune) => _map.GlyphOf(rune.Value);

    /// <summary>The glyph of a character with the variation selector behind it (a variant of an ideograph), or 0 when the face has none of its own.</summary>
    public int GlyphOf(Rune rune, Rune selector) => _map.GlyphOf(rune.Value, selector.Value);

    /// <summary>In thousandths of an em.</summary>
    public int Advance(int glyph) => _advances[glyph];

    /// <summary>The glyph's description as in the file; empty for a space, or when the file's index is broken there.</summary>
    public ReadOnlySpan<byte> Outline(int glyph)
    {
        var loca = _loca.Of(_file);
        long start = _longLoca ? ReadUInt32BigEndian(loca[(4 * glyph)..]) : 2L * ReadUInt16BigEndian(loca[(2 * glyph)..]);
        long end = _longLoca ? ReadUInt32BigEndian(loca[((4 * glyph) + 4)..]) : 2L * ReadUInt16BigEndian(loca[((2 * glyph) + 2)..]);
        return start < end && end <= _glyf.Length ? _file.AsSpan(_glyf.Offset + (int)start, (int)(end - start)) : default;
    }

    /// <summary>The glyph's row of hmtx: advance and left side bearing in font units.</summary>
    internal (ushort Advance, short SideBearing) Metrics(int glyph)
    {
        var hmtx = _hmtx.Of(_file);
        var bearingAt = glyph < _longMetrics ? (4 * glyph) + 2 : (4 * _longMetrics) + (2 * (glyph - _longMetrics));
        return ((ushort)ReadAdvance(glyph), bearingAt + 2 <= hmtx.Length ? ReadInt16BigEndian(hmtx[bearingAt..]) : (short)0);
    }

    private static uint Tag(string name) => ReadUInt32BigEndian(Encoding.ASCII.GetBytes(name));

    private int ToThousandths(int units) => (int)Math.Round(units * 1000m / UnitsPerEm, MidpointRounding.AwayFromZero);

    private int ReadAdvance(int glyph) => ReadUInt16BigEndian(_hmtx.Of(_file)[(4 * Math.Min(glyph, _longMetrics - 1))..]);

    private static bool TryReadDirectory(byte[] file, out Dictionary<uint, FontTable> tables, out string error)
    {
        tables = [];
        if (file.Length is < 12 or > MaxFileBytes)
        {
            error = $"a font file has 12 to {MaxFileBytes} octets, this has {file.Length}";
            return false;
        }

        var version = ReadUInt32BigEndian(file);
        if (version is not TrueTypeVersion and not AppleTrueTypeVersion)
        {
            error = version switch
            {
                CffVersion => "the outlines are CFF; only TrueType outlines (glyf) can be embedded",
                CollectionTag => "this is a collection of fonts; a file with one font is needed",
                _ => $"not a TrueType font: it begins with 0x{version:X8}",
            };
            return false;
        }

        int count = ReadUInt16BigEndian(file.AsSpan(4));
        if (12 + (16 * count) > file.Length)
        {
            error = $"the directory of {count} tables goes beyond the end of the file";
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            var row = file.AsSpan(12 + (16 * i), 16);
            long offset = ReadUInt32BigEndian(row[8..]), length = ReadUInt32BigEndian(row[12..]);
            if (offset + length <= file.Length)
            {
                tables[ReadUInt32BigEndian(row)] = new FontTable((int)offset, (int)length);
            }
        }

        error = "";
        return true;
    }

    private static bool TryCheck(byte[] file, Dictionary<uint, FontTable> tables, out string error)
    {
        foreach (var (name, least) in new[] { ("head", 54), ("hhea", 36), ("maxp", 32), ("hmtx", 4), ("loca", 4), ("glyf", 0), ("cmap", 4) })
        {
            if (!tables.TryGetValue(Tag(name), out var table) || table.Length < least)
            {
                error = $"table {name} is missing or shorter than {least} octets";
                return false;
            }
        }

        var head = tables[Tag("head")].Of(file);
        int unitsPerEm = ReadUInt16BigEndian(head[18..]), glyphs = ReadUInt16BigEndian(tables[Tag("maxp")].Of(file)[4..]);
        int longMetrics = ReadUInt16BigEndian(tables[Tag("hhea")].Of(file)[34..]);
        var locaWidth = ReadInt16BigEndian(head[50..]) != 0 ? 4 : 2;
        error = unitsPerEm is < 16 or > 16384 ? $"{unitsPerEm} units per em"
            : glyphs == 0 ? "no glyphs"
            : longMetrics == 0 || longMetrics > glyphs || tables[Tag("hmtx")].Length < 4 * longMetrics ? $"{longMetrics} horizontal metrics for {glyphs} glyphs in {tables[Tag("hmtx")].Length} octets"
            : tables[Tag("loca")].Length < locaWidth * (glyphs + 1) ? "table loca is shorter than the number of glyphs asks for"
            : tables.TryGetValue(Tag("OS/2"), out var os2) && os2.Length >= 10 && (ReadUInt16BigEndian(os2.Of(file)[8..]) & 0x000F) == RestrictedLicence ? "the font's licence bits forbid embedding"
            : tables.TryGetValue(Tag("OS/2"), out os2) && os2.Length >= 10 && (ReadUInt16BigEndian(os2.Of(file)[8..]) & NoSubsetting) != 0 ? "the font's licence bits forbid subsets"
            : "";
        return error.Length == 0;
    }

    /// <summary>name id 6: letters, digits and hyphens, as a PDF name takes it.</summary>
    private static string ReadPostScriptName(ReadOnlySpan<byte> name)
    {
        if (name.Length < 6)
        {
            return "Font";
        }

        int count = ReadUInt16BigEndian(name[2..]), strings = ReadUInt16BigEndian(name[4..]);
        for (var i = 0; i < count && 6 + (12 * i) + 12 <= name.Length; i++)
        {
            var row = name[(6 + (12 * i))..];
            int platform = ReadUInt16BigEndian(row), id = ReadUInt16BigEndian(row[6..]), length = ReadUInt16BigEndian(row[8..]), offset = strings + ReadUInt16BigEndian(row[10..]);
            if (id == 6 && platform is (3 or 1) && offset + length <= name.Length)
            {
                var text = (platform == 3 ? Encoding.BigEndianUnicode : Encoding.Latin1).GetString(name.Slice(offset, length));
                var kept = string.Concat(text.Where(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
                return kept.Length is > 0 and <= 63 ? kept : "Font";
            }
        }

        return "Font";
    }
}
