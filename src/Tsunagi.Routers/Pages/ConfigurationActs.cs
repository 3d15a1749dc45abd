using System.Globalization;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Proof;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Arms;
using Tsunagi.Routers.Devices;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Routers.Pages;

/// <summary>What the forms of sites' configurations do, and those of routers with ARMS.</summary>
internal static class ConfigurationActs
{
    public const int LongestText = 262_144;

    private const string Devices = "/console/routers/devices";
    private const string SitesPath = "/console/routers/sites";
    private const int LongestName = 256;
    private static readonly LocalizedText NoSite = new("There is no such site, or it is not yours to change.", "該当する拠点がないか、権限がありません。");
    private static readonly LocalizedText NoRouter = new("There is no such router, or it is not yours to change.", "該当するルーターがないか、権限がありません。");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(SitesPath + "/{id}/configuration", RoutersPermissions.ConfigurationWrite, SetAsync);
        routes.MapAct(SitesPath + "/{id}/rollback", RoutersPermissions.ConfigurationWrite, GoBackAsync);
        routes.MapAct(Devices + "/{id}/pulls", RoutersPermissions.ConfigurationWrite, PullAsync);
        routes.MapAct(Devices, RoutersPermissions.DeviceWrite, RegisterAsync);
    }

    private static async ValueTask<ActResult> SetAsync(Act act)
    {
        var (why, basedOn, modules) = (act.Text("why", 300) ?? "", act.Number("basedOn", 0), new List<ConfigurationModule>());
        for (var i = 0; i < 1_000 && act.Form.ContainsKey(Name("id", i)); i++)
        {
            if (ReadModule(act, i) is { } module)
            {
                modules.Add(module);
            }
        }

        if (await act.Service<Sites>().FindAsync(act.Caller, act.Route("id"), act.CancellationToken) is not { } site)
        {
            return act.Missing(NoSite);
        }

        if (act.Ok && modules.Count == 0)
        {
            act.Wrong("id0", act.View[new("At least one module is needed.", "モジュールが1つ以上必要です。")]);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        var configurations = act.Service<SiteConfigurations>();
        var newest = await configurations.FindAsync(act.Caller, site.Id, 0, act.CancellationToken);
        var lines = newest is null ? [] : (await configurations.OpenAsync(newest, act.CancellationToken)).Lines;
        var made = await configurations.SetAsync(act.Caller, site, new SiteConfiguration(modules, lines), basedOn, why, act.CancellationToken);
        return made.Ok
            ? act.Done($"{SitesPath}/{site.Id}/configuration", new("Version {0} is made; the box takes it at its next pull.", "版{0}を作成しました。機器は次回の取得時に適用します。"), made.Value.Number) : act.Refused(made.Refusal);
    }

    private static ConfigurationModule? ReadModule(Act act, int i)
    {
        var (base64, text) = (act.Form[Name("base64", i)].ToString(), act.Form[Name("text", i)].ToString().Replace("\r\n", "\n", StringComparison.Ordinal));
        if (text.Length > LongestText)
        {
            act.Wrong(Name("text", i), act.View.Say(new("Longer than {0} characters.", "{0}文字を超えています。"), LongestText));
        }

        // A module without a number is not there.
        var (id, version, info) = (act.Number(Name("id", i), 0, uint.MaxValue), act.Text(Name("version", i), LongestName), act.Text(Name("info", i), LongestName));
        if (id is not { } number)
        {
            if (text.Trim().Length > 0 && act.Form[Name("id", i)].ToString().Trim().Length == 0)
            {
                act.Wrong(Name("id", i), act.View[new("A number is needed.", "番号を入力してください。")]);
            }

            return null;
        }

        return new ConfigurationModule(number, version ?? "1", info ?? "", null, base64.Length > 0 ? null : text, base64.Length > 0 ? base64 : null);
    }

    private static string Name(string field, int i) => field + i.ToString(CultureInfo.InvariantCulture);

    private static async ValueTask<ActResult> GoBackAsync(Act act)
    {
        var number = act.Number("number", 1);
        if (await act.Service<Sites>().FindAsync(act.Caller, act.Route("id"), act.CancellationToken) is not { } site)
        {
            return act.Missing(NoSite);
        }

        if (number is null)
        {
            act.Wrong("number", act.View[new("A number is needed.", "番号を入力してください。")]);
        }

        if (!act.Ok)
        {
            return act.Refused();
        }

        var made = await act.Service<SiteConfigurations>().GoBackAsync(act.Caller, site, number!.Value, act.CancellationToken);
        return made.Ok
            ? act.Done($"{SitesPath}/{site.Id}/configuration", new("Version {0} is made, equal to version {1}.", "版{1}と同じ内容の版{0}を作成しました。"), made.Value.Number, number.Value) : act.Refused(made.Refusal);
    }

    private static async ValueTask<ActResult> PullAsync(Act act)
    {
        if (await act.Service<DeviceStore>().FindAsync(act.Caller, act.Route("id"), act.CancellationToken) is not { } device)
        {
            return act.Missing(NoRouter);
        }

        return await act.Service<PullCalls>().AskAsync(act.Caller, device, act.CancellationToken) is { } refusal
            ? act.Refused(refusal) : act.Done($"{Devices}/{device.Id}", new("The router said that it will pull; what it then runs shows below.", "ルーターが取得を開始します。結果は履歴に表示されます。"));
    }

    private static async ValueTask<ActResult> RegisterAsync(Act act)
    {
        var (text, key) = (act.Required("distributionId", 39), act.Required("key", 64));
        if (!act.Caller.IsOperator)
        {
            return act.Missing(NoRouter);
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

        var registered = await act.Service<DeviceBook>().RegisterAsync(act.Caller, id, key, act.CancellationToken);
        return registered.Ok ? act.Done($"{Devices}/{registered.Value.Id}", new("The router is registered.", "ルーターを登録しました。")) : act.Refused(registered.Refusal);
    }
}
