using Tsunagi.Core.Modules;

namespace Tsunagi.BackOffice.Reports;

/// <summary>The reports there are.</summary>
internal static class ReportNames
{
    public const string Revenue = "revenue";
    public const string Concentration = "concentration";
    public const string Distribution = "distribution";
    public const string Attach = "attach";
    public const string Retention = "retention";
    public const string Aging = "aging";
    public const string Deferred = "deferred";

    public const string ProfitAndLoss = "profit-and-loss";
    public const string Margin = "margin";
    public const string Acquired = "acquired";
    public const string Expenses = "expenses";
    public const string Walk = "walk";
    public const string BalanceSheet = "balance-sheet";
    public const string CashFlow = "cash-flow";
    public const string Targets = "targets";
    public const string Investment = "investment";
    public const string Penetration = "penetration";

    /// <summary>From issued lines: the provider's, and a reseller's of its own customers.</summary>
    public static readonly IReadOnlyList<string> Sales = [Revenue, Concentration, Distribution, Attach, Retention, Aging, Deferred];

    /// <summary>From the ledger and the imported general ledger: the provider's alone.</summary>
    public static readonly IReadOnlyList<string> Statements = [ProfitAndLoss, Margin, Acquired, Expenses, Walk, BalanceSheet, CashFlow, Targets, Investment, Penetration];

    public static readonly IReadOnlyList<string> All = [.. Sales, .. Statements];

    public static IReadOnlyList<string> Of(Core.Identity.Caller caller) => caller.IsOperator ? All : Sales;

    public static LocalizedText Title(string name) => name switch
    {
        Revenue => new("Revenue by category", "区分別売上"),
        Concentration => new("Concentration", "売上集中度"),
        Distribution => new("Customers by revenue", "売上規模別顧客数"),
        Attach => new("Services per customer", "サービス併用状況"),
        Retention => new("Retention", "顧客維持"),
        Deferred => new("Deferred revenue", "前受収益"),
        ProfitAndLoss => new("Profit and loss", "損益計算"),
        Margin => new("Cost and gross margin", "原価と売上総利益"),
        Acquired => new("With and without acquired businesses", "買収事業の影響"),
        Expenses => new("Expenses by function", "機能別費用"),
        Walk => new("From operating to net income", "営業利益から純利益まで"),
        BalanceSheet => new("Balance sheet", "貸借対照表"),
        CashFlow => new("Cash flow", "キャッシュフロー"),
        Targets => new("Target and actual", "目標と実績"),
        Investment => new("Investment and EBITDA", "設備投資とEBITDA"),
        Penetration => new("Penetration by industry", "業種別浸透率"),
        _ => new("Aging", "未入金の経過"),
    };
}
