using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Host.Console.Catalogue;

/// <summary>Putting a plan into another category of the portfolio.</summary>
internal static class PlanActs
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapAct("/console/plans/{plan}/category", "core.plan.write", ChangeAsync);

    private static async ValueTask<ActResult> ChangeAsync(Act act)
    {
        var word = act.OneOf("category", [.. OfferingCategories.All.Select(OfferingCategories.Word)]);
        if (!act.Ok)
        {
            return act.Refused();
        }

        var changed = await act.Service<Plans>().ChangeAsync(act.Caller, act.Route("plan"), new ChangedPlan(OfferingCategories.Find(word)), act.CancellationToken);
        return changed.Ok
            ? act.Done("/console/plans#" + changed.Value.Code, new LocalizedText("The category of {0} is changed.", "{0} の区分を変更しました。"), changed.Value.Code)
            : act.Refused(changed.Refusal);
    }
}
