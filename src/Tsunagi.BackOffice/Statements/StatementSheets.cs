using System.Globalization;
using Tsunagi.BackOffice.Reports;
using Tsunagi.Core.Modules;

namespace Tsunagi.BackOffice.Statements;

/// <summary>From figures to the statements' sheets. Each printed figure is made from exact ones and rounded once, where it is printed. Pure.</summary>
internal static class StatementSheets
{
    private static readonly LocalizedText Item = new("Item", "項目"), Now = new("These months", "当期"), Before = new("A year before", "前年同期"), Growth = new("on the year", "前年比"), Share = new("of revenue", "売上比"), BeforeShare = new("of revenue then", "前年売上比");
    private static readonly LocalizedText RevenueWord = new("Revenue", "売上"), CostWord = new("Cost of revenue", "売上原価"), MarginWord = new("Gross margin", "売上総利益"), OperatingWord = new("Operating income", "営業利益");
    private static readonly LocalizedText NetWord = new("Net income", "当期純利益"), PretaxWord = new("Income before tax", "税引前利益"), ExpensesWord = new("Selling, general and administrative, research", "販売費・一般管理費・研究開発費");

    private static readonly LocalizedText What = new(
        "Revenue is what the ledger's revenue accounts have for these months; everything else is the general ledger as it was imported. A figure that was not imported is left out, never taken for nothing.",
        "売上は帳簿の売上勘定の金額、その他は取り込んだ総勘定元帳の金額です。未取込の金額は表示せず、ゼロとはみなしません。");

    private static readonly LocalizedText Once = new("Sums and shares are made from exact figures and rounded once.", "合計と比率は端数処理前の金額から計算し、表示時に一度だけ丸めます。");

    public static ReportSheet Make(ReportFrame frame, StatementFigures figures, int yearBegins) => frame.Name switch
    {
        ReportNames.ProfitAndLoss => ProfitAndLoss(frame, figures),
        ReportNames.Margin => Margin(frame, figures, yearBegins),
        ReportNames.Acquired => Acquired(frame, figures),
        ReportNames.Expenses => Expenses(frame, figures),
        ReportNames.Walk => Walk(frame, figures),
        ReportNames.BalanceSheet => BalanceSheet(frame, figures),
        ReportNames.CashFlow => CashFlow(frame, figures, yearBegins),
        ReportNames.Targets => Targets(frame, figures, yearBegins),
        _ => Investment(frame, figures, yearBegins),
    };

    private static ReportSheet ProfitAndLoss(ReportFrame frame, StatementFigures figures)
    {
        var (span, before) = (frame.Span, frame.Span.Plus(-12));
        ReportRow Row(string key, LocalizedText name, Func<MonthSpan, long?> figure, bool isSum = false) => Compared(
            key, name, figure(span), figure(before), isSum, [Percent(figure(span), figures.Revenue(span)), Percent(figure(before), figures.Revenue(before))]);
        return Sheet(frame, [
            new ReportTable("statement", ReportNames.Title(frame.Name), [.. Columns(), new("share", Share, ReportValue.Percent), new("share.before", BeforeShare, ReportValue.Percent, IsMinor: true)],
            [
                Row("revenue", RevenueWord, span1 => figures.Revenue(span1), isSum: true), Row("cost", CostWord, figures.Cost), Row("margin", MarginWord, figures.GrossMargin, isSum: true), Row("expenses", ExpensesWord, figures.Expenses),
                Row("operating", OperatingWord, figures.Operating, isSum: true), Row("pretax", PretaxWord, figures.Pretax), Row("net", NetWord, figures.Net, isSum: true),
            ]),
        ]);
    }

