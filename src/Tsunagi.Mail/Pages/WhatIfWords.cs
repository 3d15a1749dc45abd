using Tsunagi.Core.Modules;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Verdict;
using Tsunagi.Mail.WhatIf;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;

namespace Tsunagi.Mail.Pages;

/// <summary>How the pages say what a policy would have done.</summary>
internal static class WhatIfWords
{
    public static string Of(WhatIfFate fate, ConsoleView view) => fate.Hold == HoldClass.None
        ? view[VerdictStory.Name(fate.Action)]
        : view.Say(new("{0} ({1})", "{0}({1})"), view[VerdictStory.Name(fate.Action)], view[VerdictStory.Class(fate.Hold)]);

    public static Tone ToneOf(WhatIfFate fate) => fate.Action switch
    {
        PolicyAction.Accept => Tone.Good,
        PolicyAction.Tag => Tone.Info,
        PolicyAction.Reject => Tone.Bad,
        _ => Tone.Warning,
    };

    public static LocalizedText WhyNot(WhyNotJudged why) => why switch
    {
        WhyNotJudged.NotChecked => new("They were not checked at all then, so there is nothing to judge them by.", "当時は検査していないため、判定の材料がありません。"),
        WhyNotJudged.EvidenceNotKept => new("What was found in them is not kept whole: it was too much, or an older version kept it.", "検出事項がすべては残っていません(件数が多い、または旧バージョンで保存)。"),
        _ => new("This policy wants a check or a block list that did not look at them then.", "このポリシーが使う検査やブロックリストを、当時は使っていませんでした。"),
    };
}
