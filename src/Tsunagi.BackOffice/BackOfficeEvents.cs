using Tsunagi.Core.Events;

namespace Tsunagi.BackOffice;

/// <summary>The events of the back office. Those without "@1" are also the words of the audit.</summary>
internal static class BackOfficeEvents
{
    public const string AccountCreated = "backoffice.account.created";
    public const string AccountChanged = "backoffice.account.changed";
    public const string RunMade = "backoffice.run.made";
    public const string RunReady = "backoffice.run.ready@1";
    public const string RunReleased = "backoffice.run.released";
    public const string RunDiscarded = "backoffice.run.discarded";
    public const string RunIssued = "backoffice.run.issued@1";
    public const string InvoiceIssued = "backoffice.invoice.issued@1";
    public const string CreditIssued = "backoffice.credit.issued";
    public const string Adjusted = "backoffice.adjustment.made";
    public const string PaymentRecorded = "backoffice.payment.recorded";
    public const string Allocated = "backoffice.payment.allocated";
    public const string OpeningImported = "backoffice.opening.imported";

    public const string QuoteMade = "backoffice.quote.made";
    public const string QuoteChanged = "backoffice.quote.changed";
    public const string QuoteSent = "backoffice.quote.sent";
    public const string QuoteAccepted = "backoffice.quote.accepted";
    public const string QuoteRejected = "backoffice.quote.rejected";
    public const string QuoteExpired = "backoffice.quote.expired";
    public const string OrderPlaced = "backoffice.order.placed";
    public const string OrderCancelled = "backoffice.order.cancelled";
    public const string OrderRetried = "backoffice.order.retried";
    public const string OrderItemDone = "backoffice.order.item-done";
    public const string OrderItemFailed = "backoffice.order.item-failed";

    public const string ProjectTaken = "backoffice.project.taken";
    public const string ProjectChanged = "backoffice.project.changed";
    public const string MilestoneAccepted = "backoffice.project.milestone-accepted";
    public const string ProjectCost = "backoffice.project.cost-recorded";
    public const string ProjectCancelled = "backoffice.project.cancelled";

    public const string BankImported = "backoffice.bank.imported";
    public const string BookingDismissed = "backoffice.bank.booking-dismissed";
    public const string GeneralLedgerWritten = "backoffice.general-ledger.written";
    public const string MarketsWritten = "backoffice.markets.written";
    public const string MonthClosed = "backoffice.month.closed";
    public const string SampleMade = "backoffice.sample.made";
    public const string DunningProposed = "backoffice.dunning.proposed@1";
    public const string DunningStale = "backoffice.dunning.stale@1";
    public const string DunningDone = "backoffice.dunning.done";
    public const string DunningSkipped = "backoffice.dunning.skipped";
    public const string DunningLifted = "backoffice.dunning.lifted";
    public const string DunningTermsChanged = "backoffice.dunning.terms-changed";
    public const string HolidaysChanged = "backoffice.holidays.changed";
    public const string LetterSent = "backoffice.letter.sent@1";
    public const string LetterFailed = "backoffice.letter.failed@1";
    public const string LetterUnknown = "backoffice.letter.unknown@1";
    public const string LetterChanged = "backoffice.letter.changed";

