using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Content;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Teach;
using Tsunagi.Mail.Trace;

namespace Tsunagi.Mail.Api;

/// <summary>/api/v1/mail: messages and their traces, the queue, the lists of recipients.</summary>
internal static class MailApi
{
    private const string MessageList = "mail-messages";
    private const int MaxListBytes = 32 * 1024 * 1024;

    public static void Map(RouteGroupBuilder api)
    {
        var mail = api.MapGroup("").WithTags("Mail");
        mail.MapGet("/messages", ListAsync).Requires(MailPermissions.TraceRead).WithName("listMailMessages").WithSummary("Messages, newest first");
        mail.MapGet("/messages/{message}", FindAsync).Requires(MailPermissions.TraceRead).WithName("getMailMessage")
            .WithSummary("What became of a message: where it is and why, every attempt, what happens next");
        mail.MapPost("/messages/{message}/retry", RetryAsync).Requires(MailPermissions.QueueWrite).WithName("retryMailMessage").WithSummary("Try a waiting message now");
        mail.MapPost("/messages/{message}/content", OpenAsync).Requires(MailPermissions.ContentRead).WithName("openMailContent")
            .WithSummary("Open a message's content with a reason, for a limited time; the tenant sees it (for callers above the tenant)");
        mail.MapGet("/messages/{message}/content", ContentAsync).Requires(MailPermissions.ContentRead).WithName("getMailContent")
            .WithSummary("Header fields and plain text of a message that is still here; each look is audited");
        mail.MapGet("/messages/{message}/content/raw", RawAsync).Requires(MailPermissions.ContentRead).WithName("getMailContentRaw")
            .WithSummary("The whole message (message/rfc822); each look is audited").Produces<string>(StatusCodes.Status200OK, "message/rfc822");
        mail.MapPost("/messages/{message}/probe", ProbeAsync).Requires(MailPermissions.QueueWrite).WithName("probeMailMessage")
            .WithSummary("Ask the next hop whether it would take a message that waits: EHLO, MAIL and RCPT, no content");
        mail.MapPost("/messages/{message}/teach", TeachAsync).Requires(MailPermissions.QuarantineWrite).WithName("teachMailMessage")
            .WithSummary("Say that a message is spam or that it is not, while its content is here: the tenant's own model learns it. Repeating it changes nothing, the opposite reverses it");
        mail.MapGet("/queue", QueueAsync).Requires(MailPermissions.QueueRead).WithName("getMailQueue").WithSummary("What waits, and how its next hops stand on this node");
        mail.MapPost("/next-hops/{nextHop}/retry", RetryNextHop).Requires(MailPermissions.QueueWrite).WithName("retryMailNextHop")
            .WithSummary("Try everything that waits for a next hop now");
        mail.MapPost("/next-hops/{nextHop}/hold", HoldAsync).Requires(MailPermissions.QueueWrite).WithName("holdMailNextHop")
            .WithSummary("Stop delivery to a next hop; its mail waits (operators)");
        mail.MapPost("/next-hops/{nextHop}/release", ReleaseAsync).Requires(MailPermissions.QueueWrite).WithName("releaseMailNextHop")
            .WithSummary("Deliver to a next hop again (operators)");
        mail.MapGet("/recipient-lists", ListsAsync).Requires(MailPermissions.RecipientsRead).WithName("listMailRecipientLists").WithSummary("The lists of recipients, by subscription");
        mail.MapGet("/recipient-lists/{subscription}", EntriesAsync).Requires(MailPermissions.RecipientsRead).WithName("getMailRecipientList")
            .WithSummary("The addresses of one list");
        mail.MapPut("/recipient-lists/{subscription}", ReplaceAsync).Requires(MailPermissions.RecipientsWrite).WithName("putMailRecipientList")
            .Accepts<string>("text/csv").WithSummary("Replace a list by a CSV text; stops when more than a tenth would go, unless that number is given");
    }

