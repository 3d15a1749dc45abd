using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Shadow;

namespace Tsunagi.Mail.Api;

/// <summary>/api/v1/mail/shadow: what we would have done beside what the filter in service said.</summary>
internal static class ShadowApi
{
    private const string List = "mail-shadow";
    private const int UsualDays = 7;

    public static void Map(RouteGroupBuilder api)
    {
        var shadow = api.MapGroup("/shadow").WithTags("Mail");
        shadow.MapGet("", CountAsync).Requires(MailPermissions.TraceRead).WithName("getMailShadow")
            .WithSummary("Messages that were only watched, by domain and by what both filters said");
        shadow.MapGet("/messages", ListAsync).Requires(MailPermissions.TraceRead).WithName("listMailShadow").WithSummary("Messages that were only watched, newest first");
    }

    private static async Task<ApiResult<Page<ShadowCount>>> CountAsync(HttpContext http, ShadowStore store, TimeProvider time, [AsParameters] ShadowSpan span, CancellationToken cancellationToken) =>
        new Page<ShadowCount>(await store.CountAsync(http.GetCaller(), From(time, span.Days), cancellationToken), null);

    private static async Task<ApiResult<Page<ShadowView>>> ListAsync(
        HttpContext http, ShadowStore store, TimeProvider time, [AsParameters] PageRequest page, [AsParameters] ShadowQuery query, CancellationToken cancellationToken)
    {
        if (page.After(List, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await store.ListAsync(http.GetCaller(), From(time, query.Days), query.Domain?.ToLowerInvariant() ?? "", query.Cell ?? "", before, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(ShadowView.Of)], page.Size, List, static view => view.MessageId);
    }

    internal static long From(TimeProvider time, int? days) => UnixMicros.From(time.GetUtcNow().AddDays(-(days ?? UsualDays)));
}

/// <summary>How far back.</summary>
internal sealed record ShadowSpan([property: Range(1, 366), Description("Days back; 7 without it.")] int? Days);

/// <summary>Which messages.</summary>
internal sealed record ShadowQuery(
    [property: Range(1, 366), Description("Days back; 7 without it.")] int? Days,
    [property: MaxLength(253), Description("Only this domain's.")] string? Domain,
    [property: AllowedValues("both-spam", "only-ours", "only-theirs", "both-clean", "untold", null), Description("Only these: both-spam, only-ours, only-theirs, both-clean, untold.")] string? Cell);

/// <summary>One message that was only watched.</summary>
/// <param name="Cell">both-spam, only-ours, only-theirs, both-clean or untold.</param>
/// <param name="Action">What we would have done.</param>
/// <param name="Reason">The code that decided; absent when nothing was found.</param>
/// <param name="Theirs">The field in which the filter in service said so; absent when it said nothing.</param>
public sealed record ShadowView(string MessageId, DateTimeOffset JudgedAt, string Domain, string Cell, string Action, string? Reason, string? Theirs, string Sender, string Recipient)
{
    internal static ShadowView Of(ShadowRow row) => new(
        row.MessageId, UnixMicros.ToDateTimeOffset(row.JudgedAt), row.Domain, ShadowCell.Of(row.Ours, row.Theirs), row.Action, MessageView.Some(row.Reason), MessageView.Some(row.Field), row.Sender, row.Recipient);
}
