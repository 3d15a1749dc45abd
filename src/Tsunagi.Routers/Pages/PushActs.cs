using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Push;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Routers.Pages;

/// <summary>What the forms of pushes do, and the one that swaps a site's box.</summary>
internal static class PushActs
{
    private const string Pushes = "/console/routers/pushes";
    private static readonly LocalizedText NoPush = new("There is no such push, or it is not yours to change.", "該当する配信がないか、権限がありません。");
    private static readonly LocalizedText NoSite = new("There is no such site, or it is not yours to change.", "該当する拠点がないか、権限がありません。");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(Pushes, RoutersPermissions.ConfigurationWrite, PlanAsync);
        routes.MapAct(Pushes + "/{push}/start", RoutersPermissions.ConfigurationWrite, StartAsync);
        routes.MapAct(Pushes + "/{push}/stop", RoutersPermissions.ConfigurationWrite, StopAsync);
        routes.MapAct("/console/routers/sites/{id}/push", RoutersPermissions.ConfigurationWrite, PlanSiteAsync);
        routes.MapAct("/console/routers/sites/{id}/swap", RoutersPermissions.DeviceWrite, SwapAsync);
    }

    private static async ValueTask<ActResult> PlanAsync(Act act)
    {
        var (rings, budget, why) = (act.Required("rings", 100), act.Number("budget", 0, 100), act.Text("why", 300) ?? "");
        if (budget is null && act.Form["budget"].ToString().Trim().Length == 0)
        {
            act.Wrong("budget", act.View[new("A number is needed.", "数値を入力してください。")]);
        }

        return act.Ok ? await PlanAsync(act, new NewPush([], [], rings, budget!.Value, why)) : act.Refused();
    }

    private static async ValueTask<ActResult> PlanSiteAsync(Act act)
    {
        var why = act.Text("why", 300) ?? "";
        return await act.Service<Sites>().FindAsync(act.Caller, act.Route("id"), act.CancellationToken) is not { } site ? act.Missing(NoSite)
            : act.Ok ? await PlanAsync(act, new NewPush([site.Id], [], "1", 0, why.Length > 0 ? why : site.Name)) : act.Refused();
    }

    private static async ValueTask<ActResult> PlanAsync(Act act, NewPush wanted)
    {
        var planned = await act.Service<PushBook>().PlanAsync(act.Caller, wanted, act.CancellationToken);
        return planned.Ok
            ? act.Done($"{Pushes}/{planned.Value.Push.Id}", new("Planned for {0} boxes; nothing is sent yet.", "{0}台への配信を計画しました(未送信)。"), planned.Value.Push.Boxes) : act.Refused(planned.Refusal);
    }

    private static async ValueTask<ActResult> StartAsync(Act act)
    {
        if (await act.Service<PushBook>().FindAsync(act.Caller, act.Route("push"), act.CancellationToken) is not { } push)
        {
            return act.Missing(NoPush);
        }

        var started = await act.Service<PushBook>().StartAsync(act.Caller, push, act.CancellationToken);
        return started.Ok ? act.Done($"{Pushes}/{push.Id}", new("The first ring is open.", "最初のリングへの配信を開始しました。")) : act.Refused(started.Refusal);
    }

    private static async ValueTask<ActResult> StopAsync(Act act)
    {
        var why = act.Text("why", 300);
        if (await act.Service<PushBook>().FindAsync(act.Caller, act.Route("push"), act.CancellationToken) is not { } push)
        {
            return act.Missing(NoPush);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        var stopped = await act.Service<PushBook>().StopAsync(act.Caller, push, why ?? "stopped by " + act.Caller.ActorName, act.CancellationToken);
        return stopped.Ok ? act.Done($"{Pushes}/{push.Id}", new("No further box is begun.", "以後の送信を停止しました。")) : act.Refused(stopped.Refusal);
    }

    private static async ValueTask<ActResult> SwapAsync(Act act)
    {
        var (text, key) = (act.Required("distributionId", 39), act.Required("key", 64));
        if (!act.Caller.IsOperator || await act.Service<Sites>().FindAsync(act.Caller, act.Route("id"), act.CancellationToken) is not { } site)
        {
            return act.Missing(NoSite);
        }

        if (!DistributionId.TryParse(text, out var id) && text.Length > 0)
        {
            act.Wrong("distributionId", act.View[new("Eight groups of four hexadecimal digits, such as 0001-0000-0101-0000-0000-0000-DEAD-BEEF.", "16進数4桁×8組で入力してください(例: 0001-0000-0101-0000-0000-0000-DEAD-BEEF)。")]);
        }

        if (key.Length is > 0 and < 4)
        {
            act.Wrong("key", act.View[new("At least four characters.", "4文字以上で入力してください。")]);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        var swapped = await act.Service<DeviceBook>().SwapAsync(act.Caller, act.Service<SubscriptionOrders>(), act.Service<SubscriptionBook>(), site, id, key, act.CancellationToken);
        return swapped.Ok ? act.Done($"/console/routers/sites/{site.Id}", new("The site has its new box; the old one is refused.", "機器を交換しました。旧機器の要求は拒否します。")) : act.Refused(swapped.Refusal);
    }
}
