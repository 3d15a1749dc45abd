using Microsoft.AspNetCore.Http;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Documents.Html;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.BackOffice.Api;

/// <summary>An issued document as a page to print and as PDF, for the API and the console.</summary>
internal static class InvoiceFiles
{
    public static Task HtmlAsync(HttpContext http, InvoiceBook book, string bill) => SendAsync(http, book, bill, (_, document) =>
    {
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.Headers.ContentSecurityPolicy = InvoiceHtml.ContentSecurityPolicy;
        return http.Response.WriteAsync(InvoiceHtml.Write(document), http.RequestAborted);
    });

    public static Task PdfAsync(HttpContext http, InvoiceBook book, InvoicePapers papers, string bill) => SendAsync(http, book, bill, async (row, document) =>
    {
        var octets = await papers.PdfAsync(row, document, http.RequestAborted);
        http.Response.ContentType = "application/pdf";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{document.Number}.pdf\"";
        await http.Response.Body.WriteAsync(octets, http.RequestAborted);
    });

    private static async Task SendAsync(HttpContext http, InvoiceBook book, string bill, Func<InvoiceRow, InvoiceDocument, Task> send)
    {
        if (await book.FindAsync(http.GetCaller(), bill, http.RequestAborted) is not { } row || await book.DocumentAsync(http.GetCaller(), row.Id, http.RequestAborted) is not { } document)
        {
            ApiResult<InvoiceDocument> missing = Refusal.NotFound("bill", bill);
            await missing.ExecuteAsync(http);
            return;
        }

        http.Response.Headers.CacheControl = "no-store";
        await send(row, document);
    }
}
