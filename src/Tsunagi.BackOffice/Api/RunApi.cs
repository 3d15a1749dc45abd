using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Runs;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.BackOffice.Api;

/// <summary>/api/v1/backoffice/runs: bills are computed, looked at, released, issued.</summary>
internal static class RunApi
{
    private const string Runs = "backoffice-runs";
    private const string Drafts = "backoffice-drafts";

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/runs").WithTags("Back office");
        group.MapGet("/", ListAsync).Requires(BackOfficePermissions.RunRead).WithName("listInvoiceRuns").WithSummary("Invoice runs, newest first");
        group.MapPost("/", MakeAsync).Requires(BackOfficePermissions.RunWrite).WithName("makeInvoiceRun").WithSummary("Compute the bills of a month; nothing is issued");
        group.MapGet("/{run}", FindAsync).Requires(BackOfficePermissions.RunRead).WithName("getInvoiceRun").WithSummary("One run: how far it is, and what its bills come to");
        group.MapGet("/{run}/bills", DraftsAsync).Requires(BackOfficePermissions.RunRead).WithName("listRunBills").WithSummary("Its bills beside those of the month before, the largest difference first");
        group.MapPost("/{run}/release", ReleaseAsync).Requires(BackOfficePermissions.RunRelease).WithName("releaseInvoiceRun").WithSummary("Release it: its bills become invoices as they are");
        group.MapPost("/{run}/discard", DiscardAsync).Requires(BackOfficePermissions.RunWrite).WithName("discardInvoiceRun").WithSummary("Discard it; nothing is issued");
    }

    private static async Task<ApiResult<Page<RunView>>> ListAsync(HttpContext http, RunBook book, [AsParameters] PageRequest page, CancellationToken cancellationToken)
    {
        if (page.After(Runs, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await book.ListAsync(http.GetCaller(), before, page.Size + 1, cancellationToken);
        var views = new List<RunView>();
        foreach (var row in rows)
        {
            views.Add(RunView.Of(row, await book.CountAsync(row.Id, cancellationToken)));
        }

        return Page.Of(views, page.Size, Runs, static run => run.Id);
    }

    private static async Task<ApiCreated<RunView>> MakeAsync(HttpContext http, RunOrders orders, NewRun wanted, CancellationToken cancellationToken)
    {
        var made = await orders.MakeAsync(http.GetCaller(), wanted, cancellationToken);
        return made.Ok ? ApiResult.Created<RunView>(RunView.Of(made.Value, []), static run => "/api/v1/backoffice/runs/" + run.Id) : made.Refusal;
    }

    private static async Task<ApiResult<RunView>> FindAsync(HttpContext http, RunBook book, string run, CancellationToken cancellationToken) =>
        await book.FindAsync(http.GetCaller(), run, cancellationToken) is { } row ? RunView.Of(row, await book.CountAsync(row.Id, cancellationToken)) : Refusal.NotFound("invoice run", run);

    private static async Task<ApiResult<Page<DraftView>>> DraftsAsync(
        HttpContext http, RunBook book, string run, [AsParameters] PageRequest page, [AsParameters] DraftQuery query, CancellationToken cancellationToken)
    {
        if (await book.FindAsync(http.GetCaller(), run, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("invoice run", run);
        }

        if (page.After(Drafts, 0, out var skip) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await book.DraftsAsync(row.Id, query.State ?? "", query.Text ?? "", (int)skip, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(DraftView.Of)], page.Size, Drafts, _ => (skip + page.Size).ToString(CultureInfo.InvariantCulture));
    }

    private static async Task<ApiResult<RunView>> ReleaseAsync(HttpContext http, RunBook book, RunOrders orders, string run, CancellationToken cancellationToken) =>
        await ViewAsync(book, await orders.ReleaseAsync(http.GetCaller(), run, cancellationToken), cancellationToken);

    private static async Task<ApiResult<RunView>> DiscardAsync(HttpContext http, RunBook book, RunOrders orders, string run, CancellationToken cancellationToken) =>
        await ViewAsync(book, await orders.DiscardAsync(http.GetCaller(), run, cancellationToken), cancellationToken);

    private static async ValueTask<ApiResult<RunView>> ViewAsync(RunBook book, Outcome<RunRow> outcome, CancellationToken cancellationToken) =>
        outcome.Ok ? RunView.Of(outcome.Value, await book.CountAsync(outcome.Value.Id, cancellationToken)) : outcome.Refusal;
}

/// <summary>Which bills of a run.</summary>
public sealed record DraftQuery(
    [property: MaxLength(200), Description("An account, a part of its name.")] string? Text,
    [property: AllowedValues("ready", "empty", "billed", "carried", "failed", "stale", "issued", null), Description("Only those in this state.")] string? State);
