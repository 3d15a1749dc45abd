using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Facts;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Payments;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.BackOffice.Api;

/// <summary>/api/v1/backoffice/customer-bills: issued documents, in the terms of TMF678.</summary>
internal static class CustomerBillApi
{
    private const string Bills = "backoffice-bills";

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/customer-bills").WithTags("Back office");
        group.MapGet("/", ListAsync).Requires(BackOfficePermissions.InvoiceRead).WithName("listCustomerBills").WithSummary("Invoices and credit notes, newest first");
        group.MapGet("/{bill}", FindAsync).Requires(BackOfficePermissions.InvoiceRead).WithName("getCustomerBill").WithSummary("One document, by id or number");
        group.MapGet("/{bill}/applied-rates", RatesAsync).Requires(BackOfficePermissions.InvoiceRead).WithName("listAppliedCustomerBillingRates").WithSummary("Its lines");
        group.MapGet("/{bill}/document", DocumentAsync).Requires(BackOfficePermissions.InvoiceRead).WithName("getBillDocument").WithSummary("Everything that is printed on it");
        group.MapGet("/{bill}/document.html", InvoiceFiles.HtmlAsync).Requires(BackOfficePermissions.InvoiceRead).WithName("getBillPage").WithSummary("The document as a page to print")
            .Produces<string>(StatusCodes.Status200OK, "text/html");
        group.MapGet("/{bill}/document.pdf", InvoiceFiles.PdfAsync).Requires(BackOfficePermissions.InvoiceRead).WithName("getBillPdf").WithSummary("The document as PDF")
            .Produces<byte[]>(StatusCodes.Status200OK, "application/pdf");
        group.MapGet("/{bill}/lines/{billLine}/explanation", ExplainAsync).Requires(BackOfficePermissions.InvoiceRead).WithName("explainBillLine")
            .WithSummary("Where a line comes from: terms, what was counted day by day, each record of usage");
        group.MapGet("/{bill}/proof", ProveAsync).Requires(BackOfficePermissions.InvoiceRead).WithName("proveCustomerBill")
            .WithSummary("Makes the bill again from the facts as they were known then: it must be the same to the last character");
        group.MapGet("/{bill}/allocations", AllocationsAsync).Requires(BackOfficePermissions.InvoiceRead).WithName("listBillAllocations").WithSummary("Payments and credits set against it");
        group.MapPost("/{bill}/credit-notes", CreditAsync).Requires(BackOfficePermissions.CreditWrite).WithName("addCreditNote").WithSummary("Give it back, whole or by line, by a credit note of its own number");
    }

    private static async Task<ApiResult<Page<CustomerBillView>>> ListAsync(
        HttpContext http, InvoiceBook book, CivilDay day, [AsParameters] PageRequest page, [AsParameters] BillQuery query, CancellationToken cancellationToken)
    {
        if (page.After(Bills, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        var filter = new InvoiceFilter(query.Text, query.Account, query.Category, query.BillingPeriod, query.From, query.To, query.State);
        var rows = await book.ListAsync(http.GetCaller(), filter, await day.TodayAsync(cancellationToken), before, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(static row => CustomerBillView.Of(row))], page.Size, Bills, static bill => bill.Id);
    }

    private static async Task<ApiResult<CustomerBillView>> FindAsync(HttpContext http, InvoiceBook book, string bill, CancellationToken cancellationToken) =>
        await book.FindAsync(http.GetCaller(), bill, cancellationToken) is { } row
            ? CustomerBillView.Of(row, await book.DocumentAsync(http.GetCaller(), row.Id, cancellationToken))
            : Refusal.NotFound("bill", bill);

    private static async Task<ApiResult<Page<AppliedRateView>>> RatesAsync(HttpContext http, InvoiceBook book, string bill, CancellationToken cancellationToken)
    {
        if (await book.FindAsync(http.GetCaller(), bill, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("bill", bill);
        }

        var kept = await book.BillAsync(http.GetCaller(), row.Id, cancellationToken);
        return new Page<AppliedRateView>([.. (kept?.Lines ?? []).Select(line => AppliedRateView.Of(row.Id, line, row.Currency))], null);
    }

    private static async Task<ApiResult<InvoiceDocument>> DocumentAsync(HttpContext http, InvoiceBook book, string bill, CancellationToken cancellationToken) =>
        await book.FindAsync(http.GetCaller(), bill, cancellationToken) is { } row && await book.DocumentAsync(http.GetCaller(), row.Id, cancellationToken) is { } document
            ? document
            : Refusal.NotFound("bill", bill);

    private static async Task<ApiResult<LineExplanation>> ExplainAsync(HttpContext http, LineExplainer explainer, string bill, string billLine, CancellationToken cancellationToken) =>
        await explainer.ExplainAsync(http.GetCaller(), bill, int.TryParse(billLine, NumberStyles.None, CultureInfo.InvariantCulture, out var no) ? no : 0, cancellationToken);

    private static async Task<ApiResult<BillProof>> ProveAsync(HttpContext http, BillPreviews previews, string bill, CancellationToken cancellationToken) =>
        await previews.ProveAsync(http.GetCaller(), bill, cancellationToken);

    private static async Task<ApiResult<Page<Allocation>>> AllocationsAsync(HttpContext http, InvoiceBook book, PaymentBook payments, string bill, CancellationToken cancellationToken) =>
        await book.FindAsync(http.GetCaller(), bill, cancellationToken) is { } row
            ? new Page<Allocation>(await payments.AllocatedAsync(http.GetCaller(), row.Id, cancellationToken), null)
            : Refusal.NotFound("bill", bill);

    private static async Task<ApiCreated<CustomerBillView>> CreditAsync(HttpContext http, CreditOrders orders, string bill, NewCredit wanted, CancellationToken cancellationToken)
    {
        var credit = await orders.CreditAsync(http.GetCaller(), bill, wanted, cancellationToken);
        return credit.Ok ? ApiResult.Created<CustomerBillView>(CustomerBillView.Of(credit.Value), static made => made.Href) : credit.Refusal;
    }
}

/// <summary>Which documents.</summary>
public sealed record BillQuery(
    [property: MaxLength(200), Description("A number, an id, a part of the customer's name, a date, an amount.")] string? Text,
    [property: MaxLength(40), Description("Of this billing account.")] string? Account,
    [property: AllowedValues("invoice", "credit", "opening", null), Description("invoice, credit or opening.")] string? Category,
    [property: RegularExpression("[0-9]{4}-[0-9]{2}"), Description("Of this month: YYYY-MM.")] string? BillingPeriod,
    [property: RegularExpression("[0-9]{4}-[0-9]{2}-[0-9]{2}"), Description("Issued on this date or later.")] string? From,
    [property: RegularExpression("[0-9]{4}-[0-9]{2}-[0-9]{2}"), Description("Issued on this date or earlier.")] string? To,
    [property: AllowedValues("open", "overdue", "settled", null), Description("open, overdue or settled.")] string? State);
