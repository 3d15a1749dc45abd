using Tsunagi.Ddos;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Protocols.Flow;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Traffic;

/// <summary>Prefixes are counted whatever happens to the addresses in them.</summary>
public sealed class Traffic_of_prefixes : IDisposable
{
    private const long Now = 1_000_000;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_flood_of_random_addresses_leaves_those_that_are_counted_and_every_protected_prefix_exact()
    {
        using var engine = Engine(1_000, "10.0.0.0/8", "192.0.2.7/32");
        var counter = engine.Get<TrafficCounter>();
        var known = Enumerable.Range(1, 900).Select(static i => FlowAddress.FromIPv4(0x0A000000 + (uint)i)).ToList();
        var random = new Random(11);
        var all = 0UL;
        for (var tenth = 0; tenth < 20; tenth++)
        {
            foreach (var address in known)
            {
                Count(counter, address, 3, Now + (tenth * 100));
                all += tenth >= 10 ? 3UL : 0;
            }

            for (var i = 0; i < 5_000; i++)
            {
                Count(counter, FlowAddress.FromIPv4(0x0A000000 + (uint)random.Next(1 << 12, 1 << 24)), 1, Now + (tenth * 100));
                all += tenth >= 10 ? 1UL : 0;
            }
        }

        // Its owner had no traffic until now, when all room is taken.
        var single = FlowAddress.FromIPv4(0xC0000207);
        Count(counter, single, 9, Now + 1_900);
        var last = TrafficSlots.Of(Now + 1_900);
        Assert.All(known, address => Assert.Equal(30UL, counter.Find(address, 32).Sum(last).Packets));
        Assert.Equal(9UL, counter.Find(single, 32).Sum(last).Packets);
        Assert.Equal(all, counter.Find(FlowAddress.FromIPv4(0x0A000000), 8).Sum(last).Packets);
        Assert.Equal(1_001, counter.Hosts.Count);
        Assert.InRange(counter.Prefixes.Count, 1_000, 1_002);
        Assert.InRange(counter.Uncounted, 90_000, 200_000);
    }

    private DdosEngine Engine(int most, params string[] prefixes)
    {
        var engine = new DdosEngine(new DdosOptions { Traffic = new TrafficOptions { MaxCounted = most } }, _directory.Path, TimeProvider.System);
        engine.Protect(new ProtectionSettings { Prefixes = prefixes });
        return engine;
    }

    private static void Count(TrafficCounter counter, FlowAddress to, ulong packets, long at = Now)
    {
        var record = new FlowRecord { Origin = FlowOrigin.NetFlow9, Destination = to, Source = FlowAddress.FromIPv4(0xC6336401), Protocol = 6, TcpFlags = 0x18, DestinationPort = 443, Packets = packets, Octets = packets * 100, SamplingRate = 1 };
        counter.Count(in record, at, 0);
    }
}
