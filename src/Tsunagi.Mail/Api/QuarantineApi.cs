using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Content;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Quarantine.Preview;
using Tsunagi.Mail.Teach;

namespace Tsunagi.Mail.Api;

/// <summary>/api/v1/mail/quarantine and /api/v1/mail/senders: held mail, and what is said of senders.</summary>
internal static class QuarantineApi
{
    private const string HeldList = "mail-held";
    private const string SenderList = "mail-senders";

    public static void Map(RouteGroupBuilder api)
    {
        var held = api.MapGroup("/quarantine").WithTags("Mail");
        held.MapGet("", ListAsync).Requires(MailPermissions.QuarantineRead).WithName("listHeldMail").WithSummary("Held mail, newest first: by recipient, sender, words of the subject, state, class and date");
        held.MapGet("/{held}", FindAsync).Requires(MailPermissions.QuarantineRead).WithName("getHeldMail").WithSummary("One held copy: why it is held, and what became of it");
        held.MapGet("/{held}/content", ContentAsync).Requires(MailPermissions.ContentRead).WithName("getHeldMailContent")
            .WithSummary("Header fields, files by name and the words of a held message; each look is audited");
        held.MapPost("/{held}/content", OpenAsync).Requires(MailPermissions.ContentRead).WithName("openHeldMailContent")
            .WithSummary("Open a held message's content with a reason, for a limited time; the tenant sees it (for callers above the tenant)");
        held.MapPost("/{held}/release", ReleaseAsync).Requires(MailPermissions.QuarantineWrite).WithName("releaseHeldMail")
            .WithSummary("Deliver a held copy to its recipient, once; also approves a recipient's request. Repeating it changes nothing");
        held.MapPost("/{held}/refuse", RefuseAsync).Requires(MailPermissions.QuarantineWrite).WithName("refuseHeldMail").WithSummary("Refuse a recipient's request");
        held.MapPost("/{held}/block", BlockAsync).Requires(MailPermissions.QuarantineWrite).WithName("blockHeldMailSender")
            .WithSummary("Block the sender of a held copy for its recipient, the recipient's domain, or the tenant");
        held.MapPost("/{held}/teach", TeachAsync).Requires(MailPermissions.QuarantineWrite).WithName("teachHeldMail")
            .WithSummary("Say that a held message is spam or that it is not: the tenant's own model learns it. Repeating it changes nothing, the opposite reverses it");
        held.MapDelete("/{held}", DeleteAsync).Requires(MailPermissions.QuarantineWrite).WithName("deleteHeldMail").WithSummary("Delete a held copy; refused under a legal hold");
        held.MapPut("/{held}/legal-hold", KeepAsync).Requires(MailPermissions.QuarantineWrite).WithName("keepHeldMail").WithSummary("Keep a copy from expiry and deletion");
        held.MapDelete("/{held}/legal-hold", LetGoAsync).Requires(MailPermissions.QuarantineWrite).WithName("letHeldMailGo").WithSummary("Lift a legal hold");

        var senders = api.MapGroup("/senders").WithTags("Mail");
        senders.MapGet("", SendersAsync).Requires(MailPermissions.QuarantineRead).WithName("listMailSenderRules").WithSummary("Senders that are allowed or blocked");
        senders.MapPost("", RuleAsync).Requires(MailPermissions.QuarantineWrite).WithName("addMailSenderRule").WithSummary("Allow or block a sender for a recipient, a domain, or the tenant");
        senders.MapDelete("/{sender}", UnruleAsync).Requires(MailPermissions.QuarantineWrite).WithName("removeMailSenderRule").WithSummary("Take a rule about a sender back");
    }

