using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Projects;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.BackOffice.Api;

/// <summary>/api/v1/backoffice/projects: work that is built once, by milestones.</summary>
internal static class ProjectApi
{
    private const string Projects = "backoffice-projects";

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/projects").WithTags("Back office");
        group.MapGet("/", ListAsync).Requires(BackOfficePermissions.ProjectRead).WithName("listProjects").WithSummary("Project orders, newest first");
        group.MapPost("/", TakeAsync).Requires(BackOfficePermissions.ProjectWrite).WithName("createProject").WithSummary("Take a project order with its milestones; the same reference is taken once");
        group.MapGet("/{project}", FindAsync).Requires(BackOfficePermissions.ProjectRead).WithName("getProject").WithSummary("One project with its milestones; costs and the work in progress only for the provider's operators");
        group.MapPost("/{project}/changes", ChangeAsync).Requires(BackOfficePermissions.ProjectWrite).WithName("changeProject").WithSummary("A change order: further milestones, and open ones that are not done");
        group.MapPost("/{project}/milestones/{milestone}/accept", AcceptAsync).Requires(BackOfficePermissions.ProjectAccept).WithName("acceptMilestone")
            .WithSummary("Accept a milestone: it is on the next bill, once; who is not of the customer names the document that shows it");
        group.MapPost("/{project}/costs", CostAsync).Requires(BackOfficePermissions.ProjectWrite).WithName("recordProjectCost").WithSummary("Record a cost: work in progress until a milestone is accepted; the same key counts once");
        group.MapPost("/{project}/cancel", CancelAsync).Requires(BackOfficePermissions.ProjectWrite).WithName("cancelProject").WithSummary("Cancel what is open; what was accepted stays");
    }

    private static async Task<ApiResult<Page<ProjectView>>> ListAsync(HttpContext http, ProjectBook book, [AsParameters] PageRequest page, [AsParameters] ProjectQuery query, CancellationToken cancellationToken)
    {
        if (page.After(Projects, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await book.ListAsync(http.GetCaller(), query.State, query.Text, before, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(static row => ProjectView.Of(row, [], null, null))], page.Size, Projects, static project => project.Id);
    }

    private static async Task<ApiCreated<ProjectView>> TakeAsync(HttpContext http, ProjectOrders orders, ProjectBook book, NewProject wanted, CancellationToken cancellationToken) => ApiResult.Created(
        await ViewAsync(http, book, await orders.TakeAsync(http.GetCaller(), wanted, cancellationToken), cancellationToken), static project => "/api/v1/backoffice/projects/" + project.Id, static project => project.Version);

    private static async Task<ApiResult<ProjectView>> FindAsync(HttpContext http, ProjectBook book, string project, CancellationToken cancellationToken) => Result(await ViewAsync(
        http, book, await book.FindAsync(http.GetCaller(), project, cancellationToken) is { } found ? found : Refusal.NotFound("project", project), cancellationToken));

    private static async Task<ApiResult<ProjectView>> ChangeAsync(HttpContext http, ProjectOrders orders, ProjectBook book, string project, ProjectChange wanted, CancellationToken cancellationToken) =>
        Result(await ViewAsync(http, book, await orders.ChangeAsync(http.GetCaller(), project, wanted, cancellationToken), cancellationToken));

    private static async Task<ApiResult<ProjectView>> AcceptAsync(HttpContext http, ProjectOrders orders, ProjectBook book, string project, int milestone, Acceptance wanted, CancellationToken cancellationToken) =>
        Result(await ViewAsync(http, book, await orders.AcceptAsync(http.GetCaller(), project, milestone, wanted, cancellationToken), cancellationToken));

    private static async Task<ApiResult<ProjectView>> CostAsync(HttpContext http, ProjectOrders orders, ProjectBook book, string project, NewProjectCost wanted, CancellationToken cancellationToken) =>
        Result(await ViewAsync(http, book, await orders.CostAsync(http.GetCaller(), project, wanted, cancellationToken), cancellationToken));

    private static async Task<ApiResult<ProjectView>> CancelAsync(HttpContext http, ProjectOrders orders, ProjectBook book, string project, ProjectCancellation wanted, CancellationToken cancellationToken) =>
        Result(await ViewAsync(http, book, await orders.CancelAsync(http.GetCaller(), project, wanted, cancellationToken), cancellationToken));

    private static ApiResult<ProjectView> Result(Outcome<ProjectView> view) => ApiResult.From(view, static project => project.Version);

    private static async ValueTask<Outcome<ProjectView>> ViewAsync(HttpContext http, ProjectBook book, Outcome<Project> project, CancellationToken cancellationToken)
    {
        if (!project.Ok)
        {
            return project.Refusal;
        }

        var caller = http.GetCaller();
        return ProjectView.Of(
            project.Value, await book.MilestonesAsync(caller, project.Value.Id, cancellationToken), caller.IsOperator ? await book.WorkInProgressAsync(caller, project.Value.Id, cancellationToken) : null,
            caller.IsOperator ? await book.CostsAsync(caller, project.Value.Id, cancellationToken) : null);
    }
}

