using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
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
using Tsunagi.Routing;
using Tsunagi.Routing.Try;
using Tsunagi.Tests.Routing;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>
/// The whole way on a clock of the test's own, with everything as it is by default: datagrams of ordinary traffic for a while, then of an attack; incident, rules, ledger, and a BGP session with
/// a router in this process. How fast the machine is does not matter: what is counted are looks, a tenth of a second each.
/// </summary>
public sealed class From_datagram_to_router
{
    private const string Victim = TrialTraffic.Victim;
    private const int QuietSeconds = 40;
    private static readonly ExporterKey Edge = new(FlowAddress.FromIPv4(0x7F00_0001), 9_995);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("one flow, told once a second", 10, 1)]
    [InlineData("one flow, told every two seconds", 20, 1)]
    [InlineData("many sources, told once a second", 10, 400)]
    [InlineData("many sources, told as they come", 1, 400)]
    [InlineData("packets of one flow, told every fifth of a second", 2, -1)]
    [InlineData("packets of another, told every fifth of a second", 2, -2)]
    [InlineData("packets of one flow, told every three tenths of a second", 3, -3)]
    public async Task An_attack_has_its_rule_on_the_router_within_a_second_of_the_datagram_that_told_of_it(string what, int everySlots, int sources)
    {
        await using var provider = await TestProvider.OpenAsync();
        await Schema.ApplyAsync(provider.Stores, [DdosSchema.Control], provider.Time, Cancel);
        using var directory = new TemporaryDirectory();
        await using var router = new TrialRouter(hold: 3_600);
        var outbox = new Outbox(new EventCatalogue(DdosEvents.All), new OutboxSignal(provider.Stores.Control.Hints));
        var options = new DdosOptions { Collect = new CollectOptions { Exporters = [new ExporterRule { Network = System.Net.IPNetwork.Parse("127.0.0.1/32"), Name = "edge" }] } };
        using var engine = new DdosEngine(options, directory.Path, provider.Time, services =>
        {
            services.AddSingleton(provider.Stores).AddSingleton(outbox).AddSingleton(new ChangeRecorder(provider.Audit, outbox, provider.Time));
            new RoutingModule().AddServices(services, TestWishes.To("127.0.0.1", router.Port) with { HoldSeconds = 3_600 });
        });
        engine.Protect(
            new ProtectionSettings { Prefixes = ["192.0.2.0/24"], HostPacketsPerSecond = 0, HostBitsPerSecond = 0, PrefixPacketsPerSecond = 0, PrefixBitsPerSecond = 0, QuietSeconds = 5 },
            provider.Root.Id, provider.Root.TenantPath);
        var speaker = engine.Get<Tsunagi.Routing.Bgp.BgpSpeaker>();
        await speaker.StartAsync(Cancel);
        try
        {
            await Eventually.HoldsAsync(() => speaker.Peers[0].State == "Established");
            TestProvider.Value(await engine.Get<ResponseModes>().SetAsync(provider.Operator, DdosEngine.Subscription, new ModeRequest { Mode = ResponseMode.Automatic, Reason = "a test", WithoutReport = true }, Cancel));
            var (detected, wanted) = await PlayAsync(engine, provider, everySlots, sources);
            Assert.True(detected is > 0 and <= 5, $"{what}: detected after {detected} looks");
            Assert.True(wanted is > 0 and <= 10, $"{what}: a rule after {wanted} looks; {engine.Get<IncidentBook>().OpenOnes.FirstOrDefault()?.Proposal}");

            // It is the router's, and it is of the attack and not of what else has port 53.
            await Eventually.HoldsAsync(() => !router.Routes.IsEmpty);
            Assert.StartsWith($"dst {Victim}/32 proto udp dport 80 sport 53 len ", Assert.Single(router.Routes).Key, StringComparison.Ordinal);
        }
        finally
        {
            await speaker.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>Looks from the datagram that told of the attack first to the incident, and to the rule.</summary>
    private static async Task<(int Detected, int Wanted)> PlayAsync(DdosEngine engine, TestProvider provider, int everySlots, int sources)
    {
        var (collector, detector, responder, ledger) = (engine.Get<FlowCollector>(), engine.Get<Detector>(), engine.Get<Responder>(), engine.Get<Ledger>());
        var (sequence, slot, toldAt, detected, attackFrom) = (0u, 0, 0, 0, QuietSeconds * TrafficSlots.Window);
        for (; slot < attackFrom + 60; slot++)
        {
            if (slot % everySlots == 0)
            {
                var flows = TrialTraffic.Ordinary(slot, everySlots).Concat(slot > attackFrom ? TrialTraffic.Attack(slot, everySlots, sources) : []).ToList();
                foreach (var datagram in flows.Chunk(30))
                {
                    Assert.True(collector.Take(Edge, Exports.NetFlow5(sequence, datagram)));
                    sequence += (uint)datagram.Length;
                }

                toldAt = slot > attackFrom && toldAt == 0 ? slot : toldAt;
            }

            provider.Time.Advance(TrafficSlots.Length);
            detector.Look(TrafficSlots.At(provider.Time));
            await responder.LookAsync(Cancel);
            detected = detected == 0 && engine.Get<IncidentBook>().OpenOnes.Any(static incident => incident.Target == Victim + "/32") ? slot - toldAt + 1 : detected;
            if (ledger.Wanted.Count > 0)
            {
                Assert.True(toldAt > 0, "a rule without an attack");
                return (detected, slot - toldAt + 1);
            }
        }

        return (detected, 0);
    }
}
