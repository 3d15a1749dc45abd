using Tsunagi.Core.Modules;
using Tsunagi.Mail.Signing;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;

namespace Tsunagi.Mail.Pages;

/// <summary>The words of the page of signing keys.</summary>
internal static class SigningWords
{
    public static Status StateOf(SigningKey key, ConsoleView view) => key switch
    {
        { UnreadableAt: > 0 } => new(Tone.Bad, view[new("Cannot be read", "読み出せません")]),
        { State: SigningKeyState.Used } => new(Tone.Good, view[new("In use", "使用中")]),
        { State: SigningKeyState.Next } => new(Tone.Waiting, view[new("Next", "次の鍵")]),
        _ => new(Tone.Neutral, view[new("Signs no more", "使用終了")]),
    };

    public static Status PublishedOf(SigningKey key, ConsoleView view) => key.Published switch
    {
        PublishedState.Found => new(Tone.Good, view[new("Published", "公開済み")]),
        PublishedState.Missing => new(key.State == SigningKeyState.Used ? Tone.Bad : Tone.Waiting, view[new("Missing", "未公開")]),
        PublishedState.Differs => new(Tone.Bad, view[new("Differs", "不一致")]),
        _ => new(Tone.Neutral, view[new("Not looked for yet", "未確認")]),
    };

    public static string WhatToDo(SigningKey key, ConsoleView view) => key switch
    {
        { UnreadableAt: > 0 } => view[new("Make the next keys and publish them; mail waits until they are used.", "次の鍵を作成して公開してください。使用開始までメールは待機します。")],
        { State: SigningKeyState.Old } => view[new("Leave it published until", "公開を続ける期限")],
        { Published: PublishedState.Found } => "",
        { Published: PublishedState.Differs } => view[new("Replace what stands there by this record.", "公開中の内容をこのレコードに置き換えてください。")],
        _ => view[new("Publish this record; it is looked for every few minutes.", "このレコードを公開してください。数分ごとに確認します。")],
    };
}
