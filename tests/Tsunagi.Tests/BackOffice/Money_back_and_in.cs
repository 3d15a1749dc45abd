using System.Diagnostics;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Payments;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice;

/// <summary>Credit notes, payments, and what of both the ledger says.</summary>
public abstract class Money_back_and_in(SqlDialect dialect) : IAsyncLifetime
{
    private BackOfficeWorld _world = null!;
    private Tenant _tenant = null!;
    private string _account = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await BackOfficeWorld.OpenAsync(dialect: dialect);
        (_tenant, var account) = await _world.AddCustomerAsync("Customer");
        _account = account.Id;
        await _world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 105), new FlatPrice("Paper", 99) { Tax = "reduced" }, new FlatPrice("Router", 105));
        await _world.Provider.TakeAsync(_tenant, "line");
        await BillAsync(10);
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Given_back_line_by_line_an_invoice_comes_to_nothing_tax_included()
    {
        var invoice = (await _world.DocumentsAsync())[0];
        Assert.Equal((309, 28), (invoice.NetMinor, invoice.TaxMinor));
        var credits = new List<InvoiceRow>();
        foreach (var no in new[] { 1, 2, 3 })
        {
            credits.Add(BackOfficeWorld.Value(await _world.Credits.CreditAsync(_world.Operator, invoice.Number, new NewCredit("wrong", [new CreditedLine(no)]), Cancel)));
        }

        Assert.Equal(["CN-0000001", "CN-0000002", "CN-0000003"], credits.Select(static credit => credit.Number));
        Assert.Equal(invoice.TotalMinor, credits.Sum(static credit => credit.TotalMinor));
        Assert.Equal(0, (await _world.Invoices.FindAsync(_world.Operator, invoice.Id, Cancel))!.OpenMinor);
        Assert.All(await _world.Ledger.BalancesAsync(Cancel), static balance => Assert.Equal(0, balance.AmountMinor));
        Assert.Equal("backoffice.credit.nothing", (await _world.Credits.CreditAsync(_world.Operator, invoice.Number, new NewCredit("again"), Cancel)).Refusal?.Code);
        Assert.Equal("backoffice.credit.amount", (await _world.Credits.CreditAsync(_world.Operator, invoice.Number, new NewCredit("again", [new CreditedLine(1)]), Cancel)).Refusal?.Code);
    }

    [Fact]
    public async Task Nothing_is_given_back_on_a_day_before_it_was_asked()
    {
        // In California it is October 31 still when the provider's invoice is of November 1.
        var tenant = BackOfficeWorld.Value(await _world.Provider.Tenants.AddAsync(_world.Operator, new NewTenant(_world.Provider.Root.Id, TenantKind.Customer, "West", TimeZone: "America/Los_Angeles"), Cancel));
        var account = BackOfficeWorld.Value(await _world.AccountOrders.AddAsync(_world.Operator, new NewBillingAccount(tenant.Id), Cancel));
        BackOfficeWorld.Value(await _world.Adjustments.AddAsync(_world.Operator, account.Id, new NewAdjustment("Visit", 500, "asked for"), Cancel));
        await _world.BillAsync("2026-10");
        var invoice = Assert.Single(await _world.DocumentsAsync(account.Id));
        var credit = BackOfficeWorld.Value(await _world.Credits.CreditAsync(_world.Operator, invoice.Id, new NewCredit("wrong"), Cancel));
        Assert.Equal(("2026-11-01", "2026-11-01", "America/Los_Angeles"), (invoice.IssueDate, credit.IssueDate, account.TimeZone));
    }

    [Fact]
    public async Task Courtesy_is_not_billed_again_and_a_wrong_invoice_is()
    {
        var invoice = (await _world.DocumentsAsync())[0];
        BackOfficeWorld.Value(await _world.Credits.CreditAsync(_world.Operator, invoice.Id, new NewCredit("sorry", [new CreditedLine(1, 50)]), Cancel));
        BackOfficeWorld.Value(await _world.Credits.CreditAsync(_world.Operator, invoice.Id, new NewCredit("wrong", [new CreditedLine(3)], BillAgain: true), Cancel));

        // Something of that month is corrected, so it is rated again.
        var line = (await _world.Provider.Book.ListAsync(_world.Operator, "", 1, null, null, Cancel))[0];
        await _world.CountAsync(line, LineModule.Bytes, 1, _world.Time.GetUtcNow().AddDays(-20));
        await BillAsync(11);
        var bill = await _world.BillOfAsync((await _world.DocumentsAsync())[^1]);
        Assert.Equal([("Router", 105L, "2026-10")], bill.Lines.Where(static each => each.Kind == BillLineKind.Correction).Select(static each => (each.Label, each.AmountMinor, each.Month)));
    }

    [Fact]
    public async Task Payment_goes_to_the_invoice_it_names_then_to_the_oldest_and_counts_once()
    {
        await BillAsync(11);
        var (first, second) = ((await _world.DocumentsAsync())[0], (await _world.DocumentsAsync())[1]);
        var wanted = new NewPayment(_account, "2026-12-01", second.TotalMinor + 100, "bank-1", Reference: "for " + second.Number);
        var payment = BackOfficeWorld.Value(await _world.PaymentOrders.RecordAsync(_world.Operator, wanted, Cancel));
        Assert.Equal(payment.Id, BackOfficeWorld.Value(await _world.PaymentOrders.RecordAsync(_world.Operator, wanted, Cancel)).Id);
        Assert.Equal("backoffice.payment.key-reused", (await _world.PaymentOrders.RecordAsync(_world.Operator, wanted with { AmountMinor = 1 }, Cancel)).Refusal?.Code);
        Assert.Equal([(second.Number, second.TotalMinor), (first.Number, 100L)], (await _world.Payments.AllocatedAsync(_world.Operator, payment.Id, Cancel)).Select(static each => (each.Number, each.AmountMinor)).OrderDescending());
        Assert.Equal(first.TotalMinor - 100, Assert.Single(await _world.Invoices.OpenAsync(_world.Operator, _account, 10, Cancel)).OpenMinor);

        // More than is owed stays with the account, and goes to the next invoice when a person says so.
        var more = BackOfficeWorld.Value(await _world.PaymentOrders.RecordAsync(_world.Operator, new NewPayment(_account, "2026-12-02", 1_000, "bank-2"), Cancel));
        Assert.Equal(1_000 - (first.TotalMinor - 100), more.UnallocatedMinor);
        await BillAsync(12);
        BackOfficeWorld.Value(await _world.PaymentOrders.AllocateAsync(_world.Operator, more.Id, new NewAllocation(), Cancel));
        Assert.Equal(0, (await _world.Invoices.OpenAsync(_world.Operator, _account, 10, Cancel)).Sum(static row => row.OpenMinor));
    }

    [Fact]
    public async Task Aging_says_how_late_what_is_open_is()
    {
        await BillAsync(11);
        var due = DateOnly.ParseExact((await _world.DocumentsAsync())[0].DueDate!, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        foreach (var (days, bucket) in new[] { (0, 0L), (1, 1L), (30, 1L), (31, 2L), (60, 2L), (61, 3L), (90, 3L), (91, 4L) })
        {
            Assert.Equal(bucket, (await _world.Invoices.AgingAsync(_world.Operator, _account, due.AddDays(days), Cancel)).Max(static row => row.Bucket));
        }
    }

    [Fact]
    public async Task Adjustment_stands_on_the_next_bill_once()
    {
        BackOfficeWorld.Value(await _world.Adjustments.AddAsync(_world.Operator, _account, new NewAdjustment("Visit", 5_000, "a technician came"), Cancel));
        await BillAsync(11);
        await BillAsync(12);
        var documents = await _world.DocumentsAsync();
        Assert.Equal([309, 5_309, 309], documents.Select(static row => row.NetMinor));
    }

    /// <summary>The journal is checked by a program that has nothing to do with ours, and its balances are ours.</summary>
    [Fact]
    public async Task Hledger_finds_the_journal_balanced_and_comes_to_the_same_balances()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/hledger"), "hledger is not installed");
        await BillAsync(11);
        var invoice = (await _world.DocumentsAsync())[0];
        BackOfficeWorld.Value(await _world.Credits.CreditAsync(_world.Operator, invoice.Id, new NewCredit("sorry; really", [new CreditedLine(1, 50)]), Cancel));
        BackOfficeWorld.Value(await _world.PaymentOrders.RecordAsync(_world.Operator, new NewPayment(_account, "2026-12-01", 400, "bank-1"), Cancel));
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "ledger.journal");
        await using (var writer = new StreamWriter(file))
        {
            await _world.Ledger.WriteAsync(writer, hledger: true, "0000", "9999", Cancel);
        }

        Assert.Equal((0, ""), await HledgerAsync("check", "-f", file, "accounts", "commodities", "ordereddates", "balancednoautoconversion"));
        var (exit, balances) = await HledgerAsync("bal", "-f", file, "--flat", "-E", "-N", "-O", "csv");
        Assert.Equal(0, exit);
        var theirs = balances.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(static row => row.Trim('"').Split("\",\"")).ToDictionary(static cells => cells[0], static cells => cells[1]);
        foreach (var balance in await _world.Ledger.BalancesAsync(Cancel))
        {
            Assert.Equal(balance.AmountMinor == 0 ? "0" : $"JPY {balance.AmountMinor}", theirs.GetValueOrDefault(balance.LedgerAccount, "0"));
        }
    }

    private static async Task<(int Exit, string Output)> HledgerAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/hledger", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        var error = await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, process.ExitCode == 0 ? output : error);
    }

    private async Task BillAsync(int month)
    {
        _world.Time.Advance(new DateTimeOffset(2026, 10, 1, 0, 0, 1, TimeSpan.FromHours(9)).AddMonths(month - 9) - _world.Time.GetUtcNow());
        await _world.BillAsync($"2026-{month}");
    }
}

public sealed class Money_back_and_in_on_sqlite() : Money_back_and_in(SqlDialect.Sqlite);

public sealed class Money_back_and_in_on_postgres() : Money_back_and_in(SqlDialect.Postgres);
