using System.Globalization;
using Tsunagi.Ddos.Mitigate;

namespace Tsunagi.Ddos.DryRun;

/// <summary>What a report comes to, in words. It advises: who decides is a person.</summary>
internal static class DryRunVerdict
{
    public const string TooLittle = "too-little-data";
    public const string TakesOwn = "takes-own-traffic";
    public const string OverBudget = "over-budget";
    public const string Waits = "waits-for-people";
    public const string Spares = "spares-own-traffic";
    public const string Nothing = "nothing-would-happen";

    public static DryRunWords Of(DryRunCover cover, int days, DryRunTotals totals, long recorded, long summed, string mode, bool isWhole, DdosOptions options)
    {
        if (!isWhole)
        {
            return new(TooLittle, Say($"Too little is known: not all was read in the time there is (ddos.dryRun.longest), {cover.Percent:0.#} % of the minutes asked about ({days} d). Nothing follows from it yet."),
                Say($"判断に足りるデータがありません。制限時間(ddos.dryRun.longest)内にすべてを読み取れませんでした({days}日間の{cover.Percent:0.#}%)。"));
        }

        var least = options.DryRun.LeastCoverPercent;
        if (cover.Percent < least || days < options.DryRun.LeastDays)
        {
            return new(TooLittle, Say($"Too little is known: {cover.Percent:0.#} % of the minutes asked about ({days} d), where {least} % of {options.DryRun.LeastDays} d are needed. Nothing follows from it yet."),
                Say($"判断に足りるデータがありません({days}日間の{cover.Percent:0.#}%。必要なのは{options.DryRun.LeastDays}日間の{least}%以上)。"));
        }

        var most = options.Mitigate.MostCollateralPermille / 10.0;
        var touched = Math.Max(totals.UsualTouchedPart, totals.WorstCollateral) * 100;
        var released = mode == ResponseMode.Ask ? ("once somebody released them", "担当者が解放した場合に") : ("by themselves", "自動的に");
        if (totals.RulesOut > 0 && touched > most)
        {
            return new(TakesOwn, Say($"Not yet: {totals.RulesOut} rules would have gone out {released.Item1} and matched up to {touched:0.##} % of the customer's own traffic; {most:0.##} % is allowed. Look at the incidents below."),
                Say($"時期尚早です。{totals.RulesOut}件のルールが{released.Item2}広告され、お客様自身の通信の最大{touched:0.##}%に一致します(許容は{most:0.##}%)。下記のインシデントを確認してください。"));
        }

        if (totals.MostRulesAtOnce > options.Mitigate.MaxPerSubscription)
        {
            return new(OverBudget, Say($"Rules would have run out: {totals.MostRulesAtOnce} at one time, and a subscription may have {options.Mitigate.MaxPerSubscription}. Some attacks would not have been stopped."),
                Say($"ルール数が上限を超えます(同時に最大{totals.MostRulesAtOnce}件、上限{options.Mitigate.MaxPerSubscription}件)。一部の攻撃は遮断できません。"));
        }

        if (totals.RulesOut > 0)
        {
            return new(Spares, Say($"It looks good: {totals.RulesOut} rules against {totals.Answered} of {totals.Opened} attacks would have gone out {released.Item1}, {totals.RulesLifted} of them lifted in that time, and matched {touched:0.##} % of the customer's own traffic."),
                Say($"良好です。攻撃{totals.Opened}件のうち{totals.Answered}件に対し{totals.RulesOut}件のルールが{released.Item2}広告され(期間内に解除{totals.RulesLifted}件)、お客様自身の通信への影響は{touched:0.##}%です。"));
        }

        if (totals.Opened > 0 || recorded > 0)
        {
            return new(Waits, Say($"{Math.Max(totals.Opened, recorded)} attacks would have been told, and no rule would have gone out {released.Item1}: for none was it known well enough what it would do, or there was none. People would be asked."),
                Say($"攻撃{Math.Max(totals.Opened, recorded)}件を通知しますが、{released.Item2}広告されるルールはありません(影響が十分に分からないか、ルール案なし)。担当者の判断になります。"));
        }

        return summed > 0
            ? new(Nothing, Say($"No attack in the records that are kept; {summed} times sums were high enough that there may have been one. No rule would have gone out."), Say($"保存されたフロー記録では攻撃はありません。合計値では{summed}件の疑いがあります。広告されるルールはありません。"))
            : new(Nothing, "Nothing would have happened: no attack, no rule, no traffic touched. Whether rules fit an attack on this customer is not known from this time.", "攻撃もルールの広告もなく、通信への影響もありません。攻撃時のルールの適否は、この期間からは分かりません。");
    }

    public static IReadOnlyList<DryRunWords> NotesOf(DryRunCover cover, bool isWhole, int unread, bool isCut, bool hasSums)
    {
        List<DryRunWords> notes =
        [
            new("own-node", "From what this node kept: other nodes that collect have their own.", "このノードが保存した記録のみが対象です(他の収集ノードの記録は含みません)。"),
            new("as-of-now", "Limits, detection and what is usual are as they stand now; then something else may have held.", "上限値、検知条件、平常値は現在の設定です(当時とは異なる場合があります)。"),
            new("not-kept", "Not in kept records: whether a flow may be forged, offsets of fragments (UDP without ports is taken for one) and some types of ICMP. Order is known to 100 ms.", "偽造の疑い、フラグメントの位置(ポートのないUDPをフラグメントとみなします)、一部のICMPタイプは記録に残りません。順序の精度は100ミリ秒です。"),
        ];
        if (hasSums)
        {
            notes.Add(new("sums-hide-peaks", "Where only sums are kept, what was shorter than a step cannot be seen, nor single addresses, nor rules: no finding there is not no attack.", "合計のみの期間では、間隔より短いピーク、個別アドレス、ルールは分かりません。検出がなくても攻撃がなかったとは言えません。"));
        }

        if (cover.GapCount > 0)
        {
            notes.Add(new("gaps", Say($"Gaps of which nothing is known: {cover.GapCount}."), Say($"データのない区間が{cover.GapCount}件あります。")));
        }

        if (!isWhole)
        {
            notes.Add(new("not-all-read", "Not all was read in the time there is (ddos.dryRun.longest): the rest counts as not known.", "制限時間(ddos.dryRun.longest)内にすべてを読み取れませんでした。残りはデータなしとして扱います。"));
        }

        if (unread > 0)
        {
            notes.Add(new("damaged", Say($"{unread} blocks could not be read."), Say($"読み取れないブロックが{unread}件あります。")));
        }

        if (isCut)
        {
            notes.Add(new("cut", "There was more than is listed or held: the first of each are.", "件数が多いため、それぞれ先頭のみを集計、表示しています。"));
        }

        return notes;
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
