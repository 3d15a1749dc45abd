using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Changes;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Events;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Ddos;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.DryRun;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Meters;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>What is done about an open incident in each mode, on a clock of the test's own.</summary>
public sealed class Answers_to_attacks : IAsyncLifetime
{
    private const string Reflection = "dst 192.0.2.1/32 proto udp sport 389 len 1200-1500 then discard";
    private const string Syns = "dst 192.0.2.1/32 proto tcp tcp-flags =syn&!fin+rst+ack len 40 then discard";

    private readonly TemporaryDirectory _directory = new();
    private readonly DdosMetrics _metrics = new();
    private TestProvider _provider = null!;
    private ProtectionContracts _contracts = null!;
    private IncidentBook _book = null!;
    private Ledger _ledger = null!;
    private ResponseModes _modes = null!;
    private Responder _responder = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _provider = await TestProvider.OpenAsync();
        await Schema.ApplyAsync(_provider.Stores, [DdosSchema.Control], _provider.Time, Cancel);
        _contracts = new ProtectionContracts();
        var range = CidrRange.Parse("192.0.2.0/24")!.Value;
        var record = new DesiredRecord("s_1", ProtectionSettings.Kind, _provider.Root.Id, _provider.Root.TenantPath, "", 0, """{"prefixes":["192.0.2.0/24"]}""", [], null, 1);
        _contracts.Apply(new DesiredSnapshot(1, new Dictionary<string, DesiredRecord> { ["s_1"] = record }), [new ProvedBlock(_provider.Root.TenantPath, range.First, range.Last)]);
        var outbox = new Outbox(new EventCatalogue(DdosEvents.All), new OutboxSignal(_provider.Stores.Control.Hints));
        var changes = new ChangeRecorder(_provider.Audit, outbox, _provider.Time);
        var options = new DdosOptions();
        _book = new IncidentBook(_metrics);
        _ledger = new Ledger(
            _provider.Stores, options, _contracts, new NoRouters(), changes, outbox, new RealDisk(), new Node("n", "b", _directory.Path), _metrics, _provider.Time, NullLogger<Ledger>.Instance);
        _modes = new ResponseModes(_provider.Stores, _contracts, changes, new DryRunGate(options, _provider.Time), outbox, _provider.Time);
        _responder = new Responder(_provider.Stores, options, _book, _ledger, _modes, outbox, _provider.Time, NullLogger<Responder>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        _responder.Dispose();
        _ledger.Dispose();
        await _provider.DisposeAsync();
        _metrics.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Observed_nothing_goes_out_and_nothing_can_be_released()
    {
        var incident = Open(Good(Reflection));
        await LookAsync();
        Assert.Empty(_ledger.Wanted);
        Assert.Equal("ddos.mode.observe", (await _responder.ReleaseAsync(_provider.Operator, IncidentRow.Of(incident, "n"), Cancel)).Refusal!.Code);
    }

    [Fact]
    public async Task Asked_rules_wait_are_told_once_and_go_out_when_they_are_released()
    {
        await SetAsync(ResponseMode.Ask);
        var incident = Open(Good(Reflection));
        await LookAsync();
        await LookAsync();
        Assert.Empty(_ledger.Wanted);
        Assert.Equal(1, await CountAsync("SELECT count(*) FROM outbox WHERE event LIKE '%ddos.mitigation.proposed@1%'"));

        var released = TestProvider.Value(await _responder.ReleaseAsync(_provider.Operator, IncidentRow.Of(incident, "n"), Cancel));
        Assert.True(Assert.Single(released) is { Follows: true, Rule: Reflection });
        Assert.Equal(Reflection, Assert.Single(_ledger.Wanted).Text);

        // Again: it is there, and nothing is wrong with that.
        Assert.Empty(TestProvider.Value(await _responder.ReleaseAsync(_provider.Operator, IncidentRow.Of(incident, "n"), Cancel)));
    }

    [Fact]
    public async Task Automatically_rules_go_out_and_are_lifted_when_the_attack_is_over()
    {
        await SetAsync(ResponseMode.Automatic);
        var incident = Open(Good(Reflection, Syns));
        await LookAsync();
        Assert.Equal([Syns, Reflection], _ledger.Active.Select(static row => row.Rule).Order(StringComparer.Ordinal));

        // Nothing of it is left to be released; of what is not out yet, there is.
        Assert.True(_responder.AreOut(incident.Proposal!));
        Assert.False(_responder.AreOut(Good(Reflection, Syns, "dst 192.0.2.1/32 proto udp sport 53 then discard")));
        Assert.All(_ledger.Active, row => Assert.Equal(("automatic", incident.Id), (row.MadeByName, row.IncidentId)));
        var made = _ledger.Active[0];
        Assert.Contains("stops 100.0 % of the attack, 0.00 % of the traffic of the target's own", made.Reason, StringComparison.Ordinal);

        await CloseAsync(incident);
        _provider.Time.Advance(TimeSpan.FromSeconds(2));
        await LookAsync();
        Assert.Empty(_ledger.Wanted);
        Assert.False(_responder.AreOut(incident.Proposal!));
        Assert.Equal("lifted", await _provider.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<string>("SELECT ended_how FROM ddos_mitigation WHERE id = @Id", new { made.Id }), Cancel));
    }