    private static ReportSheet Margin(ReportFrame frame, StatementFigures figures, int yearBegins)
    {
        var (span, before) = (frame.Span, frame.Span.Plus(-12));
        var rows = new List<ReportRow>();
        foreach (var group in new[] { StatementFigures.Connectivity, StatementFigures.Systems })
        {
            bool Own(RevenueCell cell) => StatementFigures.GroupOf(cell.Category) == group;
            var name = GlLine.Find(group)!.Name;
            rows.Add(Compared(group + ".revenue", Of(name, RevenueWord), figures.Revenue(span, Own), figures.Revenue(before, Own)));
            rows.Add(Compared(group, Of(name, CostWord), figures.Ledger(span, null, group), figures.Ledger(before, null, group)));
            rows.Add(Compared(group + ".margin", Of(name, MarginWord), figures.Revenue(span, Own) - figures.Ledger(span, null, group), figures.Revenue(before, Own) - figures.Ledger(before, null, group)));
        }

        rows.AddRange([
            Compared("revenue", RevenueWord, figures.Revenue(span), figures.Revenue(before), isSum: true), Compared("cost", CostWord, figures.Cost(span), figures.Cost(before), isSum: true),
            Compared("margin", MarginWord, figures.GrossMargin(span), figures.GrossMargin(before), isSum: true),
        ]);
        var quarters = FiscalQuarter.In(span, yearBegins).Select(quarter =>
        {
            var (now, then) = (quarter.Span, quarter.Span.Plus(-12));
            var ratio = Ratio(figures.GrossMargin(now), figures.Revenue(now));
            var points = ratio - Ratio(figures.GrossMargin(then), figures.Revenue(then));
            return new ReportRow(quarter.Label, [
                ReportCell.Of(quarter.Label), ReportCell.Of(figures.Revenue(now)), ReportCell.Of(figures.Cost(now)), ReportCell.Of(figures.GrossMargin(now)), ReportCell.Of(Rounded(ratio)), ReportCell.Of(Rounded(points)),
            ]);
        });
        return Sheet(frame, [
            new ReportTable("groups", ReportNames.Title(frame.Name), Columns(), rows),
            new ReportTable("quarters", new("Gross margin ratio by quarter", "四半期の売上総利益率"), [
                new("quarter", new("Quarter", "四半期"), ReportValue.Text), new("revenue", RevenueWord, ReportValue.Money), new("cost", CostWord, ReportValue.Money), new("margin", MarginWord, ReportValue.Money),
                new("ratio", new("Ratio", "利益率"), ReportValue.Percent), new("points", new("Points on the year", "前年差(ポイント)"), ReportValue.Percent),
            ], [.. quarters]),
        ], new LocalizedText("Connectivity and value-added services stand against their own cost, construction, operation and what is in no category against that of systems integration.", "接続・付加価値サービスとその原価、システム構築・運用保守・区分なしとシステムインテグレーションの原価を対応させています。"));
    }

    private static ReportSheet Acquired(ReportFrame frame, StatementFigures figures)
    {
        var (span, before) = (frame.Span, frame.Span.Plus(-12));
        var tables = figures.Acquired.Select(name =>
        {
            bool With(RevenueCell cell) => cell.Acquired == name;
            long? PartOf(params string[] lines) => figures.Ledger(span, name, lines);
            ReportRow Row(string key, LocalizedText word, long? whole, long? part, long? then) => new(key, [
                ReportCell.Of(word), ReportCell.Of(whole), ReportCell.Of(part), ReportCell.Of(whole - (part ?? 0)), ReportCell.Of(then), Growing(whole, then), Growing(whole - (part ?? 0), then),
            ]);
            var (revenue, cost) = (figures.Revenue(span, With), PartOf(StatementFigures.Connectivity, StatementFigures.Systems));
            return new ReportTable(name, new(name, name), [
                new("item", Item, ReportValue.Text), new("whole", Now, ReportValue.Money), new("part", new($"of it {name}", $"うち{name}"), ReportValue.Money), new("without", new("Without it", "除く"), ReportValue.Money),
                new("before", Before, ReportValue.Money, IsMinor: true), new("growth", Growth, ReportValue.Percent), new("growth.without", new("without it", "除く前年比"), ReportValue.Percent),
            ],
            [
                Row("revenue", RevenueWord, figures.Revenue(span), revenue, figures.Revenue(before)), Row("cost", CostWord, figures.Cost(span), cost, figures.Cost(before)),
                Row("margin", MarginWord, figures.GrossMargin(span), revenue - cost, figures.GrossMargin(before)),
                Row("sales", GlLine.Find("sga.sales")!.Name, figures.Ledger(span, null, "sga.sales"), PartOf("sga.sales"), figures.Ledger(before, null, "sga.sales")),
            ]);
        });
        return Sheet(frame, [.. tables], new LocalizedText(
            "Customers of an acquired business are the accounts whose external reference \"acquired\" names it; its costs and expenses are the parts of that name.", "買収事業の顧客は外部参照 acquired にその名称を持つ請求先、原価・費用は同名の内訳です。"));
    }

