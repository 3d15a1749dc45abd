using Microsoft.AspNetCore.Routing;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Connectivity.Pages;

/// <summary>What the pages of lines do.</summary>
internal static class LineActs
{
    private const string List = "/console/connectivity/lines";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(List, ConnectivityPermissions.LineWrite, AddAsync);
        routes.MapAct(List + "/{id}", ConnectivityPermissions.LineWrite, ChangeAsync);
        routes.MapAct(List + "/{id}/password", ConnectivityPermissions.LinePassword, SetPasswordAsync);
        routes.MapAct(List + "/{id}/end", ConnectivityPermissions.LineWrite, EndAsync);
    }

    private static async ValueTask<ActResult> AddAsync(Act act)
    {
        var wanted = new NewLine
        {
            SubscriptionId = act.Required("subscriptionId", 40), UserName = act.Text("userName", 253), CircuitId = act.Text("circuitId", 253), RemoteId = act.Text("remoteId", 253),
            CircuitProves = act.Checked("circuitProves"), Port = act.Text("port", 100), V4 = act.Text("v4", 50), DelegatedPrefix = act.Text("delegatedPrefix", 50), Name = act.Text("name"),
        };
        if (!act.Ok)
        {
            return act.Refused();
        }

        var made = await act.Service<LineBook>().AddAsync(act.Caller, wanted, act.CancellationToken);
        if (!made.Ok)
        {
            return act.Refused(made.Refusal);
        }

        var page = $"{List}/{made.Value.Line.Id}";
        return made.Value.Password is { } password
            ? act.DoneOnce(new("The line's password", "回線のパスワード"), password, new("Give it to the customer now: it is not shown again. A new one can be set at any time.", "再表示できません。今すぐお客様にお渡しください。再設定はいつでも可能です。"), page)
            : act.Done(page, new("The line is set up.", "回線を登録しました。"));
    }

    private static async ValueTask<ActResult> ChangeAsync(Act act)
    {
        var wanted = new LineChange
        {
            Name = act.Required("name"), UserName = act.Text("userName", 253) ?? "", CircuitId = act.Text("circuitId", 253) ?? "", RemoteId = act.Text("remoteId", 253) ?? "",
            CircuitProves = act.Checked("circuitProves"), Port = act.Text("port", 100) ?? "", V4 = act.Text("v4", 50) ?? "", V6 = act.Text("v6", 50) ?? "", LinkPrefix = act.Text("linkPrefix", 50) ?? "",
            DelegatedPrefix = act.Text("delegatedPrefix", 50) ?? "",
            Routes = [.. (act.Text("routes", 4_000) ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
        };
        if (!act.Ok)
        {
            return act.Refused();
        }

        var changed = await act.Service<LineBook>().ChangeAsync(act.Caller, act.Route("id"), wanted, act.Number("version"), act.CancellationToken);
        return changed.Ok ? act.Done($"{List}/{changed.Value.Id}", new("The line is changed.", "回線の設定を変更しました。")) : act.Refused(changed.Refusal);
    }

    private static async ValueTask<ActResult> SetPasswordAsync(Act act)
    {
        var set = await act.Service<LineBook>().SetPasswordAsync(act.Caller, act.Route("id"), act.Text("password", 253), act.CancellationToken);
        if (!set.Ok)
        {
            return act.Refused(set.Refusal);
        }

        var page = $"{List}/{set.Value.LineId}";
        return set.Value.Password is { } password
            ? act.DoneOnce(new("The line's new password", "回線の新しいパスワード"), password, new("It holds from the next connection on, and is not shown again.", "次回の接続から有効です。再表示できません。"), page)
            : act.Done(page, new("The password is set and holds from the next connection on.", "パスワードを設定しました。次回の接続から有効です。"));
    }

    private static async ValueTask<ActResult> EndAsync(Act act)
    {
        var ended = await act.Service<LineBook>().EndAsync(act.Caller, act.Route("id"), act.Number("version"), act.CancellationToken);
        return ended.Ok ? act.Done(List, new("The line is ended.", "回線を終了しました。")) : act.Refused(ended.Refusal);
    }
}
