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
    public const string CreditWrite = "backoffice.credit.write";
    public const string PaymentRead = "backoffice.payment.read";
    public const string PaymentWrite = "backoffice.payment.write";
    public const string LedgerRead = "backoffice.ledger.read";

    public static readonly IReadOnlyList<PermissionDeclaration> All =
    [
        new(InvoiceRead, new("See invoices, what they are made of, and what is open", "請求書とその内訳、未入金の閲覧")),
        new(AccountRead, new("See billing accounts", "請求先の閲覧")),
        new(AccountWrite, new("Make and change billing accounts", "請求先の作成と変更"), OperatorOnly: true),
        new(RunRead, new("See invoice runs", "請求処理の閲覧"), OperatorOnly: true),
        new(RunWrite, new("Make invoice runs (dry)", "請求処理(試算)の作成"), OperatorOnly: true),
        new(RunRelease, new("Release an invoice run: its invoices are issued", "請求処理の承認(請求書の発行)"), OperatorOnly: true),
        new(CreditWrite, new("Write credit notes and adjustments", "返還請求書と調整の作成"), OperatorOnly: true),
        new(PaymentRead, new("See payments", "入金の閲覧")),
        new(PaymentWrite, new("Record and allocate payments", "入金の記録と消込"), OperatorOnly: true),
        new(LedgerRead, new("Export the ledger", "仕訳の出力"), OperatorOnly: true),
    ];
}
