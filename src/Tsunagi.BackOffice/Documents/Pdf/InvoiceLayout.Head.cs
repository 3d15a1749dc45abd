using Tsunagi.BackOffice.Documents.Pdf.Fonts;

namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>The head of the first page: customer where the window of an envelope is, issuer and references at the right, the amount across.</summary>
internal sealed partial class InvoiceLayout
{
    private const double RightColumn = Left + 275;

    private void ComposeHead()
    {
        var title = Set(_words.Title(document), FontWeight.Bold);
        _page.Text(title, Left, _y + 24, 22, Ink.Accent);
        if (document.IsDraft)
        {
            var mark = Set(_words.Draft, FontWeight.Bold);
            var at = Left + title.Width(22) + 12;
            _page.Box(at, _y + 6, mark.Width(9) + 12, 20, Ink.Alert);
            _page.Text(mark, at + 6, _y + 19.5, 9, Ink.White);
        }

        var right = ComposeIssuer(_y + 8) + 10;
        right = ComposeReferences(right);
        var left = ComposeCustomer(_y + 52);
        _y = Math.Max(left, right) + 12;
        ComposeSubject();
        ComposeAmount();
    }

    private double ComposeIssuer(double y)
    {
        var issuer = document.Issuer;
        y += Paragraph(issuer.Name, RightColumn, y, Right - RightColumn, 11, 15, Ink.Black, FontWeight.Bold) + 1;
        if (issuer.Attention is { } attention)
        {
            y += Paragraph(attention, RightColumn, y, Right - RightColumn, Normal, 12, Ink.Black);
        }

        foreach (var line in _words.AddressLines(issuer, document.Customer))
        {
            y += Paragraph(line, RightColumn, y, Right - RightColumn, Normal, 12, Ink.Black);
        }

        var contacts = string.Join("   ", new[] { issuer.Phone is { } phone ? $"{_words.Phone} {phone}" : null, issuer.Email }.Where(part => part is not null));
        if (contacts.Length > 0)
        {
            y += Paragraph(contacts, RightColumn, y, Right - RightColumn, Normal, 12, Ink.Black);
        }

        if (issuer.RegistrationNumber is { } registration)
        {
            y += Paragraph($"{_words.Registration} {registration}", RightColumn, y, Right - RightColumn, Normal, 12, Ink.Black, FontWeight.Bold);
        }

        return y;
    }

    private double ComposeReferences(double y)
    {
        foreach (var (label, value) in _words.References(document))
        {
            _page.Line(RightColumn, y, Right, y, 0.5, Ink.Rule);
            var name = Set(label);
            _page.Text(name, RightColumn, y + 10.5, Small, Ink.Grey);
            var lines = LineBreaks.Wrap(Set(value), Normal, Right - RightColumn - name.Width(Small) - 12);
            foreach (var line in lines)
            {
                _page.TextRight(line, Right, y + 10.5, Normal, Ink.Black);
                y += 12;
            }

            y += lines.Count == 0 ? 15 : 3;
        }

        _page.Line(RightColumn, y, Right, y, 0.5, Ink.Rule);
        return y;
    }

    private double ComposeCustomer(double y)
    {
        const double Column = 245;
        var customer = document.Customer;
        var (name, attention) = _words.Address(customer);
        if (document.Language == DocumentLanguage.English)
        {
            y += ComposeName(name, attention, y, Column);
        }

        foreach (var line in _words.AddressLines(customer, document.Issuer))
        {
            y += Paragraph(line, Left, y, Column, 9, 13, Ink.Black);
        }

        if (document.Language == DocumentLanguage.Japanese)
        {
            y += 4;
            y += ComposeName(name, attention, y, Column);
        }

        if (customer.RegistrationNumber is { } registration)
        {
            y += Paragraph($"{_words.Registration} {registration}", Left, y, Column, Small, 12, Ink.Grey);
        }

        return y;
    }

    private double ComposeName(string name, string? attention, double y, double width)
    {
        var top = y;
        y += Paragraph(name, Left, y, width, 13, 18, Ink.Black, FontWeight.Bold);
        if (attention is not null)
        {
            y += Paragraph(attention, Left, y, width, 10, 15, Ink.Black);
        }

        return y + 3 - top;
    }

    private void ComposeSubject()
    {
        if (document.Subject is { } subject)
        {
            _y += Paragraph(subject, Left, _y, Width, 11, 16, Ink.Black, FontWeight.Bold);
        }

        _y += Paragraph(_words.Opening(document.Kind), Left, _y, Width, Normal, 14, Ink.Grey) + 4;
    }

    private void ComposeAmount()
    {
        const double Height = 48;
        _page.Box(Left, _y, Width, Height, Ink.Tint);
        _page.Box(Left, _y, 3.5, Height, Ink.Accent);
        _page.Text(Set(_words.Headline(document)), Left + 16, _y + 28, 10, Ink.Black);
        Figure(Set(document.Format(DocumentWords.HeadlineMinor(document)), FontWeight.Bold), Left + 330, 200, _y + 32, 24, Ink.Accent);
        if (document.DueDate is { } due)
        {
            _page.TextRight(Set(_words.DueDate(document.Kind)), Right - 14, _y + 18, Normal, Ink.Grey);
            _page.TextRight(Set(_words.Date(due), FontWeight.Bold), Right - 14, _y + 35, 12, Ink.Black);
        }

        _y += Height + 14;
    }
}
