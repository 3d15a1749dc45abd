using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Orders;
using Tsunagi.BackOffice.Projects;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Outcomes;
using Tsunagi.Ui.Forms;

namespace Tsunagi.BackOffice.Pages;

/// <summary>What the buttons and forms of projects do.</summary>
internal static class ProjectActs
{
    private const string Base = "/console/backoffice/projects";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapAct(Base, BackOfficePermissions.ProjectWrite, TakeAsync);
        routes.MapAct(Base + "/{id}/accept", BackOfficePermissions.ProjectAccept, AcceptAsync);
        routes.MapAct(Base + "/{id}/changes", BackOfficePermissions.ProjectWrite, ChangeAsync);
        routes.MapAct(Base + "/{id}/costs", BackOfficePermissions.ProjectWrite, CostAsync);
        routes.MapAct(Base + "/{id}/cancel", BackOfficePermissions.ProjectWrite, CancelAsync);
    }

    private static async ValueTask<ActResult> TakeAsync(Act act)
    {
        var (tenant, name, milestone, due) = (act.Required("tenant", 40), act.Required("name"), act.Required("milestone"), act.Required("dueOn", 10));
        var party = await act.Service<ItemPricer>().PartyAsync(act.Caller, tenant, act.CancellationToken);
        var amount = BackOfficeActs.Minor(act, "amount", party.Ok ? party.Value.Account.Currency : "JPY");
        if (!act.Ok)
        {
            return act.Refused();
        }

        var taken = await act.Service<ProjectOrders>().TakeAsync(act.Caller, new NewProject(tenant, name, [new NewMilestone(milestone, due, amount)], null, act.Text("reference")), act.CancellationToken);
        return Back(act, taken, new("The project is taken.", "案件を登録しました。"));
    }

    private static async ValueTask<ActResult> AcceptAsync(Act act)
    {
        var (no, wanted) = (act.Number("no", 1, 100_000), new Acceptance(act.Text("evidence", 500), act.Text("hash", 64), act.Text("on", 10)));
        return act.Ok && no is { } milestone
            ? Back(act, await act.Service<ProjectOrders>().AcceptAsync(act.Caller, act.Route("id"), milestone, wanted, act.CancellationToken), new("It is accepted: it is on the next invoice.", "検収しました。次回請求に反映します。"))
            : act.Refused();
    }

    private static ValueTask<ActResult> ChangeAsync(Act act) => WithAsync(act, "amount", new("The milestone is added.", "マイルストーンを追加しました。"), (orders, amount) => orders.ChangeAsync(
        act.Caller, act.Route("id"), new ProjectChange(act.Required("reason", 500), [new NewMilestone(act.Required("milestone"), act.Required("dueOn", 10), amount)]), act.CancellationToken));

    private static ValueTask<ActResult> CostAsync(Act act) => WithAsync(act, "amount", new("The cost is recorded.", "原価を記録しました。"), (orders, amount) => orders.CostAsync(
        act.Caller, act.Route("id"), new NewProjectCost(act.Required("onDay", 10), amount, act.Required("label"), act.Required("key")), act.CancellationToken));

    private static ValueTask<ActResult> CancelAsync(Act act) => WithAsync(act, "charge", new("What was open is cancelled.", "未検収分を中止しました。"), (orders, amount) => orders.CancelAsync(
        act.Caller, act.Route("id"), new ProjectCancellation(act.Required("reason", 500), amount), act.CancellationToken));

    private static async ValueTask<ActResult> WithAsync(Act act, string field, LocalizedText done, Func<ProjectOrders, long, ValueTask<Outcome<Project>>> change)
    {
        if (await act.Service<ProjectBook>().FindAsync(act.Caller, act.Route("id"), act.CancellationToken) is not { } project)
        {
            return act.Missing(ProjectWords.NoSuchProject);
        }

        var amount = BackOfficeActs.Minor(act, field, project.Currency);
        return act.Ok ? Back(act, await change(act.Service<ProjectOrders>(), amount), done) : act.Refused();
    }

    private static ActResult Back(Act act, Outcome<Project> project, LocalizedText done) => !act.Ok ? act.Refused() : project.Ok ? act.Done($"{Base}/{project.Value.Id}", done) : act.Refused(project.Refusal);
}
