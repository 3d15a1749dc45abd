using Tsunagi.Core.Modules;
using Tsunagi.Routers.Push;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;

namespace Tsunagi.Routers.Pages;

/// <summary>How the pages say how far pushes are.</summary>
internal static class PushWords
{
    public static Status StatusOf(RouterPush push, ConsoleView view) => push.State switch
    {
        PushStates.Planned => new(Tone.Info, view[new("Planned", "計画済み")]),
        PushStates.Running => new(Tone.Info, view.Say(new("Ring {0} of {1}", "リング {0}/{1}"), push.Ring + 1, push.RingSizes.Count)),
        PushStates.Done => new(Tone.Good, view[new("Over", "完了")]),
        PushStates.Stopped => new(Tone.Bad, view[new("Stopped", "停止")]),
        _ => new(Tone.Neutral, view[new("Given up", "破棄")]),
    };

    public static Status StatusOf(PushBox box, ConsoleView view) => box.State switch
    {
        PushBoxStates.Waiting => new(Tone.Neutral, view[new("Waits", "待機中")]),
        PushBoxStates.Asked => new(Tone.Info, view[new("Asked", "送信済み")]),
        PushBoxStates.Accepted => new(Tone.Info, view[new("Runs it, to come back", "適用中・確認待ち")]),
        PushBoxStates.Confirmed => new(Tone.Good, view[new("Confirmed", "確認済み")]),
        PushBoxStates.RolledBack => new(Tone.Warning, view[new("Rolled back", "復元済み")]),
        PushBoxStates.Silent => new(Tone.Bad, view[new("Silent: unknown", "応答なし(状態不明)")]),
        _ => new(Tone.Neutral, view[new("Never begun", "未実行")]),
    };

}
