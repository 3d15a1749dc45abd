using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Modules;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Helpdesk;
using Tsunagi.Routers.Tasks;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Routers.Pages;

/// <summary>What the pages' forms and buttons do.</summary>
internal static class RouterActs
{
    private const string List = "/console/routers/devices";
    private static readonly LocalizedText NoRouter = new("There is no such router, or it is not yours to change.", "該当するルーターがないか、権限がありません。");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(List + "/{id}/claim", RoutersPermissions.DeviceWrite, ClaimAsync);
        routes.MapAct(List + "/{id}/release", RoutersPermissions.DeviceWrite, ReleaseAsync);
        routes.MapAct(List + "/{id}/credentials", RoutersPermissions.DeviceWrite, CredentialsAsync);
        routes.MapAct(List + "/{id}/tasks", RoutersPermissions.Help, DoAsync);
        routes.MapAct(List + "/{id}/calls", RoutersPermissions.Help, CallAsync);
        routes.MapAct(List + "/{id}/reveal", RoutersPermissions.SecretRead, RevealAsync);
    }

    private static ValueTask<RouterDevice?> FindAsync(Act act) => act.Service<DeviceStore>().FindAsync(act.Caller, act.Route("id"), act.CancellationToken);

    private static async ValueTask<ActResult> ClaimAsync(Act act)
    {
        var subscription = act.Required("subscription", 40);
        if (!act.Caller.IsOperator || await FindAsync(act) is not { } device)
        {
            return act.Missing(NoRouter);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        var claimed = await act.Service<DeviceBook>().ClaimAsync(act.Caller, device, subscription, act.CancellationToken);
        return claimed.Ok ? act.Done($"{List}/{device.Id}", new("The router belongs to the site now; it is read in its next session.", "拠点に割り当てました。次回の接続時に読み取ります。")) : act.Refused(claimed.Refusal);
    }

    private static async ValueTask<ActResult> ReleaseAsync(Act act)
    {
        if (await FindAsync(act) is not { } device)
        {
            return act.Missing(NoRouter);
        }

        var released = await act.Service<DeviceBook>().ReleaseAsync(act.Caller, device, act.CancellationToken);
        return released.Ok ? act.Done(List, new("The router is nobody's now.", "ルーターを拠点から取り外しました。")) : act.Refused(released.Refusal);
    }

    private static async ValueTask<ActResult> CredentialsAsync(Act act)
    {
        if (await FindAsync(act) is not { } device)
        {
            return act.Missing(NoRouter);
        }

        var given = new Dictionary<string, DeviceCredentials>(StringComparer.Ordinal);
        foreach (var (name, field) in ((string, string)[])[(DeviceSecrets.Acs, "acs"), (DeviceSecrets.Connection, "connection")])
        {
            var username = act.Text(field + "Username", 256) ?? "";
            if (act.Text(field + "Password", 256) is { } password)
            {
                given[name] = new DeviceCredentials(username, password);
            }
        }

        if (act.Ok && given.Count == 0)
        {
            act.Wrong("connectionPassword", act.View[new("No password is given.", "パスワードが指定されていません。")]);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        await act.Service<DeviceBook>().SetCredentialsAsync(act.Caller, device, given, act.CancellationToken);
        return act.Done($"{List}/{device.Id}", new("The credentials are kept.", "認証情報を保存しました。"));
    }

    private static async ValueTask<ActResult> DoAsync(Act act)
    {
        var kind = act.OneOf("kind", TaskKinds.Adopt, TaskKinds.Refresh, TaskKinds.Reboot, TaskKinds.Ping, TaskKinds.Trace);
        var host = act.Text("host", 253) ?? "";
        if (await FindAsync(act) is not { } device)
        {
            return act.Missing(NoRouter);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        var task = await act.Service<HelpDesk>().DoAsync(act.Caller, device, kind, host, act.CancellationToken);
        return task.Ok
            ? act.Done($"{List}/{device.Id}{(act.Text("back") == "help" ? "/help" : "")}", new("The router is asked to call; it is done in that session.", "ルーターを呼び出しました。接続時に実行します。")) : act.Refused(task.Refusal);
    }

    private static async ValueTask<ActResult> CallAsync(Act act)
    {
        var reason = act.Required("reason", 300);
        if (reason.Length is > 0 and < 3)
        {
            act.Wrong("reason", act.View[new("At least three characters.", "3文字以上で入力してください。")]);
        }

        if (await FindAsync(act) is not { } device)
        {
            return act.Missing(NoRouter);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        var call = await act.Service<HelpDesk>().OpenAsync(act.Caller, device, reason, act.CancellationToken);
        return call.Ok ? act.Done($"{List}/{device.Id}/help") : act.Refused(call.Refusal);
    }

    private static async ValueTask<ActResult> RevealAsync(Act act)
    {
        var (path, reason) = (act.Required("path", 300), act.Required("reason", 300));
        if (reason.Length is > 0 and < 3)
        {
            act.Wrong("reason", act.View[new("At least three characters.", "3文字以上で入力してください。")]);
        }

        if (await FindAsync(act) is not { } device)
        {
            return act.Missing(NoRouter);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        var revealed = await act.Service<HelpDesk>().RevealAsync(act.Caller, device, path, reason, act.CancellationToken);
        return revealed.Ok
            ? act.DoneOnce(new("A password of the router", "ルーターのパスワード"), revealed.Value.Value, new("Shown once. The look is in the audit.", "一度だけ表示します。表示は監査ログに記録しました。"), $"{List}/{device.Id}/help")
            : act.Refused(revealed.Refusal);
    }
}
