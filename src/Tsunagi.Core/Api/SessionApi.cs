using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Identity.Roles;
using Tsunagi.Core.Identity.SignIn;
using Tsunagi.Core.Identity.Users;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Api;

/// <summary>Signing in and out, and one's own account: <c>/api/v1/session</c>.</summary>
public static class SessionApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var session = api.MapGroup("/session").WithTags("Session");
        session.MapPost("", SignInAsync).AllowsAnyone().WithName("signIn").WithSummary("Sign in with a password");
        session.MapPost("/code", GiveCodeAsync).AllowsAnyone().WithName("giveSignInCode").WithSummary("Give the one-time code after the password");
        session.MapPost("/password-link", SetPasswordAsync).AllowsAnyone().WithName("setPasswordByLink").WithSummary("Set a password by a one-time link, and sign in");
        session.MapGet("", WhoAmIAsync).RequiresSignIn().WithName("whoAmI").WithSummary("Who is signed in, and what he may do");
        session.MapDelete("", SignOutAsync).RequiresSignIn().WithName("signOut").WithSummary("Sign out");
        session.MapPatch("", ChangeAsync).RequiresSignIn().WithName("changeOwnAccount").WithSummary("Change one's own name, language or theme");
        session.MapPut("/scope", LookAtAsync).RequiresSignIn().WithName("setScope").WithSummary("Look at another part of the tree");
        session.MapPut("/password", ChangePasswordAsync).RequiresSignIn().WithName("changeOwnPassword").WithSummary("Change one's own password");
        session.MapPost("/totp", BeginTotpAsync).RequiresSignIn().WithName("beginTotp").WithSummary("Get a new secret for one-time codes");
        session.MapPut("/totp", ConfirmTotpAsync).RequiresSignIn().WithName("confirmTotp").WithSummary("Put the new secret into force with its first code");
        session.MapDelete("/totp", RemoveTotpAsync).RequiresSignIn().WithName("removeTotp").WithSummary("Do without one-time codes");
        session.MapGet("/all", ListAsync).RequiresSignIn().WithName("listOwnSessions").WithSummary("One's own sessions");
        session.MapDelete("/all/{session}", RevokeAsync).RequiresSignIn().WithName("endOwnSession").WithSummary("End one of one's own sessions");
    }

    private static async Task<ApiResult<SessionState>> SignInAsync(SignInRequest request, HttpContext context, SignInDesk desk, CancellationToken cancellationToken) =>
        Answer(context, await desk.WithPasswordAsync(request.Email, request.Password, request.Code, SessionPeer.Of(context), cancellationToken));

    private static async Task<ApiResult<SessionState>> GiveCodeAsync(CodeRequest request, HttpContext context, SignInDesk desk, CancellationToken cancellationToken) =>
        Answer(context, await desk.WithCodeAsync(request.CodeToken, request.Code, SessionPeer.Of(context), cancellationToken));

    private static async Task<ApiResult<SessionState>> SetPasswordAsync(LinkRequest request, HttpContext context, SignInDesk desk, CancellationToken cancellationToken) =>
        Answer(context, await desk.SetPasswordAsync(request.Token, request.Password, SessionPeer.Of(context), cancellationToken));

    private static async Task<ApiResult<WhoAmI>> WhoAmIAsync(HttpContext context, OwnAccount account, CancellationToken cancellationToken)
    {
        var who = context.GetSignedInCaller();
        var user = who.Caller.IsToken ? null : await account.FindAsync(who.UserId, cancellationToken);
        return new WhoAmI(who.Caller.ActorId, who.Caller.ActorName, who.Caller.Scope.TenantId, who.Caller.IsOperator, [.. who.Caller.Permissions.Order(StringComparer.Ordinal)], user, who.EndsAt == long.MaxValue ? null : who.EndsAt);
    }

    private static async Task<ApiDone> SignOutAsync(HttpContext context, Sessions sessions, CancellationToken cancellationToken)
    {
        var who = context.GetSignedInCaller();
        SessionCookie.Clear(context);
        return who.Caller.IsToken
            ? new Refusal(RefusalKind.Conflict, "token.no-session", "an API token has no session: revoke it instead")
            : ApiDone.From(await sessions.RevokeAsync(who.Caller, who.UserId, who.CredentialId, cancellationToken));
    }

    private static async Task<ApiResult<User>> ChangeAsync(OwnChange request, HttpContext context, OwnAccount account, CancellationToken cancellationToken) =>
        ApiResult.From(await account.ChangeAsync(context.GetSignedInCaller(), new UserChange(request.Name, request.Locale, request.Theme), cancellationToken), static user => user.Version);

    private static async Task<ApiResult<ScopeRequest>> LookAtAsync(
        ScopeRequest request, HttpContext context, Sessions sessions, Authority authority, CancellationToken cancellationToken)
    {
        var who = context.GetSignedInCaller();
        if (who.Caller.IsToken)
        {
            return new Refusal(RefusalKind.Conflict, "token.no-session", "an API token looks at the tenant it was made for");
        }

        var scope = await sessions.LookAtAsync(who, request.TenantId, authority, cancellationToken);
        return scope.Ok ? new ScopeRequest(scope.Value.TenantId) : scope.Refusal;
    }

    private static async Task<ApiDone> ChangePasswordAsync(PasswordRequest request, HttpContext context, OwnAccount account, CancellationToken cancellationToken) =>
        ApiDone.From(await account.ChangePasswordAsync(context.GetSignedInCaller(), request.Password, request.NewPassword, SessionPeer.Of(context), cancellationToken));

    private static async Task<ApiResult<TotpOffer>> BeginTotpAsync(OwnPassword request, HttpContext context, OwnAccount account, CancellationToken cancellationToken) =>
        await account.BeginTotpAsync(context.GetSignedInCaller(), request.Password, SessionPeer.Of(context), cancellationToken);

    private static async Task<ApiDone> ConfirmTotpAsync(OwnCode request, HttpContext context, OwnAccount account, CancellationToken cancellationToken) =>
        ApiDone.From(await account.ConfirmTotpAsync(context.GetSignedInCaller(), request.Code, SessionPeer.Of(context), cancellationToken));

    private static async Task<ApiDone> RemoveTotpAsync(
        [Microsoft.AspNetCore.Mvc.FromBody] OwnPassword request, HttpContext context, OwnAccount account, CancellationToken cancellationToken) =>
        ApiDone.From(await account.RemoveTotpAsync(context.GetSignedInCaller(), request.Password, SessionPeer.Of(context), cancellationToken));

    private static async Task<ApiResult<IReadOnlyList<Session>>> ListAsync(HttpContext context, Sessions sessions, CancellationToken cancellationToken) =>
        Outcome.Of(await sessions.ListAsync(context.GetSignedInCaller().UserId, cancellationToken));

    private static async Task<ApiDone> RevokeAsync(string session, HttpContext context, Sessions sessions, CancellationToken cancellationToken)
    {
        var who = context.GetSignedInCaller();
        return ApiDone.From(await sessions.RevokeAsync(who.Caller, who.UserId, session, cancellationToken));
    }

    private static ApiResult<SessionState> Answer(HttpContext context, SignInOutcome outcome)
    {
        if (outcome.Refusal is { } refusal)
        {
            return refusal;
        }

        if (outcome.Session is { } session)
        {
            SessionCookie.Set(context, session);
            return new SessionState("signed-in", null, session.Session.ExpiresAt);
        }

        return new SessionState("code-wanted", outcome.CodeToken, null);
    }
}

