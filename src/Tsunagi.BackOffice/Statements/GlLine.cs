using Tsunagi.Core.Modules;

namespace Tsunagi.BackOffice.Statements;

/// <summary>A line of the general ledger as the statements read it: what the provider's bookkeeping has beside the revenue that is booked here.</summary>
/// <param name="Id">The word in files and in the API ("sga.sales").</param>
public sealed record GlLine(string Id, LocalizedText Name, GlKind Kind)
{
    public static readonly IReadOnlyList<GlLine> All =
    [
        new("cost.connectivity", new("Connectivity and value-added services", "接続・付加価値サービス"), GlKind.Flow), new("cost.systems", new("Systems integration", "システムインテグレーション"), GlKind.Flow),
        new("sga.sales", new("Sales and marketing", "販売費"), GlKind.Flow), new("sga.general", new("General and administrative", "一般管理費"), GlKind.Flow), new("sga.research", new("Research and development", "研究開発費"), GlKind.Flow),
        new("other.securities", new("Gain on sales of securities", "有価証券売却益"), GlKind.Flow), new("other.rest", new("Other income less other expense", "その他の営業外損益"), GlKind.Flow),
        new("tax", new("Income tax benefit less expense", "法人税等(減算は負)"), GlKind.Flow), new("minority", new("Minority interests", "少数株主損益"), GlKind.Flow), new("equity", new("Equity in net income of affiliates", "持分法投資損益"), GlKind.Flow),
        new("balance.cash", new("Cash", "現金"), GlKind.Balance), new("balance.receivable", new("Accounts receivable", "売掛金"), GlKind.Balance), new("balance.inventories", new("Inventories", "棚卸資産"), GlKind.Balance),
        new("balance.prepaid", new("Prepaid expenses", "前払費用"), GlKind.Balance), new("balance.securities", new("Available-for-sale securities", "売却可能有価証券"), GlKind.Balance),
        new("balance.property", new("Property and equipment", "有形固定資産"), GlKind.Balance), new("balance.intangible", new("Intangible assets", "無形固定資産"), GlKind.Balance), new("balance.other", new("Other assets", "その他資産"), GlKind.Balance),
        new("balance.borrowings", new("Borrowings (short-term)", "短期借入金"), GlKind.Balance), new("balance.deficit", new("Accumulated deficit", "累積欠損"), GlKind.Balance),
        new("balance.comprehensive", new("Accumulated other comprehensive income", "その他の包括利益累計額"), GlKind.Balance), new("balance.shareholders", new("Total shareholders' equity", "株主資本合計"), GlKind.Balance),
        new("balance.assets", new("Total assets", "資産合計"), GlKind.Balance),
        new("cash.operating", new("Operating activities", "営業活動"), GlKind.Flow), new("cash.investing", new("Investing activities", "投資活動"), GlKind.Flow), new("cash.financing", new("Financing activities", "財務活動"), GlKind.Flow),
        new("invest.capital", new("Capital expenditure", "設備投資"), GlKind.Flow), new("invest.depreciation", new("Depreciation and amortisation", "減価償却費"), GlKind.Flow),
        new("target.revenue", new("Target: revenue", "目標: 売上"), GlKind.Year), new("target.operating", new("Target: operating income", "目標: 営業利益"), GlKind.Year), new("target.pretax", new("Target: income before tax", "目標: 税引前利益"), GlKind.Year),
        new("target.net", new("Target: net income", "目標: 純利益"), GlKind.Year), new("target.shares", new("Target: average number of shares", "目標: 平均株式数"), GlKind.Year), new("target.dividend", new("Target: dividend per share", "目標: 1株配当"), GlKind.Year),
        new("shares", new("Average number of shares", "平均株式数"), GlKind.Year), new("dividend", new("Dividend per share", "1株配当"), GlKind.Year),
    ];

    public static GlLine? Find(string id) => All.FirstOrDefault(line => line.Id == id);
}

/// <summary>What a line's figure of a month is.</summary>
public enum GlKind
{
    /// <summary>What happened in the month: added up over months. Costs and expenses are above zero; what is added to income is above zero, what is taken from it below.</summary>
    Flow,

    /// <summary>How it stands at the month's end.</summary>
    Balance,

    /// <summary>Of a fiscal year, under its first month.</summary>
    Year,
}

/// <summary>A figure of the general ledger.</summary>
/// <param name="Month">"2026-11".</param>
/// <param name="Part">A part of the line: an acquired business in costs and expenses, an item of a cash flow; empty for the rest of it. The line is the sum of its parts.</param>
/// <param name="AmountMinor">In minor units of the provider's currency; of shares a number.</param>
public sealed record GlEntry(string Month, string Line, string Part, long AmountMinor);

/// <summary>A company of a market, customer or not.</summary>
/// <param name="Rank">By annual consolidated revenue within its industry.</param>
/// <param name="AccountId">Its billing account, when it is a customer.</param>
public sealed record MarketCompany(string Industry, int Rank, string Company, string? AccountId);
