using System.Text.Json;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Contract;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.BackOffice.Orders;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Projects;

/// <summary>
/// Takes project orders and carries them to their end. A milestone that is accepted does three things in one transaction, once or not at all: (1) its state, by whom, when and on what evidence, (2) its
/// amount for the account's next bill, by a source that is unique, (3) its part of the work in progress from the balance to expenses. Costs of an open project are work in progress, a balance of the ledger.
/// </summary>
internal sealed class ProjectOrders(Stores stores, ProjectBook book, ItemPricer pricer, BackOfficeOptions options, ChangeRecorder changes, TimeProvider time)
{
    public async ValueTask<Outcome<Project>> TakeAsync(Caller caller, NewProject wanted, CancellationToken cancellationToken)
    {
        var party = await pricer.PartyAsync(caller, wanted.TenantId, cancellationToken);
        if (!party.Ok)
        {
            return party.Refusal;
        }

        if (string.IsNullOrWhiteSpace(wanted.Name) || wanted.Name.Length > 200 || wanted.Name.Any(char.IsControl) || (wanted.Reference is { } reference && (reference.Length is 0 or > 200 || reference.Any(char.IsControl))))
        {
            return Refusal.Invalid("backoffice.project.name", "name", "a project needs a name, and a reference is not empty", "1 to 200 characters");
        }

        if (wanted.Milestones is not { Count: > 0 } milestones || milestones.Count > options.ProjectMilestones)
        {
            return TooMany(wanted.Milestones?.Count ?? 0);
        }

        var amounts = ProjectPlan.Amounts(milestones, wanted.TotalMinor);
        if (!amounts.Ok)
        {
            return amounts.Refusal;
        }

        if (Check(milestones, party.Value.Today) is { } refusal)
        {
            return refusal;
        }

        try
        {
            return await stores.Control.WriteAsync(transaction => TakeAsync(transaction, caller, wanted, party.Value, amounts.Value), cancellationToken);
        }
        catch (RefusedException refused)
        {
            return refused.Refusal;
        }
    }

    private async ValueTask<Outcome<Project>> TakeAsync(ISqlTransaction transaction, Caller caller, NewProject wanted, OrderParty party, IReadOnlyList<long> amounts)
    {
        // Looked for first: a number that was taken for a project that is there already would be missing in the series.
        var (tenant, account, milestones) = (party.Tenant, party.Account, wanted.Milestones);
        if (wanted.Reference is not null && await transaction.FirstOrDefaultAsync<string>("SELECT id FROM bo_project WHERE tenant_id = @Id AND reference = @Reference", new { tenant.Id, wanted.Reference }) is { } there)
        {
            return await IsThatAsync(transaction, there, wanted, amounts) ? (await ReadAsync(transaction, there))! : There;
        }

        var number = InvoiceIssuer.NumberOf(options.ProjectSeries, await InvoiceIssuer.TakeNumbersAsync(transaction, "project:" + options.ProjectSeries, 1));
        var id = Id.New("pj", time);
        if (await transaction.ExecuteAsync(
            """
            INSERT INTO bo_project (id, tenant_path, tenant_id, account_id, number, name, reference, currency, state, version, made_by, made_at)
            VALUES (@Id, @TenantPath, @TenantId, @AccountId, @Number, @Name, @Reference, @Currency, 'open', 1, @By, @Now) ON CONFLICT (tenant_id, reference) DO NOTHING
            """,
            new { Id = id, tenant.TenantPath, TenantId = tenant.Id, AccountId = account.Id, Number = number, Name = wanted.Name.Trim(), wanted.Reference, account.Currency, By = caller.ActorName, Now = time.NowMicros() }) == 0)
        {
            throw new RefusedException(There);
        }

        await AddAsync(transaction, id, tenant.TenantPath, milestones, amounts, 0);
        var made = (await ReadAsync(transaction, id))!;
        await changes.RecordAsync(transaction, caller, BackOfficeEvents.ProjectTaken, id, tenant.TenantPath, null, new { made, milestones }, Facts(made));
        return made;
    }

    private static readonly Refusal There = Refusal.Conflict("backoffice.project.there", "another project of the tenant has this reference already", "reference");

