using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Documents.Pdf.Fonts;
using Tsunagi.BackOffice.Reports;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice.Api;

/// <summary>A report as CSV and as PDF, for the API and the console.</summary>
internal sealed partial class ReportFiles
{
    private readonly ReportBook _book;
    private readonly BackOfficeOptions _options;
    private readonly Stores _stores;
    private readonly CivilDay _day;
    private readonly DocumentFonts _fonts;

    public ReportFiles(ReportBook book, BackOfficeOptions options, Stores stores, CivilDay day, ILogger<ReportFiles> log)
    {
        if (!DocumentFonts.TryOpen(options.Documents, out var fonts, out var error))
        {
            LogFont(log, error);
        }

        (_book, _options, _stores, _day, _fonts) = (book, options, stores, day, fonts);
    }

    public static Task CsvAsync(HttpContext http, ReportFiles files, string report, [AsParameters] ReportQuery query) => files.SendAsync(http, report, query, (sheet, locale) =>
        http.Response.WriteAsync(ReportText.Csv(sheet, locale), http.RequestAborted), "text/csv; charset=utf-8", "csv");

    public static Task PdfAsync(HttpContext http, ReportFiles files, string report, [AsParameters] ReportQuery query) => files.SendAsync(http, report, query, async (sheet, locale) =>
    {
        var provider = await files._stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<string>("SELECT name FROM tenant WHERE kind = 'provider'"), http.RequestAborted) ?? "";
        var name = files._options.Issuer.Name.Length > 0 ? files._options.Issuer.Name : provider;
        var pdf = ReportPdf.Write(sheet, name, await files._day.TodayAsync(http.RequestAborted), locale, files._fonts);
        await http.Response.Body.WriteAsync(pdf.Octets, http.RequestAborted);
    }, "application/pdf", "pdf");

    private async Task SendAsync(HttpContext http, string report, ReportQuery query, Func<ReportSheet, string, Task> send, string type, string extension)
    {
        var caller = http.GetCaller();
        var made = await _book.MakeAsync(caller, report, query.Filter, _options.ReportRows, http.RequestAborted);
        if (!made.Ok)
        {
            ApiResult<ReportView> refused = made.Refusal;
            await refused.ExecuteAsync(http);
            return;
        }

        var span = made.Value.Span is { } months ? $"-{months.From}-{months.To}" : "";
        http.Response.ContentType = type;
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{report}{span}.{extension}\"";
        http.Response.Headers.CacheControl = "no-store";
        await send(made.Value, query.Language ?? caller.Locale);
    }

    [LoggerMessage(5006, LogLevel.Error, "a font of backoffice.documents cannot be used; reports are set in the program's own: {Error}")]
    private static partial void LogFont(ILogger log, string error);
}
