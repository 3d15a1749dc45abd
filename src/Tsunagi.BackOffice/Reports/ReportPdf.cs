using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Documents.Pdf;
using Tsunagi.BackOffice.Documents.Pdf.Fonts;

namespace Tsunagi.BackOffice.Reports;

/// <summary>
/// A report on A4 pages: (1) its title, months and picture, (2) each table, its head repeated on each page, one too wide for the page in parts with its first
/// column before each, (3) what is counted, in words, and whether it agrees with the ledger, (4) a foot when the number of pages is known.
/// </summary>
internal sealed class ReportPdf(ReportSheet sheet, string provider, DateOnly today, string locale, TypeSetter setter)
{
    private const double Left = 51, Right = PdfPage.Width - 51, Top = 38, Bottom = PdfPage.Height - 56, Small = 7.5, Normal = 8.5, RowHeight = 14, HeadHeight = 24;
    private const int MostColumns = 8;

    private static readonly Ink[] Inks = [new(0x34, 0x65, 0xD9), new(0x12, 0xA1, 0xA8), new(0xD8, 0x94, 0x1A), new(0x82, 0x65, 0xC4), new(0x6B, 0x7A, 0x90)];

    private readonly List<PdfPage> _pages = [];
    private PdfPage _page = null!;
    private double _y;

    public static PdfDocument Write(ReportSheet sheet, string provider, DateOnly today, string locale, DocumentFonts fonts)
    {
        var setter = new TypeSetter(fonts);
        var layout = new ReportPdf(sheet, provider, today, locale, setter);
        layout.Compose();
        var octets = PdfPaper.Write(layout._pages, setter, new PdfDescription(locale, sheet.Title.In(locale), provider, sheet.Title.In(locale), today));
        return new PdfDocument(octets, layout._pages.Count, setter.Missing);
    }

    private static double Width => Right - Left;

    private void Compose()
    {
        // :: (1)
        StartPage();
        _page.Text(Set(sheet.Title.In(locale), FontWeight.Bold), Left, _y + 16, 16, Ink.Accent);
        _page.TextRight(Set(provider), Right, _y + 12, Small, Ink.Grey);
        _y += 26;
        var span = sheet.Span is { } months ? ReportText.Months(months).In(locale) : today.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        _page.Text(Set($"{span}  {sheet.Currency}"), Left, _y + 8, Normal, Ink.Grey);
        _y += 22;
        if (sheet.Chart is { } chart && chart.Parts.Any(static part => part.Values.Any(static value => value > 0)))
        {
            Draw(chart);
        }

        // :: (2)
        foreach (var table in sheet.Tables.Where(static table => table.Rows.Count > 0))
        {
            for (var from = 1; from < Math.Max(table.Columns.Count, 2); from += MostColumns - 1)
            {
                Draw(table, [0, .. Enumerable.Range(from, Math.Min(MostColumns - 1, table.Columns.Count - from))]);
            }
        }

        // :: (3)
        if (sheet.Tie is { } tie)
        {
            string Money(long minor) => ReportText.Of(minor, ReportValue.Money, sheet.Currency, locale);
            Sentence(ReportWords.Tie(tie, sheet.Basis!, Money).In(locale));
        }

        foreach (var sentence in sheet.Notes.Concat(sheet.Definitions))
        {
            Sentence(sentence.In(locale));
        }

        // :: (4)
        for (var i = 0; i < _pages.Count; i++)
        {
            _pages[i].Line(Left, PdfPage.Height - 48, Right, PdfPage.Height - 48, 0.5, Ink.Rule);
            _pages[i].Text(Set(sheet.Title.In(locale)), Left, PdfPage.Height - 37, Small, Ink.Grey);
            _pages[i].TextRight(Set($"{i + 1} / {_pages.Count}"), Right, PdfPage.Height - 37, Small, Ink.Grey);
        }
    }

    private void Draw(ReportTable table, int[] columns)
    {
        var first = Math.Max(110, Width - ((columns.Length - 1) * 92));
        var each = columns.Length == 1 ? 0 : (Width - first) / (columns.Length - 1);
        Need(HeadHeight + (RowHeight * 3) + 16);
        _page.Text(Set(table.Title.In(locale), FontWeight.Bold), Left, _y + 10, Normal + 1, Ink.Accent);
        _y += 16;
        DrawHead(table, columns, first, each);
        foreach (var row in table.Rows)
        {
            if (Need(RowHeight))
            {
                DrawHead(table, columns, first, each);
            }

            var weight = row.IsSum ? FontWeight.Bold : FontWeight.Regular;
            for (var i = 0; i < columns.Length; i++)
            {
                var text = Set(ReportText.Of(row.Cells[columns[i]], table.Columns[columns[i]].Kind, sheet.Currency, locale), weight);
                var (from, room) = i == 0 ? (Left, first) : (Left + first + (each * (i - 1)), each);
                if (table.Columns[columns[i]].Kind == ReportValue.Text)
                {
                    _page.Text(setter.Fit(text, Small, room - 8), from + 4, _y + 10, Small, Ink.Black);
                }
                else
                {
                    _page.TextRight(text, from + room - 4, _y + 10, text.SizeWithin(Small, room - 6), Ink.Black);
                }
            }

            _y += RowHeight;
            _page.Line(Left, _y, Right, _y, 0.3, Ink.Rule);
        }

        if (table.Note is { } note)
        {
            Sentence(note.In(locale));
        }

        _y += 14;
    }

