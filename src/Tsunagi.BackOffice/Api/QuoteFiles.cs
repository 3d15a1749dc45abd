using Microsoft.AspNetCore.Http;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Documents.Html;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Orders;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.BackOffice.Api;

/// <summary>A quote as a page to print and as PDF, for the API and the console.</summary>
internal static class QuoteFiles
{
    public static Task HtmlAsync(HttpContext http, QuotePapers papers, string quote) => SendAsync(http, papers, quote, document =>
    {
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.Headers.ContentSecurityPolicy = InvoiceHtml.ContentSecurityPolicy;
        return http.Response.WriteAsync(InvoiceHtml.Write(document), http.RequestAborted);
    });

    public static Task PdfAsync(HttpContext http, QuotePapers papers, InvoicePapers pdf, string quote) => SendAsync(http, papers, quote, async document =>
    {
        var octets = pdf.Write(document);
        http.Response.ContentType = "application/pdf";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{document.Number}.pdf\"";
        await http.Response.Body.WriteAsync(octets, http.RequestAborted);
    });

    private static async Task SendAsync(HttpContext http, QuotePapers papers, string quote, Func<InvoiceDocument, Task> send)
    {
        if (await papers.DocumentAsync(http.GetCaller(), quote, http.RequestAborted) is not { } document)
        {
            ApiResult<InvoiceDocument> missing = Refusal.NotFound("quote", quote);
            await missing.ExecuteAsync(http);
            return;
        }

        http.Response.Headers.CacheControl = "no-store";
        await send(document);
    }
}
