using Tsunagi.BackOffice.Documents;

namespace Tsunagi.Tests.BackOffice.Documents;

/// <summary>Documents as billing would fill them, one for each thing a document can show. Their sums are checked by <see cref="Sample_documents"/>.</summary>
internal static class SampleDocuments
{
    public static readonly DocumentPeriod October = new(new DateOnly(2026, 10, 1), new DateOnly(2026, 11, 1));

    public static IReadOnlyDictionary<string, InvoiceDocument> All { get; } = new Dictionary<string, InvoiceDocument>
    {
        ["ja-tax-mix"] = JapaneseTaxMix(),
        ["ja-account"] = JapaneseAccount(),
        ["ja-credit-note"] = JapaneseCreditNote(),
        ["ja-long"] = JapaneseLong(),
        ["ja-draft"] = JapaneseDraft(),
        ["en-tax-mix"] = EnglishTaxMix(),
        ["en-proration"] = EnglishProration(),
        ["en-credit-note"] = EnglishCreditNote(),
        ["en-euro"] = EnglishEuro(),
    };

    private static DocumentParty Issuer => new("北浜ネットワーク株式会社")
    {
        PostalCode = "541-0041",
        AddressLines = ["大阪府大阪市中央区北浜一丁目8番16号", "北浜ビル 12階"],
        RegistrationNumber = "T8990001000017",
        Phone = "06-0000-1234",
        Email = "billing@kitahama.example",
        ElectronicAddress = "0221:T8990001000017",
    };

    private static DocumentParty EnglishIssuer => new("Kitahama Network Co., Ltd.")
    {
        PostalCode = "541-0041",
        AddressLines = ["Kitahama Building 12F, 1-8-16 Kitahama", "Chuo-ku"],
        City = "Osaka",
        RegistrationNumber = "T8990001000017",
        Phone = "+81 6 0000 1234",
        Email = "billing@kitahama.example",
        ElectronicAddress = "0221:T8990001000017",
    };

    private static BankDetails Bank => new("なにわ銀行", "キタハマネツトワーク（カ")
    {
        BankCode = "9901", BranchName = "北浜支店", BranchCode = "123", AccountKind = BankAccountKind.Ordinary, AccountNumber = "0012345",
    };

    private static BankDetails EnglishBank => new("Naniwa Bank", "KITAHAMA NETWORK CO LTD")
    {
        BankCode = "9901", BranchName = "Kitahama Branch", BranchCode = "123", AccountNumber = "0012345", Bic = "NNWAJPJT",
    };

    private static DocumentParty Miyako => new("株式会社みやこ食品")
    {
        Attention = "経理部", PostalCode = "600-8216", AddressLines = ["京都府京都市下京区東塩小路町843番地2"], AccountNumber = "C-002931", ElectronicAddress = "0188:1130001012345",
    };

    private static DocumentParty Takahashi => new("髙﨑 桜子")
    {
        IsPerson = true, PostalCode = "530-0001", AddressLines = ["大阪府大阪市北区梅田三丁目1番3号", "梅田グランドタワーアネックス東館 2407号室"], AccountNumber = "C-104477",
    };

    private static DocumentParty Northwind => new("Northwind Trading K.K.")
    {
        Attention = "Accounts Payable", PostalCode = "105-0011", AddressLines = ["Shibakoen Tower 21F, 2-11-1 Shibakoen", "Minato-ku"], City = "Tokyo", AccountNumber = "C-000417", ElectronicAddress = "0188:3010401000001",
    };

    private static InvoiceDocument Base(DocumentLanguage language) => new()
    {
        Kind = DocumentKind.Invoice,
        Number = "2026-000123",
        IssueDate = new DateOnly(2026, 11, 2),
        DueDate = new DateOnly(2026, 11, 30),
        Period = October,
        Issuer = language == DocumentLanguage.Japanese ? Issuer : EnglishIssuer,
        Customer = language == DocumentLanguage.Japanese ? Miyako : Northwind,
        Language = language,
        Currency = "JPY",
        Lines = [],
        TaxSubtotals = [],
        NetMinor = 0,
        TaxMinor = 0,
        TotalMinor = 0,
        AmountDueMinor = 0,
        Bank = language == DocumentLanguage.Japanese ? Bank : EnglishBank,
    };

