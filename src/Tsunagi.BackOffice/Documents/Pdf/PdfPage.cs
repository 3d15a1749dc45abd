namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>What is drawn on one A4 page. Positions are points from the top left corner; text stands on its baseline.</summary>
internal sealed class PdfPage
{
    public const double Width = 595.28, Height = 841.89;

    private readonly PdfBuffer _content = new(16 << 10);
    private Ink? _fill;

    public ReadOnlySpan<byte> Content => _content.Written;

    public void Text(SetText text, double x, double baseline, double size, Ink ink)
    {
        Fill(ink);
        var glyphs = text.Glyphs;
        for (var start = 0; start < glyphs.Length;)
        {
            var end = start;
            long thousandths = 0;
            for (; end < glyphs.Length && glyphs[end].Font == glyphs[start].Font; end++)
            {
                thousandths += glyphs[end].Advance;
            }

            _content.Append("BT/F"u8).Append(glyphs[start].Font.Number).Append(" "u8).Append(size).Append(" Tf "u8).Append(x).Append(" "u8).Append(Height - baseline).Append(" Td<"u8);
            for (; start < end; start++)
            {
                _content.AppendHex(glyphs[start].Cid, 4);
            }

            _content.Append(">Tj ET\n"u8);
            x += thousandths * size / 1000;
        }
    }

    public void TextRight(SetText text, double right, double baseline, double size, Ink ink) => Text(text, right - text.Width(size), baseline, size, ink);

    public void Box(double x, double top, double width, double height, Ink ink)
    {
        Fill(ink);
        _content.Append(x).Append(" "u8).Append(Height - top - height).Append(" "u8).Append(width).Append(" "u8).Append(height).Append(" re f\n"u8);
    }

    public void Line(double x1, double y1, double x2, double y2, double width, Ink ink)
    {
        AppendInk(ink).Append(" RG "u8).Append(width).Append(" w "u8).Append(x1).Append(" "u8).Append(Height - y1).Append(" m "u8)
            .Append(x2).Append(" "u8).Append(Height - y2).Append(" l S\n"u8);
    }

    private void Fill(Ink ink)
    {
        if (_fill != ink)
        {
            _fill = ink;
            AppendInk(ink).Append(" rg\n"u8);
        }
    }

    private PdfBuffer AppendInk(Ink ink) =>
        _content.Append(ink.Red / 255d).Append(" "u8).Append(ink.Green / 255d).Append(" "u8).Append(ink.Blue / 255d);
}
