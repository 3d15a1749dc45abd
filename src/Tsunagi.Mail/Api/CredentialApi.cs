using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Mail.Limits;
using Tsunagi.Mail.Submission;

namespace Tsunagi.Mail.Api;

/// <summary>/api/v1/mail/credentials: by what devices and users hand mail in.</summary>
internal static class CredentialApi
{
    private const string Order = "mail-credentials";

    public static void Map(RouteGroupBuilder api)
    {
        var credentials = api.MapGroup("/credentials").WithTags("Mail");
        credentials.MapGet("", ListAsync).Requires(MailPermissions.CredentialRead).WithName("listMailCredentials").WithSummary("Credentials of devices and users that hand mail in, newest first");
        credentials.MapGet("/{credential}", FindAsync).Requires(MailPermissions.CredentialRead).WithName("getMailCredential").WithSummary("One credential: whom it may send as, when it was last used");
        credentials.MapPost("", MakeAsync).Requires(MailPermissions.CredentialWrite).WithName("makeMailCredential")
            .WithSummary("Make a credential; a secret that is made here is in the answer and nowhere else");
        credentials.MapPut("/{credential}/senders", SetSendersAsync).Requires(MailPermissions.CredentialWrite).WithName("putMailCredentialSenders").WithSummary("Say anew whom a credential may send as");
        credentials.MapPut("/{credential}/secret", SetSecretAsync).Requires(MailPermissions.CredentialWrite).WithName("putMailCredentialSecret")
            .WithSummary("Give a credential another secret; the one before is good for nothing at once");
        credentials.MapPut("/{credential}/limits", SetLimitsAsync).Requires(MailPermissions.CredentialWrite).WithName("putMailCredentialLimits")
            .WithSummary("Say what a credential alone may send; what is left out is as for all devices of the tenant");
        credentials.MapPost("/{credential}/resume", ResumeAsync).Requires(MailPermissions.CredentialWrite).WithName("resumeMailCredential").WithSummary("Let a credential that was paused send again");
        credentials.MapDelete("/{credential}", RevokeAsync).Requires(MailPermissions.CredentialWrite).WithName("revokeMailCredential").WithSummary("Revoke a credential; sessions that stand on it end");
    }

    private static async Task<ApiResult<Page<CredentialView>>> ListAsync(
        HttpContext http, CredentialDesk desk, [AsParameters] PageRequest page, [AsParameters] CredentialQuery query, CancellationToken cancellationToken)
    {
        if (page.After(Order, "mc_~", out var before) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await desk.ListAsync(http.GetCaller(), query.Subscription ?? "", query.Text ?? "", before, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(CredentialView.Of)], page.Size, Order, static row => row.Id);
    }

    private static async Task<ApiResult<CredentialView>> FindAsync(HttpContext http, CredentialDesk desk, string credential, CancellationToken cancellationToken)
    {
        var found = await desk.FindAsync(http.GetCaller(), credential, cancellationToken);
        return found.Ok ? CredentialView.Of(found.Value) with { Sent = SentView.Of(desk.SentBy(found.Value)) } : found.Refusal;
    }

    private static async Task<ApiResult<CredentialMadeView>> MakeAsync(HttpContext http, CredentialDesk desk, CredentialWanted wanted, CancellationToken cancellationToken)
    {
        var made = await desk.MakeAsync(http.GetCaller(), new NewCredential(wanted.SubscriptionId, wanted.UserName, wanted.Label, wanted.Senders), wanted.Secret, cancellationToken);
        return made.Ok ? CredentialMadeView.Of(made.Value) : made.Refusal;
    }

    private static async Task<ApiResult<CredentialView>> SetSendersAsync(
        HttpContext http, CredentialDesk desk, string credential, CredentialSenders senders, CancellationToken cancellationToken)
    {
        var changed = await desk.SetSendersAsync(http.GetCaller(), credential, senders.Senders, cancellationToken);
        return changed.Ok ? CredentialView.Of(changed.Value) : changed.Refusal;
    }

    private static async Task<ApiResult<CredentialMadeView>> SetSecretAsync(
        HttpContext http, CredentialDesk desk, string credential, CredentialNewSecret secret, CancellationToken cancellationToken)
    {
        var changed = await desk.SetSecretAsync(http.GetCaller(), credential, secret.Secret, cancellationToken);
        return changed.Ok ? CredentialMadeView.Of(changed.Value) : changed.Refusal;
    }

    private static async Task<ApiResult<CredentialView>> SetLimitsAsync(HttpContext http, CredentialDesk desk, string credential, SendingLimit limit, CancellationToken cancellationToken)
    {
        var changed = await desk.SetLimitsAsync(http.GetCaller(), credential, limit, cancellationToken);
        return changed.Ok ? CredentialView.Of(changed.Value) : changed.Refusal;
    }

