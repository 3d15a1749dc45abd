using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Orders;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.BackOffice.Api;

/// <summary>/api/v1/backoffice/quotes (TMF648): what was offered to whom, and what became of it.</summary>
internal static class QuoteApi
{
    private const string Quotes = "backoffice-quotes";

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/quotes").WithTags("Back office");
        group.MapGet("/", ListAsync).Requires(BackOfficePermissions.QuoteRead).WithName("listQuotes").WithSummary("Quotes, newest first; drafts only for those who make them");
        group.MapPost("/", AddAsync).Requires(BackOfficePermissions.QuoteWrite).WithName("createQuote").WithSummary("Make a draft: its items get the prices of a day");
        group.MapGet("/{quote}", FindAsync).Requires(BackOfficePermissions.QuoteRead).WithName("getQuote").WithSummary("One quote with its items");
        group.MapPut("/{quote}", ChangeAsync).Requires(BackOfficePermissions.QuoteWrite).WithName("replaceQuote").WithSummary("Put other content in a draft's place");
        group.MapPost("/{quote}/send", SendAsync).Requires(BackOfficePermissions.QuoteWrite).WithName("sendQuote").WithSummary("Send a draft: from then on it stands until its last day is over");
        group.MapPost("/{quote}/accept", AcceptAsync).Requires(BackOfficePermissions.QuoteDecide).WithName("acceptQuote").WithSummary("Accept it: the order it makes is in the answer");
        group.MapPost("/{quote}/reject", RejectAsync).Requires(BackOfficePermissions.QuoteDecide).WithName("rejectQuote").WithSummary("Reject it");
        group.MapGet("/{quote}/document.html", QuoteFiles.HtmlAsync).Requires(BackOfficePermissions.QuoteRead).WithName("getQuoteHtml").WithSummary("The quote as a page to print")
            .Produces<string>(StatusCodes.Status200OK, "text/html");
        group.MapGet("/{quote}/document.pdf", QuoteFiles.PdfAsync).Requires(BackOfficePermissions.QuoteRead).WithName("getQuotePdf").WithSummary("The quote as PDF")
            .Produces<byte[]>(StatusCodes.Status200OK, "application/pdf");
    }

    private static async Task<ApiResult<Page<QuoteView>>> ListAsync(HttpContext http, OrderBook book, [AsParameters] PageRequest page, [AsParameters] QuoteQuery query, CancellationToken cancellationToken)
    {
        if (page.After(Quotes, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await book.QuotesAsync(http.GetCaller(), new QuoteFilter(query.Tenant, query.State, query.Text), before, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(QuoteView.Of)], page.Size, Quotes, static quote => quote.Id);
    }

    private static async Task<ApiCreated<QuoteView>> AddAsync(HttpContext http, QuoteOrders orders, NewQuote wanted, CancellationToken cancellationToken)
    {
        var made = await orders.AddAsync(http.GetCaller(), wanted, cancellationToken);
        return ApiResult.Created(made.Ok ? Outcome.Of(QuoteView.Of(made.Value)) : made.Refusal, static quote => "/api/v1/backoffice/quotes/" + quote.Id, static quote => quote.Version);
    }

    private static async Task<ApiResult<QuoteView>> FindAsync(HttpContext http, OrderBook book, string quote, CancellationToken cancellationToken) =>
        View(await book.QuoteAsync(http.GetCaller(), quote, cancellationToken) is { } found ? found : Refusal.NotFound("quote", quote));

    private static async Task<ApiResult<QuoteView>> ChangeAsync(HttpContext http, QuoteOrders orders, string quote, NewQuote wanted, IfMatch ifMatch, CancellationToken cancellationToken) =>
        View(await orders.ChangeAsync(http.GetCaller(), quote, wanted, ifMatch.Version, cancellationToken));

    private static async Task<ApiResult<QuoteView>> SendAsync(HttpContext http, QuoteOrders orders, string quote, IfMatch ifMatch, CancellationToken cancellationToken) =>
        View(await orders.SendAsync(http.GetCaller(), quote, ifMatch.Version, cancellationToken));

    private static async Task<ApiResult<QuoteView>> AcceptAsync(HttpContext http, QuoteOrders orders, string quote, CancellationToken cancellationToken) =>
        View(await orders.AcceptAsync(http.GetCaller(), quote, cancellationToken));

    private static async Task<ApiResult<QuoteView>> RejectAsync(HttpContext http, QuoteOrders orders, string quote, OrderReason wanted, CancellationToken cancellationToken) =>
        View(await orders.RejectAsync(http.GetCaller(), quote, wanted.Reason, cancellationToken));

    private static ApiResult<QuoteView> View(Outcome<Quote> quote) => quote.Ok ? ApiResult.From(Outcome.Of(QuoteView.Of(quote.Value)), static view => view.Version) : quote.Refusal;
}

/// <summary>Which quotes.</summary>
public sealed record QuoteQuery(
    [property: MaxLength(200), Description("An id, a part of the number, the subject or the customer's name.")] string? Text,
    [property: MaxLength(40), Description("Of this tenant.")] string? Tenant,
    [property: AllowedValues("draft", "sent", "accepted", "rejected", "expired", null), Description("In this state.")] string? State);

/// <summary>Why something is rejected or cancelled.</summary>
public sealed record OrderReason([property: Required, StringLength(QuoteOrders.MaxReason, MinimumLength = 1), Description("Why.")] string Reason);
