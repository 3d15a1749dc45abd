using Tsunagi.BackOffice.Documents.Pdf.Fonts;

namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>The table of lines: a row is never cut, a service's heading stays with its first row, each page repeats the head.</summary>
internal sealed partial class InvoiceLayout
{
    private const double HeadHeight = 18, ServiceHeight = 18, DescriptionLeading = 11.5, SmallLeading = 10;

    private static readonly double QuantityRight = Right - 196, PriceRight = Right - 116, RateRight = Right - 82, DescriptionWidth = Width - 272, AmountRight = Right - 6;

    private void ComposeLines()
    {
        Need(HeadHeight + ServiceHeight + 30);
        ComposeTableHead();
        string? service = null;
        foreach (var line in document.Lines)
        {
            var row = Measure(line);
            var heading = line.Service is not null && line.Service != service;
            if (_y + row.Height + (heading ? ServiceHeight : 0) > Bottom - 12)
            {
                _page.TextRight(Set(_words.Continued), Right, _y + 10, Small, Ink.Grey);
                StartPage();
                ComposeTableHead();
                heading = line.Service is not null;
            }

            if (heading)
            {
                ComposeService(line.Service!);
            }

            service = line.Service;
            ComposeRow(line, row);
        }

        _page.Line(Left, _y, Right, _y, 0.8, Ink.Accent);
        _y += 14;
    }

    private void ComposeTableHead()
    {
        _page.Box(Left, _y, Width, HeadHeight, Ink.Accent);
        var baseline = _y + 12;
        _page.Text(Set(_words.Description, FontWeight.Bold), Left + 6, baseline, Small, Ink.White);
        _page.TextRight(Set(_words.Quantity, FontWeight.Bold), QuantityRight, baseline, Small, Ink.White);
        _page.TextRight(Set(_words.UnitPrice, FontWeight.Bold), PriceRight, baseline, Small, Ink.White);
        _page.TextRight(Set(_words.TaxRate, FontWeight.Bold), RateRight, baseline, Small, Ink.White);
        _page.TextRight(Set(_words.Amount(document), FontWeight.Bold), AmountRight, baseline, Small, Ink.White);
        _y += HeadHeight;
    }

    private void ComposeService(string service)
    {
        _page.Box(Left, _y, Width, ServiceHeight, Ink.Tint);
        _page.Text(Fit(Set(service, FontWeight.Bold), Normal, Width - 12), Left + 6, _y + 12, Normal, Ink.Accent);
        _y += ServiceHeight;
    }

    /// <summary>The cells of a row, cut into lines.</summary>
    private readonly record struct Row(List<SetText> Description, List<SetText> Small, List<SetText> Quantity, double Height);

    private Row Measure(DocumentLine line)
    {
        var description = LineBreaks.Wrap(Set(line.Description), Normal, DescriptionWidth);
        var small = new List<SetText>();
        if (line.Period is { } period && period != document.Period)
        {
            small.AddRange(LineBreaks.Wrap(Set(_words.Range(period)), Small, DescriptionWidth));
        }

        if (line.Explanation is { } explanation)
        {
            small.AddRange(LineBreaks.Wrap(Set(explanation), Small, DescriptionWidth));
        }

        var quantity = LineBreaks.Wrap(Set(_words.QuantityWithUnit(line)), Normal, 74);
        var height = Math.Max((description.Count * DescriptionLeading) + (small.Count * SmallLeading), quantity.Count * DescriptionLeading) + 8;
        return new Row(description, small, quantity, height);
    }

    private void ComposeRow(DocumentLine line, Row row)
    {
        var y = _y + 4;
        var baseline = y + 8;
        foreach (var text in row.Description)
        {
            _page.Text(text, Left + 6, y + 8, Normal, Ink.Black);
            y += DescriptionLeading;
        }

        foreach (var text in row.Small)
        {
            _page.Text(text, Left + 6, y + 7, Small, Ink.Grey);
            y += SmallLeading;
        }

        for (var i = 0; i < row.Quantity.Count; i++)
        {
            _page.TextRight(row.Quantity[i], QuantityRight, baseline + (i * DescriptionLeading), Normal, Ink.Black);
        }

        _page.TextRight(Set(DocumentWords.Price(document, line.UnitPrice)), PriceRight, baseline, Normal, Ink.Black);
        _page.TextRight(Set(_words.Rate(line)), RateRight, baseline, Normal, Ink.Black);
        _page.TextRight(Set(document.Format(line.AmountMinor)), AmountRight, baseline, Normal, Ink.Black);
        _y += row.Height;
        _page.Line(Left, _y, Right, _y, 0.4, Ink.Rule);
    }
}
