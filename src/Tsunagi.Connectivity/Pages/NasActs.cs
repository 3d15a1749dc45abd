using Microsoft.AspNetCore.Routing;
using Tsunagi.Connectivity.AccessServers;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Connectivity.Pages;

/// <summary>What the pages of access servers do.</summary>
internal static class NasActs
{
    private const string List = "/console/connectivity/nas";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(List, ConnectivityPermissions.NasWrite, AddAsync);
        routes.MapAct(List + "/{id}", ConnectivityPermissions.NasWrite, ChangeAsync);
        routes.MapAct(List + "/{id}/remove", ConnectivityPermissions.NasWrite, RemoveAsync);
    }

    private static async ValueTask<ActResult> AddAsync(Act act)
    {
        var wanted = new NewNas
        {
            Name = act.Required("name", 100), Sources = Lines(act.Text("sources", 4_000) ?? ""), Certificate = act.Text("certificate", 260) ?? "", Secret = act.Text("secret"), Dialect = One<NasDialect>(act, "dialect"),
            MessageAuthenticator = One<MessageAuthenticatorRule>(act, "messageAuthenticator"), DynamicAuthorization = act.Text("dynamicAuthorization", 60), WalledGarden = act.Text("walledGarden", 100),
            Note = act.Text("note", 500), Accounts = !act.Checked("silent"),
        };
        if (!act.Ok)
        {
            return act.Refused();
        }

        var made = await act.Service<NasBook>().AddAsync(act.Caller, wanted, act.CancellationToken);
        if (!made.Ok)
        {
            return act.Refused(made.Refusal);
        }

        var page = $"{List}/{made.Value.Nas.Id}";
        return made.Value.Secret is { } secret
            ? act.DoneOnce(new("The shared secret", "共有鍵"), secret, new("Enter it in the access server now: it is not shown again. A new one can be set at any time.", "再表示できません。今すぐアクセスサーバーに設定してください。"), page)
            : act.Done(page, new("The access server is added.", "アクセスサーバーを追加しました。"));
    }

    private static async ValueTask<ActResult> ChangeAsync(Act act)
    {
        var wanted = new NasChange
        {
            Name = act.Required("name", 100), Sources = Lines(act.Text("sources", 4_000) ?? ""), Certificate = act.Text("certificate", 260) ?? "", Secret = act.Text("secret"), Dialect = One<NasDialect>(act, "dialect"),
            MessageAuthenticator = One<MessageAuthenticatorRule>(act, "messageAuthenticator"), DynamicAuthorization = act.Text("dynamicAuthorization", 60) ?? "", WalledGarden = act.Text("walledGarden", 100) ?? "",
            Note = act.Text("note", 500) ?? "", Accounts = !act.Checked("silent"),
        };
        if (!act.Ok)
        {
            return act.Refused();
        }

        var changed = await act.Service<NasBook>().ChangeAsync(act.Caller, act.Route("id"), wanted, act.Number("version"), act.CancellationToken);
        return changed.Ok ? act.Done($"{List}/{changed.Value.Id}", new("The access server is changed.", "アクセスサーバーの設定を変更しました。")) : act.Refused(changed.Refusal);
    }

    private static async ValueTask<ActResult> RemoveAsync(Act act)
    {
        var removed = await act.Service<NasBook>().RemoveAsync(act.Caller, act.Route("id"), act.CancellationToken);
        return removed.Ok ? act.Done(List, new("The access server is removed.", "アクセスサーバーを削除しました。")) : act.Refused(removed.Refusal);
    }

    private static string[] Lines(string text) => text.Split(['\n', ',', ' '], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static T? One<T>(Act act, string field)
        where T : struct, Enum
    {
        var text = act.OneOf(field, Enum.GetNames<T>());
        return Enum.TryParse<T>(text, out var value) ? value : null;
    }
}
