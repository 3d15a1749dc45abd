using System.Text.Json.Nodes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Identity.Users;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Apply;

/// <summary>Users, with the roles they have at their own tenant.</summary>
internal sealed class ManagedUsers(UserDirectory users) : IManagedKind
{
    public string Kind => "user";

    public string? Removal => "the user is disabled: sessions and tokens end";

    public async ValueTask<PresentThing?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        await users.FindAsync(caller, id, cancellationToken) is { } user ? await PresentAsync(caller, user, cancellationToken) : null;

    public async ValueTask<PresentThing?> MatchAsync(Caller caller, WantedThing wanted, Tenant? owner, CancellationToken cancellationToken)
    {
        var found = await users.ListAsync(caller, "", 200, wanted.Key, null, cancellationToken);
        return owner is not null && found.FirstOrDefault(u => u.Email == wanted.Key && u.TenantId == owner.Id) is { } same ? await PresentAsync(caller, same, cancellationToken) : null;
    }

    public async ValueTask<Outcome<MadeThing>> CreateAsync(Caller caller, WantedThing wanted, Tenant owner, CancellationToken cancellationToken)
    {
        var fields = wanted.Fields;
        var made = await users.AddAsync(
            caller, new NewUser(wanted.Key, (string)fields["name"]!, owner.Id, (string?)fields["locale"], [.. Roles(fields).Select(static r => new RoleGiven(r))]), cancellationToken);
        return made.Ok ? new MadeThing(made.Value.User.Id, owner.TenantPath, made.Value.LinkPath) : made.Refusal;
    }

    public async ValueTask<Refusal?> ChangeAsync(Caller caller, WantedThing wanted, PresentThing present, JsonObject changed, CancellationToken cancellationToken)
    {
        if (changed.ContainsKey("name") || changed.ContainsKey("locale") || changed.ContainsKey("disabled"))
        {
            var state = changed.ContainsKey("disabled") ? UserState.Active : null;
            var done = await users.ChangeAsync(caller, present.Id, new UserChange((string?)changed["name"], (string?)changed["locale"], State: state), null, cancellationToken);
            if (!done.Ok)
            {
                return done.Refusal;
            }
        }

        return changed.ContainsKey("roles")
            ? (await users.SetRolesAsync(caller, present.Id, [.. Roles(wanted.Fields).Select(static r => new RoleGiven(r))], null, cancellationToken)).Refusal
            : null;
    }

    public async ValueTask<Refusal?> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        (await users.ChangeAsync(caller, id, new UserChange(State: UserState.Disabled), null, cancellationToken)).Refusal;

    private async ValueTask<PresentThing> PresentAsync(Caller caller, User user, CancellationToken cancellationToken)
    {
        var grants = await users.GrantsAsync(caller, user.Id, cancellationToken);

        // A role he has elsewhere is written with its place, so that it shows as a difference and not as the same.
        var roles = grants.Select(g => g.TenantId == user.TenantId ? g.Role : $"{g.Role}@{g.TenantId}").Distinct().Order(StringComparer.Ordinal);
        var fields = new JsonObject
        {
            ["email"] = user.Email, ["name"] = user.Name, ["locale"] = user.Locale, ["disabled"] = user.State == UserState.Disabled,
            ["roles"] = new JsonArray([.. roles.Select(static r => JsonValue.Create(r))]),
        };
        return new PresentThing(user.Id, user.TenantPath, fields);
    }

    private static IEnumerable<string> Roles(JsonObject fields) => fields["roles"]!.AsArray().Select(static r => (string)r!);
}
