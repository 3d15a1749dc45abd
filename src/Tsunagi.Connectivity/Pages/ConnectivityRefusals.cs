using Tsunagi.Ui.Texts;

namespace Tsunagi.Connectivity.Pages;

/// <summary>Refusals of connectivity in Japanese.</summary>
internal static class ConnectivityRefusals
{
    public static RefusalWords Words { get; } = new(new Dictionary<string, string>
    {
        ["connectivity.quota"] = "月間データ量を指定せずに、超過後の速度だけを指定することはできません。",
        ["connectivity.line.user-name"] = "ユーザー名の形式が正しくありません(空白と制御文字を除く253オクテット以内)。",
        ["connectivity.line.user-name-taken"] = "このユーザー名の回線はすでに登録されています。",
        ["connectivity.line.circuit"] = "回線IDの形式が正しくないか、指定されていません。",
        ["connectivity.line.circuit-taken"] = "この回線IDの回線はすでに登録されています。",
        ["connectivity.line.name"] = "名称は1〜200文字で入力してください(制御文字は使えません)。",
        ["connectivity.line.nothing"] = "ユーザー名、回線ID、リモートIDのいずれかを入力してください。",
        ["connectivity.line.text"] = "制御文字は使えません。",
        ["connectivity.line.address"] = "アドレスまたはプレフィックスの形式が正しくないか、長さが範囲外です。",
        ["connectivity.line.routes"] = "経路の数が多すぎるか、形式が正しくありません。",
        ["connectivity.line.replies"] = "追加属性の数が多すぎるか、長すぎます。",
        ["connectivity.line.subscription"] = "ブロードバンドまたは専用線の契約を指定してください。",
        ["connectivity.line.quantity"] = "契約の回線数に達しています。契約の数量を増やすか、不要な回線を終了してください。",
        ["connectivity.line.ended"] = "この回線は終了しています。新しく登録してください。",
        ["connectivity.line.password"] = "パスワードは1〜253オクテットで入力してください。",
        ["connectivity.nas.name"] = "名称は1〜100文字で入力してください(制御文字は使えません)。",
        ["connectivity.nas.source"] = "アドレスまたはネットワークの形式が正しくありません(例: 192.0.2.1、2001:db8::/48)。",
        ["connectivity.nas.source-taken"] = "この送信元は他のアクセスサーバーが使用しています。",
        ["connectivity.nas.dynamic-authorization"] = "アドレスとポートの形式が正しくありません(例: 192.0.2.1:3799)。",
        ["connectivity.nas.operators-only"] = "アクセスサーバーの変更は事業者の運用者のみ可能です。",
        ["connectivity.nas.removed"] = "このアクセスサーバーは削除済みです。新しく追加してください。",
    });
}