/// <summary>Which projects.</summary>
public sealed record ProjectQuery(
    [property: MaxLength(200), Description("An id, a reference, a part of the number, the name or the customer's name.")] string? Text,
    [property: AllowedValues("open", "completed", "cancelled", null), Description("In this state.")] string? State);

/// <summary>A project order as the API shows it. Money is in minor units, without tax.</summary>
/// <param name="AmountMinor">Of the milestones that were not cancelled.</param>
/// <param name="WorkInProgressMinor">Costs that went to expenses with no milestone yet; only for the provider's operators.</param>
/// <param name="Costs">Only for the provider's operators.</param>
public sealed record ProjectView(
    string Id, string Number, string TenantId, string AccountId, string Name, string? Reference, string State, string Currency, long AmountMinor, long Version, string MadeBy, DateTimeOffset MadeAt, string? Reason,
    IReadOnlyList<MilestoneView> Milestones, long? WorkInProgressMinor, IReadOnlyList<ProjectCostView>? Costs)
{
    internal static ProjectView Of(Project project, IReadOnlyList<Milestone> milestones, long? work, IReadOnlyList<ProjectCost>? costs) => new(
        project.Id, project.Number, project.TenantId, project.AccountId, project.Name, project.Reference, project.State, project.Currency, project.AmountMinor, project.Version, project.MadeBy,
        Core.Time.UnixMicros.ToDateTimeOffset(project.MadeAt), project.Reason, [.. milestones.Select(MilestoneView.Of)], work,
        costs is null ? null : [.. costs.Select(static cost => new ProjectCostView(cost.OnDay, cost.AmountMinor, cost.Label, cost.ForeignKey, cost.RecordedBy))]);
}

/// <summary>A milestone.</summary>
/// <param name="ByCustomer">Accepted here by the customer's own people; false where an operator or a reseller recorded it.</param>
/// <param name="InvoiceId">The invoice that asks for it.</param>
public sealed record MilestoneView(
    long No, string Name, string State, long AmountMinor, string DueOn, string? AcceptedOn, string? AcceptedBy, bool? ByCustomer, string? Evidence, string? DocumentSha256, string? InvoiceId)
{
    internal static MilestoneView Of(Milestone milestone) => new(
        milestone.No, milestone.Name, milestone.State, milestone.AmountMinor, milestone.DueOn, milestone.AcceptedOn, milestone.AcceptedBy, milestone.AcceptedAt is null ? null : milestone.ByCustomer != 0, milestone.Evidence,
        milestone.DocumentSha256, milestone.InvoiceId);
}

/// <summary>A cost of a project.</summary>
public sealed record ProjectCostView(string OnDay, long AmountMinor, string Label, string ForeignKey, string RecordedBy);
