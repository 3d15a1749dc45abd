using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Reports;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.BackOffice.Api;

/// <summary>/api/v1/backoffice/reports: the management's figures, from issued invoices and the ledger, each down to its lines.</summary>
internal static class ReportApi
{
    private const string Lines = "backoffice-report-lines";

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/reports").WithTags("Back office");
        group.MapGet("/", List).Requires(BackOfficePermissions.ReportRead).WithName("listReports").WithSummary("The reports there are");
        group.MapGet("/{report}", MakeAsync).Requires(BackOfficePermissions.ReportRead).WithName("getReport")
            .WithSummary("One report over whole months: its tables, what is counted, and whether it agrees with the ledger (the provider; resellers of their own customers)");
        group.MapGet("/{report}/document.csv", ReportFiles.CsvAsync).Requires(BackOfficePermissions.ReportRead).WithName("getReportCsv").WithSummary("The report as CSV").Produces<string>(StatusCodes.Status200OK, "text/csv");
        group.MapGet("/{report}/document.pdf", ReportFiles.PdfAsync).Requires(BackOfficePermissions.ReportRead).WithName("getReportPdf").WithSummary("The report as PDF").Produces<byte[]>(StatusCodes.Status200OK, "application/pdf");
        api.MapGet("/report-lines", LinesAsync).WithTags("Back office").Requires(BackOfficePermissions.ReportRead).WithName("listReportLines").WithSummary("The issued lines that a report's figure is the sum of, newest invoice first");
    }

    private static ApiResult<Page<ReportNameView>> List(HttpContext http) =>
        new Page<ReportNameView>([.. ReportNames.Of(http.GetCaller()).Select(name => new ReportNameView(name, ReportNames.Title(name).In(http.GetCaller().Locale)))], null);

    private static async Task<ApiResult<ReportView>> MakeAsync(
        HttpContext http, ReportBook book, BackOfficeOptions options, string report, [AsParameters] ReportQuery query, CancellationToken cancellationToken)
    {
        var made = await book.MakeAsync(http.GetCaller(), report, query.Filter, options.ReportRows, cancellationToken);
        return made.Ok ? ReportView.Of(made.Value, query.Language ?? http.GetCaller().Locale) : made.Refusal;
    }

    private static async Task<ApiResult<Page<ReportLineView>>> LinesAsync(
        HttpContext http, ReportBook book, [AsParameters] PageRequest page, [AsParameters] ReportLineQuery query, CancellationToken cancellationToken)
    {
        if (page.After(Lines, "", out var after) is { } unreadable)
        {
            return unreadable;
        }

        var question = book.Question(query.From, query.To, query.Basis, query.Currency, query.Category, query.Nature, query.Account, query.Service);
        if (!question.Ok)
        {
            return question.Refusal;
        }

        var rows = await book.LinesAsync(http.GetCaller(), question.Value, after.Length == 0 ? null : after, page.Size + 1, cancellationToken);
        return rows.Ok
            ? Page.Of([.. rows.Value.Select(ReportLineView.Of)], page.Size, Lines, static line => ReportLine.PlaceOf(line.InvoiceId, line.Line))
            : rows.Refusal;
    }
}

/// <summary>Which months of a report, and how they are counted.</summary>
public sealed record ReportQuery(
    [property: RegularExpression("[0-9]{4}-[0-9]{2}"), Description("The first month; the report's own span without it.")] string? From,
    [property: RegularExpression("[0-9]{4}-[0-9]{2}"), Description("The last month; the last one there are invoices of without it.")] string? To,
    [property: AllowedValues("booked", "service", null), Description("booked (without it): as the ledger has it: the month of the invoice's date, of what was billed in advance the months in which it is earned; service: the month that is paid for.")] string? Basis,
    [property: RegularExpression("[A-Z]{3}"), Description("The currency; that of most invoices without it.")] string? Currency,
    [property: AllowedValues("en", "ja", null), Description("The language of titles and definitions; the caller's without it.")] string? Language)
{
    internal ReportFilter Filter => new(From, To, Basis, Currency);
}

/// <summary>Which issued lines.</summary>
public sealed record ReportLineQuery(
    [property: Required, RegularExpression("[0-9]{4}-[0-9]{2}"), Description("The first month.")] string? From,
    [property: Required, RegularExpression("[0-9]{4}-[0-9]{2}"), Description("The last month.")] string? To,
    [property: AllowedValues("booked", "service", null), Description("As of the report.")] string? Basis,
    [property: Required, RegularExpression("[A-Z]{3}"), Description("The currency.")] string? Currency,
    [property: AllowedValues("connectivity", "valueAdded", "construction", "operation", "none", null), Description("Of this category; none is in no category.")] string? Category,
    [property: AllowedValues("recurring", "once", null), Description("Recurring or one-time revenue.")] string? Nature,
    [property: MaxLength(40), Description("Of this billing account.")] string? Account,
    [property: MaxLength(100), Description("Of this service (a specification).")] string? Service);
