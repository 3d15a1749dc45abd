using Microsoft.AspNetCore.Routing;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Sharing;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Ddos.Pages;

/// <summary>What the forms and buttons of sharing do.</summary>
internal static class SharingActs
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct("/console/ddos/incidents/{id}/share", DdosPermissions.ShareWrite, ShareAsync);
        routes.MapAct("/console/ddos/shares/{id}/withdraw", DdosPermissions.ShareWrite, WithdrawAsync);
    }

    private static async ValueTask<ActResult> ShareAsync(Act act)
    {
        if (await act.Service<IncidentStore>().FindAsync(act.Caller, act.Route("id"), act.CancellationToken) is not { } row)
        {
            return act.Missing(new("There is no such incident, or it is not yours to see.", "該当するインシデントがないか、権限がありません。"));
        }

        var (group, tlp, reason, target) = (act.Required("group", 40), act.Required("tlp", 20), act.Required("reason", 300), act.Text("target", 10));
        if (reason.Length is > 0 and < 3)
        {
            act.Wrong("reason", act.View[new("At least three characters.", "3文字以上で入力してください。")]);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        var shared = await act.Service<ShareDesk>().ShareAsync(act.Caller, row, new ShareRequest(group, tlp, reason, target == "show"), act.CancellationToken);
        return shared.Ok ? act.Done("/console/ddos/incidents/" + row.Id, new("It is shared. What leaves is what the preview showed.", "共有しました。プレビューの内容が送信されます。")) : act.Refused(shared.Refusal);
    }

    private static async ValueTask<ActResult> WithdrawAsync(Act act)
    {
        if (await act.Service<ShareStore>().FindAsync(act.Caller, act.Route("id"), act.CancellationToken) is not { } share
            || await act.Service<IncidentStore>().FindAsync(act.Caller, share.IncidentId, act.CancellationToken) is not { } incident)
        {
            return act.Missing(new("There is no such share, or it is not yours to withdraw.", "該当する共有がないか、権限がありません。"));
        }

        var withdrawn = await act.Service<ShareDesk>().WithdrawAsync(act.Caller, share, incident, act.CancellationToken);
        return withdrawn.Ok ? act.Done("/console/ddos/incidents/" + incident.Id, new("The group is told that it does not hold.", "撤回をグループへ通知しました。")) : act.Refused(withdrawn.Refusal);
    }
}
