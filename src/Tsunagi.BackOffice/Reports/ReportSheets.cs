using System.Globalization;
using Tsunagi.BackOffice.Pages;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Modules;

namespace Tsunagi.BackOffice.Reports;

/// <summary>From reports to sheets: tables, the picture, and what is counted in words. Pure.</summary>
internal static class ReportSheets
{
    private static readonly LocalizedText Total = new("Total", "合計");
    private static readonly LocalizedText Uncategorised = new("In no category", "区分なし");
    private static readonly LocalizedText Customer = new("Customer", "顧客");
    private static readonly LocalizedText RevenueWord = new("Revenue", "売上");
    private static readonly LocalizedText Customers = new("Customers", "顧客数");

    private static readonly LocalizedText What = new(
        "Revenue is what issued invoices ask without tax, less what credit notes gave back. Invoices taken over from the system before are no revenue here.",
        "売上は発行済み請求書の税抜金額から返還請求書の金額を差し引いたものです。旧システムから引き継いだ請求書は含みません。");

    private static readonly LocalizedText WhoIsCustomer = new("A customer is a billing account.", "顧客は請求先単位で数えます。");

    public static ReportSheet Revenue(ReportFrame frame, RevenueReport report, ReportTie tie, IReadOnlyDictionary<string, long>? ledger)
    {
        var columns = new List<ReportColumn> { new("category", new("Category", "区分"), ReportValue.Text) };
        foreach (var quarter in report.Quarters)
        {
            var months = quarter.IsWhole ? quarter.Label : $"{quarter.Label} ({quarter.Span.From}–{quarter.Span.To[5..]})";
            columns.Add(new(quarter.Label, new(months, months), ReportValue.Money));
            columns.Add(new(quarter.Label + ".growth", new("on the year", "前年比"), ReportValue.Percent, IsMinor: true));
        }

        columns.AddRange([new("whole", Total, ReportValue.Money), new("before", new("a year before", "前年同期"), ReportValue.Money, IsMinor: true), new("growth", new("on the year", "前年比"), ReportValue.Percent)]);
        if (ledger is not null)
        {
            columns.Add(new("ledger", new("Ledger", "帳簿"), ReportValue.Money, IsMinor: true));
        }

        ReportRow Row(string key, LocalizedText name, RevenueLine line, Func<LineQuestion, LineQuestion> which, long? booked, bool isSum = false)
        {
            var cells = new List<ReportCell> { ReportCell.Of(name) };
            foreach (var (quarter, figure) in report.Quarters.Zip(line.Figures))
            {
                cells.Add(ReportCell.Of(figure.AmountMinor, which(frame.Lines(quarter.Span))));
                cells.Add(ReportCell.Of(figure.GrowthPercent));
            }

            cells.AddRange([ReportCell.Of(line.Whole.AmountMinor, which(frame.Lines())), ReportCell.Of(line.Whole.BeforeMinor, which(frame.Lines(frame.Span.Plus(-12)))), ReportCell.Of(line.Whole.GrowthPercent)]);
            if (ledger is not null)
            {
                cells.Add(ReportCell.Of(booked));
            }

            return new ReportRow(key, cells, isSum);
        }

        var rows = report.Lines.Select(line =>
        {
            var word = line.Category?.Word() ?? LineQuestion.NoCategory;
            return Row(word, NameOf(line.Category), line, question => question with { Category = word }, ledger?.GetValueOrDefault(word));
        }).ToList();
        rows.Add(Row("recurring", new("Recurring", "継続売上"), report.Recurring, static question => question with { Nature = "recurring" }, null, isSum: true));
        rows.Add(Row("once", new("One-time", "一時売上"), report.Once, static question => question with { Nature = "once" }, null, isSum: true));
        rows.Add(Row("total", Total, report.Total, static question => question, ledger?.Values.Sum(), isSum: true));
        List<LocalizedText> notes = report.GuessedMinor == 0 ? [] :
        [
            new(
                $"{Money(report.GuessedMinor, frame.Currency)} were invoiced before lines carried a category: they are counted in the category of their service, and as recurring.",
                $"{Money(report.GuessedMinor, frame.Currency)} は区分の記録開始前に請求したものです。サービスの区分により、継続売上として集計しています。"),
        ];
        return new ReportSheet(
            frame.Name, ReportNames.Title(frame.Name), frame.Currency, frame.Span, frame.Basis,
            [
                What, BasisOf(frame),
                new("A line is counted in the category its plan had when the invoice was issued.", "区分は請求書発行時のプランの区分によります。"),
                new("One-time are one-time prices, everything in system construction, and amounts put on a bill by hand; all else is recurring.", "一時売上は初期費用などの一回限りの料金、システム構築の全額、手作業による調整額です。それ以外は継続売上です。"),
                new("A quarter is of the fiscal year; growth is on the same months a year before, and is left out where there was no revenue then.", "四半期は会計年度によります。前年比は前年の同じ月との比較で、前年の売上がない場合は表示しません。"),
            ],
            notes, tie,
            new ReportChart(
                ReportChartKind.Bars, new("Revenue by quarter", "四半期売上"), [.. report.Quarters.Select(static quarter => new LocalizedText(quarter.Label, quarter.Label))],
                [.. report.Lines.Select(line => (NameOf(line.Category), (IReadOnlyList<decimal>)[.. line.Figures.Select(static figure => (decimal)figure.AmountMinor)]))], ReportValue.Money),
            [new ReportTable("revenue", ReportNames.Title(frame.Name), columns, rows)], frame.Others);
    }