    public static readonly IReadOnlyList<EventDeclaration> All =
    [
        new(AccountCreated + "@1", EventSeverity.Notice, new("A billing account was made.", "請求先を作成しました。")),
        new(AccountChanged + "@1", EventSeverity.Notice, new("A billing account was changed.", "請求先を変更しました。")),
        new(RunMade + "@1", EventSeverity.Notice, new("An invoice run was begun: its bills are computed, nothing is issued.", "請求処理(試算)を開始しました。まだ発行されていません。")),
        new(RunReady, EventSeverity.Notice, new("The bills of an invoice run are computed and wait for release.", "請求の試算が完了し、承認待ちです。"),
            new("Look at its differences to the month before, then release or discard it.", "前回との差異を確認し、承認または破棄してください。")),
        new(RunReleased + "@1", EventSeverity.Notice, new("An invoice run was released: its invoices are being issued.", "請求処理が承認され、請求書を発行しています。")),
        new(RunDiscarded + "@1", EventSeverity.Notice, new("An invoice run was discarded; nothing of it was issued.", "請求処理を破棄しました(発行なし)。")),
        new(RunIssued, EventSeverity.Notice, new("Every invoice of a run is issued.", "請求処理の請求書をすべて発行しました。"),
            new("Bills that were left out are named on the run's page.", "発行されなかった請求は処理の画面で確認できます。")),
        new(InvoiceIssued, EventSeverity.Info, new("An invoice was issued.", "請求書を発行しました。")),
        new(CreditIssued + "@1", EventSeverity.Notice, new("A credit note was issued.", "返還請求書を発行しました。")),
        new(Adjusted + "@1", EventSeverity.Notice, new("An amount was put on the next bill by hand.", "次回請求への調整を登録しました。")),
        new(PaymentRecorded + "@1", EventSeverity.Info, new("A payment was recorded.", "入金を記録しました。")),
        new(Allocated + "@1", EventSeverity.Info, new("A payment or credit was set against invoices.", "入金または返還を請求書に充当しました。")),
        new(OpeningImported + "@1", EventSeverity.Notice, new("Open invoices of an earlier system were taken over.", "旧システムの未入金請求を取り込みました。")),
        new(GeneralLedgerWritten + "@1", EventSeverity.Notice, new("Figures of the general ledger were imported.", "総勘定元帳の金額を取り込みました。")),
        new(MarketsWritten + "@1", EventSeverity.Notice, new("Companies of markets were imported.", "市場データを取り込みました。")),
        new(MonthClosed + "@1", EventSeverity.Notice, new("A month was closed: what was earned in it is revenue.", "月次締めを行い、収益化分を売上に計上しました。")),
        new(SampleMade + "@1", EventSeverity.Notice, new("A sample of customers, invoices and books was made.", "サンプルの顧客・請求・帳簿を作成しました。")),
        new(QuoteMade + "@1", EventSeverity.Info, new("A draft of a quote was made.", "見積の下書きを作成しました。")),
        new(QuoteChanged + "@1", EventSeverity.Info, new("A draft of a quote was changed.", "見積の下書きを変更しました。")),
        new(QuoteSent + "@1", EventSeverity.Notice, new("A quote was sent.", "見積を送付しました。")),
        new(QuoteAccepted + "@1", EventSeverity.Notice, new("A quote was accepted.", "見積が承諾されました。")),
        new(QuoteRejected + "@1", EventSeverity.Notice, new("A quote was rejected.", "見積が辞退されました。")),
        new(QuoteExpired + "@1", EventSeverity.Info, new("The last day of a quote is over.", "見積の有効期限が過ぎました。")),
        new(OrderPlaced + "@1", EventSeverity.Notice, new("An order was placed.", "注文を受け付けました。")),
        new(OrderCancelled + "@1", EventSeverity.Notice, new("What of an order still waited was cancelled.", "注文の未実施分を取り消しました。")),
        new(OrderRetried + "@1", EventSeverity.Info, new("An item of an order is tried again.", "注文の明細を再実行します。")),
        new(OrderItemDone + "@1", EventSeverity.Info, new("An item of an order is done.", "注文の明細を実施しました。")),
        new("backoffice.order.item-failed@1", EventSeverity.Warning, new("An item of an order could not be done.", "注文の明細を実施できませんでした。"),
            new("The order's page says why: put it right and try again, or cancel what waits.", "注文の画面で理由を確認し、解消して再実行するか、未実施分を取り消してください。")),
        new(ProjectTaken + "@1", EventSeverity.Notice, new("A project order was taken.", "構築案件を登録しました。")),
        new(ProjectChanged + "@1", EventSeverity.Notice, new("The milestones of a project were changed.", "構築案件のマイルストーンを変更しました。")),
        new(MilestoneAccepted + "@1", EventSeverity.Notice, new("A milestone of a project was accepted: it is on the next bill.", "構築案件のマイルストーンを検収しました。次回請求に計上します。")),
        new(ProjectCost + "@1", EventSeverity.Info, new("A cost of a project was recorded.", "構築案件の原価を記録しました。")),
        new(ProjectCancelled + "@1", EventSeverity.Notice, new("What of a project was open is cancelled.", "構築案件の未検収分を中止しました。")),
        new(BankImported + "@1", EventSeverity.Info, new("A bank's file was imported.", "銀行の明細を取り込みました。")),
        new(BookingDismissed + "@1", EventSeverity.Notice, new("A booking of the bank was put aside by a person.", "入金明細を対象外としました。")),
        new(DunningProposed, EventSeverity.Notice, new("Steps of dunning wait for a person.", "督促の承認待ちがあります。"),
            new("Look at them under Dunning and release or skip them.", "督促の画面で確認し、承認または見送りとしてください。")),
        new(DunningStale, EventSeverity.Warning, new("Dunning waits: the bank's files are too old, so customers may have paid.", "銀行明細の取込が古いため、督促を停止しています。"),
            new("Import the bank's files of the last days.", "直近の銀行明細を取り込んでください。")),
        new(DunningDone + "@1", EventSeverity.Notice, new("A step of dunning was taken.", "督促を実施しました。")),
        new(DunningSkipped + "@1", EventSeverity.Notice, new("A step of dunning was skipped by a person.", "督促を見送りました。")),
        new(DunningLifted + "@1", EventSeverity.Notice, new("The invoices are paid: the suspension for non-payment has ended.", "入金を確認し、未払いによる利用停止を解除しました。")),
        new(DunningTermsChanged + "@1", EventSeverity.Notice, new("The terms of dunning were changed.", "督促の条件を変更しました。")),
        new(HolidaysChanged + "@1", EventSeverity.Notice, new("The calendar of holidays was changed.", "祝日カレンダーを変更しました。")),
        new(LetterSent, EventSeverity.Info, new("A letter went out.", "通知を送信しました。")),
        new(LetterFailed, EventSeverity.Warning, new("A letter could not be sent.", "通知を送信できませんでした。"),
            new("Correct the address and send it again, or deliver it otherwise and say so; the next stage waits for it.", "宛先を修正して再送するか、別の方法で届けてその旨を記録してください。次の段階はそれまで待機します。")),
        new(LetterUnknown, EventSeverity.Warning, new("Nobody knows whether a letter went out: the relay's answer did not come.", "中継サーバの応答がなく、通知の送信結果が不明です。"),
            new("Look into the relay's log for the letter's id, then say that it was delivered, or send it again.", "中継サーバのログで通知のIDを確認し、送信済みとするか再送してください。")),
        new(LetterChanged + "@1", EventSeverity.Notice, new("A person decided about a letter.", "通知の扱いを変更しました。")),
    ];
}
