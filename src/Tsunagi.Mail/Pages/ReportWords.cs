using System.Globalization;
using Tsunagi.Core.Modules;
using Tsunagi.Mail.Reports;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;

namespace Tsunagi.Mail.Pages;

/// <summary>The words of the pages of reports.</summary>
internal static class ReportWords
{
    public static string HrefOf(string domain, int days = 30) => string.Create(CultureInfo.InvariantCulture, $"/console/mail/reports/{Uri.EscapeDataString(domain)}?days={days}");

    public static Status StateOf(ReportRow row, ConsoleView view) => row.State switch
    {
        ReportRow.Read => new(Tone.Good, view[new("Taken in", "登録済み")]),
        ReportRow.Refused => new(Tone.Warning, view[new("Refused", "拒否")]),
        _ => new(Tone.Waiting, view[new("Being taken in", "登録中")]),
    };

    public static Status AuthorOf(ReportRow row, ConsoleView view) => row.AuthorResult switch
    {
        "pass" => new(Tone.Good, view.Say(new("{0}, confirmed", "{0}(確認済み)"), row.Author)),
        ReportRow.Uploaded => new(Tone.Neutral, view.Say(new("Brought by {0}", "{0} が登録"), row.Author)),
        "fail" => new(Tone.Bad, view.Say(new("Not confirmed to be {0}", "{0} と確認できません"), row.Author)),
        _ => new(Tone.Neutral, row.Author.Length > 0 ? view.Say(new("{0}, unconfirmed", "{0}(未確認)"), row.Author) : view[new("Unknown", "不明")]),
    };

    public static string ShareOf(long part, long all) => all == 0 ? "–" : string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(1000.0 * part / all) / 10:0.0} %");

    public static Tone ToneOf(long part, long all) => all == 0 ? Tone.Neutral : part >= all * ReportAdvice.Enough ? Tone.Good : part >= all * 0.9 ? Tone.Warning : Tone.Bad;

    public static LocalizedText PolicyName(string policy) => policy switch
    {
        "none" => new("none: nothing is asked", "none(指定なし)"),
        "quarantine" => new("quarantine", "quarantine(隔離)"),
        "reject" => new("reject", "reject(拒否)"),
        _ => new("not said", "記載なし"),
    };
}