    public static ReportSheet Concentration(ReportFrame frame, ConcentrationReport report, ReportTie tie, int most)
    {
        var points = new ReportTable(
            "curve", new("Share of the largest", "上位顧客の割合"),
            [
                new("first", new("Largest customers", "上位"), ReportValue.Text), new("customers", Customers, ReportValue.Count), new("revenue", RevenueWord, ReportValue.Money),
                new("share", new("Share", "割合"), ReportValue.Percent),
            ],
            [.. report.Points.Select(static point => new ReportRow(point.Label, [ReportCell.Of(point.Label), ReportCell.Of(point.Customers), ReportCell.Of(point.SumMinor), ReportCell.Of(point.Percent)]))]);
        var list = new ReportTable(
            "customers", new("Largest customers", "上位顧客"),
            [
                new("rank", new("Rank", "順位"), ReportValue.Count), new("customer", Customer, ReportValue.Text), new("revenue", RevenueWord, ReportValue.Money), new("share", new("Share", "割合"), ReportValue.Percent),
                new("sum", new("With those before", "累計"), ReportValue.Percent),
            ],
            [.. report.Ranked.Take(most).Select(row => new ReportRow(
                row.Customer.AccountId,
                [
                    ReportCell.Of(row.Rank), ReportCell.Of(row.Customer.Name, row.Customer.AccountId), ReportCell.Of(row.Customer.AmountMinor, frame.Lines() with { Account = row.Customer.AccountId }),
                    ReportCell.Of(row.Percent), ReportCell.Of(row.SumPercent),
                ]))],
            More(report.Ranked.Count, most));
        return new ReportSheet(
            frame.Name, ReportNames.Title(frame.Name), frame.Currency, frame.Span, frame.Basis,
            [What, BasisOf(frame), WhoIsCustomer, new("Customers are in the order of their revenue; the curve says what share the largest so many bring.", "顧客を売上の多い順に並べ、上位の顧客が占める割合を示します。")],
            [], tie,
            new ReportChart(
                ReportChartKind.Curve, new("Share of revenue by the largest customers", "上位顧客の売上割合"), [new("0%", "0%"), new("50%", "50%"), new("100%", "100%")],
                [(new("Share of revenue", "売上割合"), Curve(report))], ReportValue.Percent),
            [points, list], frame.Others);
    }

