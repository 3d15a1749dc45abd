using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Identity.Roles;
using Tsunagi.Core.Identity.Tokens;
using Tsunagi.Core.Identity.Users;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Api;

/// <summary>Users, roles and API tokens: <c>/api/v1/users</c>, <c>/roles</c>, <c>/permissions</c>, <c>/tokens</c>; with <see cref="SessionApi"/>.</summary>
public static class IdentityApi
{
    public static void Map(RouteGroupBuilder api)
    {
        SessionApi.Map(api);
        MapUsers(api.MapGroup("/users").WithTags("Users"));
        MapRoles(api.MapGroup("/roles").WithTags("Roles"));
        api.MapGet("/permissions", Permissions).Requires("core.role.read").WithName("listPermissions").WithTags("Roles").WithSummary("Every permission there is");
        MapTokens(api.MapGroup("/tokens").WithTags("Tokens"));
    }

    private static void MapUsers(RouteGroupBuilder users)
    {
        users.MapGet("", ListUsersAsync).Requires("core.user.read").WithName("listUsers").WithSummary("Users, by address");
        users.MapPost("", AddUserAsync).Requires("core.user.write").WithName("addUser").WithSummary("Add a user; answers with the link that sets his password");
        users.MapGet("/{user}", FindUserAsync).Requires("core.user.read").WithName("getUser").WithSummary("One user");
        users.MapPatch("/{user}", ChangeUserAsync).Requires("core.user.write").WithName("changeUser").WithSummary("Change, disable or enable a user");
        users.MapGet("/{user}/roles", UserRolesAsync).Requires("core.user.read").WithName("listUserRoles").WithSummary("A user's roles");
        users.MapPut("/{user}/roles", SetUserRolesAsync).Requires("core.user.write").WithName("setUserRoles").WithSummary("Replace a user's roles");
        users.MapPost("/{user}/link", MakeLinkAsync).Requires("core.user.write").WithName("makeUserLink").WithSummary("Make a link that sets a new password");
        users.MapDelete("/{user}/totp", RemoveTotpAsync).Requires("core.user.write").WithName("removeUserTotp").WithSummary("Remove a user's one-time codes");
    }

    private static void MapRoles(RouteGroupBuilder roles)
    {
        roles.MapGet("", ListRolesAsync).Requires("core.role.read").WithName("listRoles").WithSummary("Roles, the built-in ones first");
        roles.MapPost("", AddRoleAsync).Requires("core.role.write").WithName("addRole").WithSummary("Make a role");
        roles.MapGet("/{role}", FindRoleAsync).Requires("core.role.read").WithName("getRole").WithSummary("One role");
        roles.MapPatch("/{role}", ChangeRoleAsync).Requires("core.role.write").WithName("changeRole").WithSummary("Change a role, for everyone who has it");
        roles.MapDelete("/{role}", RemoveRoleAsync).Requires("core.role.write").WithName("removeRole").WithSummary("Remove a role nobody has");
    }

    private static void MapTokens(RouteGroupBuilder tokens)
    {
        tokens.MapGet("", ListTokensAsync).Requires("core.token.read").WithName("listTokens").WithSummary("API tokens, newest first");
        tokens.MapPost("", MakeTokenAsync).Requires("core.token.write").WithName("makeToken").WithSummary("Make an API token; its text is shown this once");
        tokens.MapGet("/{token}", FindTokenAsync).Requires("core.token.read").WithName("getToken").WithSummary("One API token");
        tokens.MapDelete("/{token}", RevokeTokenAsync).Requires("core.token.write").WithName("revokeToken").WithSummary("Revoke an API token at once");
    }

    private static async Task<ApiResult<Page<User>>> ListUsersAsync(
        [AsParameters] PageRequest page, [AsParameters] UserFilter filter, HttpContext context, UserDirectory users, CancellationToken cancellationToken)
    {
        if (page.After("users", "", out var after) is { } refusal)
        {
            return refusal;
        }

        var rows = await users.ListAsync(context.GetCaller(), after, page.Size + 1, filter.Contains, filter.State, cancellationToken);
        return Page.Of(rows, page.Size, "users", static user => user.Email);
    }

    private static async Task<ApiCreated<UserWithLink>> AddUserAsync(NewUser request, HttpContext context, UserDirectory users, CancellationToken cancellationToken) =>
        ApiResult.Created(await users.AddAsync(context.GetCaller(), request, cancellationToken), static made => $"{ApiSetup.Prefix}/users/{made.User.Id}", static made => made.User.Version);

    private static async Task<ApiResult<User>> FindUserAsync(string user, HttpContext context, UserDirectory users, CancellationToken cancellationToken) =>
        ApiResult.Found(await users.FindAsync(context.GetCaller(), user, cancellationToken), "user", user, static found => found.Version);

    private static async Task<ApiResult<User>> ChangeUserAsync(
        string user, UserChange request, IfMatch ifMatch, HttpContext context, UserDirectory users, CancellationToken cancellationToken) =>
        ApiResult.From(await users.ChangeAsync(context.GetCaller(), user, request, ifMatch.Version, cancellationToken), static changed => changed.Version);

    private static async Task<ApiResult<IReadOnlyList<RoleGiven>>> UserRolesAsync(string user, HttpContext context, UserDirectory users, CancellationToken cancellationToken)
    {
        var caller = context.GetCaller();
        return await users.FindAsync(caller, user, cancellationToken) is null
            ? Refusal.NotFound("user", user)
            : Outcome.Of(Shown(await users.GrantsAsync(caller, user, cancellationToken)));
    }