    [Fact]
    public async Task What_scrubbers_drop_is_told_for_its_incident_and_stands_in_the_rules_row_also_when_it_is_gone()
    {
        await SetAsync(ResponseMode.Automatic);
        var incident = Open(Good(Reflection));
        await LookAsync();
        var rule = Assert.Single(_ledger.Active).Id;
        var scrubbers = new TwoScrubbers();
        using var reader = new DropReader(_provider.Stores, _ledger, _book, _provider.Time, NullLogger<DropReader>.Instance, scrubbers);

        // Two in parallel; one of them cannot do it.
        await CountedAsync(("one", [new(rule, ScrubbedRule.InPlace, null, 1, 0, 0, 0)]), ("two", [new(rule, ScrubbedRule.Refused, "it cannot", 1, 0, 0, 0)]));
        await CountedAsync(("one", [Counted(100, 40_000)]));
        await CountedAsync(("one", [Counted(1_100, 440_000)]));
        Assert.Equal(new Dropped(1_000, 3_200_000, _provider.Time.NowMicros()), _book.DroppedOf(incident.Id));
        Assert.Equal([("one", "in place", 1_100L, 440_000L, null), ("two", "refused", 0, 0, "it cannot")], await DropsAsync());

        // What the provider calls its boxes, and what they answered, is no customer's business.
        var kept = (await _provider.Stores.Control.ReadAsync(store => store.FirstOrDefaultAsync<string>("SELECT drops FROM ddos_mitigation WHERE id = @Id", new { Id = rule }), Cancel))!;
        Assert.Equal([("1", "in place", 1_100L, null), ("2", "refused", 0L, null)], RuleDrop.For(_provider.Operator with { IsOperator = false }, kept).Select(static drop => (drop.Scrubber, drop.State, drop.Packets, drop.Why)));

        // Lifted: its last figures stand, and no rate is told any more.
        await CloseAsync(incident);
        await CountedAsync(("one", [Counted(1_250, 500_000) with { State = ScrubbedRule.Gone }]));
        Assert.Equal(default, _book.DroppedOf(incident.Id));
        Assert.Equal(("one", "gone", 1_250L, 500_000L, null), (await DropsAsync())[0]);

        ScrubbedRule Counted(long packets, long octets) => new(rule, ScrubbedRule.InPlace, null, 1, packets, octets, _provider.Time.NowMicros());

        async Task CountedAsync(params (string Name, ScrubbedRule[] Rules)[] views)
        {
            _provider.Time.Advance(TimeSpan.FromSeconds(1));
            scrubbers.All = [.. views.Select(view => new ScrubberView(view.Name, ScrubberView.Up, 1, 0, null, [.. view.Rules.Select(each => each.CountedAt == 0 ? each : each with { CountedAt = _provider.Time.NowMicros() })]))];
            await reader.LookAsync(Cancel);
        }

        async Task<List<(string, string, long, long, string?)>> DropsAsync() => [.. RuleDrop.Read((await _provider.Stores.Control.ReadAsync(
            store => store.FirstOrDefaultAsync<string>("SELECT drops FROM ddos_mitigation WHERE id = @Id", new { Id = rule }), Cancel))!).Select(static drop => (drop.Scrubber, drop.State, drop.Packets, drop.Octets, drop.Why))];
    }