    private static ReportSheet Expenses(ReportFrame frame, StatementFigures figures)
    {
        var (span, before) = (frame.Span, frame.Span.Plus(-12));
        string[] lines = ["sga.sales", "sga.general", "sga.research"];
        return Sheet(frame, [
            new ReportTable("functions", ReportNames.Title(frame.Name), [.. Columns(), new("share", Share, ReportValue.Percent)],
            [
                .. lines.Select(line => Compared(line, GlLine.Find(line)!.Name, figures.Ledger(span, null, line), figures.Ledger(before, null, line), false, [Percent(figures.Ledger(span, null, line), figures.Revenue(span))])),
                Compared("expenses", ExpensesWord, figures.Expenses(span), figures.Expenses(before), true, [Percent(figures.Expenses(span), figures.Revenue(span))]),
            ]),
        ]);
    }

    private static ReportSheet Walk(ReportFrame frame, StatementFigures figures)
    {
        var (span, before) = (frame.Span, frame.Span.Plus(-12));
        ReportRow Line(string line) => Compared(line, GlLine.Find(line)!.Name, figures.Ledger(span, null, line), figures.Ledger(before, null, line));
        return Sheet(frame, [
            new ReportTable("walk", ReportNames.Title(frame.Name), Columns(),
            [
                Compared("operating", OperatingWord, figures.Operating(span), figures.Operating(before), isSum: true), Line("other.securities"), Line("other.rest"),
                Compared("pretax", PretaxWord, figures.Pretax(span), figures.Pretax(before), isSum: true), Line("tax"), Line("minority"), Line("equity"), Compared("net", NetWord, figures.Net(span), figures.Net(before), isSum: true),
            ]),
        ], new LocalizedText("What adds to income is above zero, what takes from it below.", "利益を増やす金額を正、減らす金額を負で示します。"));
    }

    private static ReportSheet BalanceSheet(ReportFrame frame, StatementFigures figures)
    {
        var (end, begin) = (frame.Span.Last, frame.Span.First - 1);
        string[] assets = ["balance.cash", "balance.receivable", "balance.inventories", "balance.prepaid", "balance.securities", "balance.property", "balance.intangible", "balance.other"];
        string[] below = ["balance.borrowings", "balance.deficit", "balance.comprehensive", "balance.shareholders"];
        ReportRow Row(string key, LocalizedText name, long? now, long? then, bool isSum = false) => new(key, [ReportCell.Of(name), ReportCell.Of(now), ReportCell.Of(then), ReportCell.Of(now - then)], isSum);
        ReportRow Line(string line, bool isSum = false) => Row(line, GlLine.Find(line)!.Name, figures.At(end, line), figures.At(begin, line), isSum);
        long? Rest(int month) => figures.At(month, "balance.assets") - assets.Sum(line => figures.At(month, line) ?? 0);
        return Sheet(frame, [
            new ReportTable("balances", ReportNames.Title(frame.Name), [
                new("item", Item, ReportValue.Text), new("now", Ends(end), ReportValue.Money), new("before", Ends(begin), ReportValue.Money), new("change", new("Change", "増減"), ReportValue.Money),
            ],
            [
                .. assets.Select(line => Line(line)), Row("rest", new("Assets not listed", "その他(内訳なし)"), Rest(end), Rest(begin)), Line("balance.assets", isSum: true), .. below.Select(line => Line(line, line == "balance.shareholders")),
            ]),
        ], new LocalizedText("The change is made from exact balances: it may differ by one from that of the printed ones.", "増減は端数処理前の残高から計算するため、表示した残高の差と1異なる場合があります。"));
    }