    private static async Task<ApiResult<IReadOnlyList<RoleGiven>>> SetUserRolesAsync(
        string user, RolesRequest request, IfMatch ifMatch, HttpContext context, UserDirectory users, CancellationToken cancellationToken)
    {
        var set = await users.SetRolesAsync(context.GetCaller(), user, request.Roles, ifMatch.Version, cancellationToken);
        return set.Ok ? Outcome.Of(Shown(set.Value)) : set.Refusal;
    }

    private static async Task<ApiResult<UserWithLink>> MakeLinkAsync(string user, HttpContext context, UserDirectory users, CancellationToken cancellationToken) =>
        await users.MakeLinkAsync(context.GetCaller(), user, cancellationToken);

    private static async Task<ApiDone> RemoveTotpAsync(
        string user, [AsParameters] ReasonGiven reason, HttpContext context, OwnAccount accounts, CancellationToken cancellationToken) =>
        ApiDone.From(await accounts.RemoveTotpOfAsync(context.GetCaller(), user, reason.Reason!, cancellationToken));

    private static async Task<ApiResult<IReadOnlyList<Role>>> ListRolesAsync(HttpContext context, RoleBook roles, CancellationToken cancellationToken) =>
        Outcome.Of(await roles.ListAsync(context.GetCaller(), cancellationToken));

    private static async Task<ApiResult<Role>> FindRoleAsync(string role, HttpContext context, RoleBook roles, CancellationToken cancellationToken) =>
        ApiResult.Found(await roles.FindAsync(context.GetCaller(), role, cancellationToken) ?? roles.FindBuiltIn(context.GetCaller(), role), "role", role, static found => found.Version);

    private static async Task<ApiCreated<Role>> AddRoleAsync(NewRole request, HttpContext context, RoleBook roles, CancellationToken cancellationToken) =>
        ApiResult.Created(await roles.AddAsync(context.GetCaller(), request, cancellationToken), static role => $"{ApiSetup.Prefix}/roles/{role.Id}", static role => role.Version);

    private static async Task<ApiResult<Role>> ChangeRoleAsync(
        string role, RoleChange request, IfMatch ifMatch, HttpContext context, RoleBook roles, CancellationToken cancellationToken) =>
        ApiResult.From(await roles.ChangeAsync(context.GetCaller(), role, request, ifMatch.Version, cancellationToken), static changed => changed.Version);

    private static async Task<ApiDone> RemoveRoleAsync(string role, HttpContext context, RoleBook roles, CancellationToken cancellationToken) =>
        ApiDone.From(await roles.RemoveAsync(context.GetCaller(), role, cancellationToken));

    private static ApiResult<IReadOnlyList<PermissionShown>> Permissions(HttpContext context, BuiltInRoles roles)
    {
        var locale = context.GetCaller().Locale;
        return Outcome.Of<IReadOnlyList<PermissionShown>>(
            [.. roles.Declared.Select(permission => new PermissionShown(permission.Name, permission.Allows.In(locale), permission.OperatorOnly, permission.OpensContent))]);
    }

    private static async Task<ApiResult<Page<ApiToken>>> ListTokensAsync(
        [AsParameters] PageRequest page, [FromQuery] string? user, HttpContext context, ApiTokens tokens, CancellationToken cancellationToken)
    {
        if (page.After("tokens", "k_~", out var before) is { } refusal)
        {
            return refusal;
        }

        var rows = await tokens.ListAsync(context.GetCaller(), before, page.Size + 1, user, cancellationToken);
        return Page.Of(rows, page.Size, "tokens", static token => token.Id);
    }

    private static async Task<ApiCreated<ApiTokenMade>> MakeTokenAsync(NewApiToken request, HttpContext context, ApiTokens tokens, CancellationToken cancellationToken) =>
        ApiResult.Created(await tokens.MakeAsync(context.GetSignedInCaller(), request, cancellationToken), static made => $"{ApiSetup.Prefix}/tokens/{made.Token.Id}");

    private static async Task<ApiResult<ApiToken>> FindTokenAsync(string token, HttpContext context, ApiTokens tokens, CancellationToken cancellationToken) =>
        ApiResult.Found(await tokens.FindAsync(context.GetCaller(), token, cancellationToken), "token", token);

    private static async Task<ApiDone> RevokeTokenAsync(string token, HttpContext context, ApiTokens tokens, CancellationToken cancellationToken) =>
        ApiDone.From(await tokens.RevokeAsync(context.GetCaller(), token, cancellationToken));

    private static IReadOnlyList<RoleGiven> Shown(IReadOnlyList<Grant> grants) => [.. grants.Select(static grant => new RoleGiven(grant.Role, grant.TenantId))];
}

/// <summary>Which users to list.</summary>
public sealed record UserFilter(
    [property: MaxLength(100)] string? Contains, [property: AllowedValues("invited", "active", "disabled", null)] string? State);

/// <summary>The roles a user shall have.</summary>
public sealed record RolesRequest([property: MaxLength(50)] IReadOnlyList<RoleGiven> Roles);

/// <summary>Why something is done that the audit should explain.</summary>
public sealed record ReasonGiven([property: Required, Length(3, 500)] string? Reason);

/// <summary>A permission, for the role editor.</summary>
public sealed record PermissionShown(string Name, string Allows, bool OperatorOnly, bool OpensContent);