    private static async Task<ApiResult<Page<HeldView>>> ListAsync(
        HttpContext http, HeldBook book, [AsParameters] PageRequest page, [AsParameters] HeldQuery query, CancellationToken cancellationToken)
    {
        if (page.After(HeldList, long.MaxValue, out var before) is { } unreadable)
        {
            return unreadable;
        }

        if (query.State is { } state && !HeldState.All.Contains(state, StringComparer.Ordinal))
        {
            return Refusal.Invalid("mail.quarantine.no-state", "state", $"there is no state '{state}'", string.Join(", ", HeldState.All));
        }

        if (query.Class is { } heldClass && !HeldClass.All.Contains(heldClass, StringComparer.Ordinal))
        {
            return Refusal.Invalid("mail.quarantine.no-class", "class", $"there is no class '{heldClass}'", string.Join(", ", HeldClass.All));
        }

        var caller = http.GetCaller();
        var filter = new HeldFilter(
            query.Text ?? "", query.Recipient ?? "", query.Sender ?? "", query.Subject ?? "", query.State ?? "", query.Class ?? "", query.From is { } from ? UnixMicros.From(from) : 0,
            query.To is { } to ? UnixMicros.From(to) : long.MaxValue, before);
        var rows = await book.ListAsync(caller, filter, page.Size + 1, cancellationToken);
        var shown = Page.Of(rows, page.Size, HeldList, static row => row.Seq.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return new Page<HeldView>([.. shown.Items.Select(row => HeldView.Of(row, caller))], shown.Next);
    }

    private static async Task<ApiResult<HeldView>> FindAsync(HttpContext http, HeldBook book, string held, CancellationToken cancellationToken) =>
        await book.FindAsync(http.GetCaller(), held, cancellationToken) is { } row ? HeldView.Of(row, http.GetCaller()) : Refusal.NotFound("held message", held);

    private static async Task<ApiResult<HeldPreview>> ContentAsync(HttpContext http, HeldBook book, HeldReading reading, string held, CancellationToken cancellationToken) =>
        await book.FindAsync(http.GetCaller(), held, cancellationToken) is { } row
            ? await reading.ReadAsync(new HeldActor(http.GetCaller(), null), row, cancellationToken)
            : Refusal.NotFound("held message", held);

    private static async Task<ApiResult<ContentGrant>> OpenAsync(
        HttpContext http, HeldBook book, HeldReading reading, string held, ContentReason given, CancellationToken cancellationToken) =>
        await book.FindAsync(http.GetCaller(), held, cancellationToken) is { } row
            ? await reading.OpenAsync(new HeldActor(http.GetCaller(), null), row, given.Reason, cancellationToken)
            : Refusal.NotFound("held message", held);

    private static async Task<ApiResult<HeldView>> ReleaseAsync(HttpContext http, HeldDesk desk, string held, HeldRelease? release, CancellationToken cancellationToken) =>
        View(http, await desk.ReleaseAsync(new HeldActor(http.GetCaller(), null), held, release?.AllowSender ?? false, cancellationToken));

    private static async Task<ApiResult<HeldView>> RefuseAsync(HttpContext http, HeldDesk desk, string held, HeldReason refusal, CancellationToken cancellationToken) =>
        View(http, await desk.RefuseAsync(new HeldActor(http.GetCaller(), null), held, refusal.Reason, cancellationToken));

    private static async Task<ApiResult<SenderRuleView>> BlockAsync(HttpContext http, HeldDesk desk, string held, HeldBlock? block, CancellationToken cancellationToken)
    {
        var ruled = await desk.BlockAsync(new HeldActor(http.GetCaller(), null), held, ScopeOf(block?.Scope), cancellationToken);
        return ruled.Ok ? SenderRuleView.Of(ruled.Value) : ruled.Refusal;
    }

    private static async Task<ApiResult<TaughtView>> TeachAsync(HttpContext http, TeachDesk desk, string held, Teaching teaching, CancellationToken cancellationToken)
    {
        var taught = await desk.OfHeldAsync(new HeldActor(http.GetCaller(), null), held, teaching.As == "spam", cancellationToken);
        return taught.Ok ? TaughtView.Of(taught.Value) : taught.Refusal;
    }

    private static async Task<ApiDone> DeleteAsync(HttpContext http, HeldDesk desk, string held, CancellationToken cancellationToken) =>
        ApiDone.From(await desk.DeleteAsync(new HeldActor(http.GetCaller(), null), held, cancellationToken));

    private static async Task<ApiResult<HeldView>> KeepAsync(HttpContext http, HeldDesk desk, string held, HeldReason reason, CancellationToken cancellationToken) =>
        View(http, await desk.KeepAsync(new HeldActor(http.GetCaller(), null), held, reason.Reason, cancellationToken));

    private static async Task<ApiDone> LetGoAsync(HttpContext http, HeldDesk desk, string held, CancellationToken cancellationToken) =>
        ApiDone.From(await desk.LetGoAsync(new HeldActor(http.GetCaller(), null), held, cancellationToken));

    private static async Task<ApiResult<Page<SenderRuleView>>> SendersAsync(
        HttpContext http, SenderBook book, [AsParameters] PageRequest page, [MaxLength(320), Description("A sender, a recipient or a domain, whole.")] string? text, CancellationToken cancellationToken)
    {
        if (page.After(SenderList, "", out var after) is { } unreadable)
        {
            return unreadable;
        }

        var entries = await book.ListAsync(http.GetCaller(), text ?? "", after, page.Size + 1, cancellationToken);
        return Page.Of([.. entries.Select(SenderRuleView.Of)], page.Size, SenderList, static entry => entry.Id);
    }

    private static async Task<ApiResult<SenderRuleView>> RuleAsync(
        HttpContext http, SenderBook book, Core.Tenants.TenantDirectory tenants, NewSenderRule wanted, CancellationToken cancellationToken)
    {
        var caller = http.GetCaller();
        if (await tenants.FindAsync(caller, wanted.TenantId ?? caller.Scope.TenantId, cancellationToken) is not { } tenant)
        {
            return Refusal.NotFound("tenant", wanted.TenantId ?? caller.Scope.TenantId);
        }

        var scope = ScopeOf(wanted.Scope);
        var owner = scope == SenderScope.Tenant ? tenant.TenantPath : (wanted.Owner ?? "").Trim().ToLowerInvariant();
        if (scope != SenderScope.Tenant && SenderBook.Canonical(scope == SenderScope.Domain ? "@" + owner : owner) is null)
        {
            return Refusal.Invalid("mail.sender.owner", "owner", $"'{wanted.Owner}' is no {(scope == SenderScope.Domain ? "domain" : "recipient's address")}", "name@domain for a recipient, a domain's name for a domain");
        }

        var rule = await book.SetAsync(caller, tenant.TenantPath, scope, owner, wanted.Sender, wanted.Rule == "allow" ? SenderRule.Allow : SenderRule.Block, cancellationToken);
        return rule.Ok ? SenderRuleView.Of(rule.Value) : rule.Refusal;
    }

    private static async Task<ApiDone> UnruleAsync(HttpContext http, SenderBook book, string sender, CancellationToken cancellationToken) =>
        await book.RemoveAsync(http.GetCaller(), sender, cancellationToken) is { } refusal ? refusal : ApiDone.Instance;

    private static ApiResult<HeldView> View(HttpContext http, Outcome<HeldRow> outcome) => outcome.Ok ? HeldView.Of(outcome.Value, http.GetCaller()) : outcome.Refusal;

    private static SenderScope ScopeOf(string? word) => word switch { "domain" => SenderScope.Domain, "tenant" => SenderScope.Tenant, _ => SenderScope.Recipient };
}

/// <summary>Which held mail.</summary>
internal sealed record HeldQuery(
    [property: MaxLength(320), Description("Words that must all be there: of the subject, the sender's name, or addresses and domains, whole.")] string? Text,
    [property: MaxLength(320), Description("A recipient's address, or a domain.")] string? Recipient,
    [property: MaxLength(320), Description("A sender's address, or a domain; of the envelope or of the From field.")] string? Sender,
    [property: MaxLength(320), Description("Words of the subject.")] string? Subject,
    [property: Description("held, requested, refused, releasing, released, deleted, expired or unreadable.")] string? State,
    [property: Description("spam, virus, attachment or policy.")] string? Class,
    [property: Description("Held at or after.")] DateTimeOffset? From,
    [property: Description("Held before.")] DateTimeOffset? To);

/// <summary>How it is released.</summary>
internal sealed record HeldRelease([property: Description("The sender goes onto the recipient's list of those that are let through.")] bool AllowSender = false);

/// <summary>Why.</summary>
internal sealed record HeldReason([property: Required, StringLength(300, MinimumLength = 3)] string Reason);

/// <summary>For whom the sender is blocked.</summary>
internal sealed record HeldBlock([property: AllowedValues("recipient", "domain", "tenant"), Description("recipient (without it), domain or tenant.")] string Scope = "recipient");

/// <summary>A rule about a sender.</summary>
internal sealed record NewSenderRule(
    [property: Required, AllowedValues("recipient", "domain", "tenant")] string Scope,
    [property: Required, MaxLength(320), Description("An address, or a domain.")] string Sender,
    [property: Required, AllowedValues("allow", "block")] string Rule,
    [property: MaxLength(320), Description("The recipient's address, or the domain; not for a tenant.")] string? Owner = null,
    [property: MaxLength(40), Description("Whose rule it is; the caller's own tenant without it.")] string? TenantId = null);