    /// <summary>Whether a project is the one that is asked for: its name and milestones as they were taken; change orders only add after them.</summary>
    private static async ValueTask<bool> IsThatAsync(ISqlReader reader, string id, NewProject wanted, IReadOnlyList<long> amounts)
    {
        var project = (await ReadAsync(reader, id))!;
        var own = await reader.QueryAsync<Milestone>($"SELECT {Milestone.Columns} FROM bo_milestone m WHERE m.project_id = @Id ORDER BY m.no", new { Id = id });
        return project.Name == wanted.Name.Trim() && (project.Version == 1 ? own.Count == amounts.Count : own.Count >= amounts.Count)
            && wanted.Milestones.Zip(amounts, own).All(static each => (each.First.Name.Trim(), each.First.DueOn, each.Second) == (each.Third.Name, each.Third.DueOn, each.Third.AmountMinor));
    }

    /// <summary>A change order: further milestones, and open ones that are not done.</summary>
    public async ValueTask<Outcome<Project>> ChangeAsync(Caller caller, string id, ProjectChange wanted, CancellationToken cancellationToken)
    {
        var add = wanted.Add ?? [];
        var cancel = wanted.Cancel ?? [];
        if (string.IsNullOrWhiteSpace(wanted.Reason) || wanted.Reason.Length > 500 || add.Count + cancel.Count == 0)
        {
            return Refusal.Invalid("backoffice.project.change", "reason", "a change needs a reason, and something to change", "1 to 500 characters");
        }

        var amounts = ProjectPlan.Amounts(add, null);
        if (!amounts.Ok)
        {
            return amounts.Refusal;
        }

        return Check(add, new DateOnly(2000, 1, 1)) is { } refusal
            ? refusal
            : await WithAsync(caller, id, BackOfficeEvents.ProjectChanged, wanted.Reason, wanted, async (transaction, project, milestones) =>
            {
                if (milestones.Count + add.Count > options.ProjectMilestones)
                {
                    return TooMany(milestones.Count + add.Count);
                }

                foreach (var no in cancel)
                {
                    if (await transaction.ExecuteAsync("UPDATE bo_milestone SET state = 'cancelled' WHERE project_id = @Id AND no = @No AND state = 'open'", new { Id = id, No = no }) == 0)
                    {
                        return Refusal.Conflict("backoffice.project.milestone", $"milestone {no} is not open");
                    }
                }

                await AddAsync(transaction, id, project.TenantPath, add, amounts.Value, milestones.Count);
                return await CloseAsync(transaction, project) ?? await SettleAsync(transaction, project, null);
            }, cancellationToken);
    }

    private static readonly Refusal NoEvidence = Refusal.Invalid(
        "backoffice.project.evidence", "evidence", "who records an acceptance for the customer names the document and its SHA-256", "a name of at most 500 characters, and 64 hexadecimal digits");

