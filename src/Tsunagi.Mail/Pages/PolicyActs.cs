using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Modules;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Pending;
using Tsunagi.Mail.Verdict;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Mail.Pages;

/// <summary>What the pages of policies do.</summary>
internal static class PolicyActs
{
    /// <summary>The button of the form that asks instead of saving.</summary>
    public const string WhatIf = "what-if";

    public const int WhatIfDays = 7;

    public static readonly LocalizedText Saved = new("The policy holds from now on.", "ポリシーを保存しました(直ちに適用されます)。");

    private const string Policies = "/console/mail/policies";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(Policies, MailPermissions.PolicyWrite, PutAsync);
        routes.MapAct(Policies + "/remove", MailPermissions.PolicyWrite, RemoveAsync);
    }

    private static async ValueTask<ActResult> PutAsync(Act act)
    {
        var tenant = act.Required("tenant", 40);
        var scope = act.OneOf("scope", "tenant", "domain", "group", "user");
        var version = act.Number("version", 0);
        var policy = new FilterPolicy
        {
            Enabled = YesNo(act, "enabled"),
            TagOnly = YesNo(act, "tagOnly"),
            Shadow = YesNo(act, "shadow"),
            TagPoints = (int?)act.Number("tagPoints", 0, 10_000),
            QuarantinePoints = (int?)act.Number("quarantinePoints", 0, 10_000),
            RejectPoints = (int?)act.Number("rejectPoints", 0, 10_000),
            ClassifierPoints = (int?)act.Number("classifierPoints", 0, 10_000),
            Greylist = YesNo(act, "greylist"),
            BlockLists = BlockListWords.Read(act, "blockLists"),
            Sending = SendingWords.ReadPolicy(act),
            Pending = PendingOf(act),
            Checks = Said(EvidenceCatalogue.Checks, check => YesNo(act, "check." + check)),
            Actions = Said(EvidenceCatalogue.All.Where(static code => !code.IsNote).Select(static code => code.Code), code => ActionOf(act, "action." + code)),
        };
        if (!act.Ok)
        {
            return act.Refused();
        }

        if (act.Form["act"] == WhatIf)
        {
            return await WhatIfActs.BeginAsync(act, tenant, scope, act.Text("name", 320) ?? "", policy, WhatIfDays, version ?? 0);
        }

        var put = await act.Service<PolicyBook>().PutAsync(act.Caller, tenant, scope, act.Text("name", 320) ?? "", policy, version, act.CancellationToken);
        return put.Ok ? act.Done(Policies, Saved) : act.Refused(put.Refusal);
    }

    private static async ValueTask<ActResult> RemoveAsync(Act act)
    {
        var tenant = act.Required("tenant", 40);
        var scope = act.OneOf("scope", "tenant", "domain", "group", "user");
        if (!act.Ok)
        {
            return act.Refused();
        }

        var removed = await act.Service<PolicyBook>().RemoveAsync(act.Caller, tenant, scope, act.Text("name", 320) ?? "", null, act.CancellationToken);
        return removed is null
            ? act.Done(Policies, new("The policy is gone; the next wider scope says now.", "ポリシーを取り消しました。より広い範囲のポリシーに従います。"))
            : act.Refused(removed);
    }

    private static PendingPolicy? PendingOf(Act act)
    {
        var said = new PendingPolicy
        {
            Minutes = (int?)act.Number("pending.minutes", 0, PendingPolicy.MostMinutes),
            Which = Enum.TryParse<PendingMail>(act.Form["pending.which"].ToString(), ignoreCase: true, out var which) ? which : null,
            Notice = YesNo(act, "pending.notice"),
        };
        return said == new PendingPolicy() ? null : said;
    }

    private static bool? YesNo(Act act, string field) => act.Form[field].ToString() switch
    {
        "true" => true,
        "false" => false,
        _ => null,
    };

    private static PolicyAction? ActionOf(Act act, string field) => Enum.TryParse<PolicyAction>(act.Form[field].ToString(), ignoreCase: true, out var action) ? action : null;

    private static Dictionary<string, T>? Said<T>(IEnumerable<string> names, Func<string, T?> read)
        where T : struct
    {
        var said = names.Select(name => (name, value: read(name))).Where(static pair => pair.value is not null).ToDictionary(static pair => pair.name, static pair => pair.value!.Value, StringComparer.Ordinal);
        return said.Count > 0 ? said : null;
    }
}
