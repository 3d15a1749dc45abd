using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Mail.Signing;

namespace Tsunagi.Mail.Api;

/// <summary>/api/v1/mail/signing-keys: what outgoing mail is signed with, and what is to be published for it.</summary>
internal static class SigningApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var keys = api.MapGroup("/signing-keys").WithTags("Mail");
        keys.MapGet("", ListAsync).Requires(MailPermissions.SigningRead).WithName("listMailSigningKeys").WithSummary("Signing keys of outgoing mail: the record to publish, and what was found in the DNS");
        keys.MapGet("/{signedDomain}", FindAsync).Requires(MailPermissions.SigningRead).WithName("getMailSigningKeys").WithSummary("The signing keys of one domain");
        keys.MapPost("/{signedDomain}/check", CheckAsync).Requires(MailPermissions.SigningWrite).WithName("checkMailSigningKeys")
            .WithSummary("Look for a domain's records in the DNS now; keys whose records stand there are used at once");
        keys.MapPost("/{signedDomain}/rotate", RotateAsync).Requires(MailPermissions.SigningWrite).WithName("rotateMailSigningKeys")
            .WithSummary("Make a domain's next keys before their time; they take over once they are published");
    }

    private static async Task<ApiResult<Page<SigningKeyView>>> ListAsync(HttpContext http, SigningDesk desk, CancellationToken cancellationToken) =>
        new Page<SigningKeyView>([.. (await desk.ListAsync(http.GetCaller(), cancellationToken)).Select(SigningKeyView.Of)], null);

    private static async Task<ApiResult<SigningKeysView>> FindAsync(HttpContext http, SigningDesk desk, string signedDomain, CancellationToken cancellationToken) =>
        Of(await desk.FindAsync(http.GetCaller(), signedDomain, cancellationToken));

    private static async Task<ApiResult<SigningKeysView>> CheckAsync(HttpContext http, SigningDesk desk, string signedDomain, CancellationToken cancellationToken) =>
        Of(await desk.CheckAsync(http.GetCaller(), signedDomain, cancellationToken));

    private static async Task<ApiResult<SigningKeysView>> RotateAsync(HttpContext http, SigningDesk desk, string signedDomain, CancellationToken cancellationToken) =>
        Of(await desk.RotateAsync(http.GetCaller(), signedDomain, cancellationToken));

    private static ApiResult<SigningKeysView> Of(Outcome<IReadOnlyList<SigningKey>> keys) => keys.Ok ? SigningKeysView.Of(keys.Value) : keys.Refusal;
}

/// <summary>The signing keys of a domain, the newest first.</summary>
public sealed record SigningKeysView(string Domain, string TenantId, IReadOnlyList<SigningKeyView> Keys)
{
    internal static SigningKeysView Of(IReadOnlyList<SigningKey> keys) => new(keys[0].Domain, MessageView.TenantOf(keys[0].TenantPath), [.. keys.Select(SigningKeyView.Of)]);
}

/// <summary>One signing key: what is public of it.</summary>
/// <param name="State">next (to be published), used, old (signs no more, its record is to stay).</param>
/// <param name="Name">Where the TXT record is published.</param>
/// <param name="Record">What the TXT record says.</param>
/// <param name="ZoneLine">The record as a line of a zone file.</param>
/// <param name="Published">unseen, found, missing or differs.</param>
/// <param name="Found">What is wrong with what was found.</param>
/// <param name="EndsAt">When the record of an old key may be removed.</param>
/// <param name="UnreadableAt">Since when the private key cannot be read.</param>
public sealed record SigningKeyView(
    string Id, string Domain, string TenantId, long Generation, string Algorithm, string State, string Name, string Record, string ZoneLine, string Published, string? Found, long CreatedAt, long? UsedAt,
    long? EndsAt, long? LookedAt, long? UnreadableAt)
{
    internal static SigningKeyView Of(SigningKey key) => new(
        key.Id, key.Domain, MessageView.TenantOf(key.TenantPath), key.Generation, key.Algorithm, key.State, key.Name, key.Record, key.ZoneLine, key.Published, MessageView.Some(key.Found), key.CreatedAt,
        MessageView.Some(key.UsedAt), MessageView.Some(key.EndsAt), MessageView.Some(key.LookedAt), MessageView.Some(key.UnreadableAt));
}