    /// <summary>Accepts a milestone: the customer's people for themselves, an operator or a reseller by what shows that they did.</summary>
    public async ValueTask<Outcome<Project>> AcceptAsync(Caller caller, string id, long no, Acceptance wanted, CancellationToken cancellationToken)
    {
        if (wanted.Evidence is { Length: > 500 } || (wanted.DocumentSha256 is { } hash && (hash.Length != 64 || !hash.All(char.IsAsciiHexDigit))))
        {
            return NoEvidence;
        }

        return await WithAsync(caller, id, BackOfficeEvents.MilestoneAccepted, wanted.Evidence, new { no, wanted }, async (transaction, project, milestones) =>
        {
            if (milestones.FirstOrDefault(each => each.No == no) is not { } milestone)
            {
                return Refusal.NotFound("milestone", no.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }

            var account = (await transaction.FirstOrDefaultAsync<BillingAccount>($"SELECT {BillingAccount.Columns} FROM bo_account WHERE id = @AccountId", project))!;
            var today = Runs.RunOrders.Today(time, account.TimeZone);
            var byCustomer = await ProjectBook.IsOwnAsync(transaction, caller, project);
            if (!byCustomer && (string.IsNullOrWhiteSpace(wanted.Evidence) || wanted.DocumentSha256 is null))
            {
                return NoEvidence;
            }

            var day = !byCustomer && wanted.AcceptedOn is { } given ? CivilTime.Parse(given, "acceptedOn", today.AddYears(-1), today) : Outcome.Of(today);
            if (!day.Ok)
            {
                return day.Refusal;
            }

            // :: (3) is computed first: it is kept with the milestone.
            var open = milestones.Where(static each => each.State == ProjectState.Open).Sum(static each => each.AmountMinor);
            var cost = ProjectPlan.CostOf(await ProjectBook.WorkInProgressAsync(transaction, id), milestone.AmountMinor, open);

            // :: (1)
            var on = CivilTime.Text(day.Value);
            if (await transaction.ExecuteAsync(
                """
                UPDATE bo_milestone SET state = 'accepted', accepted_on = @On, accepted_by = @By, accepted_at = @Now, by_customer = @ByCustomer, evidence = @Evidence, document_sha256 = @Hash, cost_minor = @Cost
                WHERE project_id = @Id AND no = @No AND state = 'open'
                """,
                new
                {
                    Id = id, No = no, On = on, By = caller.ActorName, Now = time.NowMicros(), ByCustomer = byCustomer ? 1L : 0L, Evidence = wanted.Evidence?.Trim(), Hash = wanted.DocumentSha256?.ToLowerInvariant(), Cost = cost,
                }) == 0)
            {
                return Refusal.Conflict("backoffice.project.milestone", $"milestone {no} is {milestone.State}: only an open one is accepted");
            }

            // :: (2)
            var japanese = account.Locale == "ja";
            await NextBill.PutAsync(transaction, time, new NextBillLine(
                $"milestone:{id}:{no}", account, ProjectPlan.LabelOf(project.Name, milestone.Name), milestone.AmountMinor, null, OfferingCategory.Construction, null, ConstructionSettings.Kind,
                japanese ? $"{project.Number} 検収日 {on}" : $"{project.Number}, accepted on {on}", "milestone accepted", caller.ActorName));

            // :: (3)
            await LedgerWriter.BookAsync(transaction, Entry(project, $"milestone:{id}:{no}", await ExpensedOnAsync(transaction, id, today), $"{project.Number} accepted: {milestone.Name}", LedgerWriter.ConstructionCost, Work(id), cost));
            return await SettleAsync(transaction, project, null);
        }, cancellationToken);
    }

    /// <summary>Records a cost: work in progress while the project is open, an expense after that.</summary>
    public async ValueTask<Outcome<Project>> CostAsync(Caller caller, string id, NewProjectCost wanted, CancellationToken cancellationToken)
    {
        if (wanted.AmountMinor == 0 || Math.Abs((decimal)wanted.AmountMinor) > 1_000_000_000_000_000 || !IsText(wanted.Label) || !IsText(wanted.ForeignKey))
        {
            return Refusal.Invalid("backoffice.project.cost", "amountMinor", "a cost needs an amount, a text and its number elsewhere", "texts of 1 to 200 characters");
        }

        var today = Runs.RunOrders.Today(time, "UTC").AddDays(1);
        if (CivilTime.Parse(wanted.OnDay, "onDay", today.AddYears(-10), today) is { Ok: false } wrong)
        {
            return wrong.Refusal!;
        }

        return await WithAsync(caller, id, BackOfficeEvents.ProjectCost, null, wanted, async (transaction, project, _) =>
        {
            var there = await transaction.FirstOrDefaultAsync<ProjectCost>(
                "SELECT id, project_id, on_day, amount_minor, label, foreign_key, recorded_by, recorded_at FROM bo_project_cost WHERE project_id = @Id AND foreign_key = @ForeignKey", new { Id = id, wanted.ForeignKey });
            if (there is not null)
            {
                return (there.OnDay, there.AmountMinor, there.Label) == (wanted.OnDay, wanted.AmountMinor, wanted.Label)
                    ? Recorded
                    : Refusal.Conflict("backoffice.project.cost-reused", "another cost of the project has this number", "foreignKey");
            }

            var cost = Id.New("pc", time);
            var isOpen = project.State == ProjectState.Open;
            await transaction.ExecuteAsync(
                """
                INSERT INTO bo_project_cost (id, project_id, tenant_path, on_day, amount_minor, label, foreign_key, recorded_by, recorded_at)
                VALUES (@Cost, @Id, @TenantPath, @OnDay, @AmountMinor, @Label, @ForeignKey, @By, @Now)
                """,
                new { Cost = cost, Id = id, project.TenantPath, wanted.OnDay, wanted.AmountMinor, wanted.Label, wanted.ForeignKey, By = caller.ActorName, Now = time.NowMicros() });
            await LedgerWriter.BookAsync(transaction, Entry(project, cost, wanted.OnDay, $"{project.Number} cost: {wanted.Label}", isOpen ? Work(id) : LedgerWriter.ConstructionCost, LedgerWriter.CostsClearing, wanted.AmountMinor));
            return null;
        }, cancellationToken, isCost: true);
    }

    /// <summary>Cancels what is open; what is accepted stays, and what was spent on the rest is an expense.</summary>
    public async ValueTask<Outcome<Project>> CancelAsync(Caller caller, string id, ProjectCancellation wanted, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(wanted.Reason) || wanted.Reason.Length > 500 || wanted.ChargeMinor is < 0 or > 1_000_000_000_000_000)
        {
            return Refusal.Invalid("backoffice.project.change", "reason", "a cancellation needs a reason, and what is owed is not below zero", "1 to 500 characters");
        }

        return await WithAsync(caller, id, BackOfficeEvents.ProjectCancelled, wanted.Reason, wanted, async (transaction, project, _) =>
        {
            if (wanted.ChargeMinor > 0)
            {
                var account = (await transaction.FirstOrDefaultAsync<BillingAccount>($"SELECT {BillingAccount.Columns} FROM bo_account WHERE id = @AccountId", project))!;
                await NextBill.PutAsync(transaction, time, new NextBillLine(
                    $"project-cancelled:{id}", account, ProjectPlan.LabelOf(project.Name, account.Locale == "ja" ? "中止に伴う精算" : "settled on cancellation"), wanted.ChargeMinor, null, OfferingCategory.Construction, null,
                    ConstructionSettings.Kind, project.Number, wanted.Reason.Trim(), caller.ActorName));
            }

            await transaction.ExecuteAsync("UPDATE bo_milestone SET state = 'cancelled' WHERE project_id = @Id AND state = 'open'", new { Id = id });
            return await CloseAsync(transaction, project) ?? await SettleAsync(transaction, project, wanted.Reason.Trim());
        }, cancellationToken);
    }

