using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Ddos;
using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Collect;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;
using Tsunagi.Tests.Ddos;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Proofs.Ddos;

/// <summary>
/// Collector, counters, detector and archive in a process of its own, on one core: this very program, started again with <see cref="Word"/>. It answers each line it reads with its
/// figures, and with <c>end</c> it writes what is in memory and says what it has kept.
/// </summary>
internal sealed class FlowCollectorProcess : IDisposable
{
    public const string Word = "--flow-collector";

    private readonly Process _process;

    private FlowCollectorProcess(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public int Id => _process.Id;

    /// <summary><c>--flow-collector [ADDRESSES PREFIX…]</c>: how many addresses it counts, and whose they are.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        using var directory = new TemporaryDirectory();
        var options = new DdosOptions
        {
            Collect = new CollectOptions { Listen = ["127.0.0.1:0"], Exporters = [new ExporterRule { Network = IPNetwork.Parse("127.0.0.1/32"), Name = "made", Sampling = 1 }] },
            Archive = new ArchiveOptions { LeastFreeBytes = 0 },
            Traffic = args.Length > 1 ? new TrafficOptions { MaxCounted = int.Parse(args[1], CultureInfo.InvariantCulture) } : new TrafficOptions(),
        };
        using var engine = new DdosEngine(options, directory.Path, TimeProvider.System, static services => services.AddSingleton<IRouteRealiser, NoRouters>());
        engine.Protect(new ProtectionSettings { Prefixes = args.Length > 2 ? args[2..] : ["10.0.0.0/16"] });
        var (collector, archive) = (engine.Get<FlowCollector>(), engine.Get<FlowArchive>());
        await archive.StartAsync(CancellationToken.None);
        await collector.StartAsync(CancellationToken.None);
        Console.WriteLine($"ready {collector.Sockets[0].EndPoint.Port}");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line == "end")
            {
                await collector.StopAsync(CancellationToken.None);
                await archive.StopAsync(CancellationToken.None);
            }

            Console.WriteLine(JsonSerializer.Serialize(await FiguresAsync(engine, collector, archive, line == "end")));
        }

        return 0;
    }

    /// <param name="core">The one it runs on.</param>
    public static async Task<FlowCollectorProcess> StartAsync(int core, CancellationToken cancellationToken, params string[] counted)
    {
        var process = Process.Start(new ProcessStartInfo("taskset", ["-c", core.ToString(CultureInfo.InvariantCulture), Environment.ProcessPath!, Word, .. counted]) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        return await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line && line.Split(' ') is ["ready", var port]
            ? new FlowCollectorProcess(process, int.Parse(port, CultureInfo.InvariantCulture))
            : throw new InvalidOperationException("the collector did not start");
    }

    public async Task<CollectorFigures> AskAsync(bool end, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync((end ? "end" : "").AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return JsonSerializer.Deserialize<CollectorFigures>(await _process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new IOException("the collector ended"))!;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(20)))
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static async Task<CollectorFigures> FiguresAsync(DdosEngine engine, FlowCollector collector, FlowArchive archive, bool end)
    {
        var (socket, exporters) = (collector.Sockets[0], engine.Get<ExporterTable>().All);
        var (kept, octets) = (archive.Kept, 0UL);
        if (end)
        {
            var answer = await engine.Get<FlowSearch>().TopAsync(new FlowQuestion(FlowDimension.Protocol, FlowOrder.Octets, 0, long.MaxValue, FlowFilter.None, null, 10), TimeSpan.FromMinutes(2), CancellationToken.None);
            (kept, octets) = ((long)answer.Total.Flows, answer.Total.Octets);
        }

        return new CollectorFigures(
            socket.Datagrams, exporters.Sum(static each => each.Records), end ? 0 : socket.KernelDrops, exporters.Aggregate(0UL, static (sum, each) => sum + each.Lost), engine.Get<TrafficCounter>().Counted, kept, archive.Lost, octets,
            socket.TakeLongestBusy().TotalMilliseconds, Environment.CpuUsage.TotalTime.TotalSeconds,
            GC.GetTotalPauseDuration().TotalMilliseconds, CountersOf(engine, collector), [.. engine.Get<IncidentBook>().OpenOnes.Select(static incident => incident.Target)]);
    }

    // The small prefix is counted by itself and by its addresses: as long as all of those are counted, both say the same.
    private static CounterFigures CountersOf(DdosEngine engine, FlowCollector collector)
    {
        var counter = engine.Get<TrafficCounter>();
        lock (collector.Turn)
        {
            // The second that ends now: rows keep ten slots up to their own newest, so of an older second those that are told of just now would miss a slot that the others still have.
            var last = TrafficSlots.At(TimeProvider.System);
            var known = engine.Get<ProtectionContracts>().Table.All.Values.SelectMany(static each => each.Prefixes).MaxBy(static prefix => prefix.Length);
            ref var row = ref counter.Find(known.Address, known.Length);
            return new CounterFigures(
                counter.Hosts.Count, counter.Prefixes.Count, counter.Hosts.Taken, counter.Uncounted, counter.Unprotected, Environment.WorkingSet, GC.GetTotalMemory(forceFullCollection: false), Unsafe.IsNullRef(ref row) ? 0 : row.Sum(last).Packets,
                ByAddress(counter, known, last));
        }
    }

    private static ulong ByAddress(TrafficCounter counter, BgpPrefix prefix, int last)
    {
        var packets = 0UL;
        for (var i = 0u; i < 1u << Math.Min(10, 32 - prefix.Length); i++)
        {
            ref var row = ref counter.Find(FlowAddress.FromIPv4(prefix.Address.IPv4 + i), 32);
            packets += Unsafe.IsNullRef(ref row) ? 0 : row.Sum(last).Packets;
        }

        return packets;
    }

    private sealed class NoRouters : IRouteRealiser
    {
        public IReadOnlyList<RoutePeer> Peers => [];
    }
}

/// <summary>What the collector has done since its start; octets only at its end.</summary>
/// <param name="MissingBySequence">Datagrams that the exporters' sequence numbers say were lost.</param>
/// <param name="LongestBusyMilliseconds">The longest time since the last question that the receiving thread did not listen.</param>
/// <param name="GcMilliseconds">For how long all threads stood still for the collection of garbage.</param>
internal sealed record CollectorFigures(
    long Datagrams, long Records, long KernelDrops, ulong MissingBySequence, long Counted, long Kept, long NotKept, ulong Octets, double LongestBusyMilliseconds, double CpuSeconds, double GcMilliseconds,
    CounterFigures Counters, IReadOnlyList<string> UnderAttack);

/// <summary>The counters and what they take.</summary>
/// <param name="Taken">Addresses that took the place of one without traffic.</param>
/// <param name="KnownPackets">What the narrowest protected prefix had in the last second.</param>
/// <param name="KnownPacketsByAddress">The same, as its addresses have it.</param>
internal sealed record CounterFigures(
    int Addresses, int Prefixes, long Taken, long Uncounted, long Unprotected, long WorkingSetBytes, long HeapBytes, ulong KnownPackets, ulong KnownPacketsByAddress);
