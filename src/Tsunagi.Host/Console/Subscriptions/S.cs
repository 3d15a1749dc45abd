using Tsunagi.Core.Modules;

namespace Tsunagi.Host.Console.Subscriptions;

/// <summary>The words of subscriptions.</summary>
internal static class S
{
    public static readonly LocalizedText Subscriptions = new("Contracts", "契約");
    public static readonly LocalizedText Lead = new("What each customer took, whether it runs, and why not where it does not.", "各顧客のご契約と稼働状況、稼働していない場合はその理由を確認できます。");
    public static readonly LocalizedText Service = new("Service", "サービス");
    public static readonly LocalizedText Customer = new("Customer", "顧客");
    public static readonly LocalizedText Plan = new("Plan", "プラン");
    public static readonly LocalizedText State = new("State", "状態");
    public static readonly LocalizedText Since = new("Since", "開始");
    public static readonly LocalizedText Quantity = new("Quantity", "数量");
    public static readonly LocalizedText Running = new("Running", "稼働中");
    public static readonly LocalizedText Held = new("Held", "保留中");
    public static readonly LocalizedText Ended = new("Ended", "終了");
    public static readonly LocalizedText NotYet = new("Not as wanted yet", "反映待ち");
    public static readonly LocalizedText NoneYet = new("No contract yet", "契約はまだありません");
    public static readonly LocalizedText NoneYetHint = new("Take a service on a customer's page.", "顧客の画面からサービスを追加してください。");

    public static readonly LocalizedText Wanted = new("Wanted and running", "契約内容と稼働状況");
    public static readonly LocalizedText Node = new("Node", "ノード");
    public static readonly LocalizedText AsWanted = new("Runs as wanted", "契約どおり稼働");
    public static readonly LocalizedText WhyNot = new("Why not yet", "未反映の理由");
    public static readonly LocalizedText NoNode = new("No node has taken it up yet. Each node looks at least once a second while it runs.", "まだどのノードにも反映されていません。稼働中のノードは毎秒確認します。");
    public static readonly LocalizedText Settings = new("Settings", "設定");
    public static readonly LocalizedText ChangeSettings = new("Change", "変更");
    public static readonly LocalizedText ChangeTitle = new("Change {0}", "{0} の変更");
    public static readonly LocalizedText Holds = new("Holds", "保留");
    public static readonly LocalizedText HoldsNote = new("Lifting one lifts only that one", "解除しても他の保留は残ります");
    public static readonly LocalizedText NoHolds = new("Nothing is held.", "保留はありません。");
    public static readonly LocalizedText PlaceHold = new("Place a hold", "保留をかける");
    public static readonly LocalizedText HoldTitle = new("Hold {0} of {1}?", "{1} の {0} に保留をかけますか");
    public static readonly LocalizedText HoldEffect = new("The service stops as its own rules say for this kind of hold; nothing that is stored is deleted.", "保留の種別に応じたサービスの規則に従って停止します。保存済みのデータは削除されません。");
    public static readonly LocalizedText HoldEvent = new("The customer sees the hold, its kind and your reason.", "保留の種別と理由は顧客にも表示されます。");
    public static readonly LocalizedText HoldBill = new("Billing goes on as agreed.", "請求は契約どおり継続します。");
    public static readonly LocalizedText HoldPlaced = new("The hold is placed", "保留をかけました");
    public static readonly LocalizedText Kind = new("Kind", "種別");
    public static readonly LocalizedText Reason = new("Reason", "理由");
    public static readonly LocalizedText Lift = new("Lift", "解除");
    public static readonly LocalizedText LiftTitle = new("Lift the hold \"{0}\"?", "保留「{0}」を解除しますか");
    public static readonly LocalizedText LiftRuns = new("With no other hold, the service runs again within seconds.", "他に保留がなければ、数秒以内にサービスが再開します。");
    public static readonly LocalizedText LiftStays = new("{0} other hold stays: the service does not run again yet.", "他に{0}件の保留が残るため、まだ再開しません。");
    public static readonly LocalizedText Lifted = new("The hold is lifted", "保留を解除しました");
    public static readonly LocalizedText LiftedBy = new("lifted by {0}", "{0} が解除");
    public static readonly LocalizedText End = new("End", "解約");
    public static readonly LocalizedText EndTitle = new("End {0} of {1}?", "{1} の {0} を解約しますか");
    public static readonly LocalizedText EndStops = new("The service stops now on every node.", "すべてのノードで直ちにサービスが停止します。");
    public static readonly LocalizedText EndBill = new("The month is billed up to today; record and usage stay.", "本日分までが請求対象です。記録と利用量は残ります。");
    public static readonly LocalizedText EndedNow = new("The contract has ended", "解約しました");

    public static readonly LocalizedText Meters = new("Metered this month", "当月の利用量");
    public static readonly LocalizedText Meter = new("Meter", "計量項目");
    public static readonly LocalizedText Amount = new("Quantity", "数量");
    public static readonly LocalizedText Correct = new("Correct", "訂正");
    public static readonly LocalizedText CorrectTitle = new("Correct the usage", "利用量の訂正");
    public static readonly LocalizedText CorrectLead = new("Adds a record with your name and reason; what was counted stays. A minus takes away.", "訂正記録を追加します(元の計量値は残ります)。減らす場合は負の値を入力してください。");
    public static readonly LocalizedText Corrected = new("The correction is recorded", "訂正を記録しました");
    public static readonly LocalizedText Corrections = new("Corrections and foreign usage", "訂正・外部からの利用量");
    public static readonly LocalizedText NoMeters = new("This service counts nothing that is billed.", "課金対象の計量項目はありません。");
    public static readonly LocalizedText PerHour = new("Per hour", "1時間ごと");
    public static readonly LocalizedText Bill = new("Invoice lines this month", "当月の請求見込");
    public static readonly LocalizedText Versions = new("Versions of the terms", "契約条件の履歴");
    public static readonly LocalizedText VersionsNote = new("what held when, known since when", "適用期間と記録時点");
    public static readonly LocalizedText ValidFrom = new("Holds from", "適用開始");
    public static readonly LocalizedText ValidTo = new("until", "適用終了");
    public static readonly LocalizedText KnownFrom = new("Known since", "記録日時");
    public static readonly LocalizedText Happened = new("What happened", "経過");
    public static readonly LocalizedText Record = new("Contract", "契約情報");

    public static readonly LocalizedText New = new("Add a service", "サービスを追加");
    public static readonly LocalizedText NewFor = new("for {0}", "{0} 向け");
    public static readonly LocalizedText ChoosePlan = new("Choose a plan", "プランの選択");
    public static readonly LocalizedText NoPlans = new("There is no plan to sell yet", "販売中のプランがありません");
    public static readonly LocalizedText NoPlansHint = new("Make one with: tsunagi apply -f provider.yaml", "tsunagi apply -f provider.yaml で登録できます。");
    public static readonly LocalizedText Name = new("Name", "名称");
    public static readonly LocalizedText NameHint = new("How the customer's people know it", "お客様側での呼び名");
    public static readonly LocalizedText Take = new("Add the service", "サービスを追加する");
    public static readonly LocalizedText Taken = new("The service was added and is being set up", "サービスを追加しました。設定を反映しています");
    public static readonly LocalizedText Changed = new("Saved; the nodes are following", "保存しました。ノードへ反映しています");
    public static readonly LocalizedText NewestPrices = new("Move to the plan's newest prices", "プランの最新料金を適用する");
    public static readonly LocalizedText NewestPricesHint = new("It is on version {0}. Left alone, its prices do not change.", "現在は版 {0} です。選択しない限り料金は変わりません。");
}
