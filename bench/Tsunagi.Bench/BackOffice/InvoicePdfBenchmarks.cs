using BenchmarkDotNet.Attributes;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Documents.Pdf;

namespace Tsunagi.Bench.BackOffice;

/// <summary>
/// One operation is a whole file: an invoice of as many lines, with its two font subsets.
/// <c>./tsunagi bench '*InvoicePdf*'</c>; <c>./tsunagi prove billing.pdf</c> measures a month of 6,500.
/// </summary>
[MemoryDiagnoser]
public class InvoicePdfBenchmarks
{
    private InvoiceDocument _document = null!;

    [Params(1, 12, 200)]
    public int Lines { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        DocumentLine[] lines = [.. Enumerable.Range(1, Lines).Select(n => new DocumentLine($"インターネット接続 専用線 第{n}号", n, "回線", 12_000, 12_000 * n, TaxCategory.Standard, 10))];
        var net = lines.Sum(line => line.AmountMinor);
        _document = new InvoiceDocument
        {
            Kind = DocumentKind.Invoice,
            Number = "2026-000001",
            IssueDate = new DateOnly(2026, 11, 2),
            DueDate = new DateOnly(2026, 11, 30),
            Issuer = new DocumentParty("北浜ネットワーク株式会社") { RegistrationNumber = "T8990001000017" },
            Customer = new DocumentParty("株式会社みやこ食品") { PostalCode = "600-8216", AddressLines = ["京都府京都市下京区東塩小路町843番地2"] },
            Language = DocumentLanguage.Japanese,
            Currency = "JPY",
            Lines = lines,
            TaxSubtotals = [new DocumentTaxSubtotal(TaxCategory.Standard, 10, net, net / 10)],
            NetMinor = net,
            TaxMinor = net / 10,
            TotalMinor = net + (net / 10),
            AmountDueMinor = net + (net / 10),
        };
    }

    [Benchmark]
    public int Pdf() => InvoicePdf.Shared.Write(_document).Octets.Length;
}
