using Tsunagi.BackOffice;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.BackOffice.Projects;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice.Orders;

/// <summary>Project orders from their milestones to invoices, and what was spent on them through the ledger.</summary>
public abstract class Project_orders(SqlDialect dialect) : IAsyncLifetime
{
    private static readonly string Hash = new('a', 64);
    private BackOfficeWorld _world = null!;
    private Tenant _tenant = null!;
    private string _account = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await BackOfficeWorld.OpenAsync(dialect: dialect, options: new BackOfficeOptions { ProjectMilestones = 4 });
        (_tenant, var account) = await _world.AddCustomerAsync("Customer");
        _account = account.Id;
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Shares_add_up_to_the_whole_and_each_milestone_is_billed_once_when_it_is_accepted()
    {
        var project = await TakeAsync(1_000_001, ("Design", 33.33m), ("Build", 33.33m), ("Handover", 33.34m));
        var milestones = await MilestonesAsync(project);
        Assert.Equal((1_000_001, "PRJ-0000001"), (milestones.Sum(static each => each.AmountMinor), project.Number));
        Assert.Equal([333_300, 333_301, 333_400], milestones.Select(static each => each.AmountMinor));

        // The customer accepts by itself, an operator by a document; what is accepted is not accepted again.
        var customer = TestProvider.CallerOf(_tenant);
        BackOfficeWorld.Value(await _world.Projects.AcceptAsync(customer, project.Id, 2, new Acceptance(), Cancel));
        Assert.Equal("backoffice.project.milestone", (await _world.Projects.AcceptAsync(customer, project.Id, 2, new Acceptance(), Cancel)).Refusal?.Code);
        Assert.Equal("backoffice.project.evidence", (await _world.Projects.AcceptAsync(_world.Operator, project.Id, 1, new Acceptance("by mail"), Cancel)).Refusal?.Code);
        BackOfficeWorld.Value(await _world.Projects.AcceptAsync(_world.Operator, project.Id, 1, new Acceptance("acceptance.pdf", Hash, "2026-09-30"), Cancel));
        await BillAsync(10);
        await BillAsync(11);
        var invoice = Assert.Single(await _world.DocumentsAsync());
        Assert.Equal([333_300, 333_301], (await _world.BillOfAsync(invoice)).Lines.Select(static line => line.AmountMinor).Order());
        milestones = await MilestonesAsync(project);
        Assert.Equal([(ProjectState.Accepted, invoice.Id, 0L), (ProjectState.Accepted, invoice.Id, 1L), (ProjectState.Open, null, 0L)], milestones.Select(static each => (each.State, each.InvoiceId, each.ByCustomer)));
        Assert.Equal(("2026-09-30", "acceptance.pdf", Hash), (milestones[0].AcceptedOn, milestones[0].Evidence, milestones[0].DocumentSha256));
        Assert.Equal(-666_601, await BalanceAsync("revenue:backoffice.construction"));
        Assert.Equal(ProjectState.Completed, BackOfficeWorld.Value(await _world.Projects.AcceptAsync(customer, project.Id, 3, new Acceptance(), Cancel)).State);
        Assert.Equal("backoffice.project.state", (await _world.Projects.CancelAsync(_world.Operator, project.Id, new ProjectCancellation("late"), Cancel)).Refusal?.Code);
    }