    /// <summary>Sums the lines of each rate and rounds the tax down once, as the golden case 3 × 105 at 10 % = 31 asks.</summary>
    private static InvoiceDocument Total(InvoiceDocument document)
    {
        DocumentTaxSubtotal[] subtotals =
        [
            .. document.Lines.GroupBy(line => (line.TaxCategory, line.TaxRatePercent)).OrderBy(rate => rate.Key.TaxCategory).Select(rate =>
                new DocumentTaxSubtotal(rate.Key.TaxCategory, rate.Key.TaxRatePercent, rate.Sum(line => line.AmountMinor), (long)decimal.Floor(rate.Sum(line => line.AmountMinor) * rate.Key.TaxRatePercent / 100))),
        ];
        var net = subtotals.Sum(subtotal => subtotal.NetMinor);
        var tax = subtotals.Sum(subtotal => subtotal.TaxMinor);
        var due = document.PreviousBalanceMinor - document.Payments.Sum(payment => payment.AmountMinor) - document.Credits.Sum(credit => credit.AmountMinor) + net + tax;
        return document with { TaxSubtotals = subtotals, NetMinor = net, TaxMinor = tax, TotalMinor = net + tax, AmountDueMinor = document.Kind == DocumentKind.Invoice ? due : 0 };
    }

    private static DocumentLine Line(string description, decimal quantity, string unit, decimal price, string? service = null, string? explanation = null, DocumentPeriod? period = null, TaxCategory category = TaxCategory.Standard, decimal rate = 10, int minorPerUnit = 1) =>
        new(description, quantity, unit, price, (long)decimal.Round(quantity * price * minorPerUnit, MidpointRounding.AwayFromZero), category, rate) { Service = service, Explanation = explanation, Period = period };

    private static InvoiceDocument JapaneseTaxMix() => Total(Base(DocumentLanguage.Japanese) with
    {
        Subject = "2026年10月分 ネットワークサービス料金",
        Lines =
        [
            Line("メールゲートウェイ ビジネス", 120, "メールボックス", 250, "メールセキュリティ（mail-000451）"),
            Line("迷惑メール判定 従量分", 184_233, "通", 0.05m, "メールセキュリティ（mail-000451）", "(284,233 - 100,000 込み) ÷ 1 × 0.05"),
            Line("インターネット接続 専用線 1Gbps", 1, "回線", 180_000, "インターネット接続（conn-00087）"),
            Line("IPv4アドレス追加 /28", 1, "ブロック", 8_000, "インターネット接続（conn-00087）"),
            Line("防災備蓄セット（飲料水・保存食） 全国通信障害時対応パッケージ付属品", 10, "箱", 3_980, "オプション", category: TaxCategory.Reduced, rate: 8),
            Line("JPドメイン更新料 立替分", 3, "件", 3_500, "オプション", category: TaxCategory.OutOfScope, rate: 0),
            Line("三種の少額手数料 A", 1, "", 105, "オプション"),
            Line("三種の少額手数料 B", 1, "", 105, "オプション"),
            Line("三種の少額手数料 C", 1, "", 105, "オプション"),
        ],
        Notes = ["お振込手数料はお客様のご負担にてお願いいたします。", "ご請求内容についてのお問い合わせは、請求番号を添えて billing@kitahama.example までご連絡ください。"],
    });

    private static InvoiceDocument JapaneseAccount() => Total(Base(DocumentLanguage.Japanese) with
    {
        Number = "2026-000124",
        Customer = Takahashi,
        Subject = "インターネットご利用料金",
        Lines =
        [
            Line("光回線 ファミリー 10G", 1, "", 5_800, period: October),
            Line("SLA返金（2026年9月14日 回線停止 4時間12分）", 1, "", -193, explanation: "稼働率 99.42%（保証 99.9%）: 5,800 × 1/30"),
        ],
        PreviousBalanceMinor = 12_760,
        Payments = [new DocumentMovement(new DateOnly(2026, 10, 30), "銀行振込", 6_380)],
        Credits = [new DocumentMovement(new DateOnly(2026, 10, 15), "返還", 550) { Reference = "CN-000019" }],
        Bank = Bank with { AccountNumber = "9104477", PaymentReference = "C-104477" },
        Notes = ["お客様専用の口座です。ご入金は自動で確認されます。"],
    });

    private static InvoiceDocument JapaneseCreditNote() => Total(Base(DocumentLanguage.Japanese) with
    {
        Kind = DocumentKind.CreditNote,
        Number = "CN-000020",
        IssueDate = new DateOnly(2026, 11, 10),
        DueDate = null,
        CreditedInvoice = new DocumentReference("2026-000123", new DateOnly(2026, 11, 2)),
        Lines =
        [
            Line("メールゲートウェイ ビジネス 数量訂正（120→110）", 10, "メールボックス", 250, "メールセキュリティ（mail-000451）"),
            Line("防災備蓄セット 返品", 2, "箱", 3_980, "オプション", category: TaxCategory.Reduced, rate: 8),
        ],
        Bank = null,
        PaymentMethod = PaymentMethod.None,
        Notes = ["本書の金額は次回のご請求に充当いたします。"],
    });

