using System.Globalization;
using Tsunagi.Core.Modules;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Verdict;

/// <summary>Why a message was judged as it was, in sentences for support and customer: from the stored verdict alone.</summary>
internal static class VerdictStory
{
    // Values are facts, and mostly names; these are words of ours.
    private static readonly Dictionary<string, string> Japanese = new(StringComparer.Ordinal)
    {
        ["by its name"] = "名前による",
        ["by its content"] = "内容による",
        ["the DNS"] = "DNS",
        ["an office file"] = "オフィス文書",
        ["it is too large"] = "大きすぎます",
        ["it is broken"] = "壊れています",
        ["its base64 is broken"] = "base64が壊れています",
        ["its uuencoding is broken"] = "uuencodeが壊れています",
        ["a checksum is wrong"] = "チェックサムが一致しません",
        ["it is cut within an attribute"] = "途中で切れています",
        ["it has no central directory"] = "目録がありません",
        ["too many large messages are being looked into just now"] = "大きなメールの検査が集中しています",
    };

    /// <summary>What was done, in one sentence.</summary>
    public static LocalizedText Summary(MessageVerdict verdict)
    {
        var done = verdict.Action switch
        {
            _ when verdict.Shadow => new LocalizedText("It was only judged, and nothing was done (shadow).", "判定のみを行い、メールには何もしていません。"),
            PolicyAction.Accept when verdict.Evidence.Count == 0 => new("It was checked, and nothing was found.", "検査の結果、問題は見つかりませんでした。"),
            PolicyAction.Accept => new("It was checked, and what was found does not matter to the policy.", "検査で見つかった事項は、ポリシー上問題ありません。"),
            PolicyAction.Tag => new("It was delivered with a mark.", "目印を付けて配送しました。"),
            PolicyAction.Quarantine => new($"It is kept in the quarantine ({Class(verdict.Hold).En}).", $"隔離しました({Class(verdict.Hold).Ja})。"),
            PolicyAction.Defer => new("Its sender was asked to come again.", "送信者に再送を求めました。"),
            _ => new("It was refused, and its sender was told why.", "受け取りを拒否し、送信者に理由を伝えました。"),
        };
        if (verdict.Wished == verdict.Action)
        {
            return done;
        }

        if (verdict.Shadow)
        {
            return Join(done, new($"Otherwise it would have been {Name(verdict.Wished).En}.", $"通常であれば、{Name(verdict.Wished).Ja}となります。"));
        }

        return verdict.Action == PolicyAction.Quarantine && verdict.Wished == PolicyAction.Reject
            ? Join(done, new("It was not refused because another recipient of the same transmission takes it.", "同じ送信に受け取る宛先が含まれるため、拒否せず隔離しました。"))
            : Join(done, new(
                $"Without tag-only it would have been {Name(verdict.Wished).En}.", $"タグのみの設定でなければ、{Name(verdict.Wished).Ja}となります。"));
    }

    /// <summary>What decided; null when nothing was found.</summary>
    public static LocalizedText? Decider(MessageVerdict verdict) => verdict.Reason switch
    {
        "" => null,
        MessageVerdict.ByPoints => new(
            string.Create(CultureInfo.InvariantCulture, $"What was found adds up to {verdict.Points} points."), string.Create(CultureInfo.InvariantCulture, $"検出事項の合計は{verdict.Points}点です。")),
        _ => verdict.Evidence.FirstOrDefault(judged => judged.Evidence.Code == verdict.Reason) is { } first ? Says(first.Evidence) : new(verdict.Reason, verdict.Reason),
    };

    /// <summary>One thing that was found, in words.</summary>
    public static LocalizedText Says(Evidence evidence)
    {
        if (EvidenceCatalogue.Find(evidence.Code) is not { } code)
        {
            return new(evidence.Code, evidence.Code);
        }

        var (en, ja) = (code.Says.En, code.Says.Ja);
        var told = code.Tell is { } tell && evidence.Values.Count > 0
            ? tell(evidence.Values)
            : [.. evidence.Values.Select(static value => new LocalizedText(value.Text, Japanese.GetValueOrDefault(value.Text, value.Text)))];
        for (var i = 0; i < told.Count; i++)
        {
            var mark = string.Create(CultureInfo.InvariantCulture, $"{{{i}}}");
            en = en.Replace(mark, told[i].En, StringComparison.Ordinal);
            ja = ja.Replace(mark, told[i].Ja, StringComparison.Ordinal);
        }

        return new(en, ja);
    }

    /// <summary>What the policy says about one thing that was found, and which scope said so.</summary>
    public static LocalizedText PolicySays(JudgedEvidence judged)
    {
        if (EvidenceCatalogue.Find(judged.Evidence.Code) is { IsNote: true })
        {
            return new("for information", "参考情報");
        }

        var name = Name(judged.Action);
        return judged.By.Length == 0
            ? new($"{name.En} (the program's own policy)", $"{name.Ja}(標準のポリシー)")
            : new($"{name.En} (policy of {judged.By})", $"{name.Ja}({judged.By}のポリシー)");
    }

    public static LocalizedText Name(PolicyAction action) => action switch
    {
        PolicyAction.Accept => new("delivered", "配送"),
        PolicyAction.Tag => new("tagged", "目印を付けて配送"),
        PolicyAction.Quarantine => new("quarantined", "隔離"),
        PolicyAction.Defer => new("put off", "再送要求"),
        _ => new("refused", "拒否"),
    };

    public static LocalizedText Class(HoldClass hold) => hold switch
    {
        HoldClass.Spam => new("unwanted mail", "迷惑メール"),
        HoldClass.Virus => new("malware", "ウイルス"),
        HoldClass.Attachment => new("attachment", "添付ファイル"),
        _ => new("policy", "ポリシー"),
    };

    private static LocalizedText Join(LocalizedText first, LocalizedText second) => new($"{first.En} {second.En}", first.Ja + second.Ja);
}
