using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Tsunagi.BackOffice.Documents.Html;

/// <summary>
/// Writes an issued document as one HTML page that needs nothing else: no script, no link, its style within; it prints on A4 and reads on a phone. The same
/// document gives the same text. Serve it with <see cref="ContentSecurityPolicy"/>.
/// </summary>
public static class InvoiceHtml
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>Lets the page's own style in and nothing else.</summary>
    public static string ContentSecurityPolicy { get; } =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(InvoiceStyle.Css)))}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

    /// <exception cref="InvalidOperationException">The currency is unknown.</exception>
    public static string Write(InvoiceDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var words = DocumentWords.For(document.Language);
        var page = new StringBuilder(16 << 10);
        var title = Text($"{words.Title(document)} {(document.IsDraft ? words.Draft : document.Number)}");
        page.Append("<!DOCTYPE html>\n<html lang=\"").Append(words.LanguageTag).Append("\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
            .Append(title).Append("</title>\n<style>").Append(InvoiceStyle.Css).Append("</style>\n</head>\n<body>\n<main>\n");
        AppendHead(page, document, words);
        AppendLines(page, document, words);
        AppendTotals(page, document, words);
        AppendPayment(page, document, words);
        AppendNotes(page, document, words);
        return page.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static void AppendHead(StringBuilder page, InvoiceDocument document, DocumentWords words)
    {
        page.Append("<header>\n<div class=\"to\">\n<h1>").Append(Text(words.Title(document))).Append("</h1>\n");
        if (document.IsDraft)
        {
            page.Append("<p class=\"draft\">").Append(Text(words.Draft)).Append("</p>\n");
        }

        var (name, attention) = words.Address(document.Customer);
        AppendParty(page, name, attention, words.AddressLines(document.Customer, document.Issuer));
        page.Append("</div>\n<div class=\"from\">\n");
        var issuer = document.Issuer;
        AppendParty(page, issuer.Name, issuer.Attention, words.AddressLines(issuer, document.Customer));
        Paragraph(page, "", issuer.Phone is { } phone ? $"{words.Phone} {phone}" : null);
        Paragraph(page, "", issuer.Email);
        Paragraph(page, "strong", issuer.RegistrationNumber is { } registration ? $"{words.Registration} {registration}" : null);
        AppendPairs(page, words.References(document));
        page.Append("</div>\n</header>\n");
        Paragraph(page, "subject", document.Subject);
        Paragraph(page, "opening", words.Opening(document.Kind));
        page.Append("<section class=\"amount\"><span>").Append(Text(words.Headline(document))).Append("</span><strong>")
            .Append(Text(document.Format(DocumentWords.HeadlineMinor(document)))).Append("</strong>");
        if (document.DueDate is { } due)
        {
            page.Append("<span class=\"due\">").Append(Text(words.DueDate(document.Kind))).Append("<b>").Append(Text(words.Date(due))).Append("</b></span>");
        }

        page.Append("</section>\n");
    }

    private static void AppendParty(StringBuilder page, string name, string? attention, IEnumerable<string> lines)
    {
        Paragraph(page, "name", name);
        Paragraph(page, "", attention);
        foreach (var line in lines)
        {
            Paragraph(page, "", line);
        }
    }

    private static void AppendPairs(StringBuilder page, IEnumerable<(string Label, string Value)> pairs)
    {
        page.Append("<dl>\n");
        foreach (var (label, value) in pairs)
        {
            page.Append("<div><dt>").Append(Text(label)).Append("</dt><dd>").Append(Text(value)).Append("</dd></div>\n");
        }

        page.Append("</dl>\n");
    }

    private static void AppendLines(StringBuilder page, InvoiceDocument document, DocumentWords words)
    {
        page.Append("<table class=\"lines\">\n<thead><tr><th>").Append(Text(words.Description)).Append("</th>");
        foreach (var head in new[] { words.Quantity, words.UnitPrice, words.TaxRate, words.Amount(document) })
        {
            page.Append("<th class=\"n\">").Append(Text(head)).Append("</th>");
        }

        page.Append("</tr></thead>\n<tbody>\n");
        string? service = null;
        foreach (var line in document.Lines)
        {
            if (line.Service is { } heading && heading != service)
            {
                page.Append("<tr class=\"service\"><th colspan=\"5\">").Append(Text(heading)).Append("</th></tr>\n");
            }

            service = line.Service;
            page.Append("<tr><td>").Append(Text(line.Description));
            Small(page, line.Period is { } period && period != document.Period ? words.Range(period) : null);
            Small(page, line.Explanation);
            page.Append("</td>");
            foreach (var cell in new[] { words.QuantityWithUnit(line), DocumentWords.Price(document, line.UnitPrice), words.Rate(line), document.Format(line.AmountMinor) })
            {
                page.Append("<td class=\"n\">").Append(Text(cell)).Append("</td>");
            }

            page.Append("</tr>\n");
        }

        page.Append("</tbody>\n</table>\n");
    }

    private static void AppendTotals(StringBuilder page, InvoiceDocument document, DocumentWords words)
    {
        page.Append("<section class=\"sums\">\n<div><table class=\"tax\">\n<thead><tr><th>").Append(Text(words.TaxHead)).Append("</th>");
        foreach (var head in new[] { words.TaxableAmount, words.TaxAmount, words.GrossAmount })
        {
            page.Append("<th class=\"n\">").Append(Text(head)).Append("</th>");
        }

        page.Append("</tr></thead>\n<tbody>\n");
        foreach (var subtotal in document.TaxSubtotals)
        {
            page.Append("<tr><td>").Append(Text(words.Rate(subtotal.Category, subtotal.RatePercent, compact: false))).Append("</td>");
            foreach (var minor in new[] { subtotal.NetMinor, subtotal.TaxMinor, subtotal.GrossMinor })
            {
                page.Append("<td class=\"n\">").Append(Text(document.Format(minor))).Append("</td>");
            }

            page.Append("</tr>\n");
        }

        page.Append("</tbody>\n</table>\n");
        Paragraph(page, "small", document.Lines.Any(line => line.TaxCategory == TaxCategory.Reduced) ? words.ReducedNote : null);
        page.Append("</div>\n<table class=\"total\">\n<tbody>\n");
        Total(page, document, words.Net, document.NetMinor);
        Total(page, document, words.Tax, document.TaxMinor);
        Total(page, document, words.Total(document.Kind), document.TotalMinor, isStrong: true);
        var account = words.Account(document).ToList();
        account.ForEach(row => Total(page, document, row.Label, row.AmountMinor));
        if (account.Count > 0)
        {
            Total(page, document, words.AmountDue, document.AmountDueMinor, isStrong: true);
        }

        page.Append("</tbody>\n</table>\n</section>\n");
    }

    private static void Total(StringBuilder page, InvoiceDocument document, string label, long minor, bool isStrong = false) =>
        page.Append(isStrong ? "<tr class=\"strong\"><td>" : "<tr><td>").Append(Text(label)).Append("</td><td class=\"n\">").Append(Text(document.Format(minor))).Append("</td></tr>\n");

    private static void AppendPayment(StringBuilder page, InvoiceDocument document, DocumentWords words)
    {
        if (document.Kind == DocumentKind.Invoice)
        {
            Paragraph(page, "", document.PaymentMethod switch { PaymentMethod.DirectDebit => words.DirectDebit, PaymentMethod.Card => words.Card, _ => null });
        }

        if (document.Bank is { } bank)
        {
            page.Append("<section class=\"bank\">\n<h2>").Append(Text(words.PayTo)).Append("</h2>\n");
            foreach (var group in words.PaymentRows(bank, document.Number).GroupBy(row => row.Group))
            {
                AppendPairs(page, group.Select(row => (row.Label, row.Value)));
            }

            page.Append("</section>\n");
        }
    }

    private static void AppendNotes(StringBuilder page, InvoiceDocument document, DocumentWords words)
    {
        if (document.Notes.Count == 0)
        {
            return;
        }

        page.Append("<section class=\"notes\">\n<h2>").Append(Text(words.Notes)).Append("</h2>\n");
        foreach (var note in document.Notes)
        {
            Paragraph(page, "", note);
        }

        page.Append("</section>\n");
    }

    private static void Paragraph(StringBuilder page, string kind, string? text)
    {
        if (text is not null)
        {
            page.Append(kind.Length == 0 ? "<p>" : $"<p class=\"{kind}\">").Append(Text(text)).Append("</p>\n");
        }
    }

    private static void Small(StringBuilder page, string? text)
    {
        if (text is not null)
        {
            page.Append("<small>").Append(Text(text)).Append("</small>");
        }
    }

    private static string Text(string text) => Encoder.Encode(text);
}