    private static ReportSheet CashFlow(ReportFrame frame, StatementFigures figures, int yearBegins)
    {
        var quarters = FiscalQuarter.In(frame.Span, yearBegins);
        string[] natures = ["cash.operating", "cash.investing", "cash.financing"];
        ReportRow Row(string key, LocalizedText name, Func<MonthSpan, long?> figure, bool isSum) =>
            new(key, [ReportCell.Of(name), .. quarters.Select(quarter => ReportCell.Of(figure(quarter.Span))), ReportCell.Of(figure(frame.Span)), ReportCell.Of(figure(frame.Span.Plus(-12)))], isSum);
        var rows = new List<ReportRow>();
        foreach (var nature in natures)
        {
            rows.AddRange(figures.Parts(frame.Span, nature).Where(static part => part.Length > 0).Select(part => Row($"{nature}.{part}", new("  " + part, "  " + part), span => figures.Ledger(span, part, nature), false)));
            rows.Add(Row(nature, GlLine.Find(nature)!.Name, span => figures.Ledger(span, null, nature), true));
        }

        rows.Add(Row("cash", new("All three", "合計"), span => figures.Ledger(span, null, natures), true));
        return Sheet(frame, [
            new ReportTable("flows", ReportNames.Title(frame.Name), [
                new("item", Item, ReportValue.Text), .. quarters.Select(static quarter => new ReportColumn(quarter.Label, new(quarter.Label, quarter.Label), ReportValue.Money)), new("now", Now, ReportValue.Money), new("before", Before, ReportValue.Money, IsMinor: true),
            ], rows),
        ], new LocalizedText("Items named under a nature are parts of it; what is in none stands only in its sum.", "内訳は各活動の一部です。内訳のない金額は合計にのみ含みます。"));
    }

    private static ReportSheet Targets(ReportFrame frame, StatementFigures figures, int yearBegins)
    {
        var first = FirstOfYear(frame.Span.Last, yearBegins);
        var (year, last) = (new MonthSpan(first, first + 11), new MonthSpan(first - 12, first - 1));
        var rows = new List<ReportRow>();
        var (target, actual) = (figures.At(first, "target.revenue"), figures.Revenue(last));
        ReportRow Row(string key, LocalizedText name, long? wanted, long? had, bool isSum = false) =>
            new(key, [ReportCell.Of(name), ReportCell.Of(wanted), ReportCell.Of(had), Growing(wanted, had), Percent(wanted, target), Percent(had, actual), ReportCell.Of(ToDate(key, figures, frame.Span, first))], isSum);
        rows.AddRange([
            Row("revenue", RevenueWord, target, actual, isSum: true), Row("operating", OperatingWord, figures.At(first, "target.operating"), figures.Operating(last)), Row("pretax", PretaxWord, figures.At(first, "target.pretax"), figures.Pretax(last)),
            Row("net", NetWord, figures.At(first, "target.net"), figures.Net(last), isSum: true),
        ]);
        var perShare = new[]
        {
            ("eps", new LocalizedText("Net income per share", "1株当たり純利益"), Each(figures.At(first, "target.net"), figures.At(first, "target.shares")), Each(figures.Net(last), figures.At(first - 12, "shares"))),
            ("dividend", new("Dividend per share", "1株配当"), figures.At(first, "target.dividend"), figures.At(first - 12, "dividend")),
        };
        rows.AddRange(perShare.Select(each => new ReportRow(each.Item1, [ReportCell.Of(each.Item2), ReportCell.Of(each.Item3), ReportCell.Of(each.Item4), Growing(each.Item3, each.Item4), ReportCell.None, ReportCell.None, ReportCell.None])));
        return Sheet(frame, [
            new ReportTable("targets", ReportNames.Title(frame.Name), [
                new("item", Item, ReportValue.Text), new("target", Year("Target", "目標", first), ReportValue.Money), new("actual", Year("Actual", "実績", first - 12), ReportValue.Money), new("growth", Growth, ReportValue.Percent),
                new("share", Share, ReportValue.Percent), new("share.before", BeforeShare, ReportValue.Percent, IsMinor: true), new("date", new("So far", "累計"), ReportValue.Money),
            ], rows),
        ], new LocalizedText("The target is of the fiscal year of the last month; so far is from its beginning to that month.", "目標は終了月が属する会計年度、累計は期首から終了月までの実績です。"));
    }

