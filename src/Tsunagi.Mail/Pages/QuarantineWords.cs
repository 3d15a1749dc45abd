using Tsunagi.Core.Modules;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;

namespace Tsunagi.Mail.Pages;

/// <summary>How the pages say what the quarantine holds.</summary>
internal static class QuarantineWords
{
    public static LocalizedText NameOfState(string state) => state switch
    {
        HeldState.Held => new("Held", "隔離中"),
        HeldState.Requested => new("Release requested", "解放申請中"),
        HeldState.Refused => new("Request refused", "申請却下"),
        HeldState.Releasing => new("Being released", "解放処理中"),
        HeldState.Released => new("Released", "解放済み"),
        HeldState.Deleted => new("Deleted", "削除済み"),
        HeldState.Expired => new("Expired", "期限切れ"),
        _ => new("Unreadable", "読み出し不可"),
    };

    public static Status StatusOf(string state, ConsoleView view) => new(
        state switch
        {
            HeldState.Held => Tone.Warning,
            HeldState.Requested => Tone.Waiting,
            HeldState.Releasing => Tone.Info,
            HeldState.Released => Tone.Good,
            HeldState.Unreadable => Tone.Bad,
            _ => Tone.Neutral,
        },
        view[NameOfState(state)]);

    public static LocalizedText NameOfClass(string heldClass) => heldClass switch
    {
        HeldClass.Spam => new("Unwanted mail", "迷惑メール"),
        HeldClass.Virus => new("Malware", "ウイルス"),
        HeldClass.Attachment => new("Attachment", "添付ファイル"),
        _ => new("Rule", "ルール"),
    };

    public static Status StatusOfClass(string heldClass, ConsoleView view) =>
        new(heldClass switch { HeldClass.Virus => Tone.Bad, HeldClass.Spam => Tone.Neutral, _ => Tone.Info }, view[NameOfClass(heldClass)]);

    /// <summary>What is the case with a copy, in a sentence.</summary>
    public static LocalizedText Story(HeldRow row) => row.State switch
    {
        HeldState.Held => HeldClass.Why(row.Class),
        HeldState.Requested => new("Its recipient asks for it to be released.", "受信者が解放を申請しています。"),
        HeldState.Refused => new($"The request to release it was refused: {row.Reason}", $"解放の申請は却下されました: {row.Reason}"),
        HeldState.Releasing => new("It was released and is being handed to the queue.", "解放され、配送キューに渡しています。"),
        HeldState.Released => new("It was released and went the way of all mail.", "解放され、通常どおり配送されました。"),
        HeldState.Deleted => new("It was deleted.", "削除されました。"),
        HeldState.Expired => new("Its days were over, and it was deleted.", "保管期間が過ぎたため削除されました。"),
        _ => new($"It was released and could not be read any more: {row.Reason}", $"解放されましたが、読み出せませんでした: {row.Reason}"),
    };

    public static string From(HeldRow row, ConsoleView view) =>
        row.FromText.Length > 0 ? row.FromText : row.Sender.Length > 0 ? row.Sender : view[new("(no sender)", "(差出人なし)")];

    public static string Subject(HeldRow row, ConsoleView view) => row.Subject.Trim().Length > 0 ? row.Subject : view[new("(no subject)", "(件名なし)")];
}
