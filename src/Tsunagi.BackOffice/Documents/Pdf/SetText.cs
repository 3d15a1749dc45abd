namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>A text as glyphs, not yet placed or sized. <see cref="Slice"/> is one of its lines.</summary>
internal readonly struct SetText(SetGlyph[] glyphs, int start, int length)
{
    public static readonly SetText Empty = new([], 0, 0);

    public ReadOnlySpan<SetGlyph> Glyphs => glyphs.AsSpan(start, length);

    public int Length => length;

    /// <summary>In points at a size.</summary>
    public double Width(double size)
    {
        long thousandths = 0;
        foreach (ref readonly var glyph in Glyphs)
        {
            thousandths += glyph.Advance;
        }

        return thousandths * size / 1000;
    }

    /// <summary>The size at which it takes no more than a width: figures are set smaller where their column is narrow, for a digit is never cut off.</summary>
    public double SizeWithin(double size, double room) => Width(size) is var wide && wide > room ? Math.Floor(size * room / wide * 100) / 100 : size;

    public SetText Slice(int from, int count) => new(glyphs, start + from, count);
}
