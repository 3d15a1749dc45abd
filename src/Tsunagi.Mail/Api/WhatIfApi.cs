using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Verdict;
using Tsunagi.Mail.WhatIf;

namespace Tsunagi.Mail.Api;

/// <summary>/api/v1/mail/what-if and /messages/{message}/what-if: past mail under another policy, from stored verdicts alone.</summary>
internal static class WhatIfApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var mail = api.MapGroup("").WithTags("Mail");
        mail.MapPost("/what-if", AskAsync).Requires(MailPermissions.PolicyRead).WithName("askMailWhatIf")
            .WithSummary("What a policy would have done to the last days' mail: judged anew from stored verdicts, nothing is changed. Ends when its caller goes");
        mail.MapPost("/messages/{message}/what-if", OneAsync).Requires(MailPermissions.TraceRead).WithName("askMailMessageWhatIf")
            .WithSummary("What one message would have met under what holds for its recipients now, with the given policy over it");
    }

    private static async Task<ApiResult<WhatIfView>> AskAsync(HttpContext http, WhatIfDesk desk, WhatIfRequest asked, CancellationToken cancellationToken)
    {
        var caller = http.GetCaller();
        var question = await desk.QuestionAsync(
            caller, asked.TenantId ?? caller.Scope.TenantId, asked.Scope ?? "tenant", asked.Name ?? "", asked.Policy, asked.Days ?? WhatIfRequest.UsualDays, cancellationToken);
        if (!question.Ok)
        {
            return question.Refusal!;
        }

        var answer = await desk.AskAsync(question.Value!, null, cancellationToken);
        return answer.Ok ? WhatIfView.Of(answer.Value!) : answer.Refusal!;
    }

    private static async Task<ApiResult<Page<WhatIfOneView>>> OneAsync(HttpContext http, WhatIfDesk desk, string message, WhatIfOneRequest asked, CancellationToken cancellationToken)
    {
        var one = await desk.OneAsync(http.GetCaller(), message, asked.Policy, cancellationToken);
        return one.Ok ? new Page<WhatIfOneView>([.. one.Value!.Select(copy => WhatIfOneView.Of(copy, http.GetCaller().Locale))], null) : one.Refusal!;
    }
}

/// <summary>Which past mail, under which policy.</summary>
internal sealed record WhatIfRequest(
    [property: MaxLength(40), Description("Whose policy; left out for the caller's own tenant.")] string? TenantId,
    [property: MaxLength(10), Description("tenant (the default), domain, group or user.")] string? Scope,
    [property: MaxLength(320), Description("The domain, group or address; left out for the tenant's own.")] string? Name,
    [property: Range(1, WhatIfQuestion.MostDays), Description("How many days back (7).")] int? Days,
    [property: Description("The policy in mind; left out: what if that scope said nothing.")] FilterPolicy? Policy)
{
    public const int UsualDays = 7;
}

/// <summary>Under which policy.</summary>
internal sealed record WhatIfOneRequest([property: Description("Said over everything that holds for its recipients now; left out for what holds now.")] FilterPolicy? Policy);