    [Fact]
    public async Task Rules_live_as_long_as_the_incident_is_open_however_long_that_is_and_end_alone_when_nobody_sees_to_them()
    {
        await SetAsync(ResponseMode.Automatic);
        Open(Good(Reflection));
        await LookAsync();
        var id = Assert.Single(_ledger.Active).Id;
        for (var minute = 0; minute < 30; minute++)
        {
            _provider.Time.Advance(TimeSpan.FromMinutes(1));
            await LookAsync();
        }

        Assert.Equal(id, Assert.Single(_ledger.Active).Id);
        Assert.True(await CountAsync($"SELECT expires_at FROM ddos_mitigation WHERE id = '{id}'") > _provider.Time.NowMicros());

        // The one who renews is gone: the ledger ends it.
        _provider.Time.Advance(new MitigateOptions().FollowLife + TimeSpan.FromSeconds(1));
        await _ledger.LookAsync(Cancel);
        Assert.Empty(_ledger.Wanted);
    }

    [Fact]
    public async Task A_rule_made_by_hand_is_neither_renewed_nor_lifted_with_its_incident()
    {
        var incident = Open(Good(Reflection));
        var made = TestProvider.Value(await _ledger.AddAsync(_provider.Operator, new() { Blackhole = "192.0.2.9/32", Reason = "a test", Minutes = 30, Incident = incident.Id }, Cancel));
        _ledger.Renew([made.Id], TimeSpan.FromHours(5));
        await CloseAsync(incident);
        _provider.Time.Advance(TimeSpan.FromSeconds(2));
        await LookAsync();
        Assert.Equal(made.ExpiresAt, Assert.Single(_ledger.Active).ExpiresAt);
    }

    [Fact]
    public async Task A_changed_attack_changes_the_rules_but_not_at_every_look()
    {
        await SetAsync(ResponseMode.Automatic);
        var incident = Open(Good(Reflection));
        await LookAsync();
        incident.Proposal = Good([.. Enumerable.Range(1, 4).Select(i => $"dst 192.0.2.1/32 proto udp sport {i} then discard")]);
        await LookAsync();
        Assert.Equal(Reflection, Assert.Single(_ledger.Active).Rule);

        _provider.Time.Advance(new MitigateOptions().ChangeEvery);
        await LookAsync();
        Assert.Equal(4, _ledger.Active.Count);
        Assert.DoesNotContain(Reflection, _ledger.Active.Select(static row => row.Rule));
    }

    [Theory]
    [InlineData("dst 192.0.0.0/16 proto udp then discard")]
    [InlineData("dst 198.51.100.1/32 proto udp then discard")]
    public async Task What_no_rule_may_be_does_not_go_out_by_itself_either(string rule)
    {
        await SetAsync(ResponseMode.Automatic);
        Open(Good(rule));
        await LookAsync();
        Assert.Empty(_ledger.Wanted);
    }

    [Fact]
    public async Task A_proposal_that_stops_too_little_waits_for_a_person_and_frozen_nothing_goes_out()
    {
        await SetAsync(ResponseMode.Automatic);
        var incident = Open(Good(Reflection) with { WhyNot = "1 rules match only a part of the attack" });
        await LookAsync();
        Assert.Empty(_ledger.Wanted);

        incident.Proposal = Good(Reflection);
        _ledger.Switch.Freeze(new SwitchOrder("o", 0, "somebody", "a test"));
        await LookAsync();
        Assert.Empty(_ledger.Wanted);
        _ledger.Switch.Thaw();
        await LookAsync();
        Assert.Single(_ledger.Wanted);
    }

