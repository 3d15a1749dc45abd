using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Events;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Store;
using Tsunagi.Ddos;
using Tsunagi.Ddos.Collect;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Ddos.Try;
using Tsunagi.Protocols.Flow;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>
/// Somebody sends flow datagrams in the name of a router, of an attack that is none: it is told, and no rule goes out, in the mode in which they go out by themselves. Clock, exporters and forger are the
/// test's own; everything else is as it is by default.
/// </summary>
public sealed class Forged_flows
{
    private const int QuietSeconds = 75;
    private const int AttackSlots = 150;
    private static readonly ExporterKey Edge = new(FlowAddress.FromIPv4(0x7F00_0001), 9_995);
    private static readonly ExporterKey Forger = new(FlowAddress.FromIPv4(0x7F00_0001), 6_666);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("another port", "127.0.0.1:9995 was there before and still sends")]
    [InlineData("the port itself", "its sequence numbers jump")]
    [InlineData("the port itself, a little ahead", "its sequence numbers jump")]
    [InlineData("another engine", "a domain that was not there before (NetFlow5 ")]
    [InlineData("another protocol", "a domain that was not there before (NetFlow9 ")]
    public async Task Are_told_and_make_no_rule(string from, string why)
    {
        await using var world = await WorldAsync(trusted: false);
        var incident = await PlayAsync(world, from);
        Assert.Empty(world.Engine.Get<Ledger>().Wanted);
        Assert.StartsWith("flow records that tell of it may be forged: ", incident.Proposal!.WhyAsk, StringComparison.Ordinal);
        Assert.Contains(why, incident.Proposal.WhyAsk, StringComparison.Ordinal);
        await world.Engine.Get<CollectWatch>().LookAsync(Cancel);
        Assert.Equal(1, await world.CountAsync("ddos.exporter.doubted@1"));
        Assert.Equal(1, await world.CountAsync("ddos.mitigation.proposed@1"));
    }

    [Theory]
    [InlineData("another port", true)]
    [InlineData("nobody", false)]
    public async Task Are_believed_where_the_operator_vouches_for_them_and_so_is_the_router_itself(string from, bool trusted)
    {
        await using var world = await WorldAsync(trusted);
        await PlayAsync(world, from);
        Assert.NotEmpty(world.Engine.Get<Ledger>().Wanted);
    }

    /// <summary>One jump of the numbers is what a restart makes: rules wait for some seconds, and operators are not told.</summary>
    [Fact]
    public async Task A_router_that_starts_again_during_an_attack_is_believed_after_some_seconds()
    {
        await using var world = await WorldAsync(trusted: false);
        await PlayAsync(world, "nobody, after a restart");
        Assert.InRange(world.RuleAfterSlots, 60, 140);
        Assert.Equal(0, await world.CountAsync("ddos.exporter.doubted@1"));
    }

    /// <summary>A template that says another thing of the same octets: what was a customer's counter would be an attack.</summary>
    [Fact]
    public void A_template_that_is_redefined_is_told()
    {
        var state = new FlowExporter();
        var doubt = new Exporter(Edge, "edge", state).Doubt;
        var sink = new Protocols.Flow.FlowKeeper();
        state.Decode(Template(256, 1), 0, ref sink);
        Assert.False(doubt.Judge(1_000, 0));
        Assert.True(doubt.Judge(2_000, 1));
        Assert.Equal(("a template was redefined", true), (doubt.Why, doubt.IsTold));
        doubt.Look(2_000 + ExporterDoubt.DoubtMilliseconds - 1);
        Assert.True(doubt.IsTold);
        doubt.Look(2_000 + ExporterDoubt.DoubtMilliseconds);
        Assert.False(doubt.IsTold);
    }

    [Theory]
    [InlineData(DoubtedTargets.Most, false)]
    [InlineData(DoubtedTargets.Most + 1, true)]
    public void As_many_targets_as_are_kept_are_doubted_and_with_one_more_all_are(int targets, bool all)
    {
        var doubted = new DoubtedTargets();
        for (var i = 0; i < targets; i++)
        {
            doubted.Note([FlowAddress.FromIPv4(0x0A00_0000 + (uint)i)], false, "why", 0, 60_000);
        }

        Assert.Equal(DoubtedTargets.Most, doubted.Count);
        Assert.Equal(all ? "why" : "", doubted.Why(Tsunagi.Protocols.Flow.Bgp.BgpPrefix.Parse("192.0.2.1/32"), 1));
        Assert.Equal("why", doubted.Why(Tsunagi.Protocols.Flow.Bgp.BgpPrefix.Parse("10.0.0.0/24"), 1));
        Assert.Equal("", doubted.Why(Tsunagi.Protocols.Flow.Bgp.BgpPrefix.Parse("10.0.0.0/24"), 60_001));
    }

    private static byte[] Template(int id, int field) => new Protocols.Flow.Wire().Set(0, new Protocols.Flow.Wire().U16(id, 1, field, 4)).NetFlow9();

    // The router tells of everyday traffic once a second; then the forger, or the router itself, of an attack as well.
    private static async Task<Incident> PlayAsync(World world, string from)
    {
        var (collector, detector, responder, ledger) = (world.Engine.Get<FlowCollector>(), world.Engine.Get<Detector>(), world.Engine.Get<Responder>(), world.Engine.Get<Ledger>());
        var (own, forged, attackFrom) = (0u, 0u, QuietSeconds * TrafficSlots.Window);
        Incident? told = null;
        for (var slot = 0; slot < attackFrom + AttackSlots; slot++)
        {
            own = slot == attackFrom && from.EndsWith("restart", StringComparison.Ordinal) ? 3_000_000_000 : own;
            foreach (var datagram in (slot % 10 == 0 ? TrialTraffic.Ordinary(slot, 10) : []).Concat(slot > attackFrom && from.StartsWith("nobody", StringComparison.Ordinal) ? TrialTraffic.Attack(slot, 1, 100) : []).Chunk(30))
            {
                collector.Take(Edge, Exports.NetFlow5(own, datagram));
                own += (uint)datagram.Length;
            }

            foreach (var datagram in (slot > attackFrom ? TrialTraffic.Attack(slot, 1, 100) : []).Chunk(30))
            {
                Forge(collector, from, own, forged, datagram);
                forged += (uint)datagram.Length;
            }

            world.Provider.Time.Advance(TrafficSlots.Length);
            detector.Look(TrafficSlots.At(world.Provider.Time));
            await responder.LookAsync(Cancel);
            told = world.Engine.Get<IncidentBook>().OpenOnes.FirstOrDefault(static incident => incident.Target == TrialTraffic.Victim + "/32") ?? told;
            world.RuleAfterSlots = world.RuleAfterSlots == 0 && ledger.Wanted.Count > 0 ? slot - attackFrom : world.RuleAfterSlots;
        }

        Assert.NotNull(told);
        return told;
    }

    private static void Forge(FlowCollector collector, string from, uint own, uint forged, TrialFlow[] flows)
    {
        switch (from)
        {
            case "another port":
                collector.Take(Forger, Exports.NetFlow5(forged, flows));
                break;
            case "the port itself":
                collector.Take(Edge, Exports.NetFlow5(0x7000_0000 + forged, flows));
                break;
            case "the port itself, a little ahead":
                collector.Take(Edge, Exports.NetFlow5(own + 200_000 + forged, flows));
                break;
            case "another engine":
                var datagram = Exports.NetFlow5(forged, flows);
                datagram[21] = 9;
                collector.Take(Edge, datagram);
                break;
            case "another protocol":
                collector.Take(Edge, NetFlow9(forged, flows));
                break;
        }
    }

    // Its own template before the records, each time.
    private static byte[] NetFlow9(uint sequence, TrialFlow[] flows)
    {
        int[] fields = [8, 4, 12, 4, 2, 4, 1, 4, 7, 2, 11, 2, 4, 1];
        var records = new Protocols.Flow.Wire();
        foreach (var flow in flows)
        {
            records.Address(flow.Source).Address(flow.Destination).U32(flow.Packets, flow.Octets).U16(flow.SourcePort, flow.DestinationPort).U8(flow.Protocol);
        }

        return new Protocols.Flow.Wire().Set(0, new Protocols.Flow.Wire().U16([256, fields.Length / 2, .. fields])).Set(256, records).NetFlow9(sequence);
    }

    private static async Task<World> WorldAsync(bool trusted)
    {
        var provider = await TestProvider.OpenAsync();
        await Schema.ApplyAsync(provider.Stores, [DdosSchema.Control], provider.Time, Cancel);
        var directory = new TemporaryDirectory();
        var outbox = new Outbox(new EventCatalogue(DdosEvents.All), new OutboxSignal(provider.Stores.Control.Hints));
        var options = new DdosOptions { Collect = new CollectOptions { Listen = ["127.0.0.1:0"], Exporters = [new ExporterRule { Network = IPNetwork.Parse("127.0.0.1/32"), Name = "edge", Trusted = trusted, Sampling = 1 }] } };
        var engine = new DdosEngine(options, directory.Path, provider.Time, services =>
            services.AddSingleton(provider.Stores).AddSingleton(outbox).AddSingleton(new ChangeRecorder(provider.Audit, outbox, provider.Time)).AddSingleton<IRouteRealiser, NoRouters>());
        engine.Protect(
            new ProtectionSettings { Prefixes = ["192.0.2.0/24"], HostPacketsPerSecond = 0, HostBitsPerSecond = 0, PrefixPacketsPerSecond = 0, PrefixBitsPerSecond = 0, QuietSeconds = 5 },
            provider.Root.Id, provider.Root.TenantPath);
        TestProvider.Value(await engine.Get<ResponseModes>().SetAsync(provider.Operator, DdosEngine.Subscription, new ModeRequest { Mode = ResponseMode.Automatic, Reason = "a test", WithoutReport = true }, Cancel));
        return new World(provider, engine, directory);
    }

    private sealed class World(TestProvider provider, DdosEngine engine, TemporaryDirectory directory) : IAsyncDisposable
    {
        public TestProvider Provider => provider;

        public DdosEngine Engine => engine;

        public int RuleAfterSlots { get; set; }

        public ValueTask<long> CountAsync(string type) =>
            provider.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>($"SELECT count(*) FROM outbox WHERE event LIKE '%{type}%'"), Cancel);

        public async ValueTask DisposeAsync()
        {
            engine.Dispose();
            await provider.DisposeAsync();
            directory.Dispose();
        }
    }

    private sealed class NoRouters : IRouteRealiser
    {
        public IReadOnlyList<RoutePeer> Peers => [];
    }
}
