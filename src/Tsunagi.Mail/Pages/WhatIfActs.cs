using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Modules;
using Tsunagi.Mail.Verdict;
using Tsunagi.Mail.WhatIf;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Mail.Pages;

/// <summary>What the pages of "what would this have done" do: ask, ask again, and save the policy that was asked about.</summary>
internal static class WhatIfActs
{
    private const string Pages = "/console/mail/what-if";

    /// <summary>Longer than that, and the page shows how far it has come.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    private static readonly LocalizedText Gone = new("The question is no longer kept here: ask again.", "この試算は保存期間を過ぎました。もう一度実行してください。");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(Pages + "/{whatIf}/again", MailPermissions.PolicyRead, AgainAsync);
        routes.MapAct(Pages + "/{whatIf}/save", MailPermissions.PolicyWrite, SaveAsync);
    }

    public static string Href(string run) => $"{Pages}/{run}";

    public static async ValueTask<ActResult> BeginAsync(Act act, string tenant, string scope, string name, FilterPolicy? policy, int days, long version)
    {
        var question = await act.Service<WhatIfDesk>().QuestionAsync(act.Caller, tenant, scope, name, policy, days, act.CancellationToken);
        return question.Ok
            ? act.Done(Href((await act.Service<WhatIfRuns>().BeginAsync(act.Caller, question.Value!, version, Moment, act.CancellationToken)).Id))
            : act.Refused(question.Refusal!);
    }

    private static async ValueTask<ActResult> AgainAsync(Act act)
    {
        if (act.Service<WhatIfRuns>().Find(act.Caller, act.Route("whatIf")) is not { } run)
        {
            return act.Missing(Gone);
        }

        var days = act.Number("days", 1, WhatIfQuestion.MostDays);
        var place = run.Question.Place;
        return act.Ok ? await BeginAsync(act, place.TenantId, place.Scope, place.Name, run.Question.Policy, (int)(days ?? run.Question.Days), run.Version) : act.Refused();
    }

    private static async ValueTask<ActResult> SaveAsync(Act act)
    {
        if (act.Service<WhatIfRuns>().Find(act.Caller, act.Route("whatIf")) is not { Question: { Policy: { } policy, Place: var place } } run)
        {
            return act.Missing(Gone);
        }

        var put = await act.Service<PolicyBook>().PutAsync(act.Caller, place.TenantId, place.Scope, place.Name, policy, run.Version, act.CancellationToken);
        return put.Ok ? act.Done("/console/mail/policies", PolicyActs.Saved) : act.Refused(put.Refusal!);
    }
}
