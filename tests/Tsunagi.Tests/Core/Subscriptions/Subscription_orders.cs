using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Subscriptions;

public abstract class Subscription_orders(SqlDialect dialect) : IAsyncLifetime
{
    private TestProvider _provider = null!;
    private Tenant _customer = null!;
    private SubscriptionView _line = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _provider = await TestProvider.OpenAsync(dialect: dialect);
        _customer = await _provider.AddTenantAsync("Customer");
        await _provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 3000));
        _line = await _provider.TakeAsync(_customer, "line");
    }

    public async ValueTask DisposeAsync()
    {
        if (_provider is not null)
        {
            await _provider.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Holds are a set: whatever is placed and lifted, by whomever, the wish carries exactly those still in force.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Lifting_a_hold_lifts_only_that_one(int seed)
    {
        var random = new Random(seed);
        var open = new Dictionary<string, string>();
        var all = new List<string>();
        for (var step = 0; step < 25; step++)
        {
            if (open.Count == 0 || random.Next(5) < 3)
            {
                var hold = TestProvider.Value(await _provider.Orders.PlaceHoldAsync(_provider.Operator, _line.Id, new NewHold(HoldKind.All[random.Next(4)], "step " + step), Cancel));
                open.Add(hold.Id, hold.Kind);
                all.Add(hold.Id);
            }
            else
            {
                var id = random.Next(4) == 0 ? all[random.Next(all.Count)] : open.Keys.ElementAt(random.Next(open.Count));
                TestProvider.Value(await _provider.Orders.LiftHoldAsync(_provider.Operator, _line.Id, id, Cancel));
                open.Remove(id);
            }

            var wish = await WishAsync();
            Assert.Equal(open.Values.Distinct().Order(StringComparer.Ordinal), System.Text.Json.JsonSerializer.Deserialize<string[]>(wish.Holds)!);
            Assert.Equal(open.Count, (await FindAsync()).OpenHolds);
        }

        var kept = await _provider.Book.HoldsAsync(_provider.Operator, _line.Id, Cancel);
        Assert.Equal(open.Keys.Order(), kept.Where(h => h.LiftedAt is null).Select(h => h.Id).Order());
        Assert.Equal(all.Count, kept.Count);
    }

    [Fact]
    public async Task Customer_cannot_lift_what_his_provider_placed_nor_place_its_kinds()
    {
        var customer = TestProvider.CallerOf(_customer);
        var unpaid = TestProvider.Value(await _provider.Orders.PlaceHoldAsync(_provider.Operator, _line.Id, new NewHold(HoldKind.NonPayment, "invoice 7"), Cancel));
        Assert.Equal("hold.owner", (await _provider.Orders.LiftHoldAsync(customer, _line.Id, unpaid.Id, Cancel)).Refusal?.Code);
        Assert.Equal("hold.kind", (await _provider.Orders.PlaceHoldAsync(customer, _line.Id, new NewHold(HoldKind.Abuse, "x"), Cancel)).Refusal?.Code);
        var own = TestProvider.Value(await _provider.Orders.PlaceHoldAsync(customer, _line.Id, new NewHold(HoldKind.Customer, "moving house"), Cancel));
        TestProvider.Value(await _provider.Orders.LiftHoldAsync(customer, _line.Id, own.Id, Cancel));
        Assert.Equal(1, (await FindAsync()).OpenHolds);
    }

    [Fact]
    public async Task Lifting_twice_leaves_one_entry_in_the_audit()
    {
        var hold = TestProvider.Value(await _provider.Orders.PlaceHoldAsync(_provider.Operator, _line.Id, new NewHold(HoldKind.Technical, "works"), Cancel));
        var lifted = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _provider.Orders.LiftHoldAsync(_provider.Operator, _line.Id, hold.Id, Cancel).AsTask()));
        Assert.Single(lifted.Select(TestProvider.Value).Distinct());
        Assert.Single(await _provider.Audit.ListAsync(_provider.Operator, new(Act: "subscription.hold-lifted"), long.MaxValue, 10, Cancel));
    }

    /// <summary>Two who change at once must not write each other's terms back into the wish.</summary>
    [Fact]
    public async Task Holds_and_changes_at_once_leave_a_wish_with_both()
    {
        for (var round = 0; round < 20; round++)
        {
            var place = "room-" + round;
            var change = _provider.Orders.ChangeAsync(_provider.Operator, _line.Id, new SubscriptionChange(Settings: TestProvider.Settings(place)), null, Cancel).AsTask();
            var hold = _provider.Orders.PlaceHoldAsync(_provider.Operator, _line.Id, new NewHold(HoldKind.Technical, "round"), Cancel).AsTask();
            await Task.WhenAll(change, hold);
            var terms = await FindAsync();
            var wish = await WishAsync();
            Assert.Equal(terms.Settings, wish.Settings);
            Assert.Equal("[\"technical\"]", wish.Holds);
            TestProvider.Value(await _provider.Orders.LiftHoldAsync(_provider.Operator, _line.Id, TestProvider.Value(await hold).Id, Cancel));
        }
    }

    [Fact]
    public async Task Hold_that_races_with_the_end_does_not_bring_the_service_back()
    {
        for (var round = 0; round < 10; round++)
        {
            var line = await _provider.TakeAsync(_customer, "line", "place-" + round);
            await Task.WhenAll(
                _provider.Orders.PlaceHoldAsync(_provider.Operator, line.Id, new NewHold(HoldKind.Abuse, "x"), Cancel).AsTask(),
                _provider.Orders.EndAsync(_provider.Operator, line.Id, null, Cancel).AsTask());
            TestProvider.Value(await EndIfOpenAsync(line.Id));
            Assert.Equal(1, (await WishAsync(line.Id)).Withdrawn);
        }
    }

    [Fact]
    public async Task Change_needs_the_version_it_was_made_on()
    {
        TestProvider.Value(await _provider.Orders.ChangeAsync(_provider.Operator, _line.Id, new SubscriptionChange(Name: "a"), 1, Cancel));
        Assert.Equal(RefusalKind.PreconditionFailed, (await _provider.Orders.ChangeAsync(_provider.Operator, _line.Id, new SubscriptionChange(Name: "b"), 1, Cancel)).Refusal?.Kind);
        Assert.Equal(RefusalKind.PreconditionFailed, (await _provider.Orders.EndAsync(_provider.Operator, _line.Id, 1, Cancel)).Refusal?.Kind);
        Assert.Equal("a", (await FindAsync()).Name);
    }

    [Fact]
    public async Task Changes_keep_what_was_known_before()
    {
        _provider.Time.Advance(TimeSpan.FromHours(1));
        TestProvider.Value(await _provider.Orders.ChangeAsync(_provider.Operator, _line.Id, new SubscriptionChange(Quantity: 2), null, Cancel));
        var versions = await _provider.Book.VersionsAsync(_provider.Operator, _line.Id, Cancel);
        Assert.Equal([(1L, null, false), (1L, 2L, true), (2L, null, true)], versions.Select(v => (v.Quantity, v.ValidTo is null ? null : (long?)2, v.KnownTo is null)));
        Assert.Equal(2, (await FindAsync()).Quantity);
    }

    [Fact]
    public async Task Ended_subscription_takes_no_change_no_hold_and_no_second_end()
    {
        var ended = TestProvider.Value(await _provider.Orders.EndAsync(_provider.Operator, _line.Id, null, Cancel));
        Assert.NotNull(ended.EndedAt);
        string? Code<T>(Outcome<T> outcome) => outcome.Refusal?.Code;
        Assert.Equal("subscription.ended", Code(await _provider.Orders.ChangeAsync(_provider.Operator, _line.Id, new SubscriptionChange(Name: "x"), null, Cancel)));
        Assert.Equal("subscription.ended", Code(await _provider.Orders.EndAsync(_provider.Operator, _line.Id, null, Cancel)));
        Assert.Equal("subscription.ended", Code(await _provider.Orders.PlaceHoldAsync(_provider.Operator, _line.Id, new NewHold(HoldKind.Abuse, "x"), Cancel)));
    }

    [Theory]
    [InlineData("{\"place\":\"hall\",\"mbps\":1000}", null)]
    [InlineData("{\"place\":\"hall\",\"mbps\":1001}", "settings.mbps")]
    [InlineData("{\"place\":\"hall\",\"mbps\":0}", "settings.mbps")]
    [InlineData("{\"place\":\"Hall\"}", "settings.place")]
    [InlineData("{\"place\":\"hall\",\"colour\":1}", "settings.colour")]
    [InlineData("{\"place\":\"hall\",\"backup\":{\"lines\":4}}", "settings.backup.lines")]
    [InlineData("{\"place\":\"hall\",\"mbps\":\"fast\"}", "settings.mbps")]
    [InlineData("{}", "settings")]
    [InlineData("null", "settings")]
    public async Task Settings_are_read_strictly_and_the_wrong_member_is_named(string settings, string? wrong)
    {
        var json = System.Text.Json.JsonDocument.Parse(settings).RootElement;
        var outcome = await _provider.Orders.TakeAsync(_provider.Operator, new NewSubscription(_customer.Id, "line", "Line", json), Cancel);
        Assert.Equal(wrong, outcome.Refusal?.Field);
    }

    [Fact]
    public async Task Member_of_settings_that_is_not_known_is_told_with_those_that_are_and_without_the_programs_types()
    {
        var json = System.Text.Json.JsonDocument.Parse("""{"place":"hall","colour":1}""").RootElement;
        var refusal = (await _provider.Orders.TakeAsync(_provider.Operator, new NewSubscription(_customer.Id, "line", "Line", json), Cancel)).Refusal!;
        Assert.Equal("settings.colour: this key is not known here", refusal.Message);
        Assert.Contains("place, mbps", refusal.Allowed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "quantity")]
    [InlineData(1, null)]
    [InlineData(1_000_000, null)]
    [InlineData(1_000_001, "quantity")]
    public async Task Quantity_has_its_limits(long quantity, string? wrong)
    {
        var outcome = await _provider.Orders.TakeAsync(_provider.Operator, new NewSubscription(_customer.Id, "line", "Line", TestProvider.Settings("hall"), quantity), Cancel);
        Assert.Equal(wrong, outcome.Refusal?.Field);
    }

    [Fact]
    public async Task Plan_in_another_currency_is_not_sold()
    {
        await _provider.AddPlanAsync("dollars", "USD", new FlatPrice("Line", 30));
        var outcome = await _provider.Orders.TakeAsync(_provider.Operator, new NewSubscription(_customer.Id, "dollars", "Line", TestProvider.Settings("hall")), Cancel);
        Assert.Equal("subscription.currency", outcome.Refusal?.Code);
    }

    [Fact]
    public async Task Correction_reaches_back_to_the_beginning_and_never_into_the_future()
    {
        _provider.Time.Advance(TimeSpan.FromDays(1));
        var now = _provider.Time.GetUtcNow();
        async Task<string?> CodeAsync(DateTimeOffset from) =>
            (await _provider.Orders.ChangeAsync(_provider.Operator, _line.Id, new SubscriptionChange(Quantity: 2, From: from), null, Cancel)).Refusal?.Code;
        Assert.Equal("subscription.from", await CodeAsync(now.AddSeconds(1)));
        Assert.Equal("subscription.from", await CodeAsync(now.AddDays(-1).AddSeconds(-1)));
        Assert.Null(await CodeAsync(now.AddDays(-1)));
        Assert.Equal(2, (await _provider.Book.VersionsAsync(_provider.Operator, _line.Id, Cancel)).Single(v => v.KnownTo is null).Quantity);
    }

    [Fact]
    public async Task Sibling_finds_no_such_subscription()
    {
        var sibling = TestProvider.CallerOf(await _provider.AddTenantAsync("Sibling"));
        string? Code<T>(Outcome<T> outcome) => outcome.Refusal?.Code;
        Assert.Equal("not-found", Code(await _provider.Orders.ChangeAsync(sibling, _line.Id, new SubscriptionChange(Name: "x"), null, Cancel)));
        Assert.Equal("not-found", Code(await _provider.Orders.EndAsync(sibling, _line.Id, null, Cancel)));
        Assert.Equal("not-found", Code(await _provider.Orders.PlaceHoldAsync(sibling, _line.Id, new NewHold(HoldKind.Customer, "x"), Cancel)));
        Assert.Equal("not-found", Code(await _provider.Orders.TakeAsync(sibling, new NewSubscription(_customer.Id, "line", "x", TestProvider.Settings("hall")), Cancel)));
        Assert.Empty(await _provider.Book.ListAsync(sibling, "", 10, null, null, Cancel));
    }

    private async Task<SubscriptionView> FindAsync() => (await _provider.Book.FindAsync(_provider.Operator, _line.Id, Cancel))!;

    private async Task<Outcome<SubscriptionView>> EndIfOpenAsync(string id)
    {
        var view = (await _provider.Book.FindAsync(_provider.Operator, id, Cancel))!;
        return view.EndedAt is null ? await _provider.Orders.EndAsync(_provider.Operator, id, null, Cancel) : view;
    }

    private async Task<WishRow> WishAsync(string? id = null) => (await _provider.Stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<WishRow>("SELECT settings, holds, withdrawn FROM desired_record WHERE key = @Key", new { Key = id ?? _line.Id }), Cancel))!;

    private sealed record WishRow(string Settings, string Holds, long Withdrawn);
}

public sealed class Subscription_orders_on_sqlite() : Subscription_orders(SqlDialect.Sqlite);

public sealed class Subscription_orders_on_postgres() : Subscription_orders(SqlDialect.Postgres);
