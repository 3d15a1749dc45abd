using Tsunagi.BackOffice.Accounts;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice.Projects;

/// <summary>Reads projects as one caller may see them. Costs and the work in progress are the provider's own.</summary>
internal sealed class ProjectBook(Stores stores)
{
    public const string Last = "~";

    public static readonly TenantQuery ById = new("backoffice.project.by-id", $$"""
        SELECT {{Project.Columns}} FROM bo_project p JOIN tenant t ON t.id = p.tenant_id WHERE {tenant:p} AND p.id = @Id
        """);

    public static readonly TenantQuery List = new("backoffice.project.list", $$"""
        SELECT {{Project.Columns}} FROM bo_project p JOIN tenant t ON t.id = p.tenant_id
        WHERE {tenant:p} AND p.id < @Before AND (@State = '' OR p.state = @State)
          AND (@Text = '' OR p.id = @Text OR lower(p.number) LIKE @Like OR lower(p.name) LIKE @Like OR lower(t.name) LIKE @Like OR p.reference = @Text) ORDER BY p.id DESC LIMIT @Limit
        """);

    public static readonly TenantQuery Milestones = new("backoffice.project.milestones", $$"""SELECT {{Milestone.Columns}} FROM bo_milestone m WHERE {tenant:m} AND m.project_id = @Id ORDER BY m.no""");

    public ValueTask<Project?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) => Scoped(caller).FirstOrDefaultAsync<Project>(ById, new { Id = id }, cancellationToken);

    public ValueTask<IReadOnlyList<Project>> ListAsync(Caller caller, string? state, string? text, string before, int limit, CancellationToken cancellationToken) => Scoped(caller).QueryAsync<Project>(
        List, new { Before = before.Length == 0 ? Last : before, State = state ?? "", Text = text ?? "", Like = AccountBook.Contains(text ?? ""), Limit = (long)limit }, cancellationToken);

    /// <summary>In their order; what went to expenses with them only for the provider.</summary>
    public async ValueTask<IReadOnlyList<Milestone>> MilestonesAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var milestones = await Scoped(caller).QueryAsync<Milestone>(Milestones, new { Id = id }, cancellationToken);
        return caller.IsOperator ? milestones : [.. milestones.Select(static each => each with { CostMinor = 0 })];
    }

    public async ValueTask<IReadOnlyList<ProjectCost>> CostsAsync(Caller caller, string id, CancellationToken cancellationToken) => !caller.IsOperator ? [] : await stores.Control.ReadAsync(
        reader => reader.QueryAsync<ProjectCost>("SELECT id, project_id, on_day, amount_minor, label, foreign_key, recorded_by, recorded_at FROM bo_project_cost WHERE project_id = @Id ORDER BY on_day, id", new { Id = id }), cancellationToken);

    /// <summary>Costs of an open project that went to expenses with no milestone yet.</summary>
    public static ValueTask<long> WorkInProgressAsync(ISqlReader reader, string id) => reader.FirstOrDefaultAsync<long>(
        """
        SELECT CAST(coalesce((SELECT sum(c.amount_minor) FROM bo_project_cost c WHERE c.project_id = p.id), 0) - coalesce((SELECT sum(m.cost_minor) FROM bo_milestone m WHERE m.project_id = p.id), 0) AS bigint)
        FROM bo_project p WHERE p.id = @Id AND p.state = 'open'
        """,
        new { Id = id });

    public ValueTask<long> WorkInProgressAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        caller.IsOperator ? stores.Control.ReadAsync(reader => WorkInProgressAsync(reader, id), cancellationToken) : ValueTask.FromResult(0L);

    /// <summary>Whether the caller is of the project's own tenant, and so is its customer: whom an operator or a reseller looks at is not who they are.</summary>
    public ValueTask<bool> IsOwnAsync(Caller caller, Project project, CancellationToken cancellationToken) => stores.Control.ReadAsync(reader => IsOwnAsync(reader, caller, project), cancellationToken);

    public static async ValueTask<bool> IsOwnAsync(ISqlReader reader, Caller caller, Project project) => !caller.IsOperator && project.TenantPath == (await reader.FirstOrDefaultAsync<string>(
        "SELECT u.tenant_path FROM identity_user u WHERE u.id = @ActorId OR u.id = (SELECT k.user_id FROM identity_token k WHERE k.id = @ActorId)", new { caller.ActorId }) ?? caller.Scope.Path);

    private TenantStore Scoped(Caller caller) => new(stores.Control, caller.Scope);
}