    [Fact]
    public async Task Costs_are_work_in_progress_until_a_milestone_takes_its_part_and_the_last_takes_what_is_left()
    {
        var project = await TakeAsync(300, ("A", 50), ("B", 50));
        BackOfficeWorld.Value(await _world.Projects.CostAsync(_world.Operator, project.Id, new NewProjectCost("2026-10-01", 101, "Cables", "k1"), Cancel));
        BackOfficeWorld.Value(await _world.Projects.CostAsync(_world.Operator, project.Id, new NewProjectCost("2026-10-01", 101, "Cables", "k1"), Cancel));
        Assert.Equal("backoffice.project.cost-reused", (await _world.Projects.CostAsync(_world.Operator, project.Id, new NewProjectCost("2026-10-01", 7, "Cables", "k1"), Cancel)).Refusal?.Code);
        Assert.Equal((101, 0), (await WorkAsync(project), await BalanceAsync(LedgerWriter.ConstructionCost)));
        await AcceptAsync(project, 1);
        Assert.Equal((50, 51), (await WorkAsync(project), await BalanceAsync(LedgerWriter.ConstructionCost)));
        BackOfficeWorld.Value(await _world.Projects.CostAsync(_world.Operator, project.Id, new NewProjectCost("2026-10-01", 9, "Labour", "k2"), Cancel));
        Assert.Equal(59, await _world.ProjectBook.WorkInProgressAsync(_world.Operator, project.Id, Cancel));
        await AcceptAsync(project, 2);
        Assert.Equal((0, 110), (await WorkAsync(project), await BalanceAsync(LedgerWriter.ConstructionCost)));

        // Afterwards a cost is an expense at once. A customer sees none of it.
        BackOfficeWorld.Value(await _world.Projects.CostAsync(_world.Operator, project.Id, new NewProjectCost("2026-10-01", 5, "Repair", "k3"), Cancel));
        Assert.Equal((0, 115, -115), (await WorkAsync(project), await BalanceAsync(LedgerWriter.ConstructionCost), await BalanceAsync(LedgerWriter.CostsClearing)));
        var customer = TestProvider.CallerOf(_tenant);
        Assert.Empty(await _world.ProjectBook.CostsAsync(customer, project.Id, Cancel));
        Assert.All(await _world.ProjectBook.MilestonesAsync(customer, project.Id, Cancel), static each => Assert.Equal(0, each.CostMinor));
    }

    [Fact]
    public async Task Change_orders_add_and_cancel_what_is_open_and_a_cancellation_settles_the_rest()
    {
        var project = await TakeAsync(300, ("A", 50), ("B", 50));
        await AcceptAsync(project, 1);
        Assert.Equal("backoffice.project.milestone", (await _world.Projects.ChangeAsync(_world.Operator, project.Id, new ProjectChange("no", [New("C", 70)], [1]), Cancel)).Refusal?.Code);
        Assert.Equal(2, (await MilestonesAsync(project)).Count); // the refused change left nothing
        Assert.Equal(220, BackOfficeWorld.Value(await _world.Projects.ChangeAsync(_world.Operator, project.Id, new ProjectChange("smaller", [New("C", 70)], [2]), Cancel)).AmountMinor);
        BackOfficeWorld.Value(await _world.Projects.ChangeAsync(_world.Operator, project.Id, new ProjectChange("more", [New("D", 5)]), Cancel));
        Assert.Equal("backoffice.project.milestones", (await _world.Projects.ChangeAsync(_world.Operator, project.Id, new ProjectChange("too many", [New("E", 5)]), Cancel)).Refusal?.Code);
        BackOfficeWorld.Value(await _world.Projects.CostAsync(_world.Operator, project.Id, new NewProjectCost("2026-10-01", 40, "Design", "k1"), Cancel));
        var cancelled = BackOfficeWorld.Value(await _world.Projects.CancelAsync(_world.Operator, project.Id, new ProjectCancellation("no budget", 60), Cancel));
        Assert.Equal((ProjectState.Cancelled, 150), (cancelled.State, cancelled.AmountMinor));
        Assert.Equal((0, 40), (await WorkAsync(project), await BalanceAsync(LedgerWriter.ConstructionCost)));
        await BillAsync(10);
        Assert.Equal([60, 150], (await _world.BillOfAsync(Assert.Single(await _world.DocumentsAsync()))).Lines.Select(static line => line.AmountMinor).Order());
    }

