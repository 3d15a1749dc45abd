using Microsoft.AspNetCore.Routing;
using Tsunagi.Connectivity.Probes;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Connectivity.Pages;

/// <summary>What the page of a line does with its probes.</summary>
internal static class ProbeActs
{
    private const string Lines = "/console/connectivity/lines";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(Lines + "/{id}/probes", ConnectivityPermissions.ProbeWrite, AddAsync);
        routes.MapAct(Lines + "/{id}/probes/{probe}/remove", ConnectivityPermissions.ProbeWrite, RemoveAsync);
    }

    private static async ValueTask<ActResult> AddAsync(Act act)
    {
        var wanted = new NewProbe
        {
            LineId = act.Route("id"), Target = act.Required("target", 60), Name = act.Text("name", 100), Key = act.Text("key", 200), EveryMilliseconds = (int?)act.Number("everyMilliseconds"),
        };
        if (!act.Ok)
        {
            return act.Refused();
        }

        var made = await act.Service<ProbeBook>().AddAsync(act.Caller, wanted, act.CancellationToken);
        return made.Ok ? act.Done($"{Lines}/{made.Value.LineId}", new("The probe is set; the first figures come within two minutes.", "プローブを設定しました。2分以内に測定値が表示されます。")) : act.Refused(made.Refusal);
    }

    private static async ValueTask<ActResult> RemoveAsync(Act act)
    {
        var removed = await act.Service<ProbeBook>().RemoveAsync(act.Caller, act.Route("probe"), act.CancellationToken);
        return removed.Ok ? act.Done($"{Lines}/{removed.Value.LineId}", new("The probe is removed.", "プローブを削除しました。")) : act.Refused(removed.Refusal);
    }
}
