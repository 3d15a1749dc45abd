using Tsunagi.BackOffice.Documents.Pdf.Fonts;

namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>The table of lines: a row is never cut, a service's heading stays with its first row, each page repeats the head.</summary>
internal sealed partial class InvoiceLayout
{
    private const double QuantityWidth = 88, PriceWidth = 64, AmountWidth = 64;
    private const double HeadHeight = 17, ServiceHeight = 16, DescriptionLeading = 11.5, SmallLeading = 10;

    private static readonly double QuantityRight = Right - 180, PriceRight = Right - 110, RateRight = Right - 76, DescriptionWidth = Width - 280, AmountRight = Right - 6;

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
        _y += 12;
    }

    private void ComposeTableHead()
    {
        _page.Box(Left, _y, Width, HeadHeight, Ink.Accent);
        var baseline = _y + 11.5;
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
        _page.Text(setter.Fit(Set(service, FontWeight.Bold), Normal, Width - 12), Left + 6, _y + 11, Normal, Ink.Accent);
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

        var quantity = LineBreaks.Wrap(Set(_words.QuantityWithUnit(line)), Normal, QuantityWidth);
        var height = Math.Max((description.Count * DescriptionLeading) + (small.Count * SmallLeading), quantity.Count * DescriptionLeading) + 7;
        return new Row(description, small, quantity, height);
    }

    private void ComposeRow(DocumentLine line, Row row)
    {
        var y = _y + 3.5;
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

        Figure(Set(DocumentWords.Price(document, line.UnitPrice)), PriceRight, PriceWidth, baseline, Normal, Ink.Black);
        Figure(Set(_words.Rate(line)), RateRight, RateRight - PriceRight - 4, baseline, Normal, Ink.Black);
        Figure(Set(document.Format(line.AmountMinor)), AmountRight, AmountWidth, baseline, Normal, Ink.Black);
        _y += row.Height;
        _page.Line(Left, _y, Right, _y, 0.4, Ink.Rule);
    }
}
