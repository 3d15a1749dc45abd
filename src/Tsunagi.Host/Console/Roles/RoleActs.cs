using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Identity.Roles;
using Tsunagi.Host.Console.Users;
using Tsunagi.Ui.Forms;
using Tsunagi.Ui.Texts;

namespace Tsunagi.Host.Console.Roles;

/// <summary>Making and removing roles.</summary>
internal static class RoleActs
{
    private const string Write = "core.role.write";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct("/console/roles", Write, AddAsync);
        routes.MapAct("/console/roles/{id}/remove", Write, RemoveAsync);
    }

    private static async ValueTask<ActResult> AddAsync(Act act)
    {
        var wanted = new NewRole(act.Required("name", 80), act.Many("permission"));
        if (wanted.Permissions.Count == 0)
        {
            act.Wrong("permissions", act.View[UiTexts.Required]);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        var added = await act.Service<RoleBook>().AddAsync(act.Caller, wanted, act.CancellationToken);
        return added.Ok ? act.Done("/console/roles#role-" + added.Value.Id, U.RoleMade, added.Value.Name) : act.Refused(added.Refusal);
    }

    private static async ValueTask<ActResult> RemoveAsync(Act act)
    {
        var removed = await act.Service<RoleBook>().RemoveAsync(act.Caller, act.Route("id"), act.CancellationToken);
        return removed.Ok ? act.Done("/console/roles", U.RoleRemoved) : act.Refused(removed.Refusal);
    }
}
