using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Core.Identity;

/// <summary>tsunagi user | role | token.</summary>
internal static class IdentityVerbs
{
    private static readonly VerbParameter User = new("USER", "its id (u_…)", Required: true);
    private static readonly VerbParameter Role = new("ROLE", "its id (r_…)", Required: true);
    private static readonly VerbParameter RoleGiven = new("--role", "a role, or role@tenant where it holds elsewhere", Many: true);

    private static readonly VerbParameter[] NewUser =
        [new("--email", "the mail address he signs in with", Required: true), new("--name", "his name", Required: true), new("--tenant-id", "who he works for (t_…); your own without it"), new("--locale", "his language", Allowed: ["en", "ja"])];

    private static readonly VerbParameter[] NewRole =
        [new("--name", "its name", Required: true), new("--permissions", "what it allows (mail.trace.read, mail.*)", Required: true, Many: true), new("--tenant-id", "whose role it is (t_…); your own without it")];

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List("user list", "Users, by address", "/api/v1/users", [new("--contains", "only addresses and names that hold this text"), new("--state", "only these", Allowed: ["invited", "active", "disabled"])],
            "id", "email", "name", "state", "tenant=tenantId", "last sign-in=lastSignInAt"),
        ApiVerb.Show("user show", "One user", "/api/v1/users/{USER}", User),
        ApiVerb.Send("user add", "Add a user; prints the link that sets his password", HttpMethod.Post, "/api/v1/users", [.. NewUser, RoleGiven],
            body: static context => WithRoles(context, ApiVerb.Body(context, NewUser))),
        ApiVerb.Send("user change", "Change a user's name or language", HttpMethod.Patch, "/api/v1/users/{USER}",
            [User, new("--name", "his name"), new("--locale", "his language", Allowed: ["en", "ja"])]),
        ApiVerb.Send("user disable", "Keep a user out; his sessions and tokens end", HttpMethod.Patch, "/api/v1/users/{USER}", [User], "the user is disabled",
            static _ => new JsonObject { ["state"] = "disabled" }),
        ApiVerb.Send("user enable", "Let a disabled user in again", HttpMethod.Patch, "/api/v1/users/{USER}", [User], "the user is enabled",
            static _ => new JsonObject { ["state"] = "active" }),
        ApiVerb.Send("user link", "Make a link that sets a new password", HttpMethod.Post, "/api/v1/users/{USER}/link", [User], body: static _ => null),
        ApiVerb.List("user roles", "A user's roles", "/api/v1/users/{USER}/roles", [User], "role", "tenant=tenantId"),
        ApiVerb.Send("user set-roles", "Replace a user's roles", HttpMethod.Put, "/api/v1/users/{USER}/roles", [User, RoleGiven], "the roles are set",
            static context => WithRoles(context, new JsonObject { ["roles"] = new JsonArray() })),
        ApiVerb.List("role list", "Roles, the built-in ones first", "/api/v1/roles", [], "id", "name", "permissions"),
        ApiVerb.Send("role add", "Make a role", HttpMethod.Post, "/api/v1/roles", NewRole),
        ApiVerb.Send("role remove", "Remove a role nobody has", HttpMethod.Delete, "/api/v1/roles/{ROLE}", [Role], "the role is removed"),
        ApiVerb.List("role permissions", "Every permission there is", "/api/v1/permissions", [], "name", "allows"),
        ApiVerb.List("token list", "API tokens, newest first", "/api/v1/tokens", [new("--user", "only this user's (u_…)")], "id", "name", "tenant=tenantId", "expires=expiresAt", "last used=lastUsedAt", "revoked=revokedAt"),
        ApiVerb.Show("token show", "One API token", "/api/v1/tokens/{TOKEN}", new VerbParameter("TOKEN", "its id (k_…)", Required: true)),
        ApiVerb.Send("token revoke", "Revoke an API token at once", HttpMethod.Delete, "/api/v1/tokens/{TOKEN}", [new("TOKEN", "its id (k_…)", Required: true)], "the token is revoked"),
    ];

    private static JsonObject WithRoles(VerbContext context, JsonObject body)
    {
        if (context.Values("--role") is { Count: > 0 } roles)
        {
            body["roles"] = new JsonArray([.. roles.Select(static role =>
            {
                var at = role.IndexOf('@', StringComparison.Ordinal);
                return at < 0 ? new JsonObject { ["role"] = role } : new JsonObject { ["role"] = role[..at], ["tenantId"] = role[(at + 1)..] };
            })]);
        }

        return body;
    }
}
