using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Runs;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Usage;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice;

/// <summary>From facts to issued invoices: months, corrections, numbers, kills.</summary>
public abstract class Invoice_runs(SqlDialect dialect)
{
    private static readonly DateTimeOffset November = new(2026, 11, 1, 0, 0, 1, TimeSpan.FromHours(9));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Month_is_billed_with_tax_once_and_the_next_one_asks_nothing_twice()
    {
        await using var world = await BackOfficeWorld.OpenAsync(dialect: dialect);
        var (tenant, account) = await world.AddCustomerAsync("Customer");
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3005), new PerUnitPrice("Traffic", LineModule.Bytes, 2m, 1000, 10_000));
        var line = await world.Provider.TakeAsync(tenant, "line");
        await world.CountAsync(line, LineModule.Bytes, 25_000);
        world.Time.Advance(November - world.Time.GetUtcNow());
        var run = await world.BillAsync("2026-10");
        Assert.Equal(RunState.Issued, run.State);
        var invoice = Assert.Single(await world.DocumentsAsync(account.Id));

        // (3,005 + 30) and 10 % of it, rounded down once: 303.5.
        Assert.Equal(("INV-0000001", 3035, 303, 3338, "2026-10"), (invoice.Number, invoice.NetMinor, invoice.TaxMinor, invoice.TotalMinor, invoice.Period));
        Assert.Equal(("2026-11-01", "2026-12-31"), (invoice.IssueDate, invoice.DueDate));
        world.Time.Advance(TimeSpan.FromDays(30));
        await world.BillAsync("2026-11");
        var second = (await world.DocumentsAsync(account.Id))[^1];
        Assert.Equal(3005, second.NetMinor);
        Assert.All((await world.BillOfAsync(second)).Lines, static each => Assert.Equal("2026-11", each.Month));
    }

    [Fact]
    public async Task Invoices_made_side_by_side_have_ids_in_the_order_of_their_numbers()
    {
        await using var world = await BackOfficeWorld.OpenAsync(dialect: dialect);
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 1000));
        for (var i = 0; i < 12; i++)
        {
            await world.Provider.TakeAsync((await world.AddCustomerAsync("Customer " + i)).Tenant, "line");
        }

        world.Time.Advance(November - world.Time.GetUtcNow());
        await world.BillAsync("2026-10");
        var documents = await world.DocumentsAsync();
        Assert.Equal(documents.OrderBy(static row => row.Number, StringComparer.Ordinal).Select(static row => row.Id), documents.Select(static row => row.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Late_usage_and_corrected_terms_are_differences_on_the_next_bill()
    {
        await using var world = await BackOfficeWorld.OpenAsync(dialect: dialect);
        var (tenant, account) = await world.AddCustomerAsync("Customer");
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3100), new PerUnitPrice("Traffic", LineModule.Bytes, 1m, 1000));
        var line = await world.Provider.TakeAsync(tenant, "line");
        var begun = world.Time.GetUtcNow();
        await world.CountAsync(line, LineModule.Bytes, 40_000);
        world.Time.Advance(November - world.Time.GetUtcNow());
        await world.BillAsync("2026-10");

        // A node's log is found again, a person takes some back, and it turns out that there were two lines from 21 October on.
        world.Time.Advance(TimeSpan.FromDays(10));
        await world.CountAsync(line, LineModule.Bytes, 7_000, begun.AddDays(3));
        BackOfficeWorld.Value(await world.Provider.Usage.RecordAsync(world.Operator, new NewUsage(line.Id, LineModule.Bytes, begun.AddDays(4), -2_000, "case-1", Reason: "counted twice"), Cancel));
        BackOfficeWorld.Value(await world.Provider.Orders.ChangeAsync(world.Operator, line.Id, new SubscriptionChange(Quantity: 2, From: begun.AddDays(20)), null, Cancel));
        world.Time.Advance(TimeSpan.FromDays(20));
        await world.BillAsync("2026-11");
        var bill = await world.BillOfAsync((await world.DocumentsAsync(account.Id))[^1]);
        var corrections = bill.Lines.Where(static each => each.Kind == BillLineKind.Correction).ToDictionary(static each => each.Label);
        Assert.Equal((5, 40L, "2026-10"), (corrections["Traffic"].AmountMinor, corrections["Traffic"].BilledBeforeMinor, corrections["Traffic"].Month));
        Assert.Equal((1100, 3100L), (corrections["Line"].AmountMinor, corrections["Line"].BilledBeforeMinor));
        Assert.Equal(6200, bill.Lines.Single(static each => each is { Kind: BillLineKind.Charge, Label: "Line" }).AmountMinor);

        // And it is not corrected a second time.
        world.Time.Advance(TimeSpan.FromDays(31));
        await world.BillAsync("2026-12");
        Assert.DoesNotContain((await world.BillOfAsync((await world.DocumentsAsync(account.Id))[^1])).Lines, static each => each.Kind == BillLineKind.Correction);
    }

    [Fact]
    public async Task Price_in_advance_is_billed_a_month_before_and_given_back_when_the_service_ends()
    {
        await using var world = await BackOfficeWorld.OpenAsync(dialect: dialect);
        var (tenant, account) = await world.AddCustomerAsync("Customer");
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3000, Charged.Advance), new OneTimePrice("Set-up", 500));
        var line = await world.Provider.TakeAsync(tenant, "line");
        world.Time.Advance(November - world.Time.GetUtcNow());
        await world.BillAsync("2026-10");
        var first = await world.BillOfAsync((await world.DocumentsAsync(account.Id))[^1]);
        Assert.Equal([("Line", "2026-10", 3000L), ("Set-up", "2026-10", 500L), ("Line", "2026-11", 3000L)], first.Lines.Select(static each => (each.Label, each.Month, each.AmountMinor)));
        world.Time.Advance(TimeSpan.FromDays(15));
        BackOfficeWorld.Value(await world.Provider.Orders.EndAsync(world.Operator, line.Id, null, Cancel));
        await world.Provider.TakeAsync(tenant, "line", "kitchen");
        world.Time.Advance(TimeSpan.FromDays(15));
        await world.BillAsync("2026-11");
        var second = await world.BillOfAsync((await world.DocumentsAsync(account.Id))[^1]);

        // Ended and bought again on one day: what is given back is what is asked, to the yen.
        Assert.Equal(-1500, second.Lines.Single(static each => each.Kind == BillLineKind.Correction).AmountMinor);
        Assert.Equal([("Line", "2026-11", 1500L), ("Set-up", "2026-11", 500L), ("Line", "2026-12", 3000L)],
            second.Lines.Where(static each => each.Kind == BillLineKind.Charge).Select(static each => (each.Label, each.Month, each.AmountMinor)));
    }

    [Fact]
    public async Task Bill_of_a_past_month_made_again_is_the_same_to_the_last_character()
    {
        await using var world = await BackOfficeWorld.OpenAsync(dialect: dialect);
        var (tenant, account) = await world.AddCustomerAsync("Customer");
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3100), new PerUnitPrice("Traffic", LineModule.Bytes, 1m, 1000), new P95Price("Peak", LineModule.Rate, 1m, 1));
        var line = await world.Provider.TakeAsync(tenant, "line");
        var begun = world.Time.GetUtcNow();
        await world.CountAsync(line, LineModule.Bytes, 40_000);
        await world.CountAsync(line, LineModule.Rate, 900);
        for (var month = 10; month <= 12; month++)
        {
            world.Time.Advance(new DateTimeOffset(2026, 10, 1, 0, 0, 1, TimeSpan.FromHours(9)).AddMonths(month - 9) - world.Time.GetUtcNow());
            await world.BillAsync($"2026-{month}");
            await world.CountAsync(line, LineModule.Bytes, 1_000 * month, begun.AddDays(month));
            BackOfficeWorld.Value(await world.Provider.Orders.ChangeAsync(world.Operator, line.Id, new SubscriptionChange(Quantity: month, From: begun.AddDays(month - 5), Name: "Renamed"), null, Cancel));
            await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3100 + month));
        }

        // What the account and the issuer are today must not matter either.
        BackOfficeWorld.Value(await world.AccountOrders.ChangeAsync(world.Operator, account.Id, new BillingAccountChange(Name: "Another", TaxProfile: "jp-export", PaymentTerms: "net:1"), null, Cancel));
        var documents = await world.DocumentsAsync(account.Id);
        Assert.Equal(3, documents.Count);
        foreach (var document in documents)
        {
            var proof = BackOfficeWorld.Value(await world.Previews.ProveAsync(world.Operator, document.Number, Cancel));
            Assert.True(proof.Identical, $"{proof.Number}: {proof.InputHash} {proof.InputHashAgain}");
        }
    }

    [Fact]
    public async Task Account_pays_for_tenants_below_unless_they_have_their_own()
    {
        await using var world = await BackOfficeWorld.OpenAsync(dialect: dialect);
        var (customer, account) = await world.AddCustomerAsync("Customer");
        var paid = await world.Provider.AddTenantAsync("Paid for", customer, "department");
        var own = await world.Provider.AddTenantAsync("Pays itself", customer, "department");
        var ownAccount = BackOfficeWorld.Value(await world.AccountOrders.AddAsync(world.Operator, new NewBillingAccount(own.Id), Cancel));
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 100));
        await world.Provider.TakeAsync(customer, "line");
        await world.Provider.TakeAsync(paid, "line");
        await world.Provider.TakeAsync(own, "line");
        world.Time.Advance(November - world.Time.GetUtcNow());
        await world.BillAsync("2026-10");
        Assert.Equal([200, 100], (await world.DocumentsAsync(account.Id)).Concat(await world.DocumentsAsync(ownAccount.Id)).Select(static row => row.NetMinor));
    }

    [Fact]
    public async Task Who_changed_a_price_does_not_release_nor_does_a_token()
    {
        await using var world = await BackOfficeWorld.OpenAsync(dialect: dialect);
        await world.AddCustomerAsync("Customer");
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 100));
        world.Time.Advance(November - world.Time.GetUtcNow());
        var run = await world.ComputeAsync("2026-10");
        Assert.Equal("backoffice.run.prices", (await world.RunOrders.ReleaseAsync(world.Operator, run.Id, Cancel)).Refusal?.Code);
        Assert.Equal("backoffice.run.person", (await world.RunOrders.ReleaseAsync(world.Releaser with { ActorId = "k_token" }, run.Id, Cancel)).Refusal?.Code);
        BackOfficeWorld.Value(await world.RunOrders.ReleaseAsync(world.Releaser, run.Id, Cancel));
        await world.Engine.CarryOnAsync(run.Id, null, Cancel);

        // Once it is out, what was changed before was looked at.
        world.Time.Advance(TimeSpan.FromDays(30));
        var next = await world.ComputeAsync("2026-11");
        BackOfficeWorld.Value(await world.RunOrders.ReleaseAsync(world.Operator, next.Id, Cancel));
    }

    /// <summary>
    /// The program is killed after each write in turn, computing and issuing, and started again: the same invoices, no number left out, none twice, the ledger even.
    /// </summary>
    [Fact]
    public async Task Killed_at_any_write_and_started_again_a_run_issues_the_same_without_gap_or_double()
    {
        string? whole = null;
        var kills = 0;
        for (var writes = 0; ; writes++)
        {
            await using var world = await BackOfficeWorld.OpenAsync(options: new() { AccountsAtATime = 2, InvoicesAtATime = 2 }, dialect: dialect);
            await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 1000), new PerUnitPrice("Traffic", LineModule.Bytes, 1m));
            for (var i = 0; i < 5; i++)
            {
                var (tenant, _) = await world.AddCustomerAsync("Customer " + i);
                await world.CountAsync(await world.Provider.TakeAsync(tenant, "line"), LineModule.Bytes, 10 + i);
            }

            world.Time.Advance(November - world.Time.GetUtcNow());
            var run = BackOfficeWorld.Value(await world.RunOrders.MakeAsync(world.Operator, new NewRun("2026-10"), Cancel));
            var left = writes;
            var killed = await CarryOnAsync(world, run.Id, left);
            if ((await world.Runs.FindAsync(world.Operator, run.Id, Cancel))!.State == RunState.Computing)
            {
                await world.Restarted().Engine.CarryOnAsync(run.Id, null, Cancel);
            }

            BackOfficeWorld.Value(await world.RunOrders.ReleaseAsync(world.Releaser, run.Id, Cancel));
            killed |= !killed && await CarryOnAsync(world, run.Id, writes - WritesOfComputing);
            await world.Restarted().Engine.CarryOnAsync(run.Id, null, Cancel);

            // A second node that comes late finds nothing to do.
            await world.Restarted().Engine.CarryOnAsync(run.Id, null, Cancel);
            var documents = await world.DocumentsAsync();
            Assert.Equal(Enumerable.Range(1, 5).Select(static n => $"INV-000000{n}"), documents.Select(static row => row.Number).Order());
            Assert.Equal(5, documents.Select(static row => row.AccountId).Distinct().Count());
            Assert.Equal(0, (await world.Ledger.BalancesAsync(Cancel)).Sum(static balance => balance.AmountMinor));
            var seen = string.Join(';', documents.OrderBy(static row => row.Counterparty).Select(static row => $"{row.Counterparty} {row.TotalMinor}"));
            Assert.Equal(whole ??= seen, seen);
            kills += killed ? 1 : 0;
            if (!killed)
            {
                break;
            }
        }

        Assert.True(kills > 6, $"{kills} kills");
    }

    // Three sets of accounts, and the word that it is ready.
    private const int WritesOfComputing = 4;

    private static async Task<bool> CarryOnAsync(BackOfficeWorld world, string run, int writes)
    {
        if (writes < 0)
        {
            return false;
        }

        FailingStore? failing = null;
        var weak = world.Restarted(stores => stores with { Control = failing = new FailingStore(stores.Control) { WritesLeft = writes } });
        try
        {
            await weak.Engine.CarryOnAsync(run, null, Cancel);
            return false;
        }
        catch (StoreUnavailableException)
        {
            return true;
        }
    }

    [Fact]
    public async Task Store_itself_refuses_to_change_or_drop_what_is_issued_or_booked()
    {
        await using var world = await BackOfficeWorld.OpenAsync(dialect: dialect);
        var (tenant, _) = await world.AddCustomerAsync("Customer");
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 100));
        await world.Provider.TakeAsync(tenant, "line");
        world.Time.Advance(November - world.Time.GetUtcNow());
        await world.BillAsync("2026-10");
        foreach (var sql in new[]
        {
            "UPDATE bo_invoice SET total_minor = 1", "DELETE FROM bo_invoice", "UPDATE bo_line SET amount_minor = 1", "DELETE FROM bo_posting", "UPDATE bo_entry SET narration = 'x'",
            "INSERT INTO bo_entry (id, tenant_path, account_id, booked_on, source_id, narration, booked_at) VALUES ('le_x', 't/', 'ba', '2026-11-01', 'none', 'x', 1)",
        })
        {
            await Assert.ThrowsAsync<ConstraintViolationException>(async () => await world.Provider.Stores.Control.WriteAsync(transaction => transaction.ExecuteAsync(sql), Cancel));
        }
    }
}

public sealed class Invoice_runs_on_sqlite() : Invoice_runs(SqlDialect.Sqlite);

public sealed class Invoice_runs_on_postgres() : Invoice_runs(SqlDialect.Postgres);