    public static ReportSheet Distribution(ReportFrame frame, DistributionReport report, ReportTie tie)
    {
        var rows = report.Bands.Select((band, i) => new ReportRow(
            i.ToString(CultureInfo.InvariantCulture),
            [ReportCell.Of(BandName(band.FromMinor, band.BelowMinor, frame.Currency)), ReportCell.Of(band.Customers), ReportCell.Of(band.CustomersPercent), ReportCell.Of(band.AmountMinor), ReportCell.Of(band.AmountPercent)])).ToList();
        if (report.Without > 0)
        {
            rows.Add(new ReportRow("without", [ReportCell.Of(new LocalizedText("Nothing left", "売上なし")), ReportCell.Of(report.Without), ReportCell.None, ReportCell.Of(report.WithoutMinor), ReportCell.None]));
        }

        rows.Add(new ReportRow("total", [ReportCell.Of(Total), ReportCell.Of(report.Customers + report.Without), ReportCell.None, ReportCell.Of(report.TotalMinor, frame.Lines()), ReportCell.None], IsSum: true));
        return new ReportSheet(
            frame.Name, ReportNames.Title(frame.Name), frame.Currency, frame.Span, frame.Basis,
            [
                What, BasisOf(frame), WhoIsCustomer,
                new("Yearly revenue is that of the twelve months shown; a customer of exactly a bound is in the band above it. Shares are of the customers who have revenue.", "年間売上は表示の12か月間の合計です。境界ちょうどの顧客は上の区分に含めます。割合は売上のある顧客に対するものです。"),
            ],
            [], tie,
            new ReportChart(
                ReportChartKind.Bars, new("Customers by yearly revenue", "年間売上別の顧客数"), [.. report.Bands.Select(band => ShortBand(band.FromMinor, band.BelowMinor, frame.Currency))],
                [(Customers, [.. report.Bands.Select(static band => (decimal)band.Customers)])], ReportValue.Count),
            [
                new ReportTable(
                    "bands", new("By yearly revenue", "年間売上別"),
                    [
                        new("band", new("Yearly revenue", "年間売上"), ReportValue.Text), new("customers", Customers, ReportValue.Count), new("customersShare", new("of customers", "顧客割合"), ReportValue.Percent),
                        new("revenue", RevenueWord, ReportValue.Money), new("revenueShare", new("of revenue", "売上割合"), ReportValue.Percent),
                    ],
                    rows),
            ],
            frame.Others);
    }

    public static ReportSheet Attach(ReportFrame frame, AttachReport report, IReadOnlyList<long> bounds, SpecificationCatalogue specifications, int most)
    {
        LocalizedText Service(string id) => specifications.Find(id)?.Name ?? new(id, id);
        var holders = new ReportTable(
            "services", new("Services", "サービス"),
            [new("service", new("Service", "サービス"), ReportValue.Text), new("customers", Customers, ReportValue.Count), new("rate", new("of customers", "導入率"), ReportValue.Percent)],
            [.. report.Services.Select(row => new ReportRow(row.Service, [ReportCell.Of(Service(row.Service)), ReportCell.Of(row.Customers, frame.Lines() with { Service = row.Service, Basis = ReportBasis.Service }), ReportCell.Of(row.Percent)]))]);
        var number = new ReportTable(
            "perCustomer", new("Services per customer", "顧客あたりのサービス数"),
            [new("services", new("Services", "サービス数"), ReportValue.Count), new("customers", Customers, ReportValue.Count), new("share", new("of customers", "割合"), ReportValue.Percent)],
            [.. report.PerCustomer.Select(row => new ReportRow(row.Services.ToString(CultureInfo.InvariantCulture), [ReportCell.Of(row.Services), ReportCell.Of(row.Customers), ReportCell.Of(Shares.Percent(row.Customers, report.Customers))]))]);
        var matrix = new ReportTable(
            "pairs", new("Of those who have …, so many have …", "併用率(左のサービスの利用者のうち)"),
            [new("service", new("Have", "利用中"), ReportValue.Text), .. report.Services.Select(column => new ReportColumn(column.Service, Service(column.Service), ReportValue.Percent))],
            [.. report.Services.Select(row => new ReportRow(
                row.Service,
                [
                    ReportCell.Of(Service(row.Service)),
                    .. report.Services.Select(column => column.Service == row.Service ? ReportCell.None : ReportCell.Of(report.Pairs.First(pair => pair.First == row.Service && pair.Second == column.Service).Percent)),
                ]))]);
        var gaps = new ReportTable(
            "gaps", new("Who lacks what most of their like have", "同規模の顧客の過半が利用し、未導入のサービス"),
            [
                new("customer", Customer, ReportValue.Text), new("service", new("Lacks", "未導入"), ReportValue.Text), new("like", new("of their like have it", "同規模の導入率"), ReportValue.Percent),
                new("median", new("those pay (median)", "同規模の売上中央値"), ReportValue.Money), new("band", new("Yearly revenue", "年間売上"), ReportValue.Text, IsMinor: true),
                new("revenue", new("Its revenue in a year", "当該顧客の年間売上"), ReportValue.Money, IsMinor: true),
            ],
            [.. report.Gaps.Take(most).Select(gap => new ReportRow(
                gap.Customer.AccountId + "/" + gap.Service,
                [
                    ReportCell.Of(gap.Customer.Name, gap.Customer.AccountId), ReportCell.Of(Service(gap.Service)), ReportCell.Of(gap.LikePercent), ReportCell.Of(gap.MedianMinor),
                    ReportCell.Of(BandName(gap.Band == 0 ? 0 : bounds[gap.Band - 1], gap.Band < bounds.Count ? bounds[gap.Band] : null, frame.Currency)),
                    ReportCell.Of(gap.Customer.AmountMinor, new LineQuestion(new MonthSpan(frame.Span.Last - 11, frame.Span.Last), frame.Basis, frame.Currency, Account: gap.Customer.AccountId)),
                ]))],
            More(report.Gaps.Count, most));
        return new ReportSheet(
            frame.Name, ReportNames.Title(frame.Name), frame.Currency, frame.Span, frame.Basis,
            [
                What, BasisOf(frame), WhoIsCustomer,
                new("A customer has a service when what it was billed for these months of it is above nothing, whenever that is earned. Amounts put on a bill by hand are no service.", "対象月のサービス提供分の請求額が正であるサービスを、収益化の時期によらず利用中とみなします。手作業による調整額は含みません。"),
                new(
                    $"Their like are the customers of the same band of revenue in the twelve months to the last one shown; bands with fewer than {AttachReport.FewestLike} customers say nothing.",
                    $"同規模とは、最終月までの12か月間の売上が同じ区分の顧客です。{AttachReport.FewestLike}社未満の区分は対象外です。"),
            ],
            [], null,
            new ReportChart(
                ReportChartKind.Bars, new("Customers by number of services", "サービス数別の顧客数"), [.. report.PerCustomer.Select(static row => Number(row.Services))],
                [(Customers, [.. report.PerCustomer.Select(static row => (decimal)row.Customers)])], ReportValue.Count),
            [holders, number, matrix, gaps], frame.Others);
    }

