using System.Globalization;
using Tsunagi.BackOffice;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bank.Import;
using Tsunagi.BackOffice.Bank.Matching;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Tests.BackOffice.Bank;

/// <summary>Bank files against real invoices, payments and books.</summary>
public sealed class Bank_imports : IAsyncLifetime
{
    private BackOfficeWorld _world = null!;
    private BankImports _imports = null!;
    private BillingAccount _miyako = null!, _other = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await BackOfficeWorld.OpenAsync();
        await _world.Provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 10_000));
        Tenant tenant;
        (tenant, _miyako) = await _world.AddCustomerAsync("miyako", new NewBillingAccount("", Name: "カブシキガイシャ ミヤコショクヒン"));
        await _world.Provider.TakeAsync(tenant, "line");
        (tenant, _other) = await _world.AddCustomerAsync("other", new NewBillingAccount("", Name: "髙﨑 桜子", ExternalRefs: new Dictionary<string, string> { ["virtualAccount"] = "9104477" }));
        await _world.Provider.TakeAsync(tenant, "line");
        foreach (var month in new[] { 10, 11 })
        {
            _world.Time.Advance(new DateTimeOffset(2026, month, 1, 3, 0, 0, TimeSpan.FromHours(9)).AddMonths(1) - _world.Time.GetUtcNow());
            await _world.BillAsync(string.Create(CultureInfo.InvariantCulture, $"2026-{month:00}"));
        }

        _imports = new BankImports(_world.Provider.Stores, _world.Accounts, _world.Invoices, _world.PaymentOrders, new BankImportKeeper(_world.Provider.Stores, new CivilDay(_world.Provider.Stores, _world.Time), _world.Provider.Changes, _world.Time), new CivilDay(_world.Provider.Stores, _world.Time), new BackOfficeOptions());
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Sure_payments_are_recorded_once_and_the_rest_is_left_to_a_person()
    {
        var second = (await _world.DocumentsAsync(_other.Id))[1];
        Assert.Equal(11_000, second.TotalMinor);
        var file = new ZenginSample("01").Header()
            .Data(22_000, "ｶ)ﾐﾔｺｼﾖｸﾋﾝ", inquiry: 1).Data(11_000, "ﾍﾞﾂﾒｲｷﾞ", second.Number, 2).Data(500, "ｼﾗﾅｲ", inquiry: 3).Data(-700, "ﾏﾁｶﾞｲ", inquiry: 4).Trailer().End();

        var looked = await ImportAsync(file, record: false);
        Assert.Equal([BankImportState.Proposed, BankImportState.Proposed, BankImportState.Unmatched, BankImportState.Skipped], looked.Lines.Select(line => line.State));
        Assert.Empty(await _world.Payments.ListAsync(_world.Operator, "", "", "", 10, Cancel));

        var done = await ImportAsync(file, record: true);
        Assert.Equal((2, 0, 1), (done.Recorded, done.Known, done.Left));
        Assert.Equal([MatchFit.Several, MatchFit.One], done.Lines.Take(2).Select(line => line.Match.Fit));
        Assert.Empty(await _world.Invoices.OpenAsync(_world.Operator, _miyako.Id, 10, Cancel));
        var left = Assert.Single(await _world.Invoices.OpenAsync(_world.Operator, _other.Id, 10, Cancel));
        Assert.NotEqual(second.Number, left.Number);

        var again = await ImportAsync(file, record: true);
        Assert.Equal((0, 2, 1), (again.Recorded, again.Known, again.Left));
        Assert.Equal(2, (await _world.Payments.ListAsync(_world.Operator, "", "", "", 10, Cancel)).Count);
        Assert.Equal(33_000, (await _world.Ledger.BalancesAsync(Cancel)).Where(balance => balance.LedgerAccount.Contains("bank", StringComparison.OrdinalIgnoreCase)).Sum(balance => balance.AmountMinor));
    }

    [Fact]
    public async Task A_name_once_assigned_is_known_and_a_fee_is_only_probable()
    {
        var number = (await _world.DocumentsAsync(_other.Id))[0].Number;
        await ImportAsync(new ZenginSample("01").Header().Data(11_000, "ﾍﾞﾂﾒｲｷﾞ", number, 2).Trailer().End(), record: true);
        var file = new ZenginSample("01").Header().Data(10_560, "ﾍﾞﾂﾒｲｷﾞ", inquiry: 3).Trailer().End();
        var looked = Assert.Single((await ImportAsync(file, record: true)).Lines);
        Assert.Equal((BankImportState.Proposed, MatchReason.PayerName, MatchFit.ShortByFee, 440L), (looked.State, looked.Match.Reason, looked.Match.Fit, looked.Match.FeeMinor));
        Assert.Equal(1, (await ImportAsync(file, record: true, probable: true)).Recorded);
    }

    [Fact]
    public async Task Two_payments_of_one_file_do_not_pay_one_invoice_twice()
    {
        var lines = (await ImportAsync(new ZenginSample("01").Header("9104477").Data(11_000, "ﾀｶｻｷ", inquiry: 1).Data(11_000, "ﾀｶｻｷ", inquiry: 2).Data(11_000, "ﾀｶｻｷ", inquiry: 3).Trailer().End(), record: true, probable: true)).Lines;
        Assert.All(lines, line => Assert.Equal(_other.Id, line.Match.AccountId));
        Assert.Equal([MatchFit.OneOfMany, MatchFit.One, MatchFit.None], lines.Select(line => line.Match.Fit));
        Assert.Equal(2, lines.SelectMany(line => line.Match.Parts).Select(part => part.Number).Distinct().Count());
        Assert.Equal(MatchReason.NothingOpen, lines[2].Match.Reason);
        Assert.Empty(await _world.Invoices.OpenAsync(_world.Operator, _other.Id, 10, Cancel));
    }

    [Fact]
    public async Task A_file_with_a_fault_imports_nothing_and_says_where()
    {
        var refusal = (await _imports.ImportAsync(_world.Operator, new NewBankImport(Convert.ToBase64String(new ZenginSample("01") { TrailerOff = 1 }.Header().Data(1, "ｱ").Trailer().End()), Record: true), Cancel)).Refusal!;
        Assert.Equal("backoffice.bank.file", refusal.Code);
        Assert.Contains("line 3, column 8", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("backoffice.bank.base64", (await _imports.ImportAsync(_world.Operator, new NewBankImport("%%%%"), Cancel)).Refusal!.Code);
    }

    private async Task<BankImportReport> ImportAsync(byte[] file, bool record, bool probable = false) =>
        BackOfficeWorld.Value(await _imports.ImportAsync(_world.Operator, new NewBankImport(Convert.ToBase64String(file), Record: record, Probable: probable), Cancel));
}
