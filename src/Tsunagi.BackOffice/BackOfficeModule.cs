using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Api;
using Tsunagi.BackOffice.Bank.Import;
using Tsunagi.BackOffice.Contract;
using Tsunagi.BackOffice.Credits;
using Tsunagi.BackOffice.Dunning;
using Tsunagi.BackOffice.Facts;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.BackOffice.Letters;
using Tsunagi.BackOffice.Orders;
using Tsunagi.BackOffice.Pages;
using Tsunagi.BackOffice.Payments;
using Tsunagi.BackOffice.Projects;
using Tsunagi.BackOffice.Reports;
using Tsunagi.BackOffice.Runs;
using Tsunagi.BackOffice.Sample;
using Tsunagi.BackOffice.Shadow;
using Tsunagi.BackOffice.Statements;
using Tsunagi.BackOffice.Verbs;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Exchange.Prices;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Outbound;
using Tsunagi.Core.Search;
using Tsunagi.Ui.Dashboard;
using Tsunagi.Ui.Subjects;
using Tsunagi.Ui.Tables;

namespace Tsunagi.BackOffice;

/// <summary>
/// The back office: every service on one bill, right to the yen. The folders in the order data walks them: Contract (what is sold that no other service runs: construction and operation), Accounts (who pays), Facts (what held and what was
/// counted, as known at a moment), Bills (the pure function from facts to lines), Tax, Runs (computed, looked at, released, issued), Invoices (issued documents,
/// credit notes), Documents (what is printed), Ledger (double entry; what was billed before it is earned, and the closing of months), Payments and Bank (what came in), Orders (what was offered, ordered and agreed, and the subscriptions it becomes), Projects (what is built once, by milestones), Credits (what services propose to give back), Dunning (what is done where nothing came in) and Letters (what is written to customers), Shadow (beside the system before), Reports (the management's figures, from issued lines and the ledger), then Api, Pages, Verbs.
/// The walk of a run is told in <see cref="RunEngine"/>, that of a bill in <see cref="FactReader"/> and <see cref="Bills.BillMaker"/>.
/// </summary>
public sealed class BackOfficeModule : IServiceModule
{
    public const string Id = "backoffice";

    public ModuleDescription Describe() => new(
        Id,
        new("Back office", "バックオフィス"),
        new("Rates what customers bought and used, issues invoices and credit notes, and keeps the books.", "契約と利用実績から料金を計算し、請求書・返還請求書を発行し、帳簿を管理します。"),
        RunsOn.OneNode,
        Specifications:
        [
            new PlanSpecification(
                ConstructionSettings.Kind, new("System construction", "システム構築"),
                new("Work done once: consulting, building a network or a system. Billed once, in the month in which it begins.", "ネットワークやシステムの設計・構築、コンサルティングです。開始月に一度だけ請求します。"),
                typeof(ConstructionSettings), [])
            {
                Category = OfferingCategory.Construction,
            },
            new PlanSpecification(
                OperationSettings.Kind, new("System operation", "システム運用保守"),
                new("A customer's system that the provider's people run and maintain, month by month.", "お客様システムの運用・保守を月額で提供します。"),
                typeof(OperationSettings), [])
            {
                Category = OfferingCategory.Operation,
            },
        ],
        Meters: [],
        Events: [.. BackOfficeEvents.All, .. Documents.DocumentEvents.All],
        Permissions: BackOfficePermissions.All,
        Schema: [BackOfficeSchema.Control])
    {
        Options = typeof(BackOfficeOptions),
    };

