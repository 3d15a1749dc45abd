using Tsunagi.Core.Modules;

namespace Tsunagi.BackOffice.Reports;

/// <summary>What is said of reports on page and paper alike.</summary>
internal static class ReportWords
{
    public static readonly LocalizedText Reports = new("Reports", "レポート");
    public static readonly LocalizedText NotYours = new("There is no such report, or it is not yours to see", "該当するレポートがないか、閲覧権限がありません");

    /// <summary>Whether a report agrees with the ledger, and if it does not, why.</summary>
    public static LocalizedText Tie(ReportTie tie, string basis, Func<long, string> money) => (tie.DifferenceMinor, basis) switch
    {
        (0, _) => new(
            $"The sum of this report, {money(tie.ReportMinor)}, is what the ledger's revenue accounts have for these months.", $"本表の合計 {money(tie.ReportMinor)} は、同期間の帳簿の売上勘定と一致します。"),
        (_, ReportBasis.Service) => new(
            $"This report comes to {money(tie.ReportMinor)}, the ledger's revenue accounts to {money(tie.LedgerMinor)}: the difference of {money(tie.DifferenceMinor)} was invoiced in other months than it pays for.",
            $"本表の合計 {money(tie.ReportMinor)} と帳簿の売上勘定 {money(tie.LedgerMinor)} の差額 {money(tie.DifferenceMinor)} は、対象月と異なる月に請求したものです。"),
        _ => new(
            $"This report comes to {money(tie.ReportMinor)}, the ledger's revenue accounts to {money(tie.LedgerMinor)}: they differ by {money(tie.DifferenceMinor)}, which they should not.",
            $"本表の合計 {money(tie.ReportMinor)} と帳簿の売上勘定 {money(tie.LedgerMinor)} に差額 {money(tie.DifferenceMinor)} があります(本来は一致します)。"),
    };
}
