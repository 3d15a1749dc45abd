using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Proof;

public abstract class Prefix_ownership(SqlDialect dialect) : IAsyncLifetime
{
    private TestProvider _provider = null!;
    private Dictionary<string, Tenant> _tenants = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _provider = await TestProvider.OpenAsync(dialect: dialect);
        var reseller = await _provider.AddTenantAsync("Reseller", null, "reseller");
        _tenants = new()
        {
            ["provider"] = _provider.Root, ["reseller"] = reseller, ["customer"] = await _provider.AddTenantAsync("Customer", reseller),
            ["sibling"] = await _provider.AddTenantAsync("Sibling", reseller), ["other"] = await _provider.AddTenantAsync("Other"),
        };
    }

    public async ValueTask DisposeAsync()
    {
        if (_provider is not null)
        {
            await _provider.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("customer", "192.0.2.0/24", "sibling", "192.0.2.0/24", false)]
    [InlineData("customer", "192.0.2.0/24", "sibling", "192.0.2.128/25", false)]
    [InlineData("customer", "192.0.2.128/25", "sibling", "192.0.2.0/24", false)]
    [InlineData("customer", "192.0.2.0/25", "sibling", "192.0.2.128/25", true)]
    [InlineData("customer", "192.0.2.0/24", "customer", "192.0.2.0/25", true)]
    [InlineData("reseller", "192.0.2.0/24", "customer", "192.0.2.0/25", true)]
    [InlineData("reseller", "192.0.2.0/24", "customer", "192.0.2.0/24", true)]
    [InlineData("reseller", "192.0.2.0/25", "customer", "192.0.2.0/24", false)]
    [InlineData("customer", "192.0.2.0/25", "reseller", "192.0.2.0/24", true)]
    [InlineData("customer", "192.0.2.0/24", "reseller", "192.0.2.0/25", false)]
    [InlineData("provider", "2001:db8::/32", "other", "2001:db8:1::/48", true)]
    [InlineData("reseller", "2001:db8::/32", "other", "2001:db8:1::/48", false)]
    [InlineData("other", "0.0.0.0/0", "customer", "::/0", true)]
    public async Task Blocks_overlap_only_down_a_branch_of_the_tree(string first, string firstCidr, string second, string secondCidr, bool allowed)
    {
        TestProvider.Value(await ApproveAsync(await ClaimAsync(first, firstCidr)));
        var outcome = await ApproveAsync(await ClaimAsync(second, secondCidr));
        Assert.Equal(allowed ? null : "prefix.taken", outcome.Refusal?.Code);
    }

    /// <summary>Random claims anywhere in the tree: whatever is approved, no address is in blocks of two tenants of which neither is above the other.</summary>
    [Fact]
    public async Task No_address_ever_belongs_to_two_branches()
    {
        var random = new Random(7);
        var approved = new List<AddressPrefix>();
        for (var i = 0; i < 60; i++)
        {
            var length = random.Next(24, 29);
            var block = random.Next(0, 256) >> (32 - length) << (32 - length);
            var claim = await ClaimAsync(_tenants.Keys.ElementAt(random.Next(_tenants.Count)), $"198.51.100.{block}/{length}");
            if ((await ApproveAsync(claim)) is { Ok: true, Value: var proved })
            {
                approved.Add(proved);
            }

            if (random.Next(6) == 0 && approved.Count > 0)
            {
                var gone = approved[random.Next(approved.Count)];
                TestProvider.Value(await _provider.Prefixes.ReleaseAsync(_provider.Operator, gone.Id, Cancel));
                approved.RemoveAll(p => p.Id == gone.Id);
            }
        }

        for (var host = 0; host < 256; host++)
        {
            var key = CidrRange.Key(IPAddress.Parse($"198.51.100.{host}"));
            var holders = approved.Where(p => string.CompareOrdinal(p.FirstAddress, key) <= 0 && string.CompareOrdinal(p.LastAddress, key) >= 0)
                .Select(p => p.TenantPath).Distinct().OrderBy(path => path.Length).ToList();
            Assert.All(holders.Zip(holders.Skip(1)), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
        }

        Assert.True(approved.Count > 5, "the program of this seed approves too little to say anything");
    }

    [Fact]
    public async Task Released_block_rests_before_another_branch_may_have_any_of_it()
    {
        var claim = await ClaimAsync("customer", "192.0.2.0/24");
        TestProvider.Value(await ApproveAsync(claim));
        TestProvider.Value(await _provider.Prefixes.ReleaseAsync(_provider.Operator, claim.Id, Cancel));
        var wanted = await ClaimAsync("other", "192.0.2.64/26");
        Assert.Equal("prefix.taken", (await ApproveAsync(wanted)).Refusal?.Code);
        _provider.Time.Advance(TimeSpan.FromDays(30));
        TestProvider.Value(await ApproveAsync(wanted));
        Assert.Equal("prefix.released", (await ApproveAsync(claim)).Refusal?.Code);
    }

    [Fact]
    public async Task Block_that_a_running_subscription_uses_is_not_given_up_and_the_refusal_names_it()
    {
        _provider.Rules.Add(new NeededPlaces(new Dictionary<string, string> { ["hall"] = "192.0.2.64/26", ["attic"] = "198.51.100.0/24" }));
        await _provider.AddPlanAsync("line", "JPY");
        var claim = TestProvider.Value(await ApproveAsync(await ClaimAsync("reseller", "192.0.2.0/24")));
        var subscription = await _provider.TakeAsync(_tenants["customer"], "line", "hall");
        var other = await _provider.TakeAsync(_tenants["customer"], "line", "attic");

        var refusal = (await ReleaseAsync(claim)).Refusal!;
        Assert.Equal(("proof.in-use", RefusalKind.Conflict), (refusal.Code, refusal.Kind));
        Assert.Contains(subscription.Id, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(other.Id, refusal.Message, StringComparison.Ordinal);

        // Another block of its own, or of a tenant above, that covers the same addresses is enough.
        var same = TestProvider.Value(await ApproveAsync(await ClaimAsync("customer", "192.0.2.64/26")));
        TestProvider.Value(await ReleaseAsync(claim));
        Assert.Equal("proof.in-use", (await ReleaseAsync(same)).Refusal?.Code);
        TestProvider.Value(await _provider.Orders.EndAsync(_provider.Operator, subscription.Id, null, Cancel));
        TestProvider.Value(await ReleaseAsync(same));
    }

    private Task<Outcome<AddressPrefix>> ReleaseAsync(AddressPrefix prefix) => _provider.Prefixes.ReleaseAsync(_provider.Operator, prefix.Id, Cancel).AsTask();

    [Fact]
    public async Task Only_operators_approve_and_they_say_why()
    {
        var claim = await ClaimAsync("customer", "192.0.2.0/24");
        Assert.Equal(claim, await ClaimAsync("customer", "192.0.2.0/24"));
        Assert.Equal(RefusalKind.Forbidden, (await _provider.Prefixes.ApproveAsync(TestProvider.CallerOf(_tenants["customer"]), claim.Id, "mine", Cancel)).Refusal?.Kind);
        Assert.Equal("reason", (await _provider.Prefixes.ApproveAsync(_provider.Operator, claim.Id, "", Cancel)).Refusal?.Field);
    }

    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.0/24")]
    [InlineData("2001:DB8:0::/48", "2001:db8::/48")]
    [InlineData("192.0.2.1/32", "192.0.2.1/32")]
    [InlineData("192.0.2.1/24", null)]
    [InlineData("010.0.0.0/8", null)]
    [InlineData("10.0/16", null)]
    [InlineData("192.0.2.0/024", null)]
    [InlineData("::ffff:192.0.2.0/120", null)]
    [InlineData("2001:db8::1/48", null)]
    [InlineData("fe80::%1/64", null)]
    [InlineData("192.0.2.0", null)]
    [InlineData("192.0.2.0/33", null)]
    [InlineData("", null)]
    public void Block_has_one_reading_or_is_refused(string text, string? cidr) => Assert.Equal(cidr, CidrRange.Parse(text)?.Cidr);

    [Fact]
    public void Sorting_texts_compare_as_the_addresses_do()
    {
        var blocks = from bytes in Gen.ArrayOf(Gen.Choose(0, 255).Select(n => (byte)n), 4) from length in Gen.Choose(0, 32) select (new IPAddress(bytes), length);
        Properties.Holds(
            from block in blocks from address in Gen.ArrayOf(Gen.Choose(0, 255).Select(n => (byte)n), 4).Select(b => new IPAddress(b)) select (block, address),
            x =>
            {
                var network = IPNetwork.Parse($"{x.block.Item1}/{x.block.length}");
                var range = CidrRange.Parse(network.ToString())!.Value;
                var key = CidrRange.Key(x.address);
                Assert.Equal(network.Contains(x.address), string.CompareOrdinal(range.First, key) <= 0 && string.CompareOrdinal(range.Last, key) >= 0);
            });
    }

    private async Task<AddressPrefix> ClaimAsync(string who, string cidr) => TestProvider.Value(await _provider.Prefixes.ClaimAsync(_provider.Operator, _tenants[who].Id, cidr, Cancel));

    private ValueTask<Outcome<AddressPrefix>> ApproveAsync(AddressPrefix claim) => _provider.Prefixes.ApproveAsync(_provider.Operator, claim.Id, "letter of authority", Cancel);
}

public sealed class Prefix_ownership_on_sqlite() : Prefix_ownership(SqlDialect.Sqlite);

public sealed class Prefix_ownership_on_postgres() : Prefix_ownership(SqlDialect.Postgres);