    // Told by a change that found itself done already: nothing is written, and it is no refusal to whoever asked.
    private static readonly Refusal Recorded = new(RefusalKind.Conflict, "backoffice.project.cost-reused", "this cost is recorded already");

    private async ValueTask<Outcome<Project>> WithAsync(
        Caller caller, string id, string act, string? reason, object asked, Func<ISqlTransaction, Project, IReadOnlyList<Milestone>, ValueTask<Refusal?>> change, CancellationToken cancellationToken, bool isCost = false)
    {
        if (await book.FindAsync(caller, id, cancellationToken) is null)
        {
            return Refusal.NotFound("project", id);
        }

        try
        {
            return await stores.Control.WriteAsync(transaction => ApplyAsync(transaction, caller, id, act, reason, asked, change, isCost), cancellationToken);
        }
        catch (RefusedException refused)
        {
            return refused.Refusal;
        }
    }

    private async ValueTask<Outcome<Project>> ApplyAsync(
        ISqlTransaction transaction, Caller caller, string id, string act, string? reason, object asked, Func<ISqlTransaction, Project, IReadOnlyList<Milestone>, ValueTask<Refusal?>> change, bool isCost)
    {
        var before = (await ReadAsync(transaction, id))!;
        if (before.State != ProjectState.Open && !isCost)
        {
            return Refusal.Conflict("backoffice.project.state", $"the project {before.Number} is {before.State}");
        }

        // What was written before a refusal is taken back with the transaction.
        var milestones = await transaction.QueryAsync<Milestone>($"SELECT {Milestone.Columns} FROM bo_milestone m WHERE m.project_id = @Id ORDER BY m.no", new { Id = id });
        if (await change(transaction, before, milestones) is { } refusal)
        {
            return ReferenceEquals(refusal, Recorded) ? before : throw new RefusedException(refusal);
        }

        await transaction.ExecuteAsync("UPDATE bo_project SET version = version + 1 WHERE id = @Id", new { Id = id });
        var after = (await ReadAsync(transaction, id))!;

        // Costs are the provider's own, wherever its operator looks at the moment: customers read audit and events of their path.
        var path = isCost ? (await transaction.FirstOrDefaultAsync<string>("SELECT tenant_path FROM tenant WHERE kind = @Provider", new { TenantKind.Provider }))! : before.TenantPath;
        await changes.RecordAsync(transaction, caller, act, id, path, before, new { after, asked }, Facts(after), reason?.Trim());
        return after;
    }

    /// <summary>Takes back what a transaction wrote before the refusal was known.</summary>
    private sealed class RefusedException(Refusal refusal) : Exception
    {
        public Refusal Refusal { get; } = refusal;
    }

    /// <summary>The day on which work in progress becomes an expense: today, or the last cost's where that is later. The day of acceptance may be long ago: on that day the cost was not there, and the balance would be below zero.</summary>
    private static async ValueTask<string> ExpensedOnAsync(ISqlReader reader, string id, DateOnly today)
    {
        var last = await reader.FirstOrDefaultAsync<string>("SELECT max(on_day) FROM bo_project_cost WHERE project_id = @Id", new { Id = id });
        return last is not null && string.CompareOrdinal(last, CivilTime.Text(today)) > 0 ? last : CivilTime.Text(today);
    }