    private static ReportSheet Investment(ReportFrame frame, StatementFigures figures, int yearBegins)
    {
        var quarters = FiscalQuarter.In(frame.Span, yearBegins);
        ReportRow Row(string key, LocalizedText name, Func<MonthSpan, long?> figure, bool isSum = false) =>
            new(key, [ReportCell.Of(name), .. quarters.Select(quarter => ReportCell.Of(figure(quarter.Span))), ReportCell.Of(figure(frame.Span)), ReportCell.Of(figure(frame.Span.Plus(-12)))], isSum);
        long? Line(MonthSpan span, string line) => figures.Ledger(span, null, line);
        return Sheet(frame, [
            new ReportTable("investment", ReportNames.Title(frame.Name), [
                new("item", Item, ReportValue.Text), .. quarters.Select(static quarter => new ReportColumn(quarter.Label, new(quarter.Label, quarter.Label), ReportValue.Money)), new("now", Now, ReportValue.Money), new("before", Before, ReportValue.Money, IsMinor: true),
            ],
            [
                Row("capital", GlLine.Find("invest.capital")!.Name, span => Line(span, "invest.capital")), Row("operating", OperatingWord, figures.Operating), Row("depreciation", GlLine.Find("invest.depreciation")!.Name, span => Line(span, "invest.depreciation")),
                Row("ebitda", new("Adjusted EBITDA", "調整後EBITDA"), span => figures.Operating(span) + Line(span, "invest.depreciation"), isSum: true),
            ]),
        ], new LocalizedText("Adjusted EBITDA is operating income and depreciation and amortisation.", "調整後EBITDAは営業利益に減価償却費を加えた金額です。"));
    }

