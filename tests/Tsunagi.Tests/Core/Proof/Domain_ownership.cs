using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Proof;

public abstract class Domain_ownership(SqlDialect dialect) : IAsyncLifetime
{
    private TestProvider _provider = null!;
    private Tenant _first = null!;
    private Tenant _second = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _provider = await TestProvider.OpenAsync(dialect: dialect);
        _first = await _provider.AddTenantAsync("First");
        _second = await _provider.AddTenantAsync("Second");
    }

    public async ValueTask DisposeAsync()
    {
        if (_provider is not null)
        {
            await _provider.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Claiming_takes_nothing_from_anyone_and_claiming_again_is_the_same_claim()
    {
        var first = await ClaimAsync(_first);
        var second = await ClaimAsync(_second);
        Assert.Equal((ProofState.Claimed, ProofState.Claimed), (first.State, second.State));
        Assert.NotEqual(first.Challenge, second.Challenge);
        Assert.Equal(first, await ClaimAsync(_first));
    }

    [Fact]
    public async Task Txt_record_of_the_own_challenge_proves()
    {
        var claim = await ClaimAsync(_first);
        Assert.Equal("domain.not-proved", (await ProveAsync(claim)).Refusal?.Code);
        Publish((await ClaimAsync(_second)).Challenge, "v=spf1 -all");
        Assert.Equal("domain.not-proved", (await ProveAsync(claim)).Refusal?.Code);
        Publish(claim.Challenge);
        var proved = TestProvider.Value(await ProveAsync(claim));
        Assert.Equal((ProofState.Proved, "dns"), (proved.State, proved.ProvedBy));
        Assert.Equal(proved, TestProvider.Value(await ProveAsync(claim)));
    }

    [Fact]
    public async Task Dns_that_does_not_answer_decides_nothing()
    {
        var claim = await ClaimAsync(_first);
        Publish(claim.Challenge);
        _provider.Dns.Silent = true;
        Assert.Equal("domain.dns-silent", (await ProveAsync(claim)).Refusal?.Code);
        Assert.Equal(claim, await _provider.Domains.FindAsync(_provider.Operator, claim.Id, Cancel));
        _provider.Dns.Silent = false;
        TestProvider.Value(await ProveAsync(claim));
        _provider.Dns.Silent = true;
        Assert.Equal(ProofState.Proved, TestProvider.Value(await ProveAsync(claim)).State);
    }

    [Fact]
    public async Task Two_who_prove_at_once_leave_one_owner()
    {
        for (var round = 0; round < 8; round++)
        {
            var name = $"race{round}.example";
            var claims = new[] { await ClaimAsync(_first, name), await ClaimAsync(_second, name) };
            _provider.Dns.Texts["_tsunagi-challenge." + name] = [.. claims.Select(c => c.Challenge)];
            var outcomes = await Task.WhenAll(claims.Select(c => ProveAsync(c)));
            Assert.Single(outcomes, o => o.Ok);
            Assert.Equal("domain.taken", outcomes.Single(o => !o.Ok).Refusal!.Code);
        }
    }

    [Fact]
    public async Task Released_domain_rests_thirty_days_for_others_and_not_for_its_owner()
    {
        var first = await ClaimAsync(_first);
        TestProvider.Value(await ApproveAsync(first));
        TestProvider.Value(await _provider.Domains.ReleaseAsync(_provider.Operator, first.Id, Cancel));
        var second = await ClaimAsync(_second);
        Publish(second.Challenge);
        Assert.Equal("domain.taken", (await ProveAsync(second)).Refusal?.Code);
        Assert.Equal("domain.taken", (await ApproveAsync(second)).Refusal?.Code);

        _provider.Time.Advance(TimeSpan.FromDays(15));
        TestProvider.Value(await _provider.Domains.ReleaseAsync(_provider.Operator, first.Id, Cancel));
        _provider.Time.Advance(TimeSpan.FromDays(15) - TimeSpan.FromMicroseconds(1));
        Assert.Equal("domain.taken", (await ProveAsync(second)).Refusal?.Code);
        _provider.Time.Advance(TimeSpan.FromMicroseconds(1));
        TestProvider.Value(await ProveAsync(second));
    }

    [Fact]
    public async Task Domain_that_a_running_subscription_uses_is_not_given_up_and_the_refusal_names_it()
    {
        _provider.Rules.Add(new NeededPlaces(new Dictionary<string, string> { ["hall"] = "shop.example" }));
        await _provider.AddPlanAsync("line", "JPY");
        var claim = TestProvider.Value(await ApproveAsync(await ClaimAsync(_first)));
        var subscription = await _provider.TakeAsync(_first, "line");
        var elsewhere = await _provider.TakeAsync(_second, "line");
        TestProvider.Value(await _provider.Orders.PlaceHoldAsync(_provider.Operator, subscription.Id, new("abuse", "a test"), Cancel));

        var refusal = (await ReleaseAsync(claim)).Refusal!;
        Assert.Equal(("proof.in-use", RefusalKind.Conflict, "domain"), (refusal.Code, refusal.Kind, refusal.Field));
        Assert.Contains(subscription.Id, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(subscription.Name, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(elsewhere.Id, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(ProofState.Proved, (await _provider.Domains.FindAsync(_provider.Operator, claim.Id, Cancel))!.State);

        var other = TestProvider.Value(await _provider.Orders.ChangeAsync(
            _provider.Operator, subscription.Id, new(Settings: TestProvider.Settings("attic")), null, Cancel));
        TestProvider.Value(await ReleaseAsync(claim));
        Assert.Equal("attic", System.Text.Json.JsonDocument.Parse(other.Settings).RootElement.GetProperty("place").GetString());
    }

    [Fact]
    public async Task Ended_subscription_and_unproved_claim_hold_nothing_back()
    {
        _provider.Rules.Add(new NeededPlaces(new Dictionary<string, string> { ["hall"] = "shop.example" }));
        await _provider.AddPlanAsync("line", "JPY");
        var claim = await ClaimAsync(_first);
        var subscription = await _provider.TakeAsync(_first, "line");
        TestProvider.Value(await ReleaseAsync(claim));

        var again = TestProvider.Value(await ApproveAsync(await ClaimAsync(_first)));
        Assert.Equal("proof.in-use", (await ReleaseAsync(again)).Refusal?.Code);
        TestProvider.Value(await _provider.Orders.EndAsync(_provider.Operator, subscription.Id, null, Cancel));
        TestProvider.Value(await ReleaseAsync(again));
    }

    [Fact]
    public async Task Owner_may_take_it_back_while_it_rests_with_a_new_challenge()
    {
        var first = await ClaimAsync(_first);
        Publish(first.Challenge);
        TestProvider.Value(await ProveAsync(first));
        TestProvider.Value(await _provider.Domains.ReleaseAsync(_provider.Operator, first.Id, Cancel));
        Assert.Equal("domain.released", (await ProveAsync(first)).Refusal?.Code);
        var again = await ClaimAsync(_first);
        Assert.NotEqual(first.Challenge, again.Challenge);
        Publish(again.Challenge);
        TestProvider.Value(await ProveAsync(again));
    }

    [Fact]
    public async Task Claim_that_was_never_proved_and_is_released_blocks_nobody()
    {
        var first = await ClaimAsync(_first);
        TestProvider.Value(await _provider.Domains.ReleaseAsync(_provider.Operator, first.Id, Cancel));
        TestProvider.Value(await ApproveAsync(await ClaimAsync(_second)));
    }

    [Fact]
    public async Task Only_operators_vouch_and_they_say_why()
    {
        var claim = await ClaimAsync(_first);
        Assert.Equal(RefusalKind.Forbidden, (await ApproveAsync(claim, caller: TestProvider.CallerOf(_first))).Refusal?.Kind);
        Assert.Equal("reason", (await ApproveAsync(claim, " ")).Refusal?.Field);
        TestProvider.Value(await ApproveAsync(claim, new string('x', 500)));
        Assert.Equal("reason", (await ApproveAsync(claim, new string('x', 501))).Refusal?.Field);
    }

    [Fact]
    public async Task Who_has_a_taken_domain_is_not_told()
    {
        TestProvider.Value(await ApproveAsync(await ClaimAsync(_first)));
        var refusal = (await ApproveAsync(await ClaimAsync(_second))).Refusal!;
        Assert.DoesNotContain(_first.Id, refusal.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(_first.Name, refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sibling_finds_no_such_domain()
    {
        var claim = await ClaimAsync(_first);
        var sibling = TestProvider.CallerOf(_second);
        Assert.Null(await _provider.Domains.FindAsync(sibling, claim.Id, Cancel));
        Assert.Equal("not-found", (await ProveAsync(claim, sibling)).Refusal?.Code);
        Assert.Equal("not-found", (await _provider.Domains.ReleaseAsync(sibling, claim.Id, Cancel)).Refusal?.Code);
        Assert.Empty(await _provider.Domains.ListAsync(sibling, "", 10, null, Cancel));
    }

    private void Publish(params string[] texts) => _provider.Dns.Texts["_tsunagi-challenge.shop.example"] = [.. texts];

    private async Task<Domain> ClaimAsync(Tenant tenant, string name = "shop.example") =>
        TestProvider.Value(await _provider.Domains.ClaimAsync(_provider.Operator, tenant.Id, name, Cancel));

    private Task<Outcome<Domain>> ReleaseAsync(Domain claim) => _provider.Domains.ReleaseAsync(_provider.Operator, claim.Id, Cancel).AsTask();

    private Task<Outcome<Domain>> ProveAsync(Domain claim, Caller? caller = null) => _provider.Domains.ProveByDnsAsync(caller ?? _provider.Operator, claim.Id, Cancel).AsTask();

    private Task<Outcome<Domain>> ApproveAsync(Domain claim, string reason = "known to us", Caller? caller = null) =>
        _provider.Domains.ApproveAsync(caller ?? _provider.Operator, claim.Id, reason, Cancel).AsTask();
}

public sealed class Domain_ownership_on_sqlite() : Domain_ownership(SqlDialect.Sqlite);

public sealed class Domain_ownership_on_postgres() : Domain_ownership(SqlDialect.Postgres);