    private static InvoiceDocument JapaneseLong() => Total(Base(DocumentLanguage.Japanese) with
    {
        Number = "2026-000125",
        Subject = "2026年10月分 拠点間ネットワーク一式",
        PurchaseOrder = "PO-2026-0456",
        Lines =
        [
            .. Enumerable.Range(1, 12).SelectMany(site => new[]
            {
                Line("拠点接続 ベストエフォート 1Gbps", 1, "回線", 12_000, $"第{site}拠点（site-{site:000}）"),
                Line("マネージドルーター SEIL 保守", 1, "台", 3_500, $"第{site}拠点（site-{site:000}）"),
                Line("DDoS防御 95パーセンタイル", 12.5m + site, "Mbps", 180, $"第{site}拠点（site-{site:000}）", "8,928 標本の95パーセンタイル"),
                Line("オンラインストレージ、時間外保守対応および現地作業（二名、深夜割増を含む）の従量料金一式", 40 * site, "GB", 4.2m, $"第{site}拠点（site-{site:000}）"),
            }),
        ],
        PaymentMethod = PaymentMethod.DirectDebit,
        Bank = null,
    });

    private static InvoiceDocument JapaneseDraft() => JapaneseTaxMix() with { IsDraft = true, Number = "" };

    private static InvoiceDocument EnglishTaxMix() => Total(Base(DocumentLanguage.English) with
    {
        Subject = "Network services, October 2026",
        PurchaseOrder = "PO-88121",
        Lines =
        [
            Line("Mail gateway Business", 40, "mailboxes", 250, "Mail security (mail-000733)"),
            Line("Scanned mails above the included 10,000", 51_204, "mails", 0.05m, "Mail security (mail-000733)", "(61,204 - 10,000 included) ÷ 1 × 0.05"),
            Line("DDoS protection, 95th percentile", 186.4m, "Mbit/s", 180, "DDoS protection (ddos-000021)", "95th percentile of 8,928 samples: 186.4"),
            Line("Emergency rations with the outage kit", 2, "boxes", 3_980, "Options", category: TaxCategory.Reduced, rate: 8),
            Line("Transit to the Singapore node (export)", 1, "", 22_000, "Options", category: TaxCategory.ZeroRated, rate: 0),
        ],
        Notes = ["Bank charges are borne by the payer."],
    });

    private static InvoiceDocument EnglishProration() => Total(Base(DocumentLanguage.English) with
    {
        Number = "2026-000126",
        Lines =
        [
            Line("Leased line 100 Mbit/s until the upgrade", 1, "", 32_903, "Connectivity (conn-00102)", "1 × 60,000 × 17/31 days", new DocumentPeriod(new DateOnly(2026, 10, 1), new DateOnly(2026, 10, 18))),
            Line("Leased line 1 Gbit/s from the upgrade", 1, "", 81_290, "Connectivity (conn-00102)", "1 × 180,000 × 14/31 days", new DocumentPeriod(new DateOnly(2026, 10, 18), new DateOnly(2026, 11, 1))),
            Line("Leased line 1 Gbit/s in advance", 1, "", 180_000, "Connectivity (conn-00102)", null, new DocumentPeriod(new DateOnly(2026, 11, 1), new DateOnly(2026, 12, 1))),
        ],
        PreviousBalanceMinor = 66_000,
        Payments = [new DocumentMovement(new DateOnly(2026, 10, 29), "bank transfer", 66_000)],
    });

    private static InvoiceDocument EnglishCreditNote() => Total(Base(DocumentLanguage.English) with
    {
        Kind = DocumentKind.CreditNote,
        Number = "CN-000021",
        DueDate = null,
        CreditedInvoice = new DocumentReference("2026-000126", new DateOnly(2026, 11, 2)),
        Lines = [Line("SLA credit: leased line down for 5 h 40 min on 12 October", 1, "", 5_806, "Connectivity (conn-00102)", "Availability 99.2 % of 99.9 %: 180,000 × 1/31")],
        Bank = null,
        PaymentMethod = PaymentMethod.None,
    });

    private static InvoiceDocument EnglishEuro() => Total(Base(DocumentLanguage.English) with
    {
        Number = "2026-000127",
        Currency = "EUR",
        Customer = new DocumentParty("Łódź Café & Söhne GmbH") { AddressLines = ["Königsallee 1"], PostalCode = "40212", City = "Düsseldorf", Country = "DE", AccountNumber = "C-000902", RegistrationNumber = "DE123456789" },
        Lines =
        [
            Line("Content delivery", 1_234.56m, "GB", 0.0125m, "Delivery (cdn-000008)", category: TaxCategory.ReverseCharge, rate: 0, minorPerUnit: 100),
            Line("Support \"gold\" <24×7>", 1, "month", 490.5m, "Operation", category: TaxCategory.ReverseCharge, rate: 0, minorPerUnit: 100),
        ],
        Bank = new BankDetails("Commerzbank", "Kitahama Network Europe GmbH") { Iban = "DE89 3704 0044 0532 0130 00", Bic = "COBADEFFXXX" },
        Notes = ["VAT to be accounted for by the recipient (reverse charge)."],
    });
}
