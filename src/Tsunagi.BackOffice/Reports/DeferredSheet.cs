using System.Globalization;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Modules;

namespace Tsunagi.BackOffice.Reports;

/// <summary>The sheet of deferred revenue: balances with their movements, and the months in which what is left is earned. Pure.</summary>
internal static class DeferredSheet
{
    private static readonly LocalizedText Total = new("Total", "合計");

    public static ReportSheet Make(ReportFrame frame, DeferredReport report)
    {
        static LocalizedText NameOf(OfferingCategory? category) => category?.Name() ?? new("In no category", "区分なし");
        static string KeyOf(OfferingCategory? category) => category?.Word() ?? LineQuestion.NoCategory;
        ReportTable Table(string key, LocalizedText title, IReadOnlyList<ReportColumn> columns, Func<DeferredLine, IReadOnlyList<long>> of)
        {
            var figures = report.Lines.Select(line => (line.Category, Figures: of(line))).ToList();
            var rows = figures.Select(line => new ReportRow(KeyOf(line.Category), [ReportCell.Of(NameOf(line.Category)), .. line.Figures.Select(static figure => ReportCell.Of(figure))])).ToList();
            rows.Add(new ReportRow("total", [ReportCell.Of(Total), .. Enumerable.Range(0, columns.Count).Select(i => ReportCell.Of(figures.Sum(line => line.Figures[i])))], IsSum: true));
            return new ReportTable(key, title, [new("category", new("Category", "区分"), ReportValue.Text), .. columns], rows);
        }

        var balance = Table(
            "balance", new("Balance and movement", "残高と増減"),
            [
                new("before", new($"Before {frame.Span.From}", $"{frame.Span.From} 期首"), ReportValue.Money), new("billed", new("Billed in advance", "前受請求"), ReportValue.Money),
                new("taken", new("Taken back", "訂正・返還"), ReportValue.Money), new("earned", new("Earned", "収益化"), ReportValue.Money), new("balance", new($"End of {frame.Span.To}", $"{frame.Span.To} 期末"), ReportValue.Money),
                new("ledger", new("Ledger", "帳簿"), ReportValue.Money, IsMinor: true),
            ],
            static line => [line.BeforeMinor, line.BilledMinor, line.TakenMinor, line.EarnedMinor, line.BalanceMinor, line.LedgerMinor]);
        var schedule = Table(
            "schedule", new("Earned in", "収益化予定"),
            [
                new("waits", new("earned, not closed", "未締め"), ReportValue.Money), new("runs", new("in months not over", "未了の月"), ReportValue.Money), .. report.Months.Select(static month => new ReportColumn(MonthSpan.Text(month), new(MonthSpan.Text(month), MonthSpan.Text(month)), ReportValue.Money)),
                new("later", new("later", "以降"), ReportValue.Money),
            ],
            static line => [line.WaitsMinor, line.RunsMinor, .. line.Schedule, line.LaterMinor]);
        var waits = report.Lines.Sum(static line => line.WaitsMinor);
        var over = MonthSpan.Text(Math.Min(frame.Span.Last, MonthSpan.Of(frame.Today) - 1));
        return new ReportSheet(
            frame.Name, ReportNames.Title(frame.Name), frame.Currency, frame.Span, frame.Basis,
            [
                new("Deferred is what invoices asked, without tax, for days after their own date: it becomes revenue day by day, when its month is closed.", "前受収益は、請求日より後の期間に対する税抜請求額です。日割りで、月次締めにより売上となります。"),
                new("What corrections and credit notes take back is taken first from what is not earned yet.", "訂正・返還は、まず未収益分から差し引きます。"),
                new("What is billed when its month is over is revenue on the invoice's date and is never deferred.", "後払い分は請求日に売上となり、前受収益には含みません。"),
            ],
            waits == 0 ? [] :
            [
                new(
                    string.Create(CultureInfo.InvariantCulture, $"{ReportSheets.Money(waits, frame.Currency)} are earned by the end of {over} and not revenue yet: close the months."),
                    string.Create(CultureInfo.InvariantCulture, $"{over} までの収益化分 {ReportSheets.Money(waits, frame.Currency)} が未計上です。月次締めを行ってください。")),
            ],
            null,
            new ReportChart(
                ReportChartKind.Bars, new("Earned by month", "月別の収益化予定"), [.. report.Months.Select(static month => new LocalizedText(MonthSpan.Text(month)[5..], MonthSpan.Text(month)[5..]))],
                [.. report.Lines.Select(line => (NameOf(line.Category), (IReadOnlyList<decimal>)[.. line.Schedule.Select(static figure => (decimal)figure)]))], ReportValue.Money),
            [balance, schedule], frame.Others);
    }
}
