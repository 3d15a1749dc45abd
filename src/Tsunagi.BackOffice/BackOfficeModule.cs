using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Api;
using Tsunagi.BackOffice.Bank.Import;
using Tsunagi.BackOffice.Facts;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.BackOffice.Pages;
using Tsunagi.BackOffice.Payments;
using Tsunagi.BackOffice.Runs;
using Tsunagi.BackOffice.Shadow;
using Tsunagi.BackOffice.Verbs;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Search;
using Tsunagi.Ui.Subjects;
using Tsunagi.Ui.Tables;

namespace Tsunagi.BackOffice;

/// <summary>
/// The back office: every service on one bill, right to the yen. The folders in the order data walks them: Accounts (who pays), Facts (what held and what was
/// counted, as known at a moment), Bills (the pure function from facts to lines), Tax, Runs (computed, looked at, released, issued), Invoices (issued documents,
/// credit notes), Documents (what is printed), Ledger (double entry), Payments and Bank (what came in), Shadow (beside the system before), then Api, Pages, Verbs.
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
        Specifications: [],
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
        services.AddSingleton<FactReader>().AddSingleton<BillPreviews>().AddSingleton<LineExplainer>();
        services.AddSingleton<RunSignal>().AddSingleton<RunBook>().AddSingleton<RunOrders>().AddSingleton<RunEngine>();
        services.AddSingleton<InvoiceBook>().AddSingleton<InvoiceIssuer>().AddSingleton<InvoicePapers>().AddSingleton<CreditOrders>().AddSingleton<AdjustmentOrders>();
        services.AddSingleton<LedgerBook>().AddSingleton<PaymentBook>().AddSingleton<PaymentOrders>().AddSingleton<BankImports>();
        services.AddSingleton<ShadowRun>().AddSingleton<OpeningOrders>();
        services.AddSingleton<ISearchSource, InvoiceSearch>();
        services.AddSingleton(BackOfficeRefusals.Words);
        services.AddTable<InvoiceTable>().AddTable<BillingAccountTable>().AddTable<PaymentTable>();
        services.AddSingleton(new SubjectPage("iv", "/console/backoffice/invoices/{0}", "file-invoice", new("Invoice", "請求書")));
        services.AddSingleton(new SubjectPage("ba", "/console/backoffice/accounts/{0}", "building", new("Billing account", "請求先")));
        services.AddSingleton(new SubjectPage("br", "/console/backoffice/runs/{0}", "player-play", new("Invoice run", "請求処理")));
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
        map.Pages.Add(typeof(BackOfficeModule).Assembly);
        map.Navigation.Add(new NavigationEntry("/console/backoffice", "report-money", new("Back office", "バックオフィス"), BackOfficePermissions.RunRead, 530));
        map.Navigation.Add(new NavigationEntry("/console/backoffice/invoices", "file-invoice", new("Invoices", "請求書"), BackOfficePermissions.InvoiceRead, 531));
        map.Navigation.Add(new NavigationEntry("/console/backoffice/accounts", "building", new("Billing accounts", "請求先"), BackOfficePermissions.AccountRead, 532));
        map.Navigation.Add(new NavigationEntry("/console/backoffice/payments", "coins", new("Payments", "入金"), BackOfficePermissions.PaymentRead, 533));
        BackOfficeActs.Map(map.Root);
    }

    public ValueTask<IReadOnlyList<ReconcileOutcome>> ReconcileAsync(
        IServiceProvider services, DesiredSnapshot snapshot, IReadOnlySet<string> changedKeys, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<ReconcileOutcome>>([]);
}
