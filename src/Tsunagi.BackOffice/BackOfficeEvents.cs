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
    ];
}
