namespace Tsunagi.BackOffice.Documents.Pdf;

/// <summary>
/// From composed pages to a file: pages' contents, a subset of each used font, then the structure. Dates in it are the document's own day: written again later it
/// is the same file.
/// </summary>
internal static class PdfPaper
{
    public static byte[] Write(IReadOnlyList<PdfPage> pages, TypeSetter setter, PdfDescription description)
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
        WriteStructure(file, catalog, tree, kids, description);
        WriteInformation(file.Begin(information), description);
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

    private static void WriteStructure(PdfFile file, int catalog, int tree, int[] kids, PdfDescription description)
    {
        file.Begin(catalog).Append("<</Type/Catalog/Pages "u8).Append(tree).Append(" 0 R/Lang("u8).Append(description.LanguageTag).Append(")/ViewerPreferences<</DisplayDocTitle true>>>>"u8);
        file.End();
        var body = file.Begin(tree).Append("<</Type/Pages/Count "u8).Append(kids.Length).Append("/Kids["u8);
        foreach (var kid in kids)
        {
            body.Append(kid).Append(" 0 R "u8);
        }

        body.Append("]>>"u8);
        file.End();
    }

    private static void WriteInformation(PdfBuffer body, PdfDescription description)
    {
        var day = description.Day.ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture);
        body.Append("<</Title"u8).AppendText(description.Title).Append("/Author"u8).AppendText(description.Author).Append("/Subject"u8).AppendText(description.Subject)
            .Append("/Producer(Tsunagi)/CreationDate(D:"u8).Append(day).Append("000000Z)/ModDate(D:"u8).Append(day).Append("000000Z)>>"u8);
    }
}

/// <summary>What a file says of itself.</summary>
internal sealed record PdfDescription(string LanguageTag, string Title, string Author, string Subject, DateOnly Day);
