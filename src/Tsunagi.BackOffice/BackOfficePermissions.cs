using Tsunagi.Core.Modules;

namespace Tsunagi.BackOffice;

/// <summary>What the routes and pages of the back office ask for.</summary>
internal static class BackOfficePermissions
{
    public const string InvoiceRead = "backoffice.invoice.read";
    public const string AccountRead = "backoffice.account.read";
    public const string AccountWrite = "backoffice.account.write";
    public const string RunRead = "backoffice.runs.read";
    public const string RunWrite = "backoffice.runs.write";
    public const string RunRelease = "backoffice.runs.release";
    public const string CreditRead = "backoffice.credit.read";
    public const string CreditWrite = "backoffice.credit.write";
    public const string PaymentRead = "backoffice.payment.read";
    public const string PaymentWrite = "backoffice.payment.write";
    public const string LedgerRead = "backoffice.ledger.read";
    public const string ReportRead = "backoffice.report.read";

    public const string QuoteRead = "backoffice.quote.read";
    public const string QuoteWrite = "backoffice.quote.write";
    public const string QuoteDecide = "backoffice.quote.decide";
    public const string OrderRead = "backoffice.order.read";
    public const string OrderWrite = "backoffice.order.write";

    public const string ProjectRead = "backoffice.project.read";
    public const string ProjectWrite = "backoffice.project.write";
    public const string ProjectAccept = "backoffice.project.accept";

    public const string LedgerClose = "backoffice.ledger.close";
    public const string LedgerWrite = "backoffice.ledger.write";
    public const string DunningRead = "backoffice.dunning.read";
    public const string DunningRelease = "backoffice.dunning.release";
    public const string DunningTerms = "backoffice.dunning.terms";

    public static readonly IReadOnlyList<PermissionDeclaration> All =
    [
        new(InvoiceRead, new("See invoices, what they are made of, and what is open", "請求書とその内訳、未入金の閲覧")),
        new(AccountRead, new("See billing accounts", "請求先の閲覧")),
        new(AccountWrite, new("Make and change billing accounts", "請求先の作成と変更"), OperatorOnly: true),
        new(RunRead, new("See invoice runs", "請求処理の閲覧"), OperatorOnly: true),
        new(RunWrite, new("Make invoice runs (dry)", "請求処理(試算)の作成"), OperatorOnly: true),
        new(RunRelease, new("Release an invoice run: its invoices are issued", "請求処理の承認(請求書の発行)"), OperatorOnly: true),
        new(CreditRead, new("See the credits that services propose", "SLA返還の提案の閲覧"), OperatorOnly: true),
        new(CreditWrite, new("Write credit notes and adjustments, decide about credits that services propose", "返還請求書と調整の作成、SLA返還の承認"), OperatorOnly: true),
        new(PaymentRead, new("See payments", "入金の閲覧")),
        new(PaymentWrite, new("Record and allocate payments", "入金の記録と消込"), OperatorOnly: true),
        new(QuoteRead, new("See quotes that were sent", "見積の閲覧")),
        new(QuoteWrite, new("Make, change and send quotes", "見積の作成・変更・送付"), OperatorOnly: true),
        new(QuoteDecide, new("Accept and reject quotes", "見積の承諾と辞退")),
        new(OrderRead, new("See orders and the terms of subscriptions", "注文と契約期間の閲覧")),
        new(OrderWrite, new("Place and cancel orders", "注文の登録と取消"), OperatorOnly: true),
        new(ProjectRead, new("See project orders and their milestones", "構築案件の閲覧")),
        new(ProjectWrite, new("Take, change and cancel project orders, record their costs", "構築案件の登録・変更・中止、原価の記録"), OperatorOnly: true),
        new(ProjectAccept, new("Accept milestones of projects", "構築案件の検収")),
        new(DunningRead, new("See dunning: what is proposed and what was done", "督促の閲覧"), OperatorOnly: true),
        new(DunningRelease, new("Release and skip steps of dunning, decide about its letters", "督促の承認と見送り、通知の扱いの決定"), OperatorOnly: true),
        new(DunningTerms, new("Change the terms of dunning and the holidays", "督促の条件と祝日の変更"), OperatorOnly: true),
        new(ReportRead, new("See the management's reports; a reseller's people, once a role of the provider lets them, those of its own customers", "経営レポートの閲覧(販売代理店は、権限を付与された場合に自社顧客分のみ)"), OperatorOnly: true),
        new(LedgerWrite, new("Import figures of the general ledger and markets, for the statements", "総勘定元帳と市場データの取込(経営レポート用)"), OperatorOnly: true),
        new(LedgerClose, new("Close months: what was earned in them becomes revenue", "月次締め(前受収益の売上計上)"), OperatorOnly: true),
        new(LedgerRead, new("Export the ledger", "仕訳の出力"), OperatorOnly: true),
    ];
}
