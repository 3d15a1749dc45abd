using Tsunagi.BackOffice.Documents.Pdf.Fonts;

namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>
/// Writes an issued document as an A4 PDF 1.7 file. The same document and fonts give the same octets; nothing is read but the document. Safe for all threads.
/// </summary>
/// <remarks>
/// A document's way:
/// (1) <see cref="InvoiceLayout"/> places texts, lines and boxes on pages; <see cref="TypeSetter"/> chooses faces and notes the glyphs used.
/// (2) Heads and feet that need the number of pages are drawn when all pages are there.
/// (3) Pages' contents, then a subset of each used font, then the structure are written by <see cref="PdfFile"/>.
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
        return new PdfDocument(Write(document, pages, setter), pages.Count, setter.Missing);
    }

    private static byte[] Write(InvoiceDocument document, IReadOnlyList<PdfPage> pages, TypeSetter setter)
    {
        var file = new PdfFile();
        int catalog = file.Reserve(), tree = file.Reserve(), resources = file.Reserve(), information = file.Reserve();
        int[] kids = [.. pages.Select(_ => file.Reserve())];
        for (var i = 0; i < pages.Count; i++)
        {
            var content = file.WriteStream(pages[i].Content);
            file.Begin(kids[i]).Append("<</Type/Page/Parent "u8).Append(tree).Append(" 0 R/MediaBox[0 0 "u8).Append(PdfPage.Width).Append(" "u8).Append(PdfPage.Height)
                .Append("]/Resources "u8).Append(resources).Append(" 0 R/Contents "u8).Append(content).Append(" 0 R>>"u8);
            file.End();
        }

        WriteResources(file, resources, setter);
        WriteStructure(file, catalog, tree, kids, document);
        WriteInformation(file.Begin(information), document);
        file.End();
        return file.Finish(catalog, information);
    }

    private static void WriteResources(PdfFile file, int number, TypeSetter setter)
    {
        var written = setter.UsedFonts.Select(font => (font.Number, Object: font.Write(file))).ToArray();
        var body = file.Begin(number).Append("<</Font<<"u8);
        foreach (var font in written)
        {
            body.Append("/F"u8).Append(font.Number).Append(" "u8).Append(font.Object).Append(" 0 R"u8);
        }

        body.Append(">>>>"u8);
        file.End();
    }

    private static void WriteStructure(PdfFile file, int catalog, int tree, int[] kids, InvoiceDocument document)
    {
        file.Begin(catalog).Append("<</Type/Catalog/Pages "u8).Append(tree).Append(" 0 R/Lang("u8).Append(DocumentWords.For(document.Language).LanguageTag)
            .Append(")/ViewerPreferences<</DisplayDocTitle true>>>>"u8);
        file.End();
        var body = file.Begin(tree).Append("<</Type/Pages/Count "u8).Append(kids.Length).Append("/Kids["u8);
        foreach (var kid in kids)
        {
            body.Append(kid).Append(" 0 R "u8);
        }

        body.Append("]>>"u8);
        file.End();
    }

    /// <summary>The dates are the day of issue: a file written again later is the same file.</summary>
    private static void WriteInformation(PdfBuffer body, InvoiceDocument document)
    {
        var words = DocumentWords.For(document.Language);
        var day = document.IssueDate.ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture);
        body.Append("<</Title"u8).AppendText($"{words.Title(document)} {(document.IsDraft ? words.Draft : document.Number)}")
            .Append("/Author"u8).AppendText(document.Issuer.Name)
            .Append("/Subject"u8).AppendText(document.Subject ?? words.Title(document))
            .Append("/Producer(Tsunagi)/CreationDate(D:"u8).Append(day).Append("000000Z)/ModDate(D:"u8).Append(day).Append("000000Z)>>"u8);
    }
}
