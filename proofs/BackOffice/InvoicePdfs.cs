using System.Diagnostics;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Documents.Pdf;

namespace Tsunagi.Proofs.BackOffice;

/// <summary>
/// The invoices of one month: 6,500 customers with names and addresses of their own and 12 lines each, half Japanese, a third with two tax rates, as PDF files in memory
/// on as many threads as there are cores. Each is written once; the first hundred are written again and must be the same octets.
/// </summary>
internal sealed class InvoicePdfs : IClaim
{
    private const int Customers = 6_500, LinesEach = 12;
    private const string Kanji = "山川田中佐藤鈴木高橋渡辺伊小林加吉原松本井清水森池橋阿部石前長谷後近坂遠青西福太岡三浦金竹内上野酒谷宮崎大塚平新今武丸古河永片柳北港東京区市町丁目番号社式株有限商事工業製作所食品電機物流";

    public string Name => "billing.pdf";

    public string Promise => "6,500 invoices of 12 lines as PDF with embedded Japanese fonts ≤ 60 s on 2 cores; the same document gives the same octets";

    public bool IsCorrectness => false;

    public Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        progress.Say("reading the fonts");
        var started = Stopwatch.GetTimestamp();
        InvoicePdf.Shared.Write(Invoice(0));
        var first = Stopwatch.GetElapsedTime(started);
        progress.Say($"writing {Customers} invoices");
        var documents = Enumerable.Range(0, Customers).Select(Invoice).ToArray();
        long octets = 0, pages = 0, missing = 0;
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        started = Stopwatch.GetTimestamp();
        Parallel.ForEach(documents, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken }, document =>
        {
            var pdf = InvoicePdf.Shared.Write(document);
            Interlocked.Add(ref octets, pdf.Octets.Length);
            Interlocked.Add(ref pages, pdf.Pages);
            Interlocked.Add(ref missing, pdf.Missing.Count);
        });
        var elapsed = Stopwatch.GetElapsedTime(started);
        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        var different = documents[..100].Count(document => !InvoicePdf.Shared.Write(document).Octets.AsSpan().SequenceEqual(InvoicePdf.Shared.Write(document).Octets));
        return Task.FromResult<IReadOnlyList<Figure>>(
        [
            Figure.AtMost($"{Customers:n0} PDFs on {Environment.ProcessorCount} cores", elapsed.TotalSeconds, 60, "0.0", " s"),
            new("CPU for each", $"{cpu.TotalMilliseconds / Customers:0.00} ms", Peer: $"{octets / (double)Customers / 1000:0.0} kB, {pages / (double)Customers:0.00} pages each"),
            new("first PDF, fonts read for it", $"{first.TotalMilliseconds:0} ms"),
            Figure.AtMost("written again, not the same octets", different, 0, "0", ""),
            Figure.AtMost("characters without a glyph", missing, 0, "0", ""),
        ]);
    }

    private static InvoiceDocument Invoice(int customer)
    {
        var random = new Random(customer);
        string Word(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => Kanji[random.Next(Kanji.Length)]));
        var japanese = customer % 2 == 0;
        DocumentLine[] lines =
        [
            .. Enumerable.Range(0, LinesEach).Select(line =>
            {
                decimal quantity = random.Next(1, 400), price = random.Next(1, 900) * 10;
                var reduced = customer % 3 == 0 && line == 0;
                return new DocumentLine(japanese ? $"{Word(4)}サービス 月額 第{line}号" : $"Service {line}, monthly fee", quantity, japanese ? "台" : "units", price, (long)(quantity * price), reduced ? TaxCategory.Reduced : TaxCategory.Standard, reduced ? 8 : 10)
                {
                    Service = japanese ? $"{Word(3)}接続（conn-{customer:00000}-{line / 4}）" : $"Connectivity (conn-{customer:00000}-{line / 4})",
                    Explanation = line % 3 == 0 ? $"{quantity} × {price} × 17/31" : null,
                };
            }),
        ];
        DocumentTaxSubtotal[] taxes = [.. lines.GroupBy(line => (line.TaxCategory, line.TaxRatePercent)).Select(rate => new DocumentTaxSubtotal(rate.Key.TaxCategory, rate.Key.TaxRatePercent, rate.Sum(line => line.AmountMinor), (long)(rate.Sum(line => line.AmountMinor) * rate.Key.TaxRatePercent / 100)))];
        return new InvoiceDocument
        {
            Kind = DocumentKind.Invoice,
            Number = $"2026-{customer:000000}",
            IssueDate = new DateOnly(2026, 11, 2),
            DueDate = new DateOnly(2026, 11, 30),
            Period = new DocumentPeriod(new DateOnly(2026, 10, 1), new DateOnly(2026, 11, 1)),
            Issuer = new DocumentParty("北浜ネットワーク株式会社") { PostalCode = "541-0041", AddressLines = ["大阪府大阪市中央区北浜一丁目8番16号"], RegistrationNumber = "T8990001000017", Phone = "06-0000-1234" },
            Customer = new DocumentParty($"株式会社{Word(4)}") { PostalCode = $"{random.Next(100, 999)}-{random.Next(1, 9999):0000}", AddressLines = [$"{Word(2)}県{Word(2)}市{Word(3)}町{random.Next(1, 30)}番{random.Next(1, 30)}号"], AccountNumber = $"C-{customer:000000}" },
            Language = japanese ? DocumentLanguage.Japanese : DocumentLanguage.English,
            Currency = "JPY",
            Lines = lines,
            TaxSubtotals = taxes,
            NetMinor = taxes.Sum(tax => tax.NetMinor),
            TaxMinor = taxes.Sum(tax => tax.TaxMinor),
            TotalMinor = taxes.Sum(tax => tax.GrossMinor),
            AmountDueMinor = taxes.Sum(tax => tax.GrossMinor),
            Bank = new BankDetails("なにわ銀行", "キタハマネツトワーク（カ") { BankCode = "9901", BranchName = "北浜支店", BranchCode = "123", AccountNumber = $"{customer:0000000}" },
        };
    }
}
