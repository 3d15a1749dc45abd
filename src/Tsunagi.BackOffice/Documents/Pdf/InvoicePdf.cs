using Tsunagi.BackOffice.Documents.Pdf.Fonts;

namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>
/// Writes an issued document as an A4 PDF 1.7 file. The same document and fonts give the same octets; nothing is read but the document. Safe for all threads.
/// </summary>
/// <remarks>
/// A document's way:
/// (1) <see cref="InvoiceLayout"/> places texts, lines and boxes on pages; <see cref="TypeSetter"/> chooses faces and notes the glyphs used.
/// (2) Heads and feet that need the number of pages are drawn when all pages are there.
/// (3) Pages' contents, then a subset of each used font, then the structure are written by <see cref="PdfPaper"/>.
/// </remarks>
public sealed class InvoicePdf(DocumentFonts fonts)
{
    /// <summary>With the program's own fonts.</summary>
    public static InvoicePdf Shared { get; } = new(DocumentFonts.Shipped);

    /// <summary>Writes one document.</summary>
    /// <exception cref="InvalidOperationException">The currency is unknown.</exception>
    /// <exception cref="ArgumentException">More than <see cref="InvoiceDocument.MaxLines"/> lines.</exception>
    public PdfDocument Write(InvoiceDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (document.Lines.Count > InvoiceDocument.MaxLines)
        {
            throw new ArgumentException($"document {document.Number} has {document.Lines.Count} lines, at most {InvoiceDocument.MaxLines} are written", nameof(document));
        }

        // :: Steps 1 and 2
        var setter = new TypeSetter(fonts);
        var pages = new InvoiceLayout(document, setter).Compose();

        // :: Step 3
        return new PdfDocument(PdfPaper.Write(pages, setter, Describe(document)), pages.Count, setter.Missing);
    }

    private static PdfDescription Describe(InvoiceDocument document)
    {
        var words = DocumentWords.For(document.Language);
        return new PdfDescription(
            words.LanguageTag, $"{words.Title(document)} {(document.IsDraft ? words.Draft : document.Number)}", document.Issuer.Name, document.Subject ?? words.Title(document), document.IssueDate);
    }
}