    /// <param name="companies">Of each industry the companies that were imported, by rank.</param>
    /// <param name="revenue">Of each account in the span.</param>
    public static ReportSheet Penetration(ReportFrame frame, IReadOnlyList<MarketCompany> companies, IReadOnlyDictionary<string, long> revenue)
    {
        const int Majors = 10;
        bool Buys(MarketCompany company) => company.AccountId is { } id && revenue.GetValueOrDefault(id) > 0;
        ReportRow Row(string key, LocalizedText name, IReadOnlyList<MarketCompany> own, bool isSum = false) => new(key, [
            ReportCell.Of(name), ReportCell.Of(own.Count), ReportCell.Of(own.Count(Buys)), Percent(own.Count(Buys), own.Count), ReportCell.Of(own.Where(Buys).Select(static company => company.AccountId!).Distinct().Sum(id => revenue[id])),
        ], isSum);
        var industries = companies.GroupBy(static company => company.Industry).OrderBy(static group => group.Key, StringComparer.Ordinal)
            .Select(static group => (group.Key, Majors: (IReadOnlyList<MarketCompany>)[.. group.OrderBy(static company => company.Rank).Take(Majors)])).ToList();
        return Sheet(frame, industries.Count == 0 ? [] :
        [
            new ReportTable("industries", ReportNames.Title(frame.Name), [
                new("industry", new("Industry", "業種"), ReportValue.Text), new("companies", new("Major companies", "主要企業数"), ReportValue.Count), new("customers", new("of them customers", "うち顧客"), ReportValue.Count),
                new("share", new("Penetration", "浸透率"), ReportValue.Percent), new("revenue", RevenueWord, ReportValue.Money),
            ],
            [.. industries.Select(each => Row(each.Key, new(each.Key, each.Key), each.Majors)), Row("total", new("All", "合計"), [.. industries.SelectMany(static each => each.Majors)], isSum: true)]),
        ], new LocalizedText($"The {Majors} largest companies of each industry by annual consolidated revenue, as the market was imported; a customer is one whose account has revenue in these months.", $"各業種の連結売上上位{Majors}社(取り込んだ市場データ)のうち、期間内に売上のある請求先の割合です。"));
    }

    public static int FirstOfYear(int month, int yearBegins) => month - ((((month - (yearBegins - 1)) % 12) + 12) % 12);

    private static long? ToDate(string key, StatementFigures figures, MonthSpan span, int first) => new MonthSpan(first, span.Last) is var soFar && key switch
    {
        "revenue" => figures.Revenue(soFar),
        "operating" => figures.Operating(soFar),
        "pretax" => figures.Pretax(soFar),
        _ => figures.Net(soFar),
    } is { } figure ? figure : null;

    private static ReportSheet Sheet(ReportFrame frame, IReadOnlyList<ReportTable> tables, params LocalizedText[] definitions) =>
        new(frame.Name, ReportNames.Title(frame.Name), frame.Currency, frame.Span, ReportBasis.Booked, [What, Once, .. definitions], [], null, null, tables, frame.Others);

    private static ReportColumn[] Columns() => [new("item", Item, ReportValue.Text), new("now", Now, ReportValue.Money), new("before", Before, ReportValue.Money), new("growth", Growth, ReportValue.Percent)];

    private static ReportRow Compared(string key, LocalizedText name, long? now, long? before, bool isSum = false, IReadOnlyList<ReportCell>? more = null) =>
        new(key, [ReportCell.Of(name), ReportCell.Of(now), ReportCell.Of(before), Growing(now, before), .. more ?? []], isSum);

    // Growth from a loss, or from nothing, is none.
    private static ReportCell Growing(long? now, long? before) => ReportCell.Of(now is { } a && before is > 0 and { } b ? Shares.Percent((decimal)a - b, b) : null);

    private static ReportCell Percent(long? part, long? whole) => ReportCell.Of(part is { } a && whole is { } b ? Shares.Percent(a, b) : null);

    private static decimal? Ratio(long? part, long? whole) => part is { } a && whole is > 0 and { } b ? 100m * a / b : null;

    private static decimal? Rounded(decimal? ratio) => ratio is { } exact ? decimal.Round(exact, 1, MidpointRounding.AwayFromZero) : null;

    private static long? Each(long? whole, long? parts) => whole is { } a && parts is > 0 and { } b ? (long)decimal.Round((decimal)a / b, MidpointRounding.AwayFromZero) : null;

    private static LocalizedText Of(LocalizedText group, LocalizedText what) => new($"{group.En}: {what.En}", $"{group.Ja}: {what.Ja}");

    private static LocalizedText Ends(int month) => new("End of " + MonthSpan.Text(month), MonthSpan.Text(month) + " 末");

    private static LocalizedText Year(string english, string japanese, int first) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{english} FY{first / 12}"), string.Create(CultureInfo.InvariantCulture, $"{first / 12}年度{japanese}"));
}