    public static ReportSheet Retention(ReportFrame frame, RetentionReport report)
    {
        var months = new ReportTable(
            "months", new("Customers by month", "月別の顧客数"),
            [
                new("month", new("Month", "月"), ReportValue.Text), new("before", new("Before", "前月"), ReportValue.Count), new("gained", new("Gained", "新規"), ReportValue.Count),
                new("returned", new("Returned", "復帰"), ReportValue.Count), new("lost", new("Lost", "解約"), ReportValue.Count), new("customers", Customers, ReportValue.Count),
                new("came", new("Revenue of those who came", "新規・復帰の売上"), ReportValue.Money, IsMinor: true), new("went", new("Revenue of those who went", "解約の前月売上"), ReportValue.Money, IsMinor: true),
            ],
            [.. report.Months.Select(row => new ReportRow(
                MonthSpan.Text(row.Month),
                [
                    ReportCell.Of(MonthSpan.Text(row.Month)), ReportCell.Of(row.Before), ReportCell.Of(row.Gained), ReportCell.Of(row.Returned), ReportCell.Of(row.Lost),
                    ReportCell.Of(row.Customers, frame.Lines(new MonthSpan(row.Month, row.Month)) with { Nature = "recurring" }), ReportCell.Of(row.CameMinor), ReportCell.Of(row.LostMinor),
                ]))]);
        var longest = Math.Min(report.Cohorts.Select(static cohort => cohort.Months.Count).DefaultIfEmpty(0).Max(), 13);
        var cohorts = new ReportTable(
            "cohorts", new("Revenue kept, by the month customers came in", "加入月別の売上維持率"),
            [
                new("month", new("Came in", "加入月"), ReportValue.Text), new("customers", Customers, ReportValue.Count), new("second", new("Second month", "2か月目の売上"), ReportValue.Money),
                .. Enumerable.Range(1, Math.Max(longest - 1, 0)).Select(static after => new ReportColumn(
                    after.ToString(CultureInfo.InvariantCulture), new($"after {after}", $"{after}か月後"), ReportValue.Percent, IsMinor: after is not (1 or 3 or 6 or 12))),
            ],
            [.. report.Cohorts.Select(cohort => new ReportRow(
                MonthSpan.Text(cohort.Month),
                [
                    ReportCell.Of(MonthSpan.Text(cohort.Month)), ReportCell.Of(cohort.Customers), ReportCell.Of(cohort.WholeMinor),
                    .. Enumerable.Range(1, Math.Max(longest - 1, 0)).Select(after => after < cohort.Months.Count ? ReportCell.Of(cohort.Months[after].Percent) : ReportCell.None),
                ]))]);
        var kept = new ReportTable(
            "kept", new("Kept over twelve months", "12か月の維持率"),
            [new("what", new("Of the recurring revenue of twelve months before", "12か月前の継続売上に対して"), ReportValue.Text), new("share", new("Kept", "維持率"), ReportValue.Percent)],
            [
                new ReportRow("net", [ReportCell.Of(new LocalizedText("with what the same customers buy more or less", "同一顧客の増減を含む")), ReportCell.Of(report.KeptPercent)]),
                new ReportRow("gross", [ReportCell.Of(new LocalizedText("without growth: each with no more than it paid then", "増加分を除く")), ReportCell.Of(report.KeptWithoutGrowthPercent)]),
            ]);
        return new ReportSheet(
            frame.Name, ReportNames.Title(frame.Name), frame.Currency, frame.Span, ReportBasis.Service,
            [
                What, BasisOf(frame), WhoIsCustomer,
                new("A customer is there in a month for which it was charged recurring services. Who was there in the first month of these books was there before.", "継続サービスの料金が発生した月に在籍とみなします。帳簿の最初の月の顧客は以前からの顧客とします。"),
                new("What is kept of those who came together is measured from their second month, since the first is often a part of one.", "加入月は日割りのことがあるため、維持率は2か月目の売上を基準とします。"),
                new("Months that are not billed yet are not shown.", "請求前の月は表示しません。"),
            ],
            [], null,
            new ReportChart(
                ReportChartKind.Bars, new("Customers by month", "月別の顧客数"), [.. report.Months.Select(static row => new LocalizedText(MonthSpan.Text(row.Month)[2..], MonthSpan.Text(row.Month)[2..]))],
                [(Customers, [.. report.Months.Select(static row => (decimal)row.Customers)])], ReportValue.Count),
            [kept, months, cohorts], frame.Others);
    }

