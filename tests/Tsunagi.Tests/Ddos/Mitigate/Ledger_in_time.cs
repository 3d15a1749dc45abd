using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Changes;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Events;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Store;
using Tsunagi.Ddos;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Meters;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>What ends a rule, and what a start without a database knows of it.</summary>
public sealed class Ledger_in_time
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rule_ends_with_its_time_to_the_second()
    {
        await using var provider = await OpenAsync();
        using var directory = new TemporaryDirectory();
        using var metrics = new DdosMetrics();
        var ledger = Make(provider, Contracts(provider), directory.Path, metrics);
        var made = TestProvider.Value(await ledger.AddAsync(provider.Operator, new() { Blackhole = "192.0.2.1/32", Reason = "a test", Minutes = 30 }, Cancel));
        provider.Time.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromMilliseconds(1));
        await ledger.LookAsync(Cancel);
        Assert.Equal(made.Id, Assert.Single(ledger.Wanted).Key);

        provider.Time.Advance(TimeSpan.FromMilliseconds(1));
        await ledger.LookAsync(Cancel);
        Assert.Empty(ledger.Wanted);
        provider.Time.Advance(TimeSpan.FromSeconds(2));
        await ledger.LookAsync(Cancel);
        Assert.Equal("expired", await HowAsync(provider, made.Id));
    }

    [Fact]
    public async Task A_rule_ends_when_the_contract_does_not_cover_it_any_more()
    {
        await using var provider = await OpenAsync();
        using var directory = new TemporaryDirectory();
        using var metrics = new DdosMetrics();
        var contracts = Contracts(provider);
        var ledger = Make(provider, contracts, directory.Path, metrics);
        var made = TestProvider.Value(await ledger.AddAsync(provider.Operator, new() { Rule = "dst 192.0.2.1/32 then discard", Reason = "a test" }, Cancel));
        await ledger.LookAsync(Cancel);
        Assert.Single(ledger.Wanted);
        contracts.Apply(new DesiredSnapshot(2, new Dictionary<string, DesiredRecord>()), []);
        await ledger.LookAsync(Cancel);
        Assert.Empty(ledger.Wanted);
        provider.Time.Advance(TimeSpan.FromSeconds(2));
        await ledger.LookAsync(Cancel);
        Assert.Equal("contract", await HowAsync(provider, made.Id));
    }

    [Fact]
    public async Task A_start_knows_the_rules_before_it_has_asked_the_database()
    {
        await using var provider = await OpenAsync();
        using var directory = new TemporaryDirectory();
        using var metrics = new DdosMetrics();
        var contracts = Contracts(provider);
        var before = Make(provider, contracts, directory.Path, metrics);
        TestProvider.Value(await before.AddAsync(provider.Operator, new() { Blackhole = "192.0.2.1/32", Reason = "a test" }, Cancel));
        var over = TestProvider.Value(await before.AddAsync(provider.Operator, new() { Blackhole = "192.0.2.2/32", Reason = "a test" }, Cancel));
        await before.LiftAsync(provider.Operator, over, Cancel);

        using var after = Make(provider, contracts, directory.Path, metrics);
        await after.StartAsync(Cancel);
        Assert.Equal("192.0.2.1/32", Assert.Single(after.Wanted).Text);
        await after.StopAsync(Cancel);
    }

    [Fact]
    public async Task What_another_node_makes_and_ends_is_taken_over()
    {
        await using var provider = await OpenAsync();
        using var one = new TemporaryDirectory();
        using var two = new TemporaryDirectory();
        using var metrics = new DdosMetrics();
        var contracts = Contracts(provider);
        var (here, there) = (Make(provider, contracts, one.Path, metrics), Make(provider, contracts, two.Path, metrics));
        var made = TestProvider.Value(await here.AddAsync(provider.Operator, new() { Blackhole = "192.0.2.1/32", Reason = "a test" }, Cancel));
        await there.LookAsync(Cancel);
        Assert.Single(there.Wanted);
        await here.LiftAsync(provider.Operator, made, Cancel);
        provider.Time.Advance(TimeSpan.FromSeconds(11));
        await there.LookAsync(Cancel);
        Assert.Empty(there.Wanted);
        Assert.Empty(here.Wanted);
    }

    private static async Task<TestProvider> OpenAsync()
    {
        var provider = await TestProvider.OpenAsync();
        await Schema.ApplyAsync(provider.Stores, [DdosSchema.Control], provider.Time, Cancel);
        return provider;
    }

    private static ValueTask<string?> HowAsync(TestProvider provider, string id) => provider.Stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<string>("SELECT ended_how FROM ddos_mitigation WHERE id = @Id", new { Id = id }), Cancel);

    private static ProtectionContracts Contracts(TestProvider provider)
    {
        var contracts = new ProtectionContracts();
        var range = CidrRange.Parse("192.0.2.0/24")!.Value;
        var record = new DesiredRecord("s_1", ProtectionSettings.Kind, provider.Root.Id, provider.Root.TenantPath, "", 0, """{"prefixes":["192.0.2.0/24"]}""", [], null, 1);
        var outcome = contracts.Apply(new DesiredSnapshot(1, new Dictionary<string, DesiredRecord> { ["s_1"] = record }), [new ProvedBlock(provider.Root.TenantPath, range.First, range.Last)]);
        Assert.Null(outcome[0].WhyNotYet);
        return contracts;
    }

    private static Ledger Make(TestProvider provider, ProtectionContracts contracts, string directory, DdosMetrics metrics)
    {
        var outbox = new Outbox(new EventCatalogue(DdosEvents.All), new OutboxSignal(provider.Stores.Control.Hints));
        return new Ledger(
            provider.Stores, new DdosOptions(), contracts, new NoRouters(), new ChangeRecorder(provider.Audit, outbox, provider.Time), outbox, new RealDisk(), new Node("n", "b", directory), metrics,
            provider.Time, NullLogger<Ledger>.Instance);
    }

    private sealed class NoRouters : IRouteRealiser
    {
        public IReadOnlyList<RoutePeer> Peers => [];
    }
}
