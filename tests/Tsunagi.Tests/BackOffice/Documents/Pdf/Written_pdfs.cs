using System.Text;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Documents.Pdf;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice.Documents.Pdf;

/// <summary>The sample documents as files, judged by the readers people use.</summary>
public class Written_pdfs
{
    public static TheoryData<string> Names() => new(SampleDocuments.All.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Are_the_same_octets_when_written_again(string name)
    {
        var document = SampleDocuments.All[name];
        var first = InvoicePdf.Shared.Write(document);
        Assert.Equal(first.Octets, InvoicePdf.Shared.Write(document with { }).Octets);
        Assert.Empty(first.Missing);
    }

    [Theory]
    [Trait("Golden", "true")]
    [MemberData(nameof(Names))]
    public async Task Give_their_text_back(string name)
    {
        PdfTool.SkipUnless("pdftotext");
        var text = await PdfTool.RunAsync(InvoicePdf.Shared.Write(SampleDocuments.All[name]).Octets, "pdftotext", "-raw", "-enc", "UTF-8", "{0}", "-");
        Golden.Compare(Path.Combine(Repository.Root, "tests/Tsunagi.Tests/BackOffice/Documents/Pdf/golden", name + ".txt"), text);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Hold_every_figure_and_word_of_the_document(string name)
    {
        PdfTool.SkipUnless("pdftotext");
        var document = SampleDocuments.All[name];
        var text = Squeeze(Encoding.UTF8.GetString(await PdfTool.RunAsync(InvoicePdf.Shared.Write(document).Octets, "pdftotext", "-raw", "-enc", "UTF-8", "{0}", "-")));
        foreach (var line in document.Lines)
        {
            Assert.Contains(Squeeze(line.Description), text, StringComparison.Ordinal);
            Assert.Contains(document.Format(line.AmountMinor), text, StringComparison.Ordinal);
            Assert.Contains(Squeeze(line.Explanation ?? ""), text, StringComparison.Ordinal);
        }

        foreach (var subtotal in document.TaxSubtotals)
        {
            Assert.Contains(document.Format(subtotal.NetMinor) + document.Format(subtotal.TaxMinor) + document.Format(subtotal.GrossMinor), text, StringComparison.Ordinal);
        }

        foreach (var said in new[] { document.Number, document.Customer.Name, document.Issuer.Name, document.Issuer.RegistrationNumber!, document.Bank?.AccountHolder ?? "", document.CreditedInvoice?.Number ?? "" })
        {
            Assert.Contains(Squeeze(said), text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Are_drawn_by_poppler_without_a_word(string name)
    {
        PdfTool.SkipUnless("pdftoppm");
        var folder = Path.Combine(Repository.Root, "artifacts", "documents");
        Directory.CreateDirectory(folder);
        var pdf = InvoicePdf.Shared.Write(SampleDocuments.All[name]);
        await File.WriteAllBytesAsync(Path.Combine(folder, name + ".pdf"), pdf.Octets, TestContext.Current.CancellationToken);
        for (var page = 1; page <= pdf.Pages; page++)
        {
            var number = page.ToString(System.Globalization.CultureInfo.InvariantCulture);
            var png = await PdfTool.RunAsync(pdf.Octets, "pdftoppm", "-png", "-r", "90", "-f", number, "-l", number, "{0}");
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{name}-{number}.png"), png, TestContext.Current.CancellationToken);
            Assert.True(png.Length > 10_000, $"page {page} is drawn in {png.Length} octets: is it blank?");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Are_found_sound_by_qpdf(string name)
    {
        PdfTool.SkipUnless("qpdf");
        var said = Encoding.UTF8.GetString(await PdfTool.RunAsync(InvoicePdf.Shared.Write(SampleDocuments.All[name]).Octets, "qpdf", "--check", "{0}"));
        Assert.Contains("No syntax or stream encoding errors found", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embed_their_fonts_as_subsets_with_text()
    {
        PdfTool.SkipUnless("pdffonts");
        var said = Encoding.UTF8.GetString(await PdfTool.RunAsync(InvoicePdf.Shared.Write(SampleDocuments.All["ja-tax-mix"]).Octets, "pdffonts", "{0}"));
        var fonts = said.Split('\n', StringSplitOptions.RemoveEmptyEntries)[2..];
        Assert.Equal(2, fonts.Length);
        Assert.All(fonts, font => Assert.Matches("^[A-Z]{6}\\+BIZUDPGothic-(Regular|Bold) +CID TrueType +Identity-H +yes yes yes", font));
    }

    [Fact]
    public async Task Say_page_n_of_m_and_repeat_the_head_on_each()
    {
        var pdf = InvoicePdf.Shared.Write(SampleDocuments.All["ja-long"]);
        Assert.Equal(3, pdf.Pages);
        PdfTool.SkipUnless("pdftotext");
        for (var page = 1; page <= 3; page++)
        {
            var number = page.ToString(System.Globalization.CultureInfo.InvariantCulture);
            var text = Encoding.UTF8.GetString(await PdfTool.RunAsync(pdf.Octets, "pdftotext", "-raw", "-f", number, "-l", number, "{0}", "-"));
            Assert.Contains($"{page} / 3 ページ", text, StringComparison.Ordinal);
            Assert.Contains("品目・内容", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Refuse_more_lines_than_the_limit()
    {
        var one = SampleDocuments.All["en-credit-note"];
        InvoiceDocument With(int count) => one with { Lines = [.. Enumerable.Repeat(one.Lines[0], count)] };
        Assert.True(InvoicePdf.Shared.Write(With(InvoiceDocument.MaxLines)).Pages > 100);
        Assert.Throws<ArgumentException>(() => InvoicePdf.Shared.Write(With(InvoiceDocument.MaxLines + 1)));
    }

    [Fact]
    public async Task Show_a_missing_character_as_a_geta_and_report_it()
    {
        var document = SampleDocuments.All["ja-account"] with { Customer = new DocumentParty("𠮷田 龍") { IsPerson = true } };
        var pdf = InvoicePdf.Shared.Write(document);
        Assert.Equal("U+20BB7 𠮷", Assert.Single(pdf.Missing).ToString());
        PdfTool.SkipUnless("pdftotext");
        var text = Encoding.UTF8.GetString(await PdfTool.RunAsync(pdf.Octets, "pdftotext", "-raw", "{0}", "-"));
        Assert.Contains("𠮷田 龍 様", text, StringComparison.Ordinal);
    }

    /// <summary>Without white space: a cell that was cut into lines reads the same.</summary>
    private static string Squeeze(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
