using Microsoft.AspNetCore.Routing;
using Tsunagi.Ddos.DryRun;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Ddos.Pages;

/// <summary>What the pages' forms and buttons do.</summary>
internal static class DdosActs
{
    private const string List = "/console/ddos/mitigations";
    private const string Protections = "/console/ddos/protections";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(List, DdosPermissions.MitigationWrite, MakeAsync);
        routes.MapAct("/console/ddos/incidents/{id}/release", DdosPermissions.MitigationWrite, ReleaseAsync);
        routes.MapAct(Protections + "/{protection}/mode", DdosPermissions.ModeWrite, SetModeAsync);
        routes.MapAct("/console/ddos/dry-runs", DdosPermissions.DryRunWrite, DryRunAsync);
        routes.MapAct(List + "/{id}/lift", DdosPermissions.MitigationWrite, LiftAsync);
    }

    private static async ValueTask<ActResult> MakeAsync(Act act)
    {
        var request = new MitigationRequest
        {
            Blackhole = act.Text("blackhole", 50), Rule = act.Text("rule", 2_000), Reason = act.Required("reason", 300), Minutes = (int)(act.Number("minutes", 1, 43_200) ?? 30),
            Incident = act.Text("incident", 40),
        };
        if (request.Reason.Length is > 0 and < 3)
        {
            act.Wrong("reason", act.View[new("At least three characters.", "3文字以上で入力してください。")]);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        if (request.Incident is { } incident && await act.Service<IncidentStore>().FindAsync(act.Caller, incident, act.CancellationToken) is null)
        {
            return act.Missing(new("There is no such incident, or it is not yours to see.", "該当するインシデントがないか、権限がありません。"));
        }

        var made = await act.Service<Ledger>().AddAsync(act.Caller, request, act.CancellationToken);
        return made.Ok ? act.Done(List, new("The rule is announced and ends by itself.", "ルールを広告しました。期限で自動的に終了します。")) : act.Refused(made.Refusal);
    }

    private static async ValueTask<ActResult> ReleaseAsync(Act act)
    {
        if (await act.Service<IncidentStore>().FindAsync(act.Caller, act.Route("id"), act.CancellationToken) is not { } row)
        {
            return act.Missing(new("There is no such incident, or it is not yours to see.", "該当するインシデントがないか、権限がありません。"));
        }

        var released = await act.Service<Responder>().ReleaseAsync(act.Caller, row, act.CancellationToken);
        return released.Ok
            ? act.Done("/console/ddos/incidents/" + row.Id, new("The rules are announced; they are lifted when the attack is over.", "ルールを広告しました。攻撃の終息後に自動で解除されます。"))
            : act.Refused(released.Refusal);
    }

    private static async ValueTask<ActResult> SetModeAsync(Act act)
    {
        var mode = act.Required("mode", 20);
        var reason = act.Required("reason", 300);
        if (mode.Length > 0 && !ResponseMode.All.Contains(mode))
        {
            act.Wrong("mode", act.View[new("Choose one of the list.", "一覧から選択してください。")]);
        }

        if (reason.Length is > 0 and < 3)
        {
            act.Wrong("reason", act.View[new("At least three characters.", "3文字以上で入力してください。")]);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        var set = await act.Service<ResponseModes>().SetAsync(act.Caller, act.Route("protection"), new ModeRequest { Mode = mode, Reason = reason, WithoutReport = act.Checked("without") }, act.CancellationToken);
        return set.Ok ? act.Done(Protections, new("It holds from now on.", "変更を適用しました。")) : act.Refused(set.Refusal);
    }

    private static ValueTask<ActResult> DryRunAsync(Act act)
    {
        var (of, mode, days) = (act.Required("of", 100), act.Required("as", 20), (int)(act.Number("days", 1, 90) ?? act.Service<DdosOptions>().DryRun.LeastDays));
        if (mode.Length > 0 && (!ResponseMode.All.Contains(mode) || mode == ResponseMode.Observe))
        {
            act.Wrong("as", act.View[new("Choose one of the list.", "一覧から選択してください。")]);
        }

        if (!act.Ok)
        {
            return new(act.Refused());
        }

        var begun = act.Service<DryRunDesk>().Begin(act.Caller, new DryRunRequest { Of = of, As = mode, Days = days });
        return new(begun.Ok ? act.Done("/console/ddos/dry-runs/" + begun.Value.Id, new("The dry run has begun.", "ドライランを開始しました。")) : act.Refused(begun.Refusal));
    }

    private static async ValueTask<ActResult> LiftAsync(Act act)
    {
        if (await act.Service<MitigationStore>().FindAsync(act.Caller, act.Route("id"), act.CancellationToken) is not { } row)
        {
            return act.Missing(new("There is no such rule, or it is not yours to lift.", "該当するルールがないか、権限がありません。"));
        }

        var lifted = await act.Service<Ledger>().LiftAsync(act.Caller, row, act.CancellationToken);
        return lifted.Ok ? act.Done(List, new("The rule is lifted and withdrawn from the routers.", "ルールを解除し、ルーターから取り消しました。")) : act.Refused(lifted.Refusal);
    }
}