    private void DrawHead(ReportTable table, int[] columns, double first, double each)
    {
        _page.Box(Left, _y, Width, HeadHeight, Ink.Tint);
        for (var i = 0; i < columns.Length; i++)
        {
            var (from, room) = i == 0 ? (Left, first) : (Left + first + (each * (i - 1)), each);
            var lines = LineBreaks.Wrap(Set(table.Columns[columns[i]].Title.In(locale), FontWeight.Bold), Small, room - 8);
            for (var line = 0; line < Math.Min(lines.Count, 2); line++)
            {
                var baseline = _y + (lines.Count == 1 ? 15 : 10 + (line * 9));
                if (table.Columns[columns[i]].Kind == ReportValue.Text)
                {
                    _page.Text(lines[line], from + 4, baseline, Small, Ink.Accent);
                }
                else
                {
                    _page.TextRight(lines[line], from + room - 4, baseline, Small, Ink.Accent);
                }
            }
        }

        _y += HeadHeight;
    }

    private void Draw(ReportChart chart)
    {
        const double height = 110;
        _page.Text(Set(chart.Title.In(locale), FontWeight.Bold), Left, _y + 8, Small, Ink.Grey);
        _y += 14;
        if (chart.Kind == ReportChartKind.Curve)
        {
            var values = chart.Parts[0].Values;
            for (var i = 1; i < values.Count; i++)
            {
                double At(int n) => Left + (Width * n / (values.Count - 1));
                double High(decimal value) => _y + height - (height * (double)Math.Clamp(value, 0m, 100m) / 100);
                _page.Line(At(i - 1), High(values[i - 1]), At(i), High(values[i]), 1.2, Inks[0]);
            }

            for (var i = 0; i < chart.Labels.Count; i++)
            {
                var label = Set(chart.Labels[i].In(locale));
                _page.Text(label, Math.Clamp(Left + (Width * i / (chart.Labels.Count - 1)) - (label.Width(Small) / 2), Left, Right - label.Width(Small)), _y + height + 10, Small, Ink.Grey);
            }
        }
        else
        {
            Bars(chart, height);
        }

        _page.Line(Left, _y + height, Right, _y + height, 0.5, Ink.Rule);
        _y += height + 18;
        if (chart.Parts.Count > 1)
        {
            var x = Left;
            for (var part = 0; part < chart.Parts.Count; part++)
            {
                var name = Set(chart.Parts[part].Name.In(locale));
                _page.Box(x, _y, 7, 7, Inks[part % Inks.Length]);
                _page.Text(name, x + 10, _y + 6.5, Small, Ink.Grey);
                x += name.Width(Small) + 24;
            }

            _y += 16;
        }

        _y += 8;
    }

    private void Bars(ReportChart chart, double height)
    {
        var sums = ReportBars.Sums(chart);
        var top = Math.Max(sums.DefaultIfEmpty(0).Max(), 1);
        var each = Width / Math.Max(sums.Count, 1);
        for (var i = 0; i < sums.Count; i++)
        {
            var below = 0.0;
            for (var part = 0; part < chart.Parts.Count; part++)
            {
                var high = height * (double)(Math.Max(chart.Parts[part].Values[i], 0) / top);
                _page.Box(Left + (each * i) + (each * 0.2), _y + height - below - high, each * 0.6, high, Inks[part % Inks.Length]);
                below += high;
            }

            var label = setter.Fit(Set(chart.Labels[i].In(locale)), Small, each - 2);
            _page.Text(label, Left + (each * i) + ((each - label.Width(Small)) / 2), _y + height + 10, Small, Ink.Grey);
        }
    }

    private void Sentence(string text)
    {
        foreach (var line in LineBreaks.Wrap(Set(text), Small, Width))
        {
            Need(11);
            _page.Text(line, Left, _y + 9, Small, Ink.Grey);
            _y += 11;
        }

        _y += 2;
    }

    private void StartPage()
    {
        _page = new PdfPage();
        _pages.Add(_page);
        _page.Box(Left, Top, Width, 2.5, Ink.Accent);
        _y = Top + 14;
    }

    private bool Need(double height)
    {
        if (_y + height <= Bottom)
        {
            return false;
        }

        StartPage();
        return true;
    }

    private SetText Set(string text, FontWeight weight = FontWeight.Regular) => setter.Set(text, weight);
}
