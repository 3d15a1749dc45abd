using System.Text;
using Tsunagi.BackOffice.Documents.Pdf.Fonts;
using Tsunagi.BackOffice.Reports;
using Tsunagi.Core.Modules;
using Tsunagi.Tests.BackOffice.Documents.Pdf;

namespace Tsunagi.Tests.BackOffice.Reports;

/// <summary>What leaves the program: CSV for spreadsheets, PDF for people.</summary>
public class Report_papers
{
    [Fact]
    public void Csv_has_every_table_money_in_units_and_no_formula()
    {
        var csv = ReportText.Csv(Sheet(2), "en");
        Assert.Equal(
            "\ufeffCustomers,EUR,2026-10,2026-12\r\nCustomer,Revenue,Share\r\n'=HYPERLINK(1),12.34,-0.5\r\n\"A \"\"quoted\"\", name\",-0.05,100.0\r\nTotal,12.29,\r\n\r\nSum of this report,12.29\r\nRevenue accounts of the ledger,12.29\r\nDifference,0.00\r\nWhat is counted.\r\n",
            csv);
    }

    [Theory]
    [InlineData("en")]
    [InlineData("ja")]
    public async Task Pdf_says_the_same_and_other_readers_read_it(string locale)
    {
        PdfTool.SkipUnless("pdftotext");
        PdfTool.SkipUnless("qpdf");
        var pdf = ReportPdf.Write(Sheet(120), "Kaede Networks", new DateOnly(2026, 12, 1), locale, DocumentFonts.Shipped);
        Assert.Equal(pdf.Octets, ReportPdf.Write(Sheet(120), "Kaede Networks", new DateOnly(2026, 12, 1), locale, DocumentFonts.Shipped).Octets);
        Assert.Empty(pdf.Missing);
        Assert.True(pdf.Pages > 2, $"{pdf.Pages} pages");
        await PdfTool.RunAsync(pdf.Octets, "qpdf", "--check", "{0}");
        var text = Encoding.UTF8.GetString(await PdfTool.RunAsync(pdf.Octets, "pdftotext", "-layout", "{0}", "-"));
        Assert.Contains("=HYPERLINK(1)", text, StringComparison.Ordinal);
        Assert.Contains("€12.34", text, StringComparison.Ordinal);
        Assert.Contains(locale == "ja" ? "集計の定義です。" : "What is counted.", text, StringComparison.Ordinal);
        Assert.Matches($"{pdf.Pages}\\s*/\\s*{pdf.Pages}", text);

        // Each page of a long table has the head again.
        Assert.Equal(text.Split('\f').Count(static page => page.Contains("A \"quoted\", name", StringComparison.Ordinal)), text.Split('\f').Count(page => page.Contains(locale == "ja" ? "売上" : "Revenue", StringComparison.Ordinal) && page.Contains("A \"quoted\", name", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("2026-04", "2027-03", "1Q26 2Q26 3Q26 4Q26")]
    [InlineData("2026-03", "2026-04", "4Q25 1Q26")]
    [InlineData("2026-12", "2026-12", "3Q26")]
    public void Quarters_are_of_the_fiscal_year(string from, string to, string quarters)
    {
        Assert.True(MonthSpan.TryParse(from, out var first) & MonthSpan.TryParse(to, out var last));
        var parts = FiscalQuarter.In(new MonthSpan(first, last), 4);
        Assert.Equal(quarters, string.Join(' ', parts.Select(static part => part.Label)));
        Assert.Equal(Enumerable.Range(first, last - first + 1), parts.SelectMany(static part => part.Span.Months));
    }

    [Theory]
    [InlineData(1, "1Q26")]
    [InlineData(10, "2Q25")]
    [InlineData(3, "1Q26")]
    public void Fiscal_year_begins_where_it_is_said_to(int begins, string label)
    {
        Assert.True(MonthSpan.TryParse("2026-03", out var month));
        Assert.Equal(label, FiscalQuarter.In(new MonthSpan(month, month), begins)[0].Label);
    }

    [Theory]
    [InlineData("2026-3")]
    [InlineData("2026-13")]
    [InlineData("202603")]
    [InlineData("")]
    [InlineData(null)]
    public void Month_is_written_one_way(string? text) => Assert.False(MonthSpan.TryParse(text, out _));

    private static ReportSheet Sheet(int rows)
    {
        ReportRow[] two =
        [
            new("a", [ReportCell.Of("=HYPERLINK(1)"), ReportCell.Of(1234), ReportCell.Of(-0.5m)]), new("b", [ReportCell.Of("A \"quoted\", name"), ReportCell.Of(-5), ReportCell.Of(100m)]),
        ];
        return new ReportSheet(
            "concentration", new("Concentration", "売上集中度"), "EUR", new MonthSpan((2026 * 12) + 9, (2026 * 12) + 11), ReportBasis.Booked, [new("What is counted.", "集計の定義です。")], [], new ReportTie(1229, 1229, 0),
            new ReportChart(ReportChartKind.Bars, new("Revenue", "売上"), [new("1Q26", "1Q26"), new("2Q26", "2Q26")], [(new LocalizedText("Line", "回線"), [5, 7]), (new LocalizedText("Mail", "メール"), [-3, 4])], ReportValue.Money),
            [
                new ReportTable(
                    "customers", new("Customers", "顧客"), [new("customer", new("Customer", "顧客"), ReportValue.Text), new("revenue", new("Revenue", "売上"), ReportValue.Money), new("share", new("Share", "割合"), ReportValue.Percent)],
                    [.. Enumerable.Range(0, rows / 2).SelectMany(_ => two), new ReportRow("total", [ReportCell.Of(new LocalizedText("Total", "合計")), ReportCell.Of(1229), ReportCell.None], IsSum: true)]),
            ],
            []);
    }
}
