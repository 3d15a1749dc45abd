using System.Globalization;

namespace Tsunagi.BackOffice.Documents;

/// <summary>The words and number forms of documents in one language, the same on paper and on screen.</summary>
internal sealed class DocumentWords
{
    private static readonly string[] Months =
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    private readonly bool _japanese;

    private DocumentWords(bool japanese) => _japanese = japanese;

    public static DocumentWords English { get; } = new(japanese: false);

    public static DocumentWords Japanese { get; } = new(japanese: true);

    public string LanguageTag => _japanese ? "ja" : "en";

    public string IssueDate => Say("Issued", "発行日");

    public string DueDate(DocumentKind kind) => kind == DocumentKind.Quote ? Say("Valid until", "有効期限") : Say("Due date", "お支払期限");

    public string Period => Say("Period", "ご利用期間");

    public string AccountNumber => Say("Customer no.", "お客様番号");

    public string PurchaseOrder => Say("Your order", "ご注文番号");

    public string Description => Say("Description", "品目・内容");

    public string Quantity => Say("Quantity", "数量");

    public string UnitPrice => Say("Unit price", "単価");

    public string TaxRate => Say("Tax", "税率");

    public string TaxableAmount => Say("Net amount", "対象額（税抜）");

    public string TaxAmount => Say("Tax", "消費税額");

    public string GrossAmount => Say("Gross", "税込計");

    public string TaxHead => Say("Tax rate", "税率区分");

    public string Net => Say("Net total", "小計（税抜）");

    public string Tax => Say("Tax", "消費税");

    public string PreviousBalance => Say("Previous balance", "前回ご請求残高");

    public string Payment => Say("Payment", "ご入金");

    public string Credit => Say("Credit", "充当・減額");

    public string PayTo => Say("Pay to", "お振込先");

    public string Bank => Say("Bank", "銀行");

    public string Branch => Say("Branch", "支店");

    public string AccountLabel => Say("Account", "口座");

    public string AccountHolder => Say("Account holder", "口座名義");

    public string PaymentReference => Say("Reference", "お振込時の記載");

    public string Notes => Say("Notes", "備考");

    public string Draft => Say("PREVIEW - NOT ISSUED", "見本（未発行）");

    public string Registration => Say("Registration no.", "登録番号");

    public string Phone => Say("Tel.", "TEL");

    public string Continued => Say("continued on the next page", "次ページへ続く");

    public string ReducedMark => Say("*", "※");

    public string ReducedNote => Say("* reduced tax rate", "※は軽減税率対象品目です。");

    public string DirectDebit => Say("The amount will be drawn from your account on the due date.", "お支払期限日にご指定の口座より口座振替いたします。");

    public string Card => Say("The amount will be charged to your card.", "ご登録のクレジットカードに請求いたします。");

    public static DocumentWords For(DocumentLanguage language) => language == DocumentLanguage.Japanese ? Japanese : English;

    /// <summary>In Japan a credit note of a registered issuer is the qualified return invoice.</summary>
    public string Title(InvoiceDocument document) => document.Kind switch
    {
        DocumentKind.Invoice => Say("Invoice", "請求書"),
        DocumentKind.Quote => Say("Quotation", "御見積書"),
        _ => Say("Credit note", document.Issuer.RegistrationNumber is null ? "返還請求書" : "適格返還請求書"),
    };

    public string NumberLabel(DocumentKind kind) => kind == DocumentKind.Invoice ? Say("Invoice no.", "請求番号") : kind == DocumentKind.Quote ? Say("Quotation no.", "見積番号") : Say("Credit note no.", "返還請求番号");

    public string CreditedInvoice => Say("Corrects invoice", "対象の請求書");

    public string Opening(DocumentKind kind) => kind == DocumentKind.Invoice
        ? Say("We invoice the following services.", "下記のとおりご請求申し上げます。")
        : kind == DocumentKind.Quote
        ? Say("We offer the following services.", "下記のとおりお見積り申し上げます。")
        : Say("We credit the following amounts.", "下記のとおり対価の返還をいたします。");