    public void AddServices(IServiceCollection services, object? options)
    {
        services.TryAddSingleton((BackOfficeOptions)options!);
        services.AddSingleton<CivilDay>().AddSingleton<AccountBook>().AddSingleton<AccountOrders>();
        services.AddSingleton<FactReader>().AddSingleton<IAgreedPrices, AgreedPrices>().AddSingleton<BillPreviews>().AddSingleton<LineExplainer>();
        services.AddSingleton<RunSignal>().AddSingleton<RunBook>().AddSingleton<RunOrders>().AddSingleton<RunEngine>();
        services.AddSingleton<InvoiceBook>().AddSingleton<InvoiceIssuer>().AddSingleton<InvoicePapers>().AddSingleton<CreditOrders>().AddSingleton<AdjustmentOrders>();
        services.AddSingleton<LedgerBook>().AddSingleton<MonthCloser>().AddSingleton<PaymentBook>().AddSingleton<PaymentOrders>().AddSingleton<BankImportKeeper>().AddSingleton<BankImports>();
        services.AddSingleton<DunningReader>().AddSingleton<DunningBook>().AddSingleton<DunningOrders>().AddSingleton<DunningLifts>().AddSingleton<DunningTermsOrders>().AddHostedService<DunningWorker>();
        services.AddSingleton<LetterBook>().AddSingleton<LetterSender>().AddHostedService<LetterWorker>();
        services.AddSingleton(static provider => new Relay(provider.GetRequiredService<OutboundTcp>(), provider.GetRequiredService<BackOfficeOptions>().Letters, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<CreditBook>().AddSingleton<CreditDecisions>().AddSingleton<OrderSignal>().AddSingleton<OrderBook>().AddSingleton<ItemPricer>().AddSingleton<ProductOrders>().AddSingleton<QuoteOrders>().AddSingleton<QuotePapers>().AddSingleton<Fulfilment>().AddSingleton<ProjectBook>().AddSingleton<ProjectOrders>().AddHostedService<OrderWorker>();
        services.AddSingleton<GeneralLedger>().AddSingleton<SampleWriter>();
        services.AddSingleton<ReportBook>().AddSingleton<ReportFiles>();
        services.AddSingleton<ShadowRun>().AddSingleton<OpeningOrders>();
        services.AddSingleton<ISearchSource, InvoiceSearch>();
        services.AddDashboardPart<InvoiceTile>(BackOfficePermissions.InvoiceRead, 110, DashboardPlace.Figures);
        services.AddSingleton(BackOfficeRefusals.Words);
        services.AddTable<DunningStepTable>().AddTable<InvoiceTable>().AddTable<BillingAccountTable>().AddTable<PaymentTable>().AddTable<QuoteTable>().AddTable<ProductOrderTable>().AddTable<ProjectTable>().AddTable<ServiceCreditTable>();
        services.AddSingleton(new SubjectPage("iv", "/console/backoffice/invoices/{0}", "file-invoice", new("Invoice", "請求書")));
        services.AddSingleton(new SubjectPage("sc", "/console/backoffice/credits/{0}", "arrow-back-up", ServiceCreditTable.Name));
        services.AddSingleton(new SubjectPage("qt", "/console/backoffice/quotes/{0}", "file-text", new("Quote", "見積")));
        services.AddSingleton(new SubjectPage("or", "/console/backoffice/orders/{0}", "checklist", new("Order", "注文")));
        services.AddSingleton(new SubjectPage("pj", "/console/backoffice/projects/{0}", "checklist", new("Project", "構築案件")));
        services.AddSingleton(new SubjectPage("ba", "/console/backoffice/accounts/{0}", "building", new("Billing account", "請求先")));
        services.AddSingleton(new SubjectPage("br", "/console/backoffice/runs/{0}", "player-play", new("Invoice run", "請求処理")));
        services.AddSingleton(new SubjectPage("bi", "/console/backoffice/dunning", "coins", new("Bank import", "銀行明細の取込")));
        services.AddSingleton(new SubjectPage("py", "/console/backoffice/payments?q={0}", "coins", new("Payment", "入金")));
        services.AddHostedService<RunWorker>();
    }

    public void Map(ModuleMap map)
    {
        BackOfficeApi.Map(map.Api);
        map.Verbs.AddRange(BackOfficeVerbs.All);
        map.Verbs.AddRange(ShadowVerbs.All);
        map.Verbs.AddRange(BankVerbs.All);
        map.Verbs.AddRange(UblVerbs.All);
        map.Verbs.AddRange(ReportVerbs.All);
        map.Verbs.AddRange(DunningVerbs.All);
        map.Verbs.AddRange(GeneralLedgerVerbs.All);
        map.Verbs.AddRange(OrderVerbs.All);
        map.Verbs.AddRange(ProjectVerbs.All);
        map.Pages.Add(typeof(BackOfficeModule).Assembly);
        map.Navigation.Add(new NavigationEntry("/console/backoffice", "report-money", new("Overview", "概況"), BackOfficePermissions.RunRead, 527));
        map.Navigation.Add(new NavigationEntry("/console/backoffice/invoices", "file-invoice", new("Invoices", "請求書"), BackOfficePermissions.InvoiceRead, 531));
        map.Navigation.Add(new NavigationEntry("/console/backoffice/accounts", "building", new("Billing accounts", "請求先"), BackOfficePermissions.AccountRead, 532));
        map.Navigation.Add(new NavigationEntry("/console/backoffice/payments", "coins", new("Payments", "入金"), BackOfficePermissions.PaymentRead, 533));
        map.Navigation.Add(new NavigationEntry("/console/backoffice/quotes", "file-text", new("Quotes", "見積"), BackOfficePermissions.QuoteRead, 528));
        map.Navigation.Add(new NavigationEntry("/console/backoffice/orders", "checklist", new("Orders", "注文"), BackOfficePermissions.OrderRead, 529));
        map.Navigation.Add(new NavigationEntry("/console/backoffice/projects", "checklist", ProjectWords.Projects, BackOfficePermissions.ProjectRead, 530));
        map.Navigation.Add(new NavigationEntry("/console/backoffice/reports", "chart-bar", new("Reports", "レポート"), BackOfficePermissions.ReportRead, 535));
        map.Navigation.Add(new NavigationEntry("/console/backoffice/credits", "arrow-back-up", ServiceCreditTable.Name, BackOfficePermissions.CreditRead, 536));
        map.Navigation.Add(new NavigationEntry("/console/backoffice/dunning", "bell", new("Dunning", "督促"), BackOfficePermissions.DunningRead, 534));
        BackOfficeActs.Map(map.Root);
        DunningActs.Map(map.Root);
        OrderActs.Map(map.Root);
        ProjectActs.Map(map.Root);
        ServiceCreditActs.Map(map.Root);
    }

    public ValueTask<IReadOnlyList<ReconcileOutcome>> ReconcileAsync(
        IServiceProvider services, DesiredSnapshot snapshot, IReadOnlySet<string> changedKeys, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<ReconcileOutcome>>([]);
}
