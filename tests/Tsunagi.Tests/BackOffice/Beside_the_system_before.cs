using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Payments;
using Tsunagi.BackOffice.Shadow;
using Tsunagi.Core.Rating;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice;

/// <summary>The shadow run and what is taken over.</summary>
public sealed class Beside_the_system_before
{
    private static readonly ShadowMapping Mapping = new(
        "Kunde", "Artikel", "Netto", "Menge", "Steuer", "crm", new Dictionary<string, string> { ["LN-1"] = "Line", ["TR-1"] = "line/Traffic" });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_difference_has_its_class_and_equal_accounts_are_counted()
    {
        await using var world = await BackOfficeWorld.OpenAsync();
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3000), new PerUnitPrice("Traffic", LineModule.Bytes, 2m, 1000));
        foreach (var (name, place) in new[] { ("C-1", "one"), ("C-2", "two"), ("C-3", "three"), ("C-4", "four") })
        {
            var (tenant, _) = await world.AddCustomerAsync("Customer " + place, new NewBillingAccount("", ExternalRefs: new Dictionary<string, string> { ["crm"] = name }));
            await world.CountAsync(await world.Provider.TakeAsync(tenant, "line", place), LineModule.Bytes, 25_000);
        }

        world.Time.Advance(TimeSpan.FromDays(32));
        var report = BackOfficeWorld.Value(await world.Shadow.CompareAsync(world.Operator, new ShadowRequest("2026-10", string.Join("\r\n",
            "Kunde,Artikel,Menge,Netto,Steuer",
            "C-1,LN-1,1,\"3,000\",305", "C-1,TR-1,25,50,0",
            "C-2,LN-1,1,2999,305", "C-2,TR-1,25,60,0", "C-2,\"Fax, old\",1,10,0",
            "C-3,LN-1,2,6000,605",
            "C-9,LN-1,1,3000,300", ""), Mapping), Cancel));
        Assert.Equal((7, 4, 1), (report.Rows, report.Accounts, report.Equal));
        (string, string, string, long)[] wanted =
        [
            ("missingHere", "C-2", "Fax, old", -10), ("missingHere", "C-9", "LN-1", -3000), ("amount", "C-2", "line/Traffic", -10), ("missingThere", "C-3", "Traffic", 50), ("quantity", "C-3", "Line", -3000),
            ("missingThere", "Customer four", "Line", 3000), ("missingThere", "Customer four", "Traffic", 50), ("rounding", "C-2", "Line", 1), ("tax", "C-3", "(tax)", -300), ("tax", "Customer four", "(tax)", 305),
        ];
        Assert.Equal(wanted.Order(), report.Differences.Select(static each => (each.Class, each.Customer, each.Product, each.DifferenceMinor)).Order());
        Assert.Equal((12_200L, 12_119L), (Assert.Single(report.Totals).HereMinor, report.Totals[0].ThereMinor));
        Assert.Equal(report.Differences.Count, report.Classes.Sum(static each => each.Count));
    }

    [Theory]
    [InlineData("Kunde,Artikel\nC-1,LN-1\n", "backoffice.shadow.column")]
    [InlineData("Kunde,Artikel,Menge,Netto,Steuer\nC-1,LN-1,1,many,0\n", "backoffice.shadow.number")]
    [InlineData("Kunde,Artikel,Menge,Netto,Steuer\nC-1,LN-1,1\n", "backoffice.shadow.csv")]
    [InlineData("Kunde,Artikel,Menge,Netto,Steuer\n\"C-1,LN-1,1,2,3\n", "backoffice.shadow.csv")]
    [InlineData("Kunde,Kunde,Menge,Netto,Steuer\n", "backoffice.shadow.csv")]
    public async Task File_that_cannot_be_read_is_refused_with_its_line(string csv, string code)
    {
        await using var world = await BackOfficeWorld.OpenAsync();
        Assert.Equal(code, (await world.Shadow.CompareAsync(world.Operator, new ShadowRequest("2026-10", csv, Mapping), Cancel)).Refusal?.Code);
    }

    [Fact]
    public async Task Open_invoices_are_taken_over_once_aged_and_paid_here()
    {
        await using var world = await BackOfficeWorld.OpenAsync();
        var (_, account) = await world.AddCustomerAsync("Customer");
        var wanted = new NewOpening([new OpeningItem(account.Id, "OLD-7", "2026-08-31", "2026-09-30", 5_000), new OpeningItem(account.Id, "OLD-8", "2026-09-30", "2026-10-31", 7_000)]);
        Assert.Equal((2, 0), Counts(BackOfficeWorld.Value(await world.Openings.ImportAsync(world.Operator, wanted, Cancel))));
        Assert.Equal((0, 2), Counts(BackOfficeWorld.Value(await world.Openings.ImportAsync(world.Operator, wanted, Cancel))));
        Assert.Equal("backoffice.opening.number", (await world.Openings.ImportAsync(world.Operator, new NewOpening([wanted.Items[0] with { OpenMinor = 1 }]), Cancel)).Refusal?.Code);
        BackOfficeWorld.Value(await world.PaymentOrders.RecordAsync(world.Operator, new NewPayment(account.Id, "2026-10-02", 7_000, "b1", Reference: "OLD-8"), Cancel));
        Assert.Equal(["OLD-7"], (await world.Invoices.OpenAsync(world.Operator, account.Id, 10, Cancel)).Select(static row => row.Number));
        Assert.Equal(0, (await world.Ledger.BalancesAsync(Cancel)).Sum(static balance => balance.AmountMinor));
    }

    [Fact]
    public async Task What_was_billed_by_the_system_before_is_not_billed_again()
    {
        await using var world = await BackOfficeWorld.OpenAsync();
        var (tenant, account) = await world.AddCustomerAsync("Customer", new NewBillingAccount("", BillFrom: "2026-11", AdvanceFrom: "2026-12"));
        await world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3000), new FlatPrice("Router", 700, Charged.Advance));
        await world.Provider.TakeAsync(tenant, "line");
        world.Time.Advance(TimeSpan.FromDays(62));
        await world.BillAsync("2026-11");
        var bill = await world.BillOfAsync(Assert.Single(await world.DocumentsAsync(account.Id)));
        Assert.Equal([("Line", "2026-11"), ("Router", "2026-12")], bill.Lines.Select(static each => (each.Label, each.Month)));
    }

    private static (int Added, int Known) Counts(OpeningResult result) => (result.Added, result.Known);
}
