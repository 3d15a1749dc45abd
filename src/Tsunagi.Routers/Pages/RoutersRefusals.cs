using Tsunagi.Ui.Texts;

namespace Tsunagi.Routers.Pages;

/// <summary>Refusals of managed routers in Japanese.</summary>
internal static class RoutersRefusals
{
    public static RefusalWords Words { get; } = new(new Dictionary<string, string>
    {
        ["routers.device-identity"] = "機器識別子の形式が正しくありません(例: 00E0FC-HG8245-210235771)。",
        ["routers.site"] = "該当する拠点がないか、同名の拠点が複数あります。",
        ["routers.claim.subscription"] = "該当する稼働中のルーター管理契約がありません。",
        ["routers.claim.taken"] = "このルーターはすでに拠点に割り当てられています。先に取り外してください。",
        ["routers.claim.occupied"] = "この拠点にはすでにルーターがあります。先に取り外してください。",
        ["routers.claim.other"] = "契約に別の機器が指定されています。先に契約を変更してください。",
        ["routers.release.unclaimed"] = "このルーターはどの拠点にも割り当てられていません。",
        ["routers.task.unclaimed"] = "未登録のルーターには操作できません。",
        ["routers.task.arms"] = "ARMS対応ルーターにはこの操作はありません。",
        ["routers.register.claimed"] = "このルーターはすでに拠点に割り当てられています。認証キーはルーターの画面で設定してください。",
        ["routers.register.id"] = "配布IDの形式が正しくありません(例: 0001-0000-0101-0000-0000-0000-DEAD-BEEF)。",
        ["routers.configuration.modules"] = "モジュールの数が許容範囲外です。",
        ["routers.configuration.module"] = "モジュールの内容が正しくありません(番号、版、情報、テキストまたはbase64)。",
        ["routers.configuration.twice"] = "同じ番号のモジュールが複数あります。",
        ["routers.configuration.octets"] = "設定全体のサイズが上限を超えています。",
        ["routers.configuration.lines"] = "回線の数が上限を超えています。",
        ["routers.configuration.line"] = "回線の種類または項目が正しくありません。",
        ["routers.configuration.number"] = "該当する版はありません。",
        ["routers.pull.no-tunnel"] = "このノードにルーターのトンネルがありません。次回の取得時に最新版を適用します。",
        ["routers.pull.no-answer"] = "ルーターからトンネル経由の応答がありませんでした。",
        ["routers.pull.refused"] = "ルーターが取得を拒否しました。",
        ["routers.pull.under-way"] = "このルーターへの配信が実行中です。結果を待ってから取得させてください。",
        ["routers.push.nothing"] = "配信対象がありません(すべての機器が最新版を適用済みです)。",
        ["routers.push.boxes"] = "一度に配信できる機器数を超えています。",
        ["routers.push.rings"] = "リングの指定が正しくありません(例: 1,10%,100%)。",
        ["routers.push.busy"] = "対象拠点への別の配信が実行中です。完了を待つか停止してください。",
        ["routers.push.started"] = "この配信はすでに開始または破棄されています。",
        ["routers.push.over"] = "この配信は終了しています。",
        ["routers.swap.contract"] = "この拠点には稼働中のルーター管理契約がありません。",
        ["routers.swap.taken"] = "新しい機器はすでに拠点に割り当てられています。先に取り外してください。",
        ["routers.arms.resource-server"] = "リソースサーバーのURLが正しくありません(例: https://203.0.113.5:8443/rs)。",
        ["routers.heartbeats.address"] = "アドレスとポートの形式が正しくありません(例: 203.0.113.5:8444、[2001:db8::5]:8444)。",
        ["routers.task.too-many"] = "このルーターの待機中のタスクが上限に達しています。",
        ["routers.task.host"] = "ホスト名またはIPアドレスの形式が正しくありません。",
        ["routers.call.needed"] = "この操作にはヘルプデスク対応の開始が必要です。",
        ["routers.secret.none"] = "この名前の秘密情報はルーターから取得されていません。",
        ["routers.credentials.none"] = "パスワードが指定されていません。",
    });
}