    [Fact]
    public async Task Limits_and_wrong_projects_are_refused()
    {
        async Task<string?> CodeAsync(NewProject wanted) => (await _world.Projects.TakeAsync(_world.Operator, wanted, Cancel)).Refusal?.Code;
        NewMilestone[] four = [New("A", 1), New("B", 1), New("C", 1), New("D", 1)];
        Assert.Null(await CodeAsync(new NewProject(_tenant.Id, "LAN", four, Reference: "PO-1")));
        Assert.Equal("backoffice.project.there", await CodeAsync(new NewProject(_tenant.Id, "LAN", four, Reference: "PO-1")));
        Assert.Equal("backoffice.project.milestones", await CodeAsync(new NewProject(_tenant.Id, "LAN", [.. four, New("E", 1)])));
        Assert.Equal("backoffice.project.milestones", await CodeAsync(new NewProject(_tenant.Id, "LAN", [])));
        Assert.Equal("backoffice.project.amount", await CodeAsync(new NewProject(_tenant.Id, "LAN", [New("A", 0)])));
        Assert.Equal("backoffice.project.total", await CodeAsync(new NewProject(_tenant.Id, "LAN", four, 5)));
        Assert.Equal("backoffice.project.share", await CodeAsync(new NewProject(_tenant.Id, "LAN", [new NewMilestone("A", "2026-12-01", null, 99.99m)], 100)));
        Assert.Equal("backoffice.project.name", await CodeAsync(new NewProject(_tenant.Id, " ", four)));
        var other = await _world.Provider.AddTenantAsync("Other");
        var project = Assert.Single(await _world.ProjectBook.ListAsync(_world.Operator, null, null, "", 10, Cancel));
        Assert.Equal(RefusalKind.NotFound, (await _world.Projects.AcceptAsync(TestProvider.CallerOf(other), project.Id, 1, new Acceptance(), Cancel)).Refusal?.Kind);
    }

    /// <summary>The program is killed at every statement of an acceptance and of the bill; then it goes on.</summary>
    [Fact]
    public async Task Cut_at_every_statement_a_milestone_is_billed_once()
    {
        var billed = 0L;
        for (var statements = 0; ; statements++)
        {
            var project = await TakeAsync(700, ("A", 50), ("B", 50));
            BackOfficeWorld.Value(await _world.Projects.CostAsync(_world.Operator, project.Id, new NewProjectCost("2026-10-01", 100, "Cables", "k1"), Cancel));
            CuttingStore? cutting = null;
            var weak = _world.Restarted(stores => stores with { Control = cutting = new CuttingStore(stores.Control) { Left = statements } });
            var killed = false;
            try
            {
                BackOfficeWorld.Value(await weak.Projects.AcceptAsync(_world.Operator, project.Id, 1, new Acceptance("a.pdf", Hash), Cancel));
            }
            catch (StoreUnavailableException)
            {
                killed = true;
            }

            Assert.Equal(killed ? ProjectState.Open : ProjectState.Accepted, (await MilestonesAsync(project))[0].State);
            Assert.Equal(killed ? 100 : 50, await WorkAsync(project));
            if (killed)
            {
                await AcceptAsync(project, 1);
            }

            billed += 350;
            if (!killed)
            {
                Assert.True(statements > 4);
                break;
            }
        }

        await BillAsync(10);
        await BillAsync(11);
        Assert.Equal(billed, (await _world.DocumentsAsync()).Sum(static row => row.NetMinor));
    }

    private static NewMilestone New(string name, long amount) => new(name, "2026-12-01", amount);

    private async Task<Project> TakeAsync(long total, params (string Name, decimal Share)[] milestones) => BackOfficeWorld.Value(await _world.Projects.TakeAsync(
        _world.Operator, new NewProject(_tenant.Id, "LAN of the head office", [.. milestones.Select(static each => new NewMilestone(each.Name, "2026-12-01", null, each.Share))], total), Cancel));

    private async Task AcceptAsync(Project project, long no) => BackOfficeWorld.Value(await _world.Projects.AcceptAsync(_world.Operator, project.Id, no, new Acceptance("a.pdf", Hash), Cancel));

    private async Task<IReadOnlyList<Milestone>> MilestonesAsync(Project project) => await _world.ProjectBook.MilestonesAsync(_world.Operator, project.Id, Cancel);

    private Task<long> WorkAsync(Project project) => BalanceAsync(LedgerWriter.WorkInProgress + project.Id);

    private async Task<long> BalanceAsync(string account) => (await _world.Ledger.BalancesAsync(Cancel)).Where(row => row.LedgerAccount == account).Sum(static row => row.AmountMinor);

    private async Task BillAsync(int month)
    {
        _world.Time.Advance(new DateTimeOffset(2026, 10, 1, 0, 0, 1, TimeSpan.FromHours(9)).AddMonths(month - 9) - _world.Time.GetUtcNow());
        await _world.BillAsync($"2026-{month}");
    }
}

public sealed class Project_orders_on_sqlite() : Project_orders(SqlDialect.Sqlite);

public sealed class Project_orders_on_postgres() : Project_orders(SqlDialect.Postgres);
