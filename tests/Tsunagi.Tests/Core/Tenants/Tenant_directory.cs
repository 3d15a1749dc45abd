using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Tenants;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Tenants;

public sealed class Tenant_directory : IAsyncLifetime
{
    private TestProvider _provider = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _provider = await TestProvider.OpenAsync();

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Fact]
    public async Task Party_inherits_what_it_is_not_given()
    {
        var reseller = TestProvider.Value(await _provider.Tenants.AddAsync(_provider.Operator, new NewTenant(null, "reseller", "Reseller", "ja", "Europe/Berlin", "EUR"), Cancel));
        var customer = TestProvider.Value(await _provider.Tenants.AddAsync(_provider.Operator, new NewTenant(reseller.Id, "customer", "Customer"), Cancel));
        Assert.Equal(("ja", "Europe/Berlin", "EUR"), (customer.Locale, customer.TimeZone, customer.Currency));
        Assert.Equal($"{reseller.TenantPath}{customer.Id}/", customer.TenantPath);
    }

    [Fact]
    public async Task There_is_one_provider_and_starting_again_changes_nothing()
    {
        var again = await _provider.Tenants.EnsureProviderAsync("Another", "ja", "UTC", "USD", Cancel);
        Assert.Equal(_provider.Root, again);
    }

    [Theory]
    [InlineData("reseller", "department", "kind")]
    [InlineData("customer", "customer", "kind")]
    [InlineData("customer", "provider", "kind")]
    [InlineData("department", "department", "kind")]
    [InlineData("reseller", "reseller", null)]
    [InlineData("reseller", "customer", null)]
    [InlineData("customer", "department", null)]
    public async Task Kinds_stand_below_the_kinds_they_may(string parent, string child, string? wrong)
    {
        var above = parent == "department"
            ? await _provider.AddTenantAsync("Above", await _provider.AddTenantAsync("Customer"), parent)
            : await _provider.AddTenantAsync("Above", null, parent);
        Assert.Equal(wrong, (await _provider.Tenants.AddAsync(_provider.Operator, new NewTenant(above.Id, child, "Below"), Cancel)).Refusal?.Field);
    }

    [Theory]
    [InlineData("", "en", "UTC", "JPY", "name")]
    [InlineData("a\nb", "en", "UTC", "JPY", "name")]
    [InlineData("a", "fr", "UTC", "JPY", "locale")]
    [InlineData("a", "en", "Mars/Olympus", "JPY", "timeZone")]
    [InlineData("a", "en", "UTC", "XXX", "currency")]
    public async Task Every_member_is_checked_and_named(string name, string locale, string zone, string currency, string wrong) =>
        Assert.Equal(wrong, (await _provider.Tenants.AddAsync(_provider.Operator, new NewTenant(null, "customer", name, locale, zone, currency), Cancel)).Refusal?.Field);

    [Fact]
    public async Task Name_and_references_have_limits()
    {
        async Task<string?> WrongAsync(NewTenant tenant) => (await _provider.Tenants.AddAsync(_provider.Operator, tenant, Cancel)).Refusal?.Field;
        Dictionary<string, string> Refs(int count, int length) => Enumerable.Range(0, count).ToDictionary(n => "system" + n, _ => new string('x', length));
        Assert.Null(await WrongAsync(new NewTenant(null, "customer", new string('x', 200), ExternalRefs: Refs(20, 100))));
        Assert.Equal("name", await WrongAsync(new NewTenant(null, "customer", new string('x', 201))));
        Assert.Equal("externalRefs", await WrongAsync(new NewTenant(null, "customer", "x", ExternalRefs: Refs(21, 1))));
        Assert.Equal("externalRefs", await WrongAsync(new NewTenant(null, "customer", "x", ExternalRefs: Refs(1, 101))));
    }

    [Fact]
    public async Task Tree_is_eight_levels_deep_at_most()
    {
        var at = _provider.Root;
        for (var level = 1; level <= 8; level++)
        {
            at = await _provider.AddTenantAsync("Level " + level, at, "reseller");
        }

        Assert.Equal("tenant.depth", (await _provider.Tenants.AddAsync(_provider.Operator, new NewTenant(at.Id, "reseller", "Ninth"), Cancel)).Refusal?.Code);
    }

    [Fact]
    public async Task Change_on_an_old_version_is_refused_and_tells_the_present_one()
    {
        var customer = await _provider.AddTenantAsync("Customer");
        TestProvider.Value(await _provider.Tenants.ChangeAsync(_provider.Operator, customer.Id, new TenantChange(Name: "Renamed"), 1, Cancel));
        var stale = await _provider.Tenants.ChangeAsync(_provider.Operator, customer.Id, new TenantChange(Name: "Again"), 1, Cancel);
        Assert.Equal(RefusalKind.PreconditionFailed, stale.Refusal?.Kind);
        Assert.Contains("version 2", stale.Refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tenant_with_subscriptions_keeps_its_currency()
    {
        var customer = await _provider.AddTenantAsync("Customer");
        await _provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 1));
        await _provider.TakeAsync(customer, "line");
        Assert.Equal("currency", (await _provider.Tenants.ChangeAsync(_provider.Operator, customer.Id, new TenantChange(Currency: "USD"), null, Cancel)).Refusal?.Field);
    }

    [Fact]
    public async Task Sibling_is_not_found_by_any_method()
    {
        var mine = TestProvider.CallerOf(await _provider.AddTenantAsync("Mine", null, "reseller"));
        var sibling = await _provider.AddTenantAsync("Sibling", null, "reseller");
        Assert.Null(await _provider.Tenants.FindAsync(mine, sibling.Id, Cancel));
        Assert.Null(await _provider.Tenants.FindAsync(mine, _provider.Root.Id, Cancel));
        Assert.Equal("not-found", (await _provider.Tenants.ChangeAsync(mine, sibling.Id, new TenantChange("x"), null, Cancel)).Refusal?.Code);
        Assert.Equal("not-found", (await _provider.Tenants.AddAsync(mine, new NewTenant(sibling.Id, "customer", "x"), Cancel)).Refusal?.Code);
        Assert.Equal("not-found", (await _provider.Tenants.AddContactAsync(mine, sibling.Id, new NewContact("billing", "x", "x@x.example"), Cancel)).Refusal?.Code);
        Assert.Single(await _provider.Tenants.ListAsync(mine, "", 100, null, null, Cancel));
    }

    [Theory]
    [InlineData("chief", "a@b.example", "role")]
    [InlineData("billing", "a@", "email")]
    [InlineData("billing", "@b.example", "email")]
    [InlineData("billing", "a b@c.example", "email")]
    [InlineData("billing", "a@b@c.example", "email")]
    [InlineData("billing", "a@b", "email")]
    [InlineData("billing", "name@日本語.example", null)]
    [InlineData("billing", "first.last+tag@b.example", null)]
    public async Task Contact_is_checked(string role, string email, string? wrong)
    {
        var outcome = await _provider.Tenants.AddContactAsync(_provider.Operator, _provider.Root.Id, new NewContact(role, "Name", email), Cancel);
        Assert.Equal(wrong, outcome.Refusal?.Field);
    }

    [Fact]
    public async Task Contact_is_changed_and_removed_and_the_audit_keeps_who_it_was()
    {
        var contact = TestProvider.Value(await _provider.Tenants.AddContactAsync(_provider.Operator, _provider.Root.Id, new NewContact("billing", "A", "a@b.example"), Cancel));
        var changed = TestProvider.Value(await _provider.Tenants.ChangeContactAsync(_provider.Operator, contact.Id, new NewContact("technical", "B", "b@b.example"), 1, Cancel));
        Assert.Equal(("technical", "B", 2), (changed.Role, changed.Name, changed.Version));
        Assert.Equal(RefusalKind.PreconditionFailed, (await _provider.Tenants.ChangeContactAsync(_provider.Operator, contact.Id, new NewContact("billing", "C", "c@b.example"), 1, Cancel)).Refusal?.Kind);
        TestProvider.Value(await _provider.Tenants.RemoveContactAsync(_provider.Operator, contact.Id, Cancel));
        Assert.Empty(await _provider.Tenants.ContactsAsync(_provider.Operator, _provider.Root.Id, Cancel));
        var acts = (await _provider.Audit.ListAsync(_provider.Operator, new(Act: "contact."), long.MaxValue, 10, Cancel)).Select(e => e.Act);
        Assert.Equal(["contact.removed", "contact.changed", "contact.added"], acts);
    }
}
