using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Dunning;
using Tsunagi.BackOffice.Letters;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.BackOffice.Api;

/// <summary>/api/v1/backoffice/dunning and /letters: what is proposed, taken, written. The provider's.</summary>
internal static class DunningApi
{
    private const string Tag = "Back office";
    private const string Steps = "backoffice-dunning-steps";

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/dunning").WithTags(Tag);
        group.MapGet("/", StateAsync).Requires(BackOfficePermissions.DunningRead).WithName("getDunningState").WithSummary("What dunning rests on now: how new the bank's files are, whether today is a day to act");
        group.MapGet("/proposals", ProposalsAsync).Requires(BackOfficePermissions.DunningRead).WithName("listDunningProposals").WithSummary("Steps that may be taken, and why some wait");
        group.MapPost("/proposals/{proposal}/release", ReleaseAsync).Requires(BackOfficePermissions.DunningRelease).WithName("releaseDunningStep").WithSummary("Take a step as it was looked at");
        group.MapPost("/proposals/{proposal}/skip", SkipAsync).Requires(BackOfficePermissions.DunningRelease).WithName("skipDunningStep").WithSummary("Pass over a step");
        group.MapPost("/releases", ReleaseManyAsync).Requires(BackOfficePermissions.DunningRelease).WithName("releaseDunningSteps").WithSummary("Take many steps, each by itself");
        group.MapGet("/steps", StepsAsync).Requires(BackOfficePermissions.DunningRead).WithName("listDunningSteps").WithSummary("Steps taken and skipped, newest first");
        group.MapGet("/terms", TermsAsync).Requires(BackOfficePermissions.DunningRead).WithName("getDunningTerms").WithSummary("The operator's terms: stages, letters, what is automatic");
        group.MapPut("/terms", SetTermsAsync).Requires(BackOfficePermissions.DunningTerms).WithName("setDunningTerms").WithSummary("Change them whole (a person, signed in)");
        group.MapGet("/holidays", HolidaysAsync).Requires(BackOfficePermissions.DunningRead).WithName("listHolidays").WithSummary("The operator's calendar");
        group.MapPut("/holidays", SetHolidaysAsync).Requires(BackOfficePermissions.DunningTerms).WithName("setHolidays").WithSummary("Enter the holidays of whole years in place of those before");
        group.MapGet("/bookings", BookingsAsync).Requires(BackOfficePermissions.DunningRead).WithName("listOpenBookings").WithSummary("Bookings of imported bank files that wait for a person");
        group.MapPost("/dismissals", DismissAsync).Requires(BackOfficePermissions.PaymentWrite).WithName("dismissBooking").WithSummary("Put a booking aside: it pays nobody's invoice");
        var letters = api.MapGroup("/letters").WithTags(Tag);
        letters.MapGet("/{letter}", LetterAsync).Requires(BackOfficePermissions.DunningRead).WithName("getLetter").WithSummary("One letter, as it was written");
        letters.MapPost("/{letter}/send-again", SendAgainAsync).Requires(BackOfficePermissions.DunningRelease).WithName("sendLetterAgain").WithSummary("Try again one that failed, or of which nobody knows");
        letters.MapPost("/{letter}/delivered", DeliveredAsync).Requires(BackOfficePermissions.DunningRelease).WithName("recordLetterDelivered").WithSummary("Say that it reached its reader otherwise");
    }

    private static async Task<ApiResult<DunningStateView>> StateAsync(HttpContext http, DunningBook book, LetterBook letters, CancellationToken cancellationToken) => !http.GetCaller().IsOperator
        ? DunningOrders.NotOperator
        : DunningStateView.Of(await book.FrameAsync(cancellationToken), await letters.CountAsync(http.GetCaller(), cancellationToken));

    private static async Task<ApiResult<Page<DunningProposalView>>> ProposalsAsync(HttpContext http, DunningBook book, [AsParameters] ProposalQuery query, CancellationToken cancellationToken) => !http.GetCaller().IsOperator
        ? DunningOrders.NotOperator
        : new Page<DunningProposalView>([.. (await book.ProposalsAsync(http.GetCaller(), query.Account, cancellationToken)).Proposals.Select(DunningProposalView.Of)], null);

    private static async Task<ApiResult<DunningStepView>> ReleaseAsync(HttpContext http, DunningOrders orders, string proposal, CancellationToken cancellationToken) =>
        View(await orders.ReleaseAsync(http.GetCaller(), proposal, cancellationToken));

    private static async Task<ApiResult<DunningStepView>> SkipAsync(HttpContext http, DunningOrders orders, string proposal, DunningSkip skip, CancellationToken cancellationToken) =>
        View(await orders.SkipAsync(http.GetCaller(), proposal, skip.Reason, cancellationToken));

    private static async Task<ApiResult<Page<DunningReleaseView>>> ReleaseManyAsync(HttpContext http, DunningOrders orders, DunningReleases wanted, CancellationToken cancellationToken) => !http.GetCaller().IsOperator
        ? DunningOrders.NotOperator
        : new Page<DunningReleaseView>(
            [.. (await orders.ReleaseManyAsync(http.GetCaller(), wanted.Proposals, cancellationToken)).Select(static each => new DunningReleaseView(each.Proposal, each.Outcome.Ok ? DunningStepView.Of(each.Outcome.Value) : null, each.Outcome.Refusal?.Message))],
            null);

    private static async Task<ApiResult<Page<DunningStepView>>> StepsAsync(HttpContext http, DunningBook book, [AsParameters] PageRequest page, [AsParameters] StepQuery query, CancellationToken cancellationToken)
    {
        if (!http.GetCaller().IsOperator)
        {
            return DunningOrders.NotOperator;
        }

        if (page.After(Steps, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await book.StepsAsync(http.GetCaller(), new StepFilter(query.Account, query.Action, query.State, query.Text), before, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(DunningStepView.Of)], page.Size, Steps, static step => step.Id);
    }

    private static async Task<ApiResult<DunningTermsView>> TermsAsync(HttpContext http, DunningBook book, CancellationToken cancellationToken)
    {
        if (!http.GetCaller().IsOperator)
        {
            return DunningOrders.NotOperator;
        }

        var frame = await book.FrameAsync(cancellationToken);
        return ApiResult.From(Outcome.Of(new DunningTermsView(frame.Version, frame.Terms)), static view => view.Version);
    }

    private static async Task<ApiResult<DunningTermsView>> SetTermsAsync(HttpContext http, DunningTermsOrders orders, DunningTerms terms, IfMatch ifMatch, CancellationToken cancellationToken)
    {
        var set = await orders.SetAsync(http.GetCaller(), terms, ifMatch.Version, cancellationToken);
        return set.Ok ? ApiResult.From(Outcome.Of(new DunningTermsView(set.Value.Version, set.Value.Terms)), static view => view.Version) : set.Refusal;
    }

    private static async Task<ApiResult<Page<Holiday>>> HolidaysAsync(HttpContext http, DunningBook book, CancellationToken cancellationToken) =>
        !http.GetCaller().IsOperator ? DunningOrders.NotOperator : new Page<Holiday>(await book.HolidaysAsync(cancellationToken), null);

    private static async Task<ApiResult<Page<Holiday>>> SetHolidaysAsync(HttpContext http, DunningTermsOrders orders, NewHolidays wanted, CancellationToken cancellationToken)
    {
        var set = await orders.SetHolidaysAsync(http.GetCaller(), wanted.Holidays, cancellationToken);
        return set.Ok ? new Page<Holiday>(set.Value, null) : set.Refusal;
    }

    private static async Task<ApiResult<Page<BookingView>>> BookingsAsync(HttpContext http, DunningBook book, CancellationToken cancellationToken) =>
        !http.GetCaller().IsOperator ? DunningOrders.NotOperator : new Page<BookingView>([.. (await book.LeftAsync(http.GetCaller(), cancellationToken)).Select(BookingView.Of)], null);

    private static async Task<ApiResult<BookingView>> DismissAsync(HttpContext http, DunningTermsOrders orders, BookingDismissal wanted, CancellationToken cancellationToken)
    {
        var done = await orders.DismissAsync(http.GetCaller(), wanted.Booking, wanted.Reason, cancellationToken);
        return done.Ok ? BookingView.Of(done.Value) : done.Refusal;
    }

    private static async Task<ApiResult<LetterView>> LetterAsync(HttpContext http, LetterBook book, string letter, CancellationToken cancellationToken) =>
        await book.FindAsync(http.GetCaller(), letter, cancellationToken) is { } found ? LetterView.Of(found) : Refusal.NotFound("letter", letter);

    private static async Task<ApiResult<LetterView>> SendAgainAsync(HttpContext http, LetterBook book, string letter, CancellationToken cancellationToken) =>
        View(await book.SendAgainAsync(http.GetCaller(), letter, cancellationToken));

    private static async Task<ApiResult<LetterView>> DeliveredAsync(HttpContext http, LetterBook book, string letter, LetterDelivery delivery, CancellationToken cancellationToken) =>
        View(await book.DeliveredAsync(http.GetCaller(), letter, delivery.Note, cancellationToken));

    private static ApiResult<DunningStepView> View(Outcome<DunningStep> step) => step.Ok ? DunningStepView.Of(step.Value) : step.Refusal;

    private static ApiResult<LetterView> View(Outcome<Letter> letter) => letter.Ok ? LetterView.Of(letter.Value) : letter.Refusal;
}

/// <summary>Which proposals.</summary>
public sealed record ProposalQuery([property: MaxLength(40), Description("Of this billing account.")] string? Account);

/// <summary>Which steps.</summary>
public sealed record StepQuery(
    [property: MaxLength(200), Description("An id, a part of the customer's name, an invoice's number.")] string? Text,
    [property: MaxLength(40), Description("Of this billing account.")] string? Account,
    [property: AllowedValues("remind", "lastNotice", "suspend", "handOver", null), Description("Of this kind.")] string? Action,
    [property: AllowedValues("done", "skipped", "suspended", null), Description("done, skipped, or suspended: a suspension that stands.")] string? State);
