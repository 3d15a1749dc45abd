using Tsunagi.Core.Events;

namespace Tsunagi.Routers.Devices;

/// <summary>The events of managed routers.</summary>
internal static class RouterEvents
{
    public const string Unclaimed = "routers.device.unclaimed@1";
    public const string Claimed = "routers.device.claimed";
    public const string Released = "routers.device.released";
    public const string Adopted = "routers.device.adopted@1";
    public const string AdoptFailed = "routers.device.adopt-failed@1";
    public const string Silent = "routers.device.silent@1";
    public const string Back = "routers.device.back@1";
    public const string Booted = "routers.device.booted@1";
    public const string TaskEnded = "routers.task.ended@1";
    public const string TaskMade = "routers.task.made";
    public const string CallOpened = "routers.call.opened";
    public const string SecretRevealed = "routers.secret.revealed";
    public const string CredentialsSet = "routers.credentials.set";
    public const string Imported = "routers.device.imported";
    public const string Registered = "routers.device.registered";
    public const string UnknownId = "routers.arms.unknown-id@1";
    public const string PullRefused = "routers.arms.pull-refused@1";
    public const string PullTrouble = "routers.arms.trouble@1";
    public const string SiteConfigured = "routers.site.configured@1";
    public const string ConfigurationSet = "routers.configuration.set";
    public const string PullAsked = "routers.arms.pull-asked";

    public static readonly IReadOnlyList<EventDeclaration> All =
    [
        new(Unclaimed, EventSeverity.Notice, new("A router nobody has claimed called.", "未登録のルーターから接続がありました。"),
            new("Give it to a site on the list of routers, or leave it: nothing is read from it or written to it.", "ルーター一覧で拠点に割り当ててください。割り当てるまで読み書きは行いません。")),
        new(Claimed + "@1", EventSeverity.Notice, new("A router was given to a site.", "ルーターを拠点に割り当てました。")),
        new(Released + "@1", EventSeverity.Notice, new("A router was taken off its site.", "ルーターを拠点から取り外しました。")),
        new(Adopted, EventSeverity.Notice, new("A router was read whole; its values are its site's settings now. Nothing was written to it.", "ルーターの全設定を読み取り、拠点の設定値としました(書き込みなし)。")),
        new(AdoptFailed, EventSeverity.Warning, new("A router could not be read.", "ルーターの読み取りに失敗しました。"),
            new("See the task on the router's page: which code it answered. It can be read again from there.", "ルーターの画面でタスクの応答コードを確認し、再読み取りしてください。")),
        new(Silent, EventSeverity.Warning, new("A router that called before is silent.", "ルーターからの定期接続が途絶えました。"),
            new("Look at the line of the site and the power of the box.", "拠点の回線と機器の電源を確認してください。")),
        new(Back, EventSeverity.Notice, new("A router that was silent calls again.", "途絶えていたルーターの接続が再開しました。")),
        new(Booted, EventSeverity.Notice, new("A router restarted.", "ルーターが再起動しました。")),
        new(TaskMade + "@1", EventSeverity.Info, new("Something is to be done on a router.", "ルーターへのタスクを登録しました。")),
        new(TaskEnded, EventSeverity.Info, new("A task on a router ended: done, refused with a code, or expired.", "ルーターのタスクが終了しました(完了、エラー、期限切れ)。")),
        new(CallOpened + "@1", EventSeverity.Notice, new("A helpdesk call was opened on a router.", "ルーターのヘルプデスク対応を開始しました。")),
        new(SecretRevealed + "@1", EventSeverity.Notice, new("A password of a router was shown to somebody.", "ルーターのパスワードが表示されました。")),
        new(CredentialsSet + "@1", EventSeverity.Notice, new("Credentials of a router were set.", "ルーターの認証情報を設定しました。")),
        new(Imported + "@1", EventSeverity.Notice, new("Routers were taken over from another server's list.", "他サーバーのルーター一覧を取り込みました。")),
        new(Registered + "@1", EventSeverity.Notice, new("A router that speaks ARMS was registered with its key.", "ARMS対応ルーターを認証キーとともに登録しました。")),
        new(UnknownId, EventSeverity.Warning, new("A distribution id nobody has registered asked the location server; it was refused.", "未登録の配布IDからロケーションサーバーへの要求があり、拒否しました。"),
            new("If the box is yours, set its LS-SA key on its page and give it to a site; it asks again by itself. If not, leave it.", "自社の機器であれば、ルーターの画面でLS-SAキーを設定し拠点に割り当ててください(自動で再接続します)。該当しなければ対応不要です。")),
        new(PullRefused, EventSeverity.Warning, new("A router that speaks ARMS was refused what it asked for.", "ARMS対応ルーターの要求を拒否しました。"),
            new("The code says why: 401 its key is another one, 404 its contract has a hold, 421 it has no site or the site no configuration. It asks again by itself.", "コードの意味: 401 認証キー不一致、404 契約停止中、421 拠点または設定なし。原因を解消すると自動で再接続します。")),
        new(PullTrouble, EventSeverity.Warning, new("A router pulled anew because something had failed on it.", "ルーターで障害が発生し、設定を再取得しました。"),
            new("The cause is in the event: after 'invalid config' or 'rollback failure' look at the site's newest configuration, and go back to the version before if need be.", "イベントの原因を確認し、invalid config・rollback failureの場合は拠点の最新設定を見直すか前の版に戻してください。")),
        new(SiteConfigured, EventSeverity.Notice, new("A router runs the configuration of its site.", "ルーターが拠点の設定を適用しました。")),
        new(ConfigurationSet + "@1", EventSeverity.Notice, new("A site has a new version of its configuration.", "拠点の設定の新しい版を登録しました。")),
        new(PullAsked + "@1", EventSeverity.Info, new("A router was asked over its tunnel to pull its configuration.", "トンネル経由でルーターに設定の取得を指示しました。")),
    ];
}