    private static async Task<ApiResult<Page<MessageView>>> ListAsync(
        HttpContext http, TraceStore trace, [AsParameters] PageRequest page, [AsParameters] MessageQuery query, CancellationToken cancellationToken)
    {
        if (page.After(MessageList, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        if (query.State is { } state && !MessageState.All.Contains(state, StringComparer.Ordinal))
        {
            return Refusal.Invalid("mail.message.state", "state", $"there is no state '{state}'", string.Join(", ", MessageState.All));
        }

        var filter = new MessageFilter(
            query.Text ?? "", query.State ?? "", query.Subscription ?? "", query.From is { } from ? UnixMicros.From(from) : 0,
            query.To is { } to ? UnixMicros.From(to) : long.MaxValue, before);
        var rows = await trace.ListAsync(http.GetCaller(), filter, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(MessageView.Of)], page.Size, MessageList, static view => view.Id);
    }

    private static async Task<ApiResult<MessageTraceView>> FindAsync(
        HttpContext http, TraceStore trace, DeliveryScheduler scheduler, string message, CancellationToken cancellationToken)
    {
        var caller = http.GetCaller();
        return await trace.FindAsync(caller, message, cancellationToken) is { } found
            ? MessageTraceView.Of(found, SpoolId.TryParse(message, out var id) ? scheduler.Find(id) : null, caller.Locale)
            : Refusal.NotFound("message", message);
    }

    private static async Task<ApiDone> RetryAsync(
        HttpContext http, TraceStore trace, DeliveryScheduler scheduler, string message, CancellationToken cancellationToken)
    {
        if (await trace.FindAsync(http.GetCaller(), message, cancellationToken) is null || !SpoolId.TryParse(message, out var id))
        {
            return Refusal.NotFound("message", message);
        }

        return scheduler.RetryNow(id)
            ? ApiDone.Instance
            : Refusal.Conflict("mail.message.not-waiting", $"message {message} does not wait on this node: it is finished, or being delivered, or held");
    }

    private static async Task<ApiResult<ContentGrant>> OpenAsync(
        HttpContext http, ContentDesk desk, string message, ContentReason given, CancellationToken cancellationToken) =>
        await desk.OpenAsync(http.GetCaller(), message, given.Reason, cancellationToken);

    private static async Task<ApiResult<ContentView>> ContentAsync(HttpContext http, ContentDesk desk, string message, CancellationToken cancellationToken)
    {
        var read = await desk.ReadAsync(http.GetCaller(), message, ContentView.MaxShownBytes, "shown", cancellationToken);
        return read.Ok ? ContentView.Of(read.Value) : read.Refusal;
    }

    private static async Task<IResult> RawAsync(HttpContext http, ContentDesk desk, string message, CancellationToken cancellationToken)
    {
        var read = await desk.ReadAsync(http.GetCaller(), message, long.MaxValue, "downloaded", cancellationToken);
        return read.Ok ? new RawContent(read.Value) : new ProblemResult(read.Refusal);
    }

    private static async Task<ApiResult<TaughtView>> TeachAsync(HttpContext http, TeachDesk desk, string message, Teaching teaching, CancellationToken cancellationToken)
    {
        var taught = await desk.OfMessageAsync(http.GetCaller(), message, teaching.As == "spam", cancellationToken);
        return taught.Ok ? TaughtView.Of(taught.Value) : taught.Refusal;
    }

    private static async Task<ApiResult<ProbeView>> ProbeAsync(
        HttpContext http, TraceStore trace, NextHopProbe probe, string message, CancellationToken cancellationToken)
    {
        if (await trace.FindAsync(http.GetCaller(), message, cancellationToken) is null || !SpoolId.TryParse(message, out var id))
        {
            return Refusal.NotFound("message", message);
        }

        return await probe.AskAsync(id, cancellationToken);
    }

    private static async Task<ApiResult<QueueView>> QueueAsync(HttpContext http, TraceStore trace, DeliveryScheduler scheduler, CancellationToken cancellationToken)
    {
        var caller = http.GetCaller();
        var waiting = await trace.WaitingAsync(caller, cancellationToken);
        return new QueueView([.. waiting], scheduler.NextHops(caller.Scope));
    }

    private static ApiResult<RetriedView> RetryNextHop(HttpContext http, DeliveryScheduler scheduler, string nextHop) =>
        Known(http.GetCaller(), scheduler, nextHop) is { } known
            ? new RetriedView(scheduler.RetryNow(known, http.GetCaller().Scope))
            : Refusal.NotFound("next hop", nextHop);

    private static async Task<ApiDone> HoldAsync(
        HttpContext http, NextHopHolds holds, DeliveryScheduler scheduler, string nextHop, NextHopHold hold, CancellationToken cancellationToken)
    {
        var caller = http.GetCaller();
        if (Known(caller, scheduler, nextHop) is not { } known)
        {
            return Refusal.NotFound("next hop", nextHop);
        }

        return !caller.IsOperator ? NotOperator() : await holds.HoldAsync(caller, known, hold.Reason, cancellationToken) is { } refusal ? refusal : ApiDone.Instance;
    }

    private static async Task<ApiDone> ReleaseAsync(
        HttpContext http, NextHopHolds holds, DeliveryScheduler scheduler, string nextHop, CancellationToken cancellationToken)
    {
        var caller = http.GetCaller();
        if (Known(caller, scheduler, nextHop) is not { } known)
        {
            return Refusal.NotFound("next hop", nextHop);
        }

        return !caller.IsOperator ? NotOperator() : await holds.ReleaseAsync(caller, known, cancellationToken) is { } refusal ? refusal : ApiDone.Instance;
    }

    private static async Task<ApiResult<Page<RecipientListView>>> ListsAsync(HttpContext http, RecipientListBook book, CancellationToken cancellationToken) =>
        new Page<RecipientListView>(await book.ListAsync(http.GetCaller(), cancellationToken), null);

    private static async Task<ApiResult<Page<ListedRecipient>>> EntriesAsync(
        HttpContext http, RecipientListBook book, string subscription, [AsParameters] PageRequest page, CancellationToken cancellationToken)
    {
        if (page.After("mail-recipients", "", out var after) is { } unreadable)
        {
            return unreadable;
        }

        return await book.FindAsync(http.GetCaller(), subscription, cancellationToken) is null
            ? Refusal.NotFound("list of recipients of subscription", subscription)
            : Page.Of([.. (await book.EntriesAsync(http.GetCaller(), subscription, after, page.Size + 1, cancellationToken)).Select(ListedRecipient.Of)], page.Size, "mail-recipients", static listed => listed.Address);
    }

    private static async Task<ApiResult<RecipientListChange>> ReplaceAsync(
        HttpContext http, RecipientListBook book, string subscription, [Range(0, RecipientListBook.MaxEntries)] long? removes, CancellationToken cancellationToken)
    {
        if (http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxListBytes;
        }

        using var reader = new StreamReader(http.Request.Body);
        return await book.ReplaceAsync(http.GetCaller(), subscription, await reader.ReadToEndAsync(cancellationToken), removes, cancellationToken);
    }

    // A next hop is known to a caller through the mail that goes there, so nobody learns of others'.
    private static NextHop? Known(Caller caller, DeliveryScheduler scheduler, string text) =>
        NextHop.TryParseAny(text, out var nextHop) && scheduler.NextHops(caller.Scope).Any(view => view.NextHop == nextHop.ToString()) ? nextHop : null;

    private static Refusal NotOperator() => new(
        RefusalKind.Forbidden, "mail.next-hop.operators-only", "a next hop may serve several customers: only the provider's operators hold and release it");
}

/// <summary>Which messages.</summary>
internal sealed record MessageQuery(
    [property: MaxLength(320), Description("A recipient, a sender, a Message-ID, or an id of ours.")] string? Text,
    [property: Description("queued, held, deferred, delivered, partial, failed, expired, dropped, quarantined or rejected.")] string? State,
    [property: MaxLength(40)] string? Subscription,
    [property: Description("Accepted at or after.")] DateTimeOffset? From,
    [property: Description("Accepted before.")] DateTimeOffset? To);

/// <summary>What waits.</summary>
internal sealed record QueueView(IReadOnlyList<WaitingCount> Waiting, IReadOnlyList<NextHopView> NextHops);

/// <summary>How many messages were woken.</summary>
internal sealed record RetriedView(int Messages);

/// <summary>Why somebody above the tenant opens its message.</summary>
internal sealed record ContentReason([property: Required, StringLength(300, MinimumLength = 3)] string Reason);

/// <summary>One address of a list.</summary>
/// <param name="AliasOf">The mailbox it stands for; absent for a mailbox.</param>
internal sealed record ListedRecipient(string Address, string? AliasOf, IReadOnlyList<string> Groups)
{
    public static ListedRecipient Of(RecipientListRow row) => new(row.Address, MessageView.Some(row.AliasOf), row.InGroups.Length == 0 ? [] : row.InGroups.Split(';'));
}

/// <summary>Why delivery to a next hop stops.</summary>
internal sealed record NextHopHold([property: Required, StringLength(300, MinimumLength = 3)] string Reason);
