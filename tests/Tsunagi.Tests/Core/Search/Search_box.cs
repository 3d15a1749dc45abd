using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Search;
using Tsunagi.Core.Tenants;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Search;

public sealed class Search_box : IAsyncLifetime
{
    private TestProvider _provider = null!;
    private Tenant _customer = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _provider = await TestProvider.OpenAsync();
        _customer = TestProvider.Value(await _provider.Tenants.AddAsync(
            _provider.Operator, new NewTenant(null, "customer", "Aoba_Shop 100%", ExternalRefs: new Dictionary<string, string> { ["crm"] = "C-1001", ["仕訳"] = "得意先1" }), Cancel));
        TestProvider.Value(await _provider.Domains.ClaimAsync(_provider.Operator, _customer.Id, "aoba.example", Cancel));
        TestProvider.Value(await _provider.Tenants.AddContactAsync(_provider.Operator, _customer.Id, new NewContact("billing", "Hanako", "Hanako@aoba.example"), Cancel));
        TestProvider.Value(await _provider.Prefixes.ClaimAsync(_provider.Operator, _customer.Id, "192.0.2.0/24", Cancel));
    }

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Theory]
    [InlineData("aoba.example", "domain", true)]
    [InlineData("AOBA.example.", "domain", true)]
    [InlineData("C-1001", "tenant", true)]
    [InlineData("得意先1", "tenant", true)]
    [InlineData("aoba_shop", "tenant", false)]
    [InlineData("100%", "tenant", false)]
    [InlineData("hanako@aoba.example", "contact", true)]
    [InlineData("192.0.2.77", "prefix", true)]
    [InlineData("192.0.2.128/25", "prefix", true)]
    public async Task Identifier_lands_on_its_thing(string text, string kind, bool exact)
    {
        var hits = await FindAsync(_provider.Operator, text);
        Assert.Contains(hits, h => h.Kind == kind && h.Id == _customer.Id && h.Exact == exact);
    }

    [Theory]
    [InlineData("aobaXshop")]
    [InlineData("100X")]
    [InlineData("crm")]
    [InlineData("C-100")]
    [InlineData("%")]
    [InlineData("!")]
    [InlineData("'; DROP TABLE tenant; --")]
    [InlineData("203.0.113.1")]
    public async Task What_is_not_there_is_not_found(string text) => Assert.DoesNotContain(await FindAsync(_provider.Operator, text), h => h.Exact || text != "%");

    [Fact]
    public async Task Ids_are_found_and_only_by_those_who_may_see_them()
    {
        var sibling = TestProvider.CallerOf(await _provider.AddTenantAsync("Sibling"));
        foreach (var text in new[] { _customer.Id, "aoba.example", "C-1001", "hanako@aoba.example", "192.0.2.77", "aoba" })
        {
            Assert.NotEmpty(await FindAsync(_provider.Operator, text));
            Assert.NotEmpty(await FindAsync(TestProvider.CallerOf(_customer), text));
            Assert.Empty(await FindAsync(sibling, text));
        }
    }

    [Fact]
    public async Task Kind_that_the_role_may_not_read_is_not_found_either()
    {
        await _provider.AddPlanAsync("line", "JPY");
        var subscription = await _provider.TakeAsync(_customer, "line", "aoba");
        await _provider.MoveOutboxAsync();
        var anEvent = (await new Tsunagi.Core.Events.EventFeed(_provider.Stores).OfSubjectAsync(_provider.Operator, subscription.Id, 1, Cancel))[0];
        foreach (var (permission, text, kinds) in new (string, string, string[])[]
        {
            ("core.tenant.read", "aoba", ["tenant", "domain"]), ("core.tenant.read", "192.0.2.77", ["prefix"]), ("core.tenant.read", "hanako@aoba.example", ["contact"]),
            ("core.subscription.read", "aoba", ["subscription"]), ("core.event.read", anEvent.Id, ["event"]), ("core.user.read", "aoba", []),
        })
        {
            var reader = TestProvider.CallerOf(_customer) with { Permissions = new HashSet<string> { permission } };
            Assert.Equal(kinds, (await FindAsync(reader, text)).Select(static hit => hit.Kind).Distinct().Order().Reverse());
            var nobody = reader with { Permissions = new HashSet<string> { "core.role.read" } };
            Assert.Empty(await FindAsync(nobody, text));
        }
    }

    [Theory]
    [InlineData("en", "Line")]
    [InlineData("ja", "回線")]
    public async Task Subscription_is_shown_with_its_plans_name_and_without_the_plans_id(string locale, string name)
    {
        var plan = TestProvider.Value(await _provider.Plans.PutAsync(
            _provider.Operator, new Tsunagi.Core.Catalogue.NewPlan("line", LineModule.Specification, "Line", "回線", "JPY", []), Cancel));
        var subscription = await _provider.TakeAsync(_customer, "line");
        var hit = Assert.Single(await FindAsync(TestProvider.CallerOf(_customer) with { Locale = locale }, subscription.Id));
        Assert.Equal($"{_customer.Name} · {name}", hit.Detail);
        Assert.DoesNotContain(plan.Id, hit.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Source_that_fails_or_is_late_does_not_take_the_others_answers_with_it()
    {
        var box = new SearchBox([new BrokenSource(), new LateSource(_provider.Time), new CoreSearch(_provider.Stores)], _provider.Time, NullLogger<SearchBox>.Instance);
        var search = box.FindAsync(_provider.Operator, "aoba.example", Cancel).AsTask();
        _provider.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Contains(await search, h => h.Kind == "domain");
    }

    [Fact]
    public async Task Text_has_320_characters_at_most()
    {
        var source = new CountingSource();
        var box = new SearchBox([source], _provider.Time, NullLogger<SearchBox>.Instance);
        await box.FindAsync(_provider.Operator, new string('x', 320), Cancel);
        await box.FindAsync(_provider.Operator, new string('x', 321), Cancel);
        await box.FindAsync(_provider.Operator, "  ", Cancel);
        Assert.Equal(1, source.Asked);
    }

    private ValueTask<IReadOnlyList<SearchHit>> FindAsync(Caller caller, string text) =>
        new SearchBox([new CoreSearch(_provider.Stores)], _provider.Time, NullLogger<SearchBox>.Instance).FindAsync(caller, text, Cancel);

    private sealed class BrokenSource : ISearchSource
    {
        public ValueTask<IReadOnlyList<SearchHit>> FindAsync(Caller caller, string text, CancellationToken cancellationToken) => throw new InvalidDataException("broken");
    }

    private sealed class LateSource(TimeProvider time) : ISearchSource
    {
        public async ValueTask<IReadOnlyList<SearchHit>> FindAsync(Caller caller, string text, CancellationToken cancellationToken)
        {
            await Task.Delay(TimeSpan.FromHours(1), time, cancellationToken);
            return [];
        }
    }

    private sealed class CountingSource : ISearchSource
    {
        public int Asked { get; private set; }

        public ValueTask<IReadOnlyList<SearchHit>> FindAsync(Caller caller, string text, CancellationToken cancellationToken)
        {
            Asked++;
            return ValueTask.FromResult<IReadOnlyList<SearchHit>>([]);
        }
    }
}