    public static ReportSheet Aging(ReportFrame frame, IReadOnlyList<OpenRow> rows, IReadOnlyDictionary<string, string> names, int most)
    {
        var buckets = Enumerable.Range(0, 5).Select(bucket => (Bucket: bucket, Items: rows.Where(row => row.Bucket == bucket).Sum(static row => row.Items), Open: rows.Where(row => row.Bucket == bucket).Sum(static row => row.OpenMinor))).ToList();
        var customers = rows.GroupBy(static row => row.AccountId, StringComparer.Ordinal)
            .Select(static own => (Account: own.Key, Buckets: own.ToDictionary(static row => row.Bucket, static row => row.OpenMinor), Late: own.Where(static row => row.Bucket > 0).Sum(static row => row.OpenMinor), All: own.Sum(static row => row.OpenMinor)))
            .OrderByDescending(static own => own.Late).ThenByDescending(static own => own.All).ThenBy(static own => own.Account, StringComparer.Ordinal).ToList();
        var table = new ReportTable(
            "ages", new("By age", "経過別"),
            [new("age", new("Age", "経過"), ReportValue.Text), new("invoices", new("Invoices", "請求書"), ReportValue.Count), new("open", new("Open", "残高"), ReportValue.Money)],
            [
                .. buckets.Select(static row => new ReportRow(row.Bucket.ToString(CultureInfo.InvariantCulture), [ReportCell.Of(BackOfficeWords.Bucket(row.Bucket)), ReportCell.Of(row.Items), ReportCell.Of(row.Open)])),
                new ReportRow("total", [ReportCell.Of(Total), ReportCell.Of(buckets.Sum(static row => row.Items)), ReportCell.Of(buckets.Sum(static row => row.Open))], IsSum: true),
            ]);
        var list = new ReportTable(
            "customers", new("Customers, the most overdue first", "顧客別(超過額の多い順)"),
            [
                new("customer", Customer, ReportValue.Text), new("open", new("Open", "残高"), ReportValue.Money), new("late", new("Overdue", "期限超過"), ReportValue.Money),
                .. Enumerable.Range(1, 4).Select(static bucket => new ReportColumn("b" + bucket.ToString(CultureInfo.InvariantCulture), BackOfficeWords.Bucket(bucket), ReportValue.Money, IsMinor: true)),
            ],
            [.. customers.Take(most).Select(own => new ReportRow(
                own.Account,
                [
                    ReportCell.Of(names.GetValueOrDefault(own.Account, own.Account), own.Account), ReportCell.Of(own.All), ReportCell.Of(own.Late),
                    .. Enumerable.Range(1, 4).Select(bucket => ReportCell.Of(own.Buckets.TryGetValue(bucket, out var open) ? open : 0)),
                ]))],
            More(customers.Count, most));
        return new ReportSheet(
            frame.Name, ReportNames.Title(frame.Name), frame.Currency, null, null,
            [
                new("What is open today of invoices with tax, those taken over from the system before included, less payments and credits set against them.", "本日時点の請求書の税込残高です(旧システムからの引継分を含み、入金・返還の充当後)。"), WhoIsCustomer,
            ],
            [], null,
            new ReportChart(
                ReportChartKind.Bars, new("Open by days overdue", "超過日数別残高"), [new("not due", "期限前"), new("1–30", "1–30"), new("31–60", "31–60"), new("61–90", "61–90"), new("> 90", "> 90")],
                [(new("Open", "残高"), [.. buckets.Select(static row => (decimal)row.Open)])], ReportValue.Money),
            [table, list], frame.Others);
    }

