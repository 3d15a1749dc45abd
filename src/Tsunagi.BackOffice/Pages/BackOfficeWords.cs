using System.Globalization;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Runs;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;

namespace Tsunagi.BackOffice.Pages;

/// <summary>How the pages say what the back office holds.</summary>
internal static class BackOfficeWords
{
    public static readonly LocalizedText Invoices = new("Invoices", "請求書");
    public static readonly LocalizedText Accounts = new("Billing accounts", "請求先");
    public static readonly LocalizedText BackOffice = new("Back office", "バックオフィス");
    public static readonly LocalizedText NoSuchInvoice = new("There is no such invoice, or it is not yours to see", "該当する請求書がないか、閲覧権限がありません");
    public static readonly LocalizedText NoSuchAccount = new("There is no such billing account, or it is not yours to see", "該当する請求先がないか、閲覧権限がありません");
    public static readonly LocalizedText Dunning = new("Dunning", "督促");
    public static readonly LocalizedText DunningIsOurs = new("There is no such stage, or dunning is not yours to see", "該当する段階がないか、閲覧権限がありません");
    public static readonly LocalizedText NoSuchLetter = new("There is no such letter, or it is not yours to see", "該当する通知がないか、閲覧権限がありません");
    public static readonly LocalizedText NoSuchRun = new("There is no such run", "該当する請求処理がありません");

    public static Status StateOf(InvoiceRow row, DateOnly today, ConsoleView view) => row switch
    {
        { Kind: InvoiceKind.Credit, OpenMinor: <= 0 } => new(Tone.Neutral, view[new("Used", "充当済")]),
        { Kind: InvoiceKind.Credit } => new(Tone.Info, view[new("Credit", "返還")]),
        { OpenMinor: <= 0 } => new(Tone.Good, view[new("Paid", "入金済")]),
        { DueDate: { } due } when string.CompareOrdinal(due, InvoiceBook.Text(today)) < 0 => new(Tone.Bad, view[new("Overdue", "期限超過")]),
        { SettledMinor: > 0 } => new(Tone.Waiting, view[new("Partly paid", "一部入金")]),
        _ => new(Tone.Waiting, view[new("Open", "未入金")]),
    };

    public static LocalizedText DayName(DayOfWeek day) => day switch
    {
        DayOfWeek.Monday => new("Monday", "月曜"),
        DayOfWeek.Tuesday => new("Tuesday", "火曜"),
        DayOfWeek.Wednesday => new("Wednesday", "水曜"),
        DayOfWeek.Thursday => new("Thursday", "木曜"),
        DayOfWeek.Friday => new("Friday", "金曜"),
        DayOfWeek.Saturday => new("Saturday", "土曜"),
        _ => new("Sunday", "日曜"),
    };

    public static Status StateOf(RunRow run, ConsoleView view) => run.State switch
    {
        RunState.Computing => new(Tone.Waiting, view[new("Computing", "計算中")]),
        RunState.Ready => new(Tone.Warning, view[new("Waits for release", "承認待ち")]),
        RunState.Issuing => new(Tone.Waiting, view[new("Issuing", "発行中")]),
        RunState.Issued => new(Tone.Good, view[new("Issued", "発行済")]),
        _ => new(Tone.Neutral, view[new("Discarded", "破棄")]),
    };

    public static Status DraftOf(string state, ConsoleView view) => state switch
    {
        DraftState.Ready => new(Tone.Info, view[new("To be issued", "発行対象")]),
        DraftState.Empty => new(Tone.Neutral, view[new("Nothing to bill", "請求なし")]),
        DraftState.Billed => new(Tone.Neutral, view[new("Billed already", "請求済")]),
        DraftState.Carried => new(Tone.Waiting, view[new("Carried to the next bill", "次回へ繰越")]),
        DraftState.Failed => new(Tone.Bad, view[new("Cannot be made", "作成不可")]),
        DraftState.Stale => new(Tone.Warning, view[new("Left out: changed meanwhile", "対象外(変更あり)")]),
        _ => new(Tone.Good, view[new("Issued", "発行済")]),
    };

    public static LocalizedText Kind(string kind) => kind switch
    {
        InvoiceKind.Credit => new("Credit note", "返還請求書"),
        InvoiceKind.Opening => new("Taken over", "引継"),
        _ => new("Invoice", "請求書"),
    };

    public static LocalizedText Kind(BillLineKind kind) => kind switch
    {
        BillLineKind.Correction => new("Correction", "訂正"),
        BillLineKind.Adjustment => new("Adjustment", "調整"),
        _ => new("Charge", "料金"),
    };

    public static string Tax(TaxCategory category, decimal rate, ConsoleView view) => category switch
    {
        TaxCategory.Standard => rate.ToString("0.##", CultureInfo.InvariantCulture) + "%",
        TaxCategory.Reduced => view.Say(new("{0}% (reduced)", "{0}%(軽減)"), rate.ToString("0.##", CultureInfo.InvariantCulture)),
        TaxCategory.ZeroRated => view[new("zero-rated", "免税")],
        TaxCategory.Exempt => view[new("exempt", "非課税")],
        TaxCategory.ReverseCharge => view[new("reverse charge", "リバースチャージ")],
        _ => view[new("outside", "不課税")],
    };

    public static LocalizedText Bucket(long bucket) => bucket switch
    {
        0 => new("Not due yet", "期限前"),
        1 => new("1–30 days overdue", "1–30日超過"),
        2 => new("31–60 days overdue", "31–60日超過"),
        3 => new("61–90 days overdue", "61–90日超過"),
        _ => new("More than 90 days overdue", "90日超過"),
    };

    public static string Terms(string terms, ConsoleView view)
    {
        var count = terms[(terms.IndexOf(':', StringComparison.Ordinal) + 1)..];
        return terms.StartsWith("eom", StringComparison.Ordinal)
            ? count switch { "0" => view[new("end of the month", "当月末払い")], "1" => view[new("end of the next month", "翌月末払い")], _ => view.Say(new("end of the {0}th month after", "{0}か月後の月末払い"), count) }
            : view.Say(new("{0} days", "{0}日以内"), count);
    }
}
