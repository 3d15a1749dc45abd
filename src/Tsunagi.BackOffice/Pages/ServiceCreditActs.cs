using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Credits;
using Tsunagi.Core.Exchange.Credits;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Outcomes;
using Tsunagi.Ui.Forms;

namespace Tsunagi.BackOffice.Pages;

/// <summary>What the forms of service credits do.</summary>
internal static class ServiceCreditActs
{
    private const string Base = "/console/backoffice/credits";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(Base + "/{id}/approve", BackOfficePermissions.CreditWrite, ApproveAsync);
        routes.MapAct(Base + "/{id}/reject", BackOfficePermissions.CreditWrite, RejectAsync);
    }

    private static async ValueTask<ActResult> ApproveAsync(Act act)
    {
        var reason = act.Required("reason", ServiceCredits.MaxReason);
        return act.Ok
            ? Back(act, await act.Service<CreditDecisions>().ApproveAsync(act.Caller, act.Route("id"), reason, act.CancellationToken), new("The credit is approved: it is on the next invoice.", "返還を承認しました。次回請求に反映されます。"))
            : act.Refused();
    }

    private static async ValueTask<ActResult> RejectAsync(Act act)
    {
        var reason = act.Required("reason", ServiceCredits.MaxReason);
        return act.Ok ? Back(act, await act.Service<CreditDecisions>().RejectAsync(act.Caller, act.Route("id"), reason, act.CancellationToken), new("The credit is rejected.", "返還を却下しました。")) : act.Refused();
    }

    private static ActResult Back(Act act, Outcome<ServiceCredit> credit, LocalizedText done) => credit.Ok ? act.Done($"{Base}/{credit.Value.Id}", done) : act.Refused(credit.Refusal);
}