/// <summary>The request to sign in.</summary>
/// <param name="Code">The one-time code, when it is known already; else it is asked for.</param>
public sealed record SignInRequest(
    [property: Required, MaxLength(254)] string Email, [property: Required, MaxLength(1024)] string Password, [property: MaxLength(10)] string? Code = null);

/// <summary>The one-time code, with the token that the right password gave.</summary>
public sealed record CodeRequest([property: Required, MaxLength(100)] string CodeToken, [property: Required, MaxLength(10)] string Code);

/// <summary>A new password by a one-time link.</summary>
public sealed record LinkRequest([property: Required, MaxLength(100)] string Token, [property: Required, MaxLength(1024)] string Password);

/// <summary>What signing in gave.</summary>
/// <param name="State">"signed-in", or "code-wanted": then give the code with the token.</param>
public sealed record SessionState(string State, string? CodeToken, long? ExpiresAt);

/// <summary>Who asks.</summary>
/// <param name="ExpiresAt">Absent for the machine's own way in, which ends with the program.</param>
public sealed record WhoAmI(string ActorId, string ActorName, string TenantId, bool IsOperator, IReadOnlyList<string> Permissions, User? User, long? ExpiresAt);

/// <summary>One's own name, language and theme. What is absent stays.</summary>
public sealed record OwnChange(
    [property: Length(1, 200)] string? Name = null,
    [property: AllowedValues("en", "ja", null)] string? Locale = null,
    [property: AllowedValues("light", "dark", "auto", null)] string? Theme = null);

/// <summary>The tenant to look at.</summary>
public sealed record ScopeRequest([property: Required, MaxLength(40)] string TenantId);

/// <summary>One's own password, old and new.</summary>
public sealed record PasswordRequest([property: Required, MaxLength(1024)] string Password, [property: Required, MaxLength(1024)] string NewPassword);

/// <summary>One's own password, asked again before something that matters.</summary>
public sealed record OwnPassword([property: Required, MaxLength(1024)] string Password);

/// <summary>A one-time code.</summary>
public sealed record OwnCode([property: Required, MaxLength(10)] string Code);
