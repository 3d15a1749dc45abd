using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Facts;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.BackOffice.Api;

/// <summary>/api/v1/backoffice/accounts: who pays, what the next bill would be, what is open.</summary>
internal static class AccountApi
{
    private const string Accounts = "backoffice-accounts";
    private const string Tag = "Back office";
    private const int MostOpen = 1_000;

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/accounts").WithTags(Tag);
        group.MapGet("/", ListAsync).Requires(BackOfficePermissions.AccountRead).WithName("listBillingAccounts").WithSummary("Billing accounts, oldest first");
        group.MapPost("/", AddAsync).Requires(BackOfficePermissions.AccountWrite).WithName("addBillingAccount").WithSummary("Make the billing account of a tenant");
        group.MapGet("/{account}", FindAsync).Requires(BackOfficePermissions.AccountRead).WithName("getBillingAccount").WithSummary("One billing account, by its id or its tenant's");
        group.MapPatch("/{account}", ChangeAsync).Requires(BackOfficePermissions.AccountWrite).WithName("changeBillingAccount").WithSummary("Change a billing account");
        group.MapGet("/{account}/preview", PreviewAsync).Requires(BackOfficePermissions.InvoiceRead).WithName("previewBill").WithSummary("What the bill would be if it were written now");
        group.MapGet("/{account}/open-items", OpenAsync).Requires(BackOfficePermissions.InvoiceRead).WithName("listOpenItems").WithSummary("Invoices that are not paid whole, oldest first");
        group.MapPost("/{account}/adjustments", AdjustAsync).Requires(BackOfficePermissions.CreditWrite).WithName("addAdjustment").WithSummary("Put an amount on the next bill");
        api.MapGet("/aging", AgingAsync).Requires(BackOfficePermissions.InvoiceRead).WithTags(Tag).WithName("getAging").WithSummary("What is open, by how long it is overdue");
    }

    private static async Task<ApiResult<Page<BillingAccount>>> ListAsync(
        HttpContext http, AccountBook book, [AsParameters] PageRequest page, [AsParameters] AccountQuery query, CancellationToken cancellationToken) =>
        page.After(Accounts, "", out var after) is { } unreadable
            ? unreadable
            : Page.Of(await book.ListAsync(http.GetCaller(), query.Text ?? "", after, page.Size + 1, cancellationToken), page.Size, Accounts, static account => account.Id);

    private static async Task<ApiCreated<BillingAccount>> AddAsync(HttpContext http, AccountOrders orders, NewBillingAccount wanted, CancellationToken cancellationToken) =>
        ApiResult.Created(await orders.AddAsync(http.GetCaller(), wanted, cancellationToken), static account => "/api/v1/backoffice/accounts/" + account.Id, static account => account.Version);

    private static async Task<ApiResult<BillingAccount>> FindAsync(HttpContext http, AccountBook book, string account, CancellationToken cancellationToken) =>
        ApiResult.Found(await book.FindAsync(http.GetCaller(), account, cancellationToken), "billing account", account, static found => found.Version);

    private static async Task<ApiResult<BillingAccount>> ChangeAsync(
        HttpContext http, AccountOrders orders, string account, BillingAccountChange change, IfMatch ifMatch, CancellationToken cancellationToken) =>
        ApiResult.From(await orders.ChangeAsync(http.GetCaller(), account, change, ifMatch.Version, cancellationToken), static changed => changed.Version);

    private static async Task<ApiResult<BillPreviewView>> PreviewAsync(HttpContext http, BillPreviews previews, string account, string? period, CancellationToken cancellationToken)
    {
        var preview = await previews.PreviewAsync(http.GetCaller(), account, period, cancellationToken);
        if (!preview.Ok)
        {
            return preview.Refusal;
        }

        var bill = preview.Value.Bill;
        return new BillPreviewView(
            bill.AccountId, bill.Period, AppliedRateView.PeriodOf(bill.From, bill.To), MoneyView.Of(bill.NetMinor, bill.Currency), MoneyView.Of(bill.TotalMinor, bill.Currency),
            preview.Value.PreviousMinor is { } before ? MoneyView.Of(before, bill.Currency) : null, CustomerBillView.TaxesOf(bill.Taxes, bill.Currency),
            [.. bill.Lines.Select(line => AppliedRateView.Of("preview", line, bill.Currency))], bill.InputHash);
    }

    private static async Task<ApiResult<Page<CustomerBillView>>> OpenAsync(HttpContext http, AccountBook book, InvoiceBook invoices, string account, CancellationToken cancellationToken) =>
        await book.FindAsync(http.GetCaller(), account, cancellationToken) is { } found
            ? new Page<CustomerBillView>([.. (await invoices.OpenAsync(http.GetCaller(), found.Id, MostOpen, cancellationToken)).Select(static row => CustomerBillView.Of(row))], null)
            : Refusal.NotFound("billing account", account);

    private static async Task<ApiCreated<Adjustment>> AdjustAsync(HttpContext http, AdjustmentOrders orders, string account, NewAdjustment wanted, CancellationToken cancellationToken) =>
        ApiResult.Created(await orders.AddAsync(http.GetCaller(), account, wanted, cancellationToken), made => $"/api/v1/backoffice/accounts/{made.AccountId}/preview");

    private static async Task<ApiResult<Page<AgingRow>>> AgingAsync(HttpContext http, InvoiceBook invoices, CivilDay day, CancellationToken cancellationToken) =>
        new Page<AgingRow>(await invoices.AgingAsync(http.GetCaller(), null, await day.TodayAsync(cancellationToken), cancellationToken), null);
}

/// <summary>Which billing accounts.</summary>
public sealed record AccountQuery([property: MaxLength(200), Description("An id, a tenant, a part of the name.")] string? Text);
