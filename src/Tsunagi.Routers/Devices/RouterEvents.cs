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
    public const string LegacyTls = "routers.arms.legacy-tls@1";
    public const string PushPlanned = "routers.push.planned";
    public const string PushStarted = "routers.push.started";
    public const string PushStopped = "routers.push.stopped";
    public const string PushHalted = "routers.push.halted@1";
    public const string PushDone = "routers.push.done@1";
    public const string PushConfirmed = "routers.push.confirmed@1";
    public const string PushRolledBack = "routers.push.rolled-back@1";
    public const string PushSilent = "routers.push.silent@1";
    public const string BoxSilent = "routers.box.silent@1";
    public const string BoxHeard = "routers.box.heard@1";
    public const string HeartbeatRefused = "routers.box.heartbeat-refused@1";
    public const string HeartbeatsSilent = "routers.heartbeats.silent@1";
    public const string HeartbeatsHeard = "routers.heartbeats.heard@1";
    public const string Swapped = "routers.site.swapped";

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
        new(LegacyTls, EventSeverity.Warning, new("A listener for boxes that know TLS 1.0 only is on.", "TLS 1.0のみ対応の機器向けの受信口が有効です。"),
            new("What such boxes are told can be read and changed by whoever can change what passes on the line. Take routers.arms.legacyListen away once the last of them is gone.", "通信経路上の第三者に盗聴・改ざんされるおそれがあります。該当機器がなくなり次第 routers.arms.legacyListen を削除してください。")),
        new(PushPlanned + "@1", EventSeverity.Info, new("A push was planned; nothing is sent yet.", "設定配信の計画を作成しました(未送信)。")),
        new(PushStarted + "@1", EventSeverity.Notice, new("A push was started.", "設定配信を開始しました。")),
        new(PushStopped + "@1", EventSeverity.Notice, new("A push was stopped; what is under way at a box ends by itself.", "設定配信を停止しました(実行中の機器は完了まで続行)。")),
        new(PushHalted, EventSeverity.Error, new("A push stopped by itself: more boxes of a ring failed than its error budget allows.", "失敗した機器が許容数を超えたため、設定配信を自動停止しました。"),
            new("Read the outcomes on the push's page. The versions of sites it did not reach are given to nobody; make corrected versions and a new push.", "配信画面で結果を確認し、修正版を登録して配信し直してください。未配信の版は機器に渡されません。")),
        new(PushDone, EventSeverity.Notice, new("A push is over: each of its boxes has its outcome.", "設定配信が完了しました。")),
        new(PushConfirmed, EventSeverity.Info, new("A box came back with a pushed version and keeps it.", "機器が配信した版の適用を確認しました。")),
        new(PushRolledBack, EventSeverity.Warning, new("A box went back to what it ran before a push.", "機器が配信前の設定に戻りました。"),
            new("The cause is in the event; look at the version that was pushed. It is given to nobody any more at this site.", "イベントの原因と配信した版を確認してください。この拠点ではその版は以後配布されません。")),
        new(PushSilent, EventSeverity.Error, new("A box was sent a change and did not come back in time: what it runs is not known.", "配信後、機器から期限内に応答がなく、適用状態は不明です。"),
            new("Look at the line of the site. A box with no way back undoes the change by itself; its word corrects this.", "拠点の回線を確認してください。到達不能の場合は機器が自動で元の設定に戻り、その報告で結果が更新されます。")),
        new(BoxSilent, EventSeverity.Warning, new("A box with ARMS has missed its heartbeats.", "機器のハートビートが途絶えました。"),
            new("Look at the line of the site and the power of the box. It is told as heard after two heartbeats in succession.", "拠点の回線と機器の電源を確認してください。ハートビートを2回続けて受信すると復旧として通知します。")),
        new(BoxHeard, EventSeverity.Notice, new("A box with ARMS is heard again.", "機器のハートビートが復旧しました。")),
        new(HeartbeatRefused, EventSeverity.Warning, new("Heartbeats that name a box were refused; told once an hour.", "機器を名乗るハートビートを拒否しました(1時間に1回通知)。"),
            new("wrong-hmac: somebody else sends in its name, or the box did not take the passphrase of its last pull: let it pull again. older: a recorded heartbeat is sent again, or a counter of the box began anew.",
                "wrong-hmac: なりすまし、または機器が最新のパスフレーズを使用していません(再取得させてください)。older: 記録されたハートビートの再送、または機器のカウンターの初期化です。")),
        new(HeartbeatsSilent, EventSeverity.Error, new("Most boxes missed their heartbeats at once: the cause is likely here.", "大半の機器のハートビートが同時に途絶えました。受信側の障害が疑われます。"),
            new("Look at the addresses of routers.heartbeats.listen, the filters before them and the uplink. Boxes are not told one by one meanwhile.", "routers.heartbeats.listen のアドレス、手前のフィルター、上位回線を確認してください。この間、機器ごとの通知は行いません。")),
        new(HeartbeatsHeard, EventSeverity.Notice, new("Most boxes are heard again; those that stay away are told one by one.", "大半の機器のハートビートが復旧しました。未復旧の機器は個別に通知します。")),
        new(Swapped + "@1", EventSeverity.Notice, new("The box of a site was swapped for another; the old one is refused at its next word.", "拠点の機器を交換しました。旧機器の要求は以後拒否します。")),
        new(PullAsked + "@1", EventSeverity.Info, new("A router was asked over its tunnel to pull its configuration.", "トンネル経由でルーターに設定の取得を指示しました。")),
    ];
}