    private static async Task<ApiResult<CredentialView>> ResumeAsync(HttpContext http, CredentialDesk desk, string credential, CancellationToken cancellationToken)
    {
        var resumed = await desk.ResumeAsync(http.GetCaller(), credential, cancellationToken);
        return resumed.Ok ? CredentialView.Of(resumed.Value) : resumed.Refusal;
    }

    private static async Task<ApiDone> RevokeAsync(HttpContext http, CredentialDesk desk, string credential, CancellationToken cancellationToken)
    {
        var revoked = await desk.RevokeAsync(http.GetCaller(), credential, cancellationToken);
        return revoked.Ok ? ApiDone.Instance : revoked.Refusal;
    }
}

/// <summary>Which credentials.</summary>
internal sealed record CredentialQuery(
    [property: MaxLength(40), Description("Of one subscription.")] string? Subscription,
    [property: MaxLength(320), Description("A name or a label, whole.")] string? Text);

/// <summary>A credential to be made.</summary>
internal sealed record CredentialWanted(
    [property: Required, MaxLength(40), Description("The mail gateway whose devices it is for.")] string SubscriptionId,
    [property: Required, MaxLength(200), Description("What the device gives as its name: NAME@DOMAIN, of a domain of the subscription.")] string UserName,
    [property: MaxLength(80), Description("What people call the device.")] string? Label = null,
    [property: MaxLength(50), Description("Addresses it may send as, or domains for all of them; the name itself without it.")] IReadOnlyList<string>? Senders = null,
    [property: MaxLength(128), Description("12 to 128 printable characters of ASCII; made and shown once without it.")] string? Secret = null);

/// <summary>Whom it may send as.</summary>
internal sealed record CredentialSenders([property: Required, Length(1, 50), Description("Addresses, or domains for all of them.")] IReadOnlyList<string> Senders);

/// <summary>Another secret.</summary>
internal sealed record CredentialNewSecret([property: MaxLength(128), Description("12 to 128 printable characters of ASCII; made and shown once without it.")] string? Secret = null);

/// <summary>A credential, without its secret.</summary>
/// <param name="UserName">What the device gives as its name.</param>
/// <param name="Senders">Addresses and "@domain"s it may send as.</param>
/// <param name="SecretAt">When the secret in use was set.</param>
/// <param name="LastUsedFrom">The address of the last use.</param>
/// <param name="Limits">What it alone may send; the rest is as for all devices of its tenant.</param>
/// <param name="PausedAt">When it was stopped because it sent far more than it used to.</param>
/// <param name="Sent">What it sent lately and may send; where one credential is asked for.</param>
public sealed record CredentialView(
    string Id, string TenantId, string SubscriptionId, string UserName, string Label, IReadOnlyList<string> Senders, long CreatedAt, string CreatedBy, long SecretAt, long? LastUsedAt,
    string? LastUsedFrom, long? RevokedAt, SendingLimit? Limits, long? PausedAt, SentView? Sent)
{
    internal static CredentialView Of(Credential row) => new(
        row.Id, MessageView.TenantOf(row.TenantPath), row.SubscriptionId, row.UserName, row.Label, row.SenderList, row.CreatedAt, row.CreatedBy, row.SecretAt, MessageView.Some(row.LastUsedAt),
        MessageView.Some(row.LastUsedFrom), MessageView.Some(row.RevokedAt), row.OwnLimit, MessageView.Some(row.PausedAt), null);
}

/// <summary>What a credential sent in the hour and the 24 hours until now, all nodes together, and what it may.</summary>
/// <param name="UsualRecipientsPerHour">Recipients of its busiest hour in the 28 days before today, which the brake measures it by; null until it sent on three days.</param>
public sealed record SentView(int MessagesPastHour, int MessagesPastDay, int RecipientsPastHour, int RecipientsPastDay, int? UsualRecipientsPerHour, SendingLimit Limit)
{
    internal static SentView Of(SentBy sent) => new(
        sent.Lately.MessagesPastHour, sent.Lately.MessagesPastDay, sent.Lately.RecipientsPastHour, sent.Lately.RecipientsPastDay, sent.Usual, sent.Limit);
}

/// <summary>A credential whose secret was set just now.</summary>
/// <param name="Secret">The secret, when it was made here; it is shown this once.</param>
public sealed record CredentialMadeView(CredentialView Credential, string? Secret)
{
    internal static CredentialMadeView Of(CredentialMade made) => new(CredentialView.Of(made.Credential), made.Secret);
}
