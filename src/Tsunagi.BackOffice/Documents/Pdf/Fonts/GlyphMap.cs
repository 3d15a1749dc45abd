using System.Diagnostics.CodeAnalysis;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Tsunagi.BackOffice.Documents.Pdf.Fonts;

/// <summary>From characters to glyphs: the Unicode subtables of a font's cmap, formats 4, 12 and 14 (OpenType 1.9, "cmap").</summary>
internal sealed class GlyphMap
{
    private const int MaxCodePoints = 0x110000;

    private readonly ushort[] _plane0 = new ushort[0x10000];
    private readonly Dictionary<int, ushort> _beyond = [];
    private readonly Dictionary<(int Rune, int Selector), ushort> _variants = [];
    private readonly int _glyphs;
    private int _mapped;

    private GlyphMap(int glyphs) => _glyphs = glyphs;

    public int GlyphOf(int rune) => rune < _plane0.Length ? _plane0[rune] : _beyond.GetValueOrDefault(rune);

    public int GlyphOf(int rune, int selector) => _variants.GetValueOrDefault((rune, selector));

    public static bool TryParse(ReadOnlySpan<byte> cmap, int glyphs, [NotNullWhen(true)] out GlyphMap? map, out string error)
    {
        map = null;
        int count = ReadUInt16BigEndian(cmap[2..]);
        if (4 + (8 * count) > cmap.Length)
        {
            error = $"table cmap names {count} subtables beyond its end";
            return false;
        }

        var built = new GlyphMap(glyphs);
        var found = false;
        error = "no Unicode subtable of format 4 or 12 in table cmap";
        for (var i = 0; i < count; i++)
        {
            var row = cmap[(4 + (8 * i))..];
            int platform = ReadUInt16BigEndian(row), encoding = ReadUInt16BigEndian(row[2..]);
            var offset = ReadUInt32BigEndian(row[4..]);
            if (offset > cmap.Length - 8 || !(platform == 0 || (platform == 3 && encoding is (1 or 10))))
            {
                continue;
            }

            var table = cmap[(int)offset..];
            bool? read = ReadUInt16BigEndian(table) switch
            {
                4 => built.TryReadSegments(table),
                12 => built.TryReadGroups(table),
                14 => built.TryReadVariations(table) ? null : false,
                _ => null,
            };
            if (read is false)
            {
                error = $"subtable {platform}/{encoding} of table cmap is malformed";
                return false;
            }

            found |= read is true;
        }

        map = found ? built : null;
        error = found ? "" : error;
        return found;
    }

    private void Set(int rune, int glyph)
    {
        if (glyph == 0 || glyph >= _glyphs)
        {
            return;
        }

        if (rune < _plane0.Length)
        {
            _plane0[rune] = (ushort)glyph;
        }
        else if (rune < MaxCodePoints)
        {
            _beyond[rune] = (ushort)glyph;
        }
    }

    /// <summary>Format 4: segCountX2 at 6, then endCode[], a pad, startCode[], idDelta[], idRangeOffset[] and the glyph ids.</summary>
    private bool TryReadSegments(ReadOnlySpan<byte> table)
    {
        var segments = ReadUInt16BigEndian(table[6..]) / 2;
        int ends = 14, starts = 16 + (2 * segments), deltas = starts + (2 * segments), offsets = deltas + (2 * segments);
        if (offsets + (2 * segments) > table.Length)
        {
            return false;
        }

        for (var i = 0; i < segments; i++)
        {
            int end = ReadUInt16BigEndian(table[(ends + (2 * i))..]), start = ReadUInt16BigEndian(table[(starts + (2 * i))..]);
            int delta = ReadUInt16BigEndian(table[(deltas + (2 * i))..]), rangeAt = offsets + (2 * i), range = ReadUInt16BigEndian(table[rangeAt..]);
            if ((_mapped += Math.Max(0, end - start)) > MaxCodePoints)
            {
                return false;
            }

            for (var rune = start; rune <= end && rune < 0xFFFF; rune++)
            {
                var glyph = rune;
                if (range != 0)
                {
                    var at = rangeAt + range + (2 * (rune - start));
                    glyph = at + 2 <= table.Length ? ReadUInt16BigEndian(table[at..]) : 0;
                    if (glyph == 0)
                    {
                        continue;
                    }
                }

                Set(rune, (glyph + delta) & 0xFFFF);
            }
        }

        return true;
    }

    /// <summary>Format 12: numGroups at 12, then groups of startCharCode, endCharCode, startGlyphID.</summary>
    private bool TryReadGroups(ReadOnlySpan<byte> table)
    {
        if (table.Length < 16)
        {
            return false;
        }

        long groups = ReadUInt32BigEndian(table[12..]);
        if (16 + (12 * groups) > table.Length)
        {
            return false;
        }

        for (var i = 0; i < groups; i++)
        {
            var row = table[(16 + (12 * i))..];
            long start = ReadUInt32BigEndian(row), end = ReadUInt32BigEndian(row[4..]), glyph = ReadUInt32BigEndian(row[8..]);
            if (end >= MaxCodePoints || start > end || glyph > ushort.MaxValue || (_mapped += (int)(end - start)) > MaxCodePoints)
            {
                return false;
            }

            for (var rune = start; rune <= end; rune++)
            {
                Set((int)rune, (int)Math.Min(glyph + rune - start, int.MaxValue));
            }
        }

        return true;
    }

    /// <summary>Format 14: numVarSelectorRecords at 6, records of a 24-bit selector and two offsets; only mappings other than the default are kept.</summary>
    private bool TryReadVariations(ReadOnlySpan<byte> table)
    {
        if (table.Length < 10)
        {
            return false;
        }

        long selectors = ReadUInt32BigEndian(table[6..]);
        if (10 + (11 * selectors) > table.Length)
        {
            return false;
        }

        for (var i = 0; i < selectors; i++)
        {
            var row = table[(10 + (11 * i))..];
            var others = ReadUInt32BigEndian(row[7..]);
            if (others != 0 && !TryReadVariants(table, ReadUInt24(row), others))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryReadVariants(ReadOnlySpan<byte> table, int selector, uint offset)
    {
        if (offset > table.Length - 4)
        {
            return false;
        }

        var list = table[(int)offset..];
        long count = ReadUInt32BigEndian(list);
        if (4 + (5 * count) > list.Length || (_mapped += (int)count) > MaxCodePoints)
        {
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            var row = list[(4 + (5 * i))..];
            int glyph = ReadUInt16BigEndian(row[3..]);
            if (glyph < _glyphs)
            {
                _variants[(ReadUInt24(row), selector)] = (ushort)glyph;
            }
        }

        return true;
    }

    private static int ReadUInt24(ReadOnlySpan<byte> octets) => (octets[0] << 16) | ReadUInt16BigEndian(octets[1..]);
}