    public static string Money(long minor, string currency) => Ui.Format.Formats.Money(minor, currency, "en");

    private static LocalizedText NameOf(OfferingCategory? category) => category?.Name() ?? Uncategorised;

    private static LocalizedText BasisOf(ReportFrame frame) => frame.Basis == ReportBasis.Booked
        ? new("A line is counted in the month of its invoice's date; what it asks in advance in the months in which it is earned, once they are closed. The ledger has the same.", "請求書の発行月に計上します。前受分は収益化した月(月次締め後)に計上します(帳簿と同じ)。")
        : new("A line is counted in the month it pays for, whenever it was invoiced.", "請求時期にかかわらず、サービスの対象月に計上します。");

    private static LocalizedText BandName(long from, long? below, string currency) => below is { } bound
        ? from == 0 ? new($"below {Money(bound, currency)}", $"{Money(bound, currency)} 未満") : new($"{Money(from, currency)} – {Money(bound, currency)}", $"{Money(from, currency)} – {Money(bound, currency)}")
        : new($"{Money(from, currency)} and more", $"{Money(from, currency)} 以上");

    // Below a bar there is room for little.
    private static LocalizedText ShortBand(long from, long? below, string currency)
    {
        double Units(long minor) => (double)minor / Core.Rating.Currency.Find(currency)!.MinorPerUnit;
        string Say(string locale) => (from, below) switch
        {
            (0, { } bound) => "< " + Ui.Format.Formats.Compact(Units(bound), locale),
            (_, { } bound) => $"{Ui.Format.Formats.Compact(Units(from), locale)}–{Ui.Format.Formats.Compact(Units(bound), locale)}",
            _ => "≥ " + Ui.Format.Formats.Compact(Units(from), locale),
        };
        return new(Say("en"), Say("ja"));
    }

    private static LocalizedText? More(int count, int most) => count <= most ? null : new(
        string.Create(CultureInfo.InvariantCulture, $"{count - most:#,0} more are in the CSV."), string.Create(CultureInfo.InvariantCulture, $"ほか {count - most:#,0} 件はCSVに出力されます。"));

    private static LocalizedText Number(int number) => new(number.ToString(CultureInfo.InvariantCulture), number.ToString(CultureInfo.InvariantCulture));

    // A hundred and one points are enough for a picture.
    private static IReadOnlyList<decimal> Curve(ConcentrationReport report) => report.Ranked.Count == 0
        ? []
        : [0m, .. Enumerable.Range(1, 100).Select(part => report.Ranked[(((report.Ranked.Count * part) + 99) / 100) - 1].SumPercent ?? 0m)];
}