    /// <summary>Of the large figure at the head: what is due, or what is given back.</summary>
    public string Headline(InvoiceDocument document) => document.Kind == DocumentKind.Invoice ? Say("Amount due", "ご請求金額（税込）") : document.Kind == DocumentKind.Quote ? Say("Set-up and first full month", "初期費用＋初月月額（税込）") : Say("Amount credited", "返還金額（税込）");

    public static long HeadlineMinor(InvoiceDocument document) => document.Kind == DocumentKind.Invoice ? document.AmountDueMinor : document.TotalMinor;

    public string Amount(InvoiceDocument document) => document.LinesIncludeTax ? Say("Amount (incl. tax)", "金額（税込）") : Say("Amount", "金額（税抜）");

    public string Total(DocumentKind kind) => kind == DocumentKind.Invoice ? Say("Total of this invoice", "今回ご請求額（税込）") : kind == DocumentKind.Quote ? Say("Set-up and first full month", "初期費用＋初月月額（税込）") : Say("Total credited", "返還金額合計（税込）");

    public string AmountDue => Say("Amount due", "ご請求金額");

    public string Page(int page, int pages) => Say($"Page {page} of {pages}", $"{page} / {pages} ページ");

    /// <summary>"株式会社例 御中": with an attention line the honorific stands there.</summary>
    public (string Name, string? Attention) Address(DocumentParty customer) => !_japanese ? (customer.Name, customer.Attention)
        : customer.Attention is { } attention ? (customer.Name, WithHonorific(attention, customer.IsPerson))
        : (WithHonorific(customer.Name, customer.IsPerson), null);

    /// <summary>Address lines with postal code and, when it is not the other party's, the country.</summary>
    public IEnumerable<string> AddressLines(DocumentParty party, DocumentParty other)
    {
        if (_japanese && party.PostalCode is { } code)
        {
            yield return "〒" + code;
        }

        foreach (var line in party.AddressLines)
        {
            yield return line;
        }

        var place = string.Join(" ", new[] { party.City, _japanese ? null : party.PostalCode, party.Country == other.Country ? null : party.Country }.Where(part => part is { Length: > 0 }));
        if (place.Length > 0)
        {
            yield return place;
        }
    }

    public string Date(DateOnly date) => _japanese
        ? string.Create(CultureInfo.InvariantCulture, $"{date.Year}年{date.Month}月{date.Day}日")
        : string.Create(CultureInfo.InvariantCulture, $"{date.Day} {Months[date.Month - 1]} {date.Year}");

    public string Range(DocumentPeriod period) => _japanese
        ? $"{Date(period.Start)}～{Date(period.LastDay)}"
        : $"{ShortDate(period.Start)} – {ShortDate(period.LastDay)}";

    public string QuantityWithUnit(DocumentLine line) => line.Unit.Length == 0 ? Plain(line.Quantity) : $"{Plain(line.Quantity)} {line.Unit}";

    /// <summary>At least the currency's digits, at most six: "¥0.05", "$12.00".</summary>
    public static string Price(InvoiceDocument document, decimal price)
    {
        var currency = Core.Rating.Currency.Find(document.Currency) ?? throw new InvalidOperationException($"writing document {document.Number}: currency {document.Currency} is not known");
        var digits = currency.MinorDigits == 0 ? "#,0.######" : "#,0." + new string('0', currency.MinorDigits) + new string('#', 6 - currency.MinorDigits);
        return (price < 0 ? "-" : "") + currency.Symbol + Math.Abs(price).ToString(digits, CultureInfo.InvariantCulture);
    }

    /// <summary>The rows under the tax: what is open, came in and is due; empty when the document stands alone.</summary>
    public IEnumerable<(string Label, long AmountMinor)> Account(InvoiceDocument document)
    {
        if (document.Kind != DocumentKind.Invoice || (document.PreviousBalanceMinor == 0 && document.Payments.Count == 0 && document.Credits.Count == 0 && document.AmountDueMinor == document.TotalMinor))
        {
            yield break;
        }

        if (document.PreviousBalanceMinor != 0 || document.Payments.Count > 0)
        {
            yield return (PreviousBalance, document.PreviousBalanceMinor);
        }

        foreach (var (kind, movement) in document.Payments.Select(payment => (Payment, payment)).Concat(document.Credits.Select(credit => (Credit, credit))))
        {
            yield return (string.Join(" ", new[] { kind, Date(movement.Date), movement.Description, movement.Reference }.Where(part => part is { Length: > 0 })), -movement.AmountMinor);
        }
    }

