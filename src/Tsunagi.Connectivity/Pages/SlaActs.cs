using Microsoft.AspNetCore.Routing;
using Tsunagi.Connectivity.Sla;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Connectivity.Pages;

/// <summary>What the page of a month's SLA does.</summary>
internal static class SlaActs
{
    private const string Sla = "/console/connectivity/sla";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapAct(Sla + "/{id}/credit", ConnectivityPermissions.SlaWrite, ProposeAsync);

    private static async ValueTask<ActResult> ProposeAsync(Act act)
    {
        var month = act.Required("month", 7);
        if (!act.Ok)
        {
            return act.Refused();
        }

        var proposed = await act.Service<SlaCredits>().ProposeAsync(act.Caller, act.Route("id"), month, act.CancellationToken);
        return proposed.Ok
            ? act.Done($"{Sla}/{act.Route("id")}?month={month}", new("The credit is proposed; whoever bills decides.", "返還を提案しました。請求担当者が判断します。"))
            : act.Refused(proposed.Refusal);
    }
}
