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
        ["routers.task.too-many"] = "このルーターの待機中のタスクが上限に達しています。",
        ["routers.task.host"] = "ホスト名またはIPアドレスの形式が正しくありません。",
        ["routers.call.needed"] = "この操作にはヘルプデスク対応の開始が必要です。",
        ["routers.secret.none"] = "この名前の秘密情報はルーターから取得されていません。",
        ["routers.credentials.none"] = "パスワードが指定されていません。",
    });
}
