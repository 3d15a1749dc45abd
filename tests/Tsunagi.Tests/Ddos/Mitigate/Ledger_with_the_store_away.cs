using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Changes;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Events;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Ddos;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Meters;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>An attack is answered while the database is away, and what was done then is known afterwards; what nobody could end is ended.</summary>
public sealed class Ledger_with_the_store_away : IAsyncLifetime
{
    private readonly TemporaryDirectory _here = new();
    private readonly TemporaryDirectory _there = new();
    private readonly DdosMetrics _metrics = new();
    private TestProvider _provider = null!;
    private FailingStore _store = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _provider = await TestProvider.OpenAsync();
        await Schema.ApplyAsync(_provider.Stores, [DdosSchema.Control], _provider.Time, Cancel);
        _store = new FailingStore(_provider.Stores.Control);
    }

    public async ValueTask DisposeAsync()
    {
        await _provider.DisposeAsync();
        _metrics.Dispose();
        _here.Dispose();
        _there.Dispose();
    }

    [Fact]
    public async Task A_rule_is_made_all_the_same_known_after_a_restart_and_written_once_when_the_store_is_back()
    {
        using var ledger = Make(_here);
        _store.WritesFail = true;
        var made = TestProvider.Value(await AddAsync(ledger, "192.0.2.1/32"));
        Assert.Equal("192.0.2.1/32", Assert.Single(ledger.Wanted).Text);
        await ledger.LookAsync(Cancel);
        _provider.Time.Advance(TimeSpan.FromSeconds(20));
        await ledger.LookAsync(Cancel);
        Assert.Single(ledger.Wanted);

        using var after = Make(_here);
        await after.StartAsync(Cancel);
        Assert.Equal(made.Id, Assert.Single(after.Wanted).Key);
        await after.StopAsync(Cancel);
        _store.WritesFail = false;
        for (var i = 0; i < 3; i++)
        {
            _provider.Time.Advance(TimeSpan.FromSeconds(20));
            await after.LookAsync(Cancel);
        }

        Assert.Single(after.Wanted);
        Assert.Equal(1, await CountAsync($"SELECT count(*) FROM ddos_mitigation WHERE id = '{made.Id}' AND ended_at IS NULL"));
        Assert.Equal(1, await CountAsync("SELECT count(*) FROM outbox WHERE event LIKE '%ddos.mitigation.made@1%'"));
    }

    [Fact]
    public async Task One_that_was_lifted_meanwhile_does_not_come_back_and_both_are_told()
    {
        using var ledger = Make(_here);
        _store.WritesFail = true;
        var made = TestProvider.Value(await AddAsync(ledger, "192.0.2.1/32"));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => ledger.LiftAsync(_provider.Operator, made, Cancel).AsTask());
        Assert.Empty(ledger.Wanted);
        _store.WritesFail = false;
        await ledger.LookAsync(Cancel);
        Assert.Empty(ledger.Wanted);
        Assert.Equal(1, await CountAsync($"SELECT count(*) FROM ddos_mitigation WHERE id = '{made.Id}' AND ended_how = 'lifted'"));
    }

    [Theory]
    [InlineData("192.0.2.1/32", Ledger.ThereCode)]
    [InlineData("192.0.2.3/32", "ddos.mitigation.budget")]
    public async Task What_the_node_knows_is_its_limit(string third, string code)
    {
        using var ledger = Make(_here, new DdosOptions { Mitigate = new MitigateOptions { MaxPerSubscription = 2 } });
        _store.WritesFail = true;
        TestProvider.Value(await AddAsync(ledger, "192.0.2.1/32"));
        TestProvider.Value(await AddAsync(ledger, "192.0.2.2/32"));
        Assert.Equal(code, (await AddAsync(ledger, third)).Refusal!.Code);
        Assert.Equal(2, ledger.Wanted.Count);
    }

    [Fact]
    public async Task Of_two_nodes_that_made_the_same_rule_one_stays_and_it_is_never_gone()
    {
        using var here = Make(_here);
        using var there = Make(_there, stores: _provider.Stores);
        _store.WritesFail = true;
        TestProvider.Value(await AddAsync(here, "192.0.2.1/32"));
        var stored = TestProvider.Value(await AddAsync(there, "192.0.2.1/32"));
        _store.WritesFail = false;
        for (var i = 0; i < 3; i++)
        {
            await here.LookAsync(Cancel);
            Assert.Contains(here.Wanted, static route => route.Text == "192.0.2.1/32");
            _provider.Time.Advance(TimeSpan.FromSeconds(15));
        }

        Assert.Equal(stored.Id, Assert.Single(here.Wanted).Key);
        Assert.Equal(1, await CountAsync("SELECT count(*) FROM ddos_mitigation"));
    }

    /// <summary>The program was not there when its time was over: the rule is not announced for a moment, the store is told, and it can be made again.</summary>
    [Fact]
    public async Task A_rule_whose_end_nobody_saw_is_over_at_the_start_and_can_be_made_again()
    {
        var before = Make(_here);
        var made = TestProvider.Value(await AddAsync(before, "192.0.2.1/32"));
        before.Dispose();
        _provider.Time.Advance(TimeSpan.FromMinutes(30));

        using var after = Make(_here);
        await after.StartAsync(Cancel);
        Assert.Empty(after.Wanted);
        await after.StopAsync(Cancel);

        // The look of the start may have been stopped before it had told the store, and the next goes there a second later.
        _provider.Time.Advance(TimeSpan.FromSeconds(1));
        await after.LookAsync(Cancel);
        Assert.Equal(1, await CountAsync($"SELECT count(*) FROM ddos_mitigation WHERE id = '{made.Id}' AND ended_how = 'expired'"));
        TestProvider.Value(await AddAsync(after, "192.0.2.1/32"));
    }

    /// <summary>The node stood by, and the switch was thrown: the event is told once, by the ledger that finds it in the file.</summary>
    [Fact]
    public async Task What_the_switch_did_before_the_store_was_back_is_told_once()
    {
        var file = new LedgerFile(new RealDisk(), new LedgerSwitch(_here.Path).Directory);
        file.Write(LedgerContent.Empty with { Notes = [LedgerNote.Of(DdosEvents.WithdrawnAll, new SwitchOrder("so_1", 0, "somebody", "a test"), 1, "n", _provider.Time)] });
        for (var i = 0; i < 2; i++)
        {
            using var ledger = Make(_here);
            await ledger.StartAsync(Cancel);
            await ledger.StopAsync(Cancel);
            _provider.Time.Advance(TimeSpan.FromSeconds(1));
            await ledger.LookAsync(Cancel);
            Assert.Equal(1, await CountAsync("SELECT count(*) FROM outbox WHERE event LIKE '%ddos.withdrawn-all@1%' AND event LIKE '%somebody%'"));
        }

        Assert.Empty(file.Read().Notes);
    }

    /// <summary>To a minute, and only with rules: then a start without the store may announce them.</summary>
    [Fact]
    public async Task The_file_tells_when_it_was_agreed_with_the_store()
    {
        var file = new LedgerFile(new RealDisk(), new LedgerSwitch(_here.Path).Directory);
        using var ledger = Make(_here);
        TestProvider.Value(await AddAsync(ledger, "192.0.2.1/32"));
        await ledger.LookAsync(Cancel);
        var first = _provider.Time.NowMicros();
        Assert.Equal(first, file.Read().AgreedAt);
        _provider.Time.Advance(TimeSpan.FromSeconds(59));
        await ledger.LookAsync(Cancel);
        Assert.Equal(first, file.Read().AgreedAt);
        _provider.Time.Advance(TimeSpan.FromSeconds(1));
        await ledger.LookAsync(Cancel);
        Assert.Equal(_provider.Time.NowMicros(), file.Read().AgreedAt);

        // Away: it stays what it was.
        var agreed = _provider.Time.NowMicros();
        _store.WritesFail = true;
        _provider.Time.Advance(TimeSpan.FromMinutes(2));
        TestProvider.Value(await AddAsync(ledger, "192.0.2.2/32"));
        await ledger.LookAsync(Cancel);
        Assert.Equal(agreed, file.Read().AgreedAt);
    }

    [Fact]
    public async Task What_a_node_left_that_never_came_back_is_ended_by_another()
    {
        var lost = Make(_there);
        TestProvider.Value(await AddAsync(lost, "192.0.2.1/32"));
        lost.Dispose();
        _provider.Time.Advance(TimeSpan.FromMinutes(30) + TimeSpan.FromSeconds(11));
        using var here = Make(_here);
        await here.LookAsync(Cancel);
        Assert.Equal(1, await CountAsync("SELECT count(*) FROM ddos_mitigation WHERE ended_how = 'expired'"));
        Assert.Empty(here.Wanted);
        TestProvider.Value(await AddAsync(here, "192.0.2.1/32"));
    }

    private ValueTask<Tsunagi.Core.Outcomes.Outcome<MitigationRow>> AddAsync(Ledger ledger, string blackhole) =>
        ledger.AddAsync(_provider.Operator, new() { Blackhole = blackhole, Reason = "a test", Minutes = 30 }, Cancel);

    private ValueTask<long> CountAsync(string sql) => _provider.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>(sql), Cancel);

    private Ledger Make(TemporaryDirectory directory, DdosOptions? options = null, Stores? stores = null)
    {
        var contracts = new ProtectionContracts();
        var range = CidrRange.Parse("192.0.2.0/24")!.Value;
        var record = new DesiredRecord("s_1", ProtectionSettings.Kind, _provider.Root.Id, _provider.Root.TenantPath, "", 0, """{"prefixes":["192.0.2.0/24"]}""", [], null, 1);
        contracts.Apply(new DesiredSnapshot(1, new Dictionary<string, DesiredRecord> { ["s_1"] = record }), [new ProvedBlock(_provider.Root.TenantPath, range.First, range.Last)]);
        var outbox = new Outbox(new EventCatalogue(DdosEvents.All), new OutboxSignal(_provider.Stores.Control.Hints));
        return new Ledger(
            stores ?? new Stores(_store, _provider.Stores.Projections), options ?? new DdosOptions(), contracts, new NoRouters(), new ChangeRecorder(_provider.Audit, outbox, _provider.Time), outbox, new RealDisk(),
            new Node("n", "b", directory.Path), _metrics, _provider.Time, NullLogger<Ledger>.Instance);
    }

    private sealed class NoRouters : IRouteRealiser
    {
        public IReadOnlyList<RoutePeer> Peers => [];
    }
}
