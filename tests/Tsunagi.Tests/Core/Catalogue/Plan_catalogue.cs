using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Catalogue;

public sealed class Plan_catalogue : IAsyncLifetime
{
    private TestProvider _provider = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _provider = await TestProvider.OpenAsync();

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Fact]
    public async Task Same_prices_make_no_new_version_however_they_are_spelled()
    {
        var first = await _provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 1.50m), new TieredPrice("T", LineModule.Bytes, [new(10, 2.0m), new(null, 1)]));
        var again = await _provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 1.5m), new TieredPrice("T", LineModule.Bytes, [new(10.0m, 2m), new(null, 1.00m)], 1.0m));
        Assert.Equal(first, again);
        Assert.Equal(2, (await _provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 1.51m))).Version);
        Assert.Equal([2, 1], (await _provider.Plans.VersionsAsync(first.Id, Cancel)).Select(v => v.Number));
    }

    [Fact]
    public async Task Catalogue_is_changed_by_operators_only()
    {
        var reseller = TestProvider.CallerOf(await _provider.AddTenantAsync("Reseller", null, "reseller"));
        Assert.Equal(RefusalKind.Forbidden, (await _provider.Plans.PutAsync(reseller, Plan(), Cancel)).Refusal?.Kind);
    }

    [Fact]
    public async Task Plan_sells_one_specification_for_ever()
    {
        TestProvider.Value(await _provider.Plans.PutAsync(_provider.Operator, Plan(), Cancel));
        Assert.Equal("plan.specification", (await _provider.Plans.PutAsync(_provider.Operator, Plan() with { Specification = "mail.gateway" }, Cancel)).Refusal?.Code);
    }

    [Fact]
    public async Task Plan_takes_the_category_of_its_specification_until_it_is_given_its_own_and_keeps_that_through_new_prices()
    {
        Assert.Equal(OfferingCategory.ValueAdded, TestProvider.Value(await _provider.Plans.PutAsync(_provider.Operator, Plan(), Cancel)).Category);
        Assert.Equal(OfferingCategory.Connectivity, TestProvider.Value(await _provider.Plans.PutAsync(_provider.Operator, Plan() with { Category = OfferingCategory.Connectivity }, Cancel)).Category);
        var again = TestProvider.Value(await _provider.Plans.PutAsync(_provider.Operator, Plan() with { Prices = [new FlatPrice("Line", 77)] }, Cancel));
        Assert.Equal((OfferingCategory.Connectivity, 2), (again.Category, again.Version));
        Assert.Equal(OfferingCategory.Connectivity, Assert.Single(await _provider.Plans.ListAsync(Cancel)).Category);
    }

    [Theory]
    [InlineData(OfferingCategory.Connectivity)]
    [InlineData(OfferingCategory.ValueAdded)]
    [InlineData(OfferingCategory.Construction)]
    [InlineData(OfferingCategory.Operation)]
    public async Task Category_is_changed_without_a_new_version_and_its_word_is_read_back(OfferingCategory category)
    {
        var plan = TestProvider.Value(await _provider.Plans.PutAsync(_provider.Operator, Plan(), Cancel));
        Assert.Equal(plan with { Category = category }, TestProvider.Value(await _provider.Plans.ChangeAsync(_provider.Operator, plan.Code, new ChangedPlan(category), Cancel)));
        Assert.Equal(category, (await _provider.Plans.FindAsync(plan.Id, Cancel))!.Category);
        Assert.Equal(category, OfferingCategories.Find(category.Word()));
    }

    [Fact]
    public async Task Category_is_changed_by_operators_only_and_must_be_named()
    {
        TestProvider.Value(await _provider.Plans.PutAsync(_provider.Operator, Plan(), Cancel));
        var reseller = TestProvider.CallerOf(await _provider.AddTenantAsync("Reseller", null, "reseller"));
        Assert.Equal(RefusalKind.Forbidden, (await _provider.Plans.ChangeAsync(reseller, Plan().Code, new ChangedPlan(OfferingCategory.Operation), Cancel)).Refusal?.Kind);
        Assert.Equal("plan.category", (await _provider.Plans.ChangeAsync(_provider.Operator, Plan().Code, new ChangedPlan(null), Cancel)).Refusal?.Code);
        Assert.Equal(RefusalKind.NotFound, (await _provider.Plans.ChangeAsync(_provider.Operator, "nothing", new ChangedPlan(OfferingCategory.Operation), Cancel)).Refusal?.Kind);
    }

    public static TheoryData<string?, Price> Prices => new()
    {
        { "prices[0].label", new FlatPrice("", 1) },
        { "prices[0].amount", new FlatPrice("l", 1_000_000_001) },
        { null, new FlatPrice("l", -1_000_000_000) },
        { "prices[0].amount", new FlatPrice("l", 0.0000001m) },
        { null, new FlatPrice("l", 0.000001m) },
        { "prices[0].meter", new PerUnitPrice("l", "mail.messages", 1) },
        { "prices[0].meter", new PerUnitPrice("l", LineModule.Rate, 1) },
        { "prices[0].meter", new P95Price("l", LineModule.Bytes, 1, 1) },
        { null, new P95Price("l", LineModule.Rate, 1, 1) },
        { "prices[0].per", new PerUnitPrice("l", LineModule.Bytes, 1, 0) },
        { "prices[0].per", new PerUnitPrice("l", LineModule.Bytes, 1, -1) },
        { "prices[0].per", new PerUnitPrice("l", LineModule.Bytes, 1, 1.5m) },
        { "prices[0].included", new PerUnitPrice("l", LineModule.Bytes, 1, 1, -1) },
        { "prices[0].committed", new P95Price("l", LineModule.Rate, 1, 1, 1_000_000_000_000_001) },
        { "prices[0].tiers", new TieredPrice("l", LineModule.Bytes, []) },
        { "prices[0].tiers[0].upTo", new TieredPrice("l", LineModule.Bytes, [new(10, 1)]) },
        { "prices[0].tiers[0].upTo", new TieredPrice("l", LineModule.Bytes, [new(null, 1), new(null, 2)]) },
        { "prices[0].tiers[1].upTo", new TieredPrice("l", LineModule.Bytes, [new(10, 1), new(10, 2), new(null, 3)]) },
        { "prices[0].tiers[1].amount", new TieredPrice("l", LineModule.Bytes, [new(10, 1), new(null, 1_000_000_001)]) },
        { null, new TieredPrice("l", LineModule.Bytes, [.. Enumerable.Range(1, 49).Select(n => new PriceTier(n, 1)), new(null, 1)]) },
        { "prices[0].tiers", new TieredPrice("l", LineModule.Bytes, [.. Enumerable.Range(1, 50).Select(n => new PriceTier(n, 1)), new(null, 1)]) },
    };

    [Theory]
    [MemberData(nameof(Prices), DisableDiscoveryEnumeration = true)]
    public async Task Price_that_could_not_be_rated_is_not_kept(string? wrong, Price price) =>
        Assert.Equal(wrong, (await _provider.Plans.PutAsync(_provider.Operator, Plan() with { Prices = [price] }, Cancel)).Refusal?.Field);

    [Theory]
    [InlineData("", "code")]
    [InlineData("Line", "code")]
    [InlineData("line_1", "code")]
    [InlineData("line-1", null)]
    public async Task Code_is_a_word_for_programs(string code, string? wrong) =>
        Assert.Equal(wrong, (await _provider.Plans.PutAsync(_provider.Operator, Plan() with { Code = code }, Cancel)).Refusal?.Field);

    [Fact]
    public async Task Fifty_prices_are_kept_and_fifty_one_are_not()
    {
        NewPlan With(int count) => Plan() with { Prices = [.. Enumerable.Range(0, count).Select(n => new FlatPrice("l" + n, 1))] };
        Assert.Equal("prices", (await _provider.Plans.PutAsync(_provider.Operator, With(51), Cancel)).Refusal?.Field);
        TestProvider.Value(await _provider.Plans.PutAsync(_provider.Operator, With(50), Cancel));
    }

    [Fact]
    public void Schema_of_settings_carries_ranges_lengths_and_patterns()
    {
        var schema = SpecificationCatalogue.SchemaOf(_provider.Specifications.Find(LineModule.Specification)!).ToJsonString();
        Assert.Contains("\"minimum\":1,\"maximum\":1000", schema, StringComparison.Ordinal);
        Assert.Contains("\"maxLength\":20", schema, StringComparison.Ordinal);
        Assert.Contains("\"pattern\":\"[a-z0-9-]", schema, StringComparison.Ordinal);
    }

    private static NewPlan Plan() => new("line", LineModule.Specification, "Line", "回線", "JPY", [new FlatPrice("Line", 1)]);
}
