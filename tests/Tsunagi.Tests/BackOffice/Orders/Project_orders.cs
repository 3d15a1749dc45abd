using Tsunagi.BackOffice;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.BackOffice.Projects;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Events;
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

        // Nor in the audit or among the events, which the provider has of each.
        await _world.Provider.MoveOutboxAsync();
        var feed = new EventFeed(_world.Provider.Stores);
        Assert.Equal(3, (await feed.OfSubjectAsync(_world.Operator, project.Id, 100, Cancel)).Count(static each => each.Type == BackOfficeEvents.ProjectCost + "@1"));
        Assert.Equal(3, (await _world.Provider.Audit.ListAsync(_world.Operator, new AuditFilter(Act: BackOfficeEvents.ProjectCost), long.MaxValue, 100, Cancel)).Count);
        Assert.DoesNotContain(await feed.PageAsync(customer, long.MaxValue, 100, EventSeverity.Info, null, Cancel), static each => each.Type == BackOfficeEvents.ProjectCost + "@1");
        var audit = await _world.Provider.Audit.ListAsync(customer, new AuditFilter(), long.MaxValue, 100, Cancel);
        Assert.NotEmpty(audit);
        Assert.DoesNotContain(audit, static each => each.Act == BackOfficeEvents.ProjectCost || $"{each.Before}{each.After}".Contains("Cables", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Work_in_progress_is_never_below_zero_on_a_day_whenever_the_acceptance_was()
    {
        _world.Time.Advance(TimeSpan.FromHours(10));
        var project = await TakeAsync(300, ("A", 50), ("B", 50));
        BackOfficeWorld.Value(await _world.Projects.CostAsync(_world.Operator, project.Id, new NewProjectCost("2026-10-01", 100, "Cables", "k1"), Cancel));
        BackOfficeWorld.Value(await _world.Projects.CostAsync(_world.Operator, project.Id, new NewProjectCost("2026-10-02", 30, "Labour of tomorrow", "k2"), Cancel));
        BackOfficeWorld.Value(await _world.Projects.AcceptAsync(_world.Operator, project.Id, 1, new Acceptance("a.pdf", Hash, "2026-03-31"), Cancel));
        Assert.Equal("2026-03-31", (await MilestonesAsync(project))[0].AcceptedOn);
        BackOfficeWorld.Value(await _world.Projects.CancelAsync(_world.Operator, project.Id, new ProjectCancellation("late"), Cancel));
        var days = await _world.Provider.Stores.Control.ReadAsync(
            reader => reader.QueryAsync<(string Day, long AmountMinor)>(
                "SELECT e.booked_on, CAST(sum(p.amount_minor) AS bigint) FROM bo_posting p JOIN bo_entry e ON e.id = p.entry_id WHERE p.ledger_account = @Work GROUP BY e.booked_on ORDER BY e.booked_on",
                new { Work = LedgerWriter.WorkInProgress + project.Id }), Cancel);
        Assert.Equal([("2026-10-01", 100L), ("2026-10-02", -100L)], days);
    }

    [Fact]
    public async Task Milestone_accepted_by_two_at_once_is_accepted_and_billed_once()
    {
        var project = await TakeAsync(300, ("A", 50), ("B", 50));
        var customer = TestProvider.CallerOf(_tenant);
        var accepted = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () => await _world.Projects.AcceptAsync(customer, project.Id, 1, new Acceptance(), Cancel), Cancel)));
        Assert.Single(accepted, static each => each.Ok);
        Assert.All(accepted.Where(static each => !each.Ok), static each => Assert.Equal("backoffice.project.milestone", each.Refusal!.Code));
        await BillAsync(10);
        Assert.Equal(150, Assert.Single(await _world.DocumentsAsync()).NetMinor);
    }

    [Fact]
    public async Task Who_is_not_of_the_customer_accepts_by_a_document()
    {
        var reseller = await _world.Provider.AddTenantAsync("Reseller", kind: TenantKind.Reseller);
        var below = await _world.Provider.AddTenantAsync("Below", reseller);
        BackOfficeWorld.Value(await _world.AccountOrders.AddAsync(_world.Operator, new NewBillingAccount(below.Id), Cancel));
        var project = BackOfficeWorld.Value(await _world.Projects.TakeAsync(_world.Operator, new NewProject(below.Id, "LAN", [New("A", 1), New("B", 1), New("C", 1)]), Cancel));
        var caller = TestProvider.CallerOf(reseller);
        Assert.Equal("backoffice.project.evidence", (await _world.Projects.AcceptAsync(caller, project.Id, 1, new Acceptance(), Cancel)).Refusal?.Code);
        BackOfficeWorld.Value(await _world.Projects.AcceptAsync(caller, project.Id, 1, new Acceptance("a.pdf", Hash, "2026-09-30"), Cancel));

        // Looking at the customer makes nobody one: who is known as another's user is another's.
        var looking = caller with { ActorId = "u_looks", Scope = new TenantScope(below.Id, below.TenantPath) };
        await _world.Provider.Stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync(
                "INSERT INTO identity_user (id, tenant_id, tenant_path, email, name, locale, theme, state, totp_last_step, version, created_at) VALUES ('u_looks', @Id, @TenantPath, 'l@reseller.example', 'L', 'en', 'auto', 'active', 0, 1, 1)", reseller), Cancel);
        Assert.Equal("backoffice.project.evidence", (await _world.Projects.AcceptAsync(looking, project.Id, 2, new Acceptance(), Cancel)).Refusal?.Code);
        BackOfficeWorld.Value(await _world.Projects.AcceptAsync(TestProvider.CallerOf(below), project.Id, 3, new Acceptance(), Cancel));
        Assert.Equal([(0L, "2026-09-30"), (0L, null), (1L, "2026-10-01")], (await MilestonesAsync(project)).Select(static each => (each.ByCustomer, each.AcceptedOn)));
    }

    [Fact]
    public async Task Line_of_long_names_is_no_longer_than_one_by_hand_may_be()
    {
        static string Of(int project, int part) => ProjectPlan.LabelOf(new string('p', project), new string('m', part));
        Assert.Equal(new string('p', 99) + ": " + new string('m', 99), Of(99, 99));
        Assert.Equal((200, new string('p', 98) + "…: " + new string('m', 99)), (Of(100, 99).Length, Of(100, 99)));
        Assert.Equal(new string('m', 200), Of(200, 200));
        Assert.Equal("p…: " + new string('m', 196), Of(5, 196));
        Assert.Equal(new string('m', 197), Of(5, 197));
        Assert.Equal("\U0001F5A7…: " + new string('m', 195), ProjectPlan.LabelOf("\U0001F5A7\U0001F5A7\U0001F5A7", new string('m', 195)));
        Assert.Equal("\U0001F5A7…: " + new string('m', 194), ProjectPlan.LabelOf("\U0001F5A7\U0001F5A7\U0001F5A7", new string('m', 194)));
        var project = BackOfficeWorld.Value(await _world.Projects.TakeAsync(_world.Operator, new NewProject(_tenant.Id, new string('p', 200), [New(new string('m', 200), 5)]), Cancel));
        await AcceptAsync(project, 1);
        await BillAsync(10);
        Assert.Equal(new string('m', 200), Assert.Single((await _world.BillOfAsync(Assert.Single(await _world.DocumentsAsync()))).Lines).Label);
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

        // The same is answered by the one that is there, another under its reference is refused; no number is lost by either.
        Assert.Equal("PRJ-0000001", BackOfficeWorld.Value(await _world.Projects.TakeAsync(_world.Operator, new NewProject(_tenant.Id, "LAN", four, 4, "PO-1"), Cancel)).Number);
        Assert.Equal("backoffice.project.there", await CodeAsync(new NewProject(_tenant.Id, "WAN", four, Reference: "PO-1")));
        Assert.Equal("backoffice.project.there", await CodeAsync(new NewProject(_tenant.Id, "LAN", four[..3], Reference: "PO-1")));
        Assert.Equal("backoffice.project.there", await CodeAsync(new NewProject(_tenant.Id, "LAN", [.. four[..3], New("D", 2)], Reference: "PO-1")));
        Assert.Equal("PRJ-0000002", BackOfficeWorld.Value(await _world.Projects.TakeAsync(_world.Operator, new NewProject(_tenant.Id, "LAN", four, Reference: "PO-2"), Cancel)).Number);
        Assert.Equal("backoffice.project.milestones", await CodeAsync(new NewProject(_tenant.Id, "LAN", [.. four, New("E", 1)])));
        Assert.Equal("backoffice.project.milestones", await CodeAsync(new NewProject(_tenant.Id, "LAN", [])));
        Assert.Equal("backoffice.project.amount", await CodeAsync(new NewProject(_tenant.Id, "LAN", [New("A", 0)])));
        Assert.Equal("backoffice.project.total", await CodeAsync(new NewProject(_tenant.Id, "LAN", four, 5)));
        Assert.Equal("backoffice.project.share", await CodeAsync(new NewProject(_tenant.Id, "LAN", [new NewMilestone("A", "2026-12-01", null, 99.99m)], 100)));
        Assert.Equal("backoffice.project.name", await CodeAsync(new NewProject(_tenant.Id, " ", four)));
        Assert.Equal("backoffice.project.name", await CodeAsync(new NewProject(_tenant.Id, "LAN\nof two lines", four)));
        var other = await _world.Provider.AddTenantAsync("Other");
        var project = (await _world.ProjectBook.ListAsync(_world.Operator, null, null, "", 10, Cancel))[0];
        Assert.Equal("backoffice.project.cost", (await _world.Projects.CostAsync(_world.Operator, project.Id, new NewProjectCost("2026-10-01", 1, "Cables\u001b[2J", "k1"), Cancel)).Refusal?.Code);
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
