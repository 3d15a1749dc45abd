using Tsunagi.Core.Modules;
using Tsunagi.Mail.Trace;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;

namespace Tsunagi.Mail.Pages;

/// <summary>How the pages say what the trace and the queue hold.</summary>
internal static class MailWords
{
    public static Status StatusOf(string state, ConsoleView view) => state switch
    {
        MessageState.Queued => new(Tone.Info, view[new("Queued", "配送待ち")]),
        MessageState.Held => new(Tone.Warning, view[new("Held", "保管中")]),
        MessageState.Deferred => new(Tone.Waiting, view[new("Deferred", "再送待ち")]),
        MessageState.Delivered => new(Tone.Good, view[new("Delivered", "配送完了")]),
        MessageState.Partial => new(Tone.Warning, view[new("Partly delivered", "一部配送")]),
        MessageState.Failed => new(Tone.Bad, view[new("Refused", "配送不能")]),
        MessageState.Expired => new(Tone.Bad, view[new("Expired", "期限切れ")]),
        MessageState.Quarantined => new(Tone.Warning, view[new("In quarantine", "隔離中")]),
        MessageState.Rejected => new(Tone.Bad, view[new("Refused at the door", "受付拒否")]),
        MessageState.Watched => new(Tone.Neutral, view[new("Only watched", "判定のみ")]),
        MessageState.Pending => new(Tone.Waiting, view[new("Waits to leave", "送信保留中")]),
        MessageState.Recalled => new(Tone.Neutral, view[new("Taken back", "取り消し")]),
        _ => new(Tone.Neutral, view[new("Dropped", "終了")]),
    };

    public static LocalizedText NameOf(string state) => state switch
    {
        MessageState.Queued => new("Queued", "配送待ち"),
        MessageState.Held => new("Held", "保管中"),
        MessageState.Deferred => new("Deferred", "再送待ち"),
        MessageState.Delivered => new("Delivered", "配送完了"),
        MessageState.Partial => new("Partly delivered", "一部配送"),
        MessageState.Failed => new("Refused", "配送不能"),
        MessageState.Expired => new("Expired", "期限切れ"),
        MessageState.Quarantined => new("In quarantine", "隔離中"),
        MessageState.Rejected => new("Refused at the door", "受付拒否"),
        MessageState.Watched => new("Only watched", "判定のみ"),
        MessageState.Pending => new("Waits to leave", "送信保留中"),
        MessageState.Recalled => new("Taken back", "取り消し"),
        _ => new("Dropped", "終了"),
    };

    public static Status StatusOfNextHop(string state, ConsoleView view) => state switch
    {
        "failing" => new(Tone.Bad, view[new("Does not answer", "応答なし")]),
        "held" => new(Tone.Warning, view[new("Stopped", "停止中")]),
        _ => new(Tone.Good, view[new("Answers", "正常")]),
    };

    public static string Sender(string sender, ConsoleView view) => sender.Length > 0 ? sender : view[new("(none: a report)", "(なし: 通知)")];
}
