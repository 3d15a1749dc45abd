using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Identity.Users;
using Tsunagi.Core.Outcomes;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Host.Console.Users;

/// <summary>What administrators do with users.</summary>
internal static class UserActs
{
    private const string Write = "core.user.write";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct("/console/users", Write, InviteAsync);
        routes.MapAct("/console/users/{id}/link", Write, LinkAsync);
        routes.MapAct("/console/users/{id}/disable", Write, act => SetStateAsync(act, UserState.Disabled));
        routes.MapAct("/console/users/{id}/enable", Write, act => SetStateAsync(act, UserState.Active));
        routes.MapAct("/console/users/{id}/roles", Write, SetRolesAsync);
        routes.MapAct("/console/users/{id}/remove-factor", Write, RemoveFactorAsync);
    }

    private static async ValueTask<ActResult> InviteAsync(Act act)
    {
        var wanted = new NewUser(act.Required("email", 254), act.Required("name"), act.Text("tenant"), act.Text("locale"), [new RoleGiven(act.Required("role"), act.Text("tenant"))]);
        return act.Ok ? Link(act, await act.Service<UserDirectory>().AddAsync(act.Caller, wanted, act.CancellationToken)) : act.Refused();
    }

    private static async ValueTask<ActResult> LinkAsync(Act act) =>
        Link(act, await act.Service<UserDirectory>().MakeLinkAsync(act.Caller, act.Route("id"), act.CancellationToken));

    private static async ValueTask<ActResult> SetStateAsync(Act act, string state) =>
        Back(act, await act.Service<UserDirectory>().ChangeAsync(act.Caller, act.Route("id"), new UserChange(State: state), null, act.CancellationToken));

    // Each box says "role tenant".
    private static async ValueTask<ActResult> SetRolesAsync(Act act)
    {
        var wanted = act.Many("grant").Select(static grant => grant.Split(' ')).Where(static parts => parts.Length == 2).Select(static parts => new RoleGiven(parts[0], parts[1])).ToList();
        return Back(act, await act.Service<UserDirectory>().SetRolesAsync(act.Caller, act.Route("id"), wanted, act.Number("version"), act.CancellationToken));
    }

    private static async ValueTask<ActResult> RemoveFactorAsync(Act act)
    {
        var reason = act.Required("reason", 500);
        return act.Ok ? Back(act, await act.Service<OwnAccount>().RemoveTotpOfAsync(act.Caller, act.Route("id"), reason, act.CancellationToken)) : act.Refused();
    }

    private static ActResult Link(Act act, Outcome<UserWithLink> outcome) => outcome.Ok
        ? act.DoneOnce(U.LinkTitle, $"{act.Http.Request.Scheme}://{act.Http.Request.Host}{outcome.Value.LinkPath}", U.LinkNote, "/console/users/" + outcome.Value.User.Id)
        : act.Refused(outcome.Refusal);

    private static ActResult Back<TValue>(Act act, Outcome<TValue> outcome) =>
        outcome.Ok ? act.Done("/console/users/" + act.Route("id"), U.Changed) : act.Refused(outcome.Refusal);
}