    /// <summary>The rows of "pay to" in two groups: where the money goes, in whose name; rows without a value are left out.</summary>
    public IEnumerable<(int Group, string Label, string Value)> PaymentRows(BankDetails bank, string number)
    {
        (int Group, string Label, string? Value)[] rows =
        [
            (0, Bank, WithCode(bank.BankName, bank.BankCode)), (0, Branch, bank.BranchName is { } branch ? WithCode(branch, bank.BranchCode) : null),
            (0, AccountLabel, bank.AccountNumber is null ? null : AccountOf(bank)), (0, "IBAN", bank.Iban), (0, "BIC", bank.Bic),
            (1, AccountHolder, bank.AccountHolder), (1, PaymentReference, bank.PaymentReference ?? number),
        ];
        return rows.Where(row => row.Value is { Length: > 0 }).Select(row => (row.Group, row.Label, row.Value!));
    }

    /// <summary>The references at the head with their labels.</summary>
    public IEnumerable<(string Label, string Value)> References(InvoiceDocument document)
    {
        (string Label, string? Value)[] rows =
        [
            (NumberLabel(document.Kind), document.IsDraft ? null : document.Number), (IssueDate, Date(document.IssueDate)),
            (CreditedInvoice, document.CreditedInvoice is { } credited ? $"{credited.Number} ({Date(credited.IssueDate)})" : null),
            (Period, document.Period is { } period ? Range(period) : null), (AccountNumber, document.Customer.AccountNumber), (PurchaseOrder, document.PurchaseOrder),
        ];
        return rows.Where(row => row.Value is { Length: > 0 }).Select(row => (row.Label, row.Value!));
    }

    /// <summary>Of a line: "10%", "8%※", "非課税".</summary>
    public string Rate(DocumentLine line) => Rate(line.TaxCategory, line.TaxRatePercent, compact: true);

    public string Rate(TaxCategory category, decimal percent, bool compact) => category switch
    {
        TaxCategory.Standard => Percent(percent) + (compact ? "" : Say("", "対象")),
        TaxCategory.Reduced => Percent(percent) + (compact ? ReducedMark : Say("* (reduced)", "対象（軽減税率※）")),
        TaxCategory.ZeroRated => Say("0%", "免税"),
        TaxCategory.Exempt => Say("exempt", "非課税"),
        TaxCategory.OutOfScope => Say("none", "不課税"),
        TaxCategory.ReverseCharge => compact ? "RC" : Say("RC (reverse charge)", "RC（リバースチャージ）"),
        _ => throw new ArgumentOutOfRangeException(nameof(category), category, "no such tax category"),
    };

    private string AccountOf(BankDetails bank) => Say($"{bank.AccountNumber} ({Kind(bank.AccountKind)})", $"{Kind(bank.AccountKind)} {bank.AccountNumber}");

    private string WithCode(string name, string? code) => code is null ? name : Say($"{name} ({code})", $"{name}（{code}）");

    private string Kind(BankAccountKind kind) => kind switch
    {
        BankAccountKind.Ordinary => Say("ordinary", "普通"),
        BankAccountKind.Current => Say("current", "当座"),
        _ => Say("savings", "貯蓄"),
    };

    private static string WithHonorific(string name, bool isPerson) =>
        name.EndsWith('様') || name.EndsWith("御中", StringComparison.Ordinal) ? name : name + (isPerson ? " 様" : " 御中");

    private static string ShortDate(DateOnly date) => string.Create(CultureInfo.InvariantCulture, $"{date.Day} {Months[date.Month - 1][..3]} {date.Year}");

    private static string Plain(decimal value) => value.ToString("#,0.######", CultureInfo.InvariantCulture);

    private static string Percent(decimal percent) => percent.ToString("0.##", CultureInfo.InvariantCulture) + "%";

    private string Say(string english, string japanese) => _japanese ? japanese : english;
}