    /// <summary>Where nothing is open any more, what is left of the work in progress is an expense.</summary>
    private async ValueTask<Refusal?> CloseAsync(ISqlTransaction transaction, Project project)
    {
        if (await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM bo_milestone WHERE project_id = @Id AND state = 'open'", new { project.Id }) > 0)
        {
            return null;
        }

        var left = await ProjectBook.WorkInProgressAsync(transaction, project.Id);
        var day = await ExpensedOnAsync(transaction, project.Id, Runs.RunOrders.Today(time, (await transaction.FirstOrDefaultAsync<string>("SELECT time_zone FROM bo_account WHERE id = @AccountId", project))!));
        await LedgerWriter.BookAsync(transaction, Entry(project, "project-over:" + project.Id, day, project.Number + " over", LedgerWriter.ConstructionCost, Work(project.Id), left));
        return null;
    }

    /// <summary>Puts a project into the state its milestones say.</summary>
    private async ValueTask<Refusal?> SettleAsync(ISqlTransaction transaction, Project project, string? reason)
    {
        var states = await transaction.QueryAsync<string>("SELECT state FROM bo_milestone WHERE project_id = @Id ORDER BY no", new { project.Id });
        var state = states.Contains(ProjectState.Open) ? ProjectState.Open : reason is not null || !states.Contains(ProjectState.Accepted) ? ProjectState.Cancelled : ProjectState.Completed;
        await transaction.ExecuteAsync(
            "UPDATE bo_project SET state = @State, ended_at = @Ended, reason = @Reason WHERE id = @Id", new { State = state, Ended = state == ProjectState.Open ? (long?)null : time.NowMicros(), Reason = reason, project.Id });
        return null;
    }

    private static async ValueTask AddAsync(ISqlTransaction transaction, string id, string tenantPath, IReadOnlyList<NewMilestone> milestones, IReadOnlyList<long> amounts, int after)
    {
        for (var i = 0; i < milestones.Count; i++)
        {
            await transaction.ExecuteAsync(
                "INSERT INTO bo_milestone (project_id, no, tenant_path, name, amount_minor, due_on, state, by_customer, cost_minor) VALUES (@Id, @No, @TenantPath, @Name, @Amount, @DueOn, 'open', 0, 0)",
                new { Id = id, No = after + i + 1L, TenantPath = tenantPath, Name = milestones[i].Name.Trim(), Amount = amounts[i], milestones[i].DueOn });
        }
    }

    private static bool IsText(string? text) => !string.IsNullOrWhiteSpace(text) && text.Length <= 200 && !text.Any(char.IsControl);

    private static Refusal? Check(IReadOnlyList<NewMilestone> milestones, DateOnly today)
    {
        foreach (var milestone in milestones)
        {
            if (string.IsNullOrWhiteSpace(milestone.Name) || milestone.Name.Length > 200 || milestone.Name.Any(char.IsControl))
            {
                return Refusal.Invalid("backoffice.project.name", "milestones", "a milestone needs a name", "1 to 200 characters");
            }

            if (CivilTime.Parse(milestone.DueOn, "milestones", today.AddYears(-1), today.AddYears(60)) is { Ok: false } wrong)
            {
                return wrong.Refusal;
            }
        }

        return null;
    }

    private Refusal TooMany(int count) => Refusal.Invalid("backoffice.project.milestones", "milestones", $"{count} milestones", $"1 to {options.ProjectMilestones}");

    private static string Work(string id) => LedgerWriter.WorkInProgress + id;

    private LedgerEntry Entry(Project project, string source, string on, string narration, string debit, string credit, long amountMinor) => new(
        Id.New("le", time), project.TenantPath, project.AccountId, on, source, narration, time.NowMicros(), [new(debit, project.Currency, amountMinor), new(credit, project.Currency, -amountMinor)]);

    private static ValueTask<Project?> ReadAsync(ISqlReader reader, string id) =>
        reader.FirstOrDefaultAsync<Project>($"SELECT {Project.Columns} FROM bo_project p JOIN tenant t ON t.id = p.tenant_id WHERE p.id = @Id", new { Id = id });

    private static string Facts(Project project) => JsonSerializer.Serialize(new { number = project.Number, project.State });
}
