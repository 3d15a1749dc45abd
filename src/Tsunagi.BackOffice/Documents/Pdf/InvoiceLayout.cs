using Tsunagi.BackOffice.Documents.Pdf.Fonts;

namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>
/// Places an invoice or credit note on A4 pages: (1) head with both parties and the amount, (2) the lines as a table that goes over pages with its head
/// repeated, (3) tax per rate and totals, (4) how to pay, notes, (5) a foot with "page n of m" on each page once all are known.
/// </summary>
internal sealed partial class InvoiceLayout(InvoiceDocument document, TypeSetter setter)
{
    private const double Left = 51, Right = PdfPage.Width - 51, Top = 38, Bottom = PdfPage.Height - 56, Small = 7.5, Normal = 8.5;

    private readonly DocumentWords _words = DocumentWords.For(document.Language);
    private readonly List<PdfPage> _pages = [];
    private PdfPage _page = null!;
    private double _y;

    public IReadOnlyList<PdfPage> Compose()
    {
        // :: Step 1
        StartPage();
        ComposeHead();

        // :: Step 2
        ComposeLines();

        // :: Step 3
        ComposeTotals();

        // :: Step 4
        ComposePayment();
        ComposeNotes();

        // :: Step 5
        for (var i = 0; i < _pages.Count; i++)
        {
            ComposeFoot(_pages[i], i + 1);
        }

        return _pages;
    }

    private static double Width => Right - Left;

    private void StartPage()
    {
        _page = new PdfPage();
        _pages.Add(_page);
        _page.Box(Left, Top, Width, 2.5, Ink.Accent);
        _y = Top + 14;
        if (_pages.Count > 1)
        {
            ComposeRunningHead();
        }
    }

    private void ComposeRunningHead()
    {
        var (name, _) = _words.Address(document.Customer with { Attention = null });
        var title = $"{_words.Title(document)} {(document.IsDraft ? _words.Draft : document.Number)}";
        _page.Text(setter.Fit(Set(title, FontWeight.Bold), Normal, 240), Left, _y + 8, Normal, Ink.Accent);
        _page.TextRight(setter.Fit(Set(name), Normal, 240), Right, _y + 8, Normal, Ink.Grey);
        _y += 24;
    }

    private void ComposeFoot(PdfPage page, int number)
    {
        page.Line(Left, PdfPage.Height - 48, Right, PdfPage.Height - 48, 0.5, Ink.Rule);
        var issuer = document.Issuer.RegistrationNumber is { } registration ? $"{document.Issuer.Name}  {_words.Registration} {registration}" : document.Issuer.Name;
        page.Text(setter.Fit(Set(issuer), Small, 360), Left, PdfPage.Height - 37, Small, Ink.Grey);
        page.TextRight(Set(_words.Page(number, _pages.Count)), Right, PdfPage.Height - 37, Small, Ink.Grey);
    }

    /// <summary>Goes to a new page unless so much room is left on this one.</summary>
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

    /// <summary>Draws a text in lines and returns the height they took.</summary>
    private double Paragraph(string text, double x, double top, double width, double size, double leading, Ink ink, FontWeight weight = FontWeight.Regular)
    {
        var lines = LineBreaks.Wrap(Set(text, weight), size, width);
        for (var i = 0; i < lines.Count; i++)
        {
            _page.Text(lines[i], x, top + (leading * i) + (size * 0.88), size, ink);
        }

        return lines.Count * leading;
    }

    /// <summary>A figure at the right edge of its column.</summary>
    private void Figure(SetText text, double right, double width, double baseline, double size, Ink ink) => _page.TextRight(text, right, baseline, text.SizeWithin(size, width), ink);
}