/// <summary>What a policy would have done. A copy is one message for one recipient.</summary>
/// <param name="From">The time looked at, in µs since 1970: from here…</param>
/// <param name="To">…to here.</param>
/// <param name="Same">Copies that would have fared as they did.</param>
/// <param name="Changed">Copies that would not.</param>
/// <param name="AsIfKnown">Copies judged as if the greylist knew their senders: the policy would have asked it, and nobody did then.</param>
/// <param name="IsCut">There were more messages than one question may look at: the oldest were left out.</param>
/// <param name="NotJudged">Copies that cannot be judged anew, and why.</param>
public sealed record WhatIfView(
    long From, long To, long Messages, long Copies, long Same, long Changed, long AsIfKnown, bool IsCut, IReadOnlyList<WhatIfChangeView> Changes, IReadOnlyList<WhatIfLeftView> NotJudged)
{
    internal static WhatIfView Of(WhatIfAnswer answer) => new(
        answer.FromMicros, answer.ToMicros, answer.Messages, answer.Copies, answer.Same, answer.Changed, answer.AsIfKnown, answer.IsCut,
        [.. answer.Changes.Select(static change => new WhatIfChangeView(
            WhatIfFateView.Of(change.From), WhatIfFateView.Of(change.To), change.Copies, [.. change.Senders.Select(static sender => new WhatIfSenderView(MessageView.Some(sender.Domain), sender.Copies))],
            change.OtherSenders, [.. change.Newest.Select(WhatIfCopyView.Of)]))],
        [.. answer.NotJudged.Select(static left => new WhatIfLeftView(WhyOf(left.Why), left.Copies, [.. left.Newest.Select(WhatIfCopyView.Of)]))]);

    internal static string WhyOf(WhyNotJudged why) => why switch
    {
        WhyNotJudged.NotChecked => "not-checked",
        WhyNotJudged.EvidenceNotKept => "evidence-not-kept",
        _ => "not-looked-for",
    };
}

/// <summary>What was done with a copy, or would be.</summary>
/// <param name="Action">accept, tag, quarantine, defer or reject.</param>
/// <param name="Class">spam, virus, attachment or policy; absent unless it is quarantined.</param>
public sealed record WhatIfFateView(string Action, string? Class)
{
    internal static WhatIfFateView Of(WhatIfFate fate) => new(VerdictView.NameOf(fate.Action), fate.Hold == HoldClass.None ? null : fate.Hold.ToString().ToLowerInvariant());
}

/// <summary>Copies that would have fared otherwise in the same way.</summary>
/// <param name="Senders">Who sent most of them, by domain.</param>
/// <param name="OtherSenders">Copies of other senders.</param>
/// <param name="Newest">Some of them.</param>
public sealed record WhatIfChangeView(WhatIfFateView From, WhatIfFateView To, long Copies, IReadOnlyList<WhatIfSenderView> Senders, long OtherSenders, IReadOnlyList<WhatIfCopyView> Newest);

/// <summary>How many copies came from a domain; absent for reports without a sender.</summary>
public sealed record WhatIfSenderView(string? Domain, long Copies);

/// <summary>One copy; its why-page is that of the message.</summary>
/// <param name="Before">The code that decided then.</param>
/// <param name="After">The code that would decide.</param>
public sealed record WhatIfCopyView(string MessageId, long AcceptedAt, string From, string To, string? Before, string? After)
{
    internal static WhatIfCopyView Of(WhatIfCopy copy) => new(copy.Message, copy.AcceptedAt, copy.Sender, copy.Recipient, MessageView.Some(copy.Before), MessageView.Some(copy.After));
}

/// <summary>Copies that cannot be judged anew.</summary>
/// <param name="Why">not-checked, evidence-not-kept or not-looked-for.</param>
public sealed record WhatIfLeftView(string Why, long Copies, IReadOnlyList<WhatIfCopyView> Newest);

/// <summary>One recipient of a message under another policy.</summary>
/// <param name="Verdict">Absent when it cannot be judged anew, or nothing would be checked.</param>
/// <param name="WhyNot">not-checked, evidence-not-kept or not-looked-for; absent when it can.</param>
/// <param name="AsIfKnown">Judged as if the greylist knew its sender.</param>
public sealed record WhatIfOneView(string Recipient, string? Was, string? Would, VerdictView? Verdict, string? WhyNot, bool AsIfKnown)
{
    internal static WhatIfOneView Of(WhatIfOne one, string locale) => new(
        one.Recipient, one.Stored is null ? null : VerdictView.NameOf(one.Stored.Action), one.Anew.Verdict is { } would ? VerdictView.NameOf(would.Action) : null,
        one.Anew.Verdict is { } verdict && verdict != MessageVerdict.NotChecked ? VerdictView.Of(verdict, 0, locale) : null,
        one.Anew.Verdict is null ? WhatIfView.WhyOf(one.Anew.Why) : null, one.Anew.AsIfKnown);
}
