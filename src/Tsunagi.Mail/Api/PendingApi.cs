using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Mail.Pending;

namespace Tsunagi.Mail.Api;

/// <summary>/api/v1/mail/pending: mail that waits before it leaves.</summary>
internal static class PendingApi
{
    private const string List = "mail-pending";

    public static void Map(RouteGroupBuilder api)
    {
        var pending = api.MapGroup("/pending").WithTags("Mail");
        pending.MapGet("", ListAsync).Requires(MailPermissions.QueueRead).WithName("listPendingMail")
            .WithSummary("Mail that waits, or waited, before it leaves, newest first: one row for each recipient");
        pending.MapGet("/{pending}", FindAsync).Requires(MailPermissions.QueueRead).WithName("getPendingMail").WithSummary("One recipient of a message that waits: until when, and what was decided");
        pending.MapPost("/{pending}/send", SendAsync).Requires(MailPermissions.QueueWrite).WithName("sendPendingMail").WithSummary("Let it leave now. Repeating it changes nothing");
        pending.MapPost("/{pending}/cancel", CancelAsync).Requires(MailPermissions.QueueWrite).WithName("cancelPendingMail")
            .WithSummary("Take it back for this recipient; its sender is told. Refused once it has left. Repeating it changes nothing");
    }

    private static async Task<ApiResult<Page<PendingView>>> ListAsync(
        HttpContext http, PendingBook book, [AsParameters] PageRequest page, [AsParameters] PendingQuery query, CancellationToken cancellationToken)
    {
        if (page.After(List, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        if (query.State is { } state && !PendingState.All.Contains(state, StringComparer.Ordinal))
        {
            return Refusal.Invalid("mail.pending.no-state", "state", $"there is no state '{state}'", string.Join(", ", PendingState.All));
        }

        var caller = http.GetCaller();
        var rows = await book.ListAsync(caller, query.Text ?? "", query.State ?? "", before, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(row => PendingView.Of(row, caller))], page.Size, List, static row => row.Id);
    }

    private static async Task<ApiResult<PendingView>> FindAsync(HttpContext http, PendingDesk desk, string pending, CancellationToken cancellationToken) =>
        await desk.FindAsync(new PendingActor(http.GetCaller(), null), pending, cancellationToken) is { } row ? PendingView.Of(row, http.GetCaller()) : Refusal.NotFound("pending message", pending);

    private static async Task<ApiResult<PendingView>> SendAsync(HttpContext http, PendingDesk desk, string pending, CancellationToken cancellationToken) =>
        View(http, await desk.SendAsync(new PendingActor(http.GetCaller(), null), pending, cancellationToken));

    private static async Task<ApiResult<PendingView>> CancelAsync(HttpContext http, PendingDesk desk, string pending, CancellationToken cancellationToken) =>
        View(http, await desk.CancelAsync(new PendingActor(http.GetCaller(), null), pending, cancellationToken));

    private static ApiResult<PendingView> View(HttpContext http, Outcome<PendingRow> outcome) => outcome.Ok ? PendingView.Of(outcome.Value, http.GetCaller()) : outcome.Refusal;
}

/// <summary>Which mail.</summary>
internal sealed record PendingQuery(
    [property: MaxLength(320), Description("A recipient's or sender's address, or a message's id, whole.")] string? Text,
    [property: Description("pending, sent or recalled.")] string? State);

/// <summary>One recipient of a message that waits, or waited, before it leaves.</summary>
/// <param name="MessageId">The message: its story is the trace's.</param>
/// <param name="State">pending, sent (it goes, or went, the way of all mail) or recalled.</param>
/// <param name="Subject">For the tenant itself only: content is closed to everyone above it.</param>
/// <param name="DueAt">When it leaves by itself.</param>
/// <param name="Doubt">The domain that was probably meant; absent where there is no doubt.</param>
/// <param name="ChangedBy">Who decided; absent while it waits, and for its time.</param>
internal sealed record PendingView(
    string Id, string MessageId, string TenantId, string SubscriptionId, string State, string Recipient, string Sender, string? SubmittedBy, string? Subject, long SizeBytes, long AcceptedAt, long DueAt,
    string? Doubt, long ChangedAt, string? ChangedBy)
{
    internal static PendingView Of(PendingRow row, Caller caller) => new(
        row.Id, row.MessageId, MessageView.TenantOf(row.TenantPath), row.SubscriptionId, row.State, row.Recipient, row.Sender, MessageView.Some(row.SubmittedBy),
        caller.Scope.Path == row.TenantPath ? row.Subject : null, row.Size, row.AcceptedAt, row.DueAt, MessageView.Some(row.Doubt), row.ChangedAt, MessageView.Some(row.ChangedBy));
}