    [Fact]
    public async Task A_proposal_whose_collateral_is_not_known_waits_is_told_once_and_goes_out_when_it_is_released_or_known()
    {
        await SetAsync(ResponseMode.Automatic);
        var incident = Open(Good(Reflection) with { OwnSamples = 20, CollateralBound = 0.15, WhyAsk = "with 20 samples of the target's own traffic it is not known well enough" });
        await LookAsync();
        Assert.Equal(0, await CountAsync("SELECT count(*) FROM outbox WHERE event LIKE '%ddos.mitigation.proposed@1%'"));

        // It might be known in a moment; then somebody is asked.
        _provider.Time.Advance(TimeSpan.FromSeconds(5));
        await LookAsync();
        await LookAsync();
        Assert.Empty(_ledger.Wanted);
        Assert.Equal(1, await CountAsync("SELECT count(*) FROM outbox WHERE event LIKE '%ddos.mitigation.proposed@1%'"));
        Assert.Equal(1, await CountAsync("SELECT count(*) FROM outbox WHERE event LIKE '%not known well enough%'"));

        incident.Proposal = Good(Syns);
        await LookAsync();
        Assert.Equal(Syns, Assert.Single(_ledger.Wanted).Text);
        incident.Proposal = Good(Reflection) with { WhyAsk = "not known" };
        TestProvider.Value(await _responder.ReleaseAsync(_provider.Operator, IncidentRow.Of(incident, "n"), Cancel));
        Assert.Equal(2, _ledger.Wanted.Count);
    }

    [Fact]
    public async Task Nobody_sets_the_mode_of_a_protection_that_is_not_his_and_other_nodes_learn_of_it()
    {
        Assert.False((await _modes.SetAsync(_provider.Operator, "s_2", new ModeRequest { Mode = ResponseMode.Ask, Reason = "a test", WithoutReport = true }, Cancel)).Ok);
        await SetAsync(ResponseMode.Automatic);
        var outbox = new Outbox(new EventCatalogue(DdosEvents.All), new OutboxSignal(_provider.Stores.Control.Hints));
        var elsewhere = new ResponseModes(_provider.Stores, _contracts, new ChangeRecorder(_provider.Audit, outbox, _provider.Time), new DryRunGate(new DdosOptions(), _provider.Time), outbox, _provider.Time);
        Assert.Equal(ResponseMode.Observe, elsewhere.Of("s_1"));
        await elsewhere.ReadAsync(Cancel);
        Assert.Equal(ResponseMode.Automatic, elsewhere.Of("s_1"));
    }

    private Incident Open(Proposal proposal)
    {
        var incident = new Incident
        {
            Id = Id.New("di", _provider.Time), TenantId = _provider.Root.Id, TenantPath = _provider.Root.TenantPath, SubscriptionId = "s_1", Target = "192.0.2.1/32", Scope = Incident.HostScope,
            Vector = "cldap-reflection", Metric = Incident.AttackMetric, LimitValue = 500, Rule = "r", Estimate = 5_000, Samples = 5_000, SamplingRate = 1, SamplingSource = "Header", ErrorPercent = 0,
            OpenedAt = _provider.Time.NowMicros(), Proposal = proposal,
        };
        _book.Open(incident);
        return incident;
    }

    private async Task CloseAsync(Incident incident)
    {
        _book.Close(incident, _provider.Time.NowMicros(), "over");
        var row = IncidentRow.Of(incident, "n");
        await _provider.Stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync(
                $"""
                INSERT INTO ddos_incident ({IncidentStore.Columns})
                VALUES (@Id, @TenantPath, @TenantId, @SubscriptionId, @Node, @Target, @Scope, @Vector, @Metric, @LimitValue, @Rule, @Estimate, @Samples, @SamplingRate, @SamplingSource,
                  @ErrorPercent, @OpenedAt, @LastAboveAt, @ClosedAt, @CloseReason, @PeakPackets, @PeakBits, @PeakFlows, @NowPackets, @NowBits, @Sources, @MeanOctets, @TopSources, @TopPorts, @Vectors, @Proposal)
                """,
                row),
            Cancel);
    }

    private async Task LookAsync()
    {
        await _responder.LookAsync(Cancel);
        await _ledger.LookAsync(Cancel);
    }

    private async Task SetAsync(string mode) => TestProvider.Value(await _modes.SetAsync(_provider.Operator, "s_1", new ModeRequest { Mode = mode, Reason = "a test", WithoutReport = true }, Cancel));

    private ValueTask<long> CountAsync(string sql) => _provider.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>(sql, new { }), Cancel);

    private static Proposal Good(params string[] rules) => new([.. rules.Select(static rule => new ProposedRule(rule, 1, 0))], 1, 0, 1_000, 1_000, 0.003, "");

    private sealed class TwoScrubbers : IScrubbers
    {
        public IReadOnlyList<ScrubberView> All { get; set; } = [];
    }

    private sealed class NoRouters : IRouteRealiser
    {
        public IReadOnlyList<RoutePeer> Peers => [];
    }
}
