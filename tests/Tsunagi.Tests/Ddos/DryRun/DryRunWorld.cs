using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Events;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Store;
using Tsunagi.Ddos;
using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Archive.Rollups;
using Tsunagi.Ddos.Collect;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.DryRun;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Protocols.Flow;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.DryRun;

/// <summary>An archive with some hours of made traffic to one protection, on a clock of the test's own, and the module's services over it.</summary>
internal sealed class DryRunWorld : IAsyncDisposable
{
    public const string Victim = "192.0.2.1";

    private readonly TemporaryDirectory _directory = new();
    private readonly TestProvider _provider;
    private readonly DdosEngine _engine;
    private readonly List<(long At, string Exporter, string Owner, FlowRecord Record)> _came = [];

    private DryRunWorld(TestProvider provider, DdosOptions options)
    {
        (_provider, Options) = (provider, options);
        var outbox = new Outbox(new EventCatalogue(DdosEvents.All), new OutboxSignal(provider.Stores.Control.Hints));
        Changes = new ChangeRecorder(provider.Audit, outbox, provider.Time);
        _engine = new DdosEngine(
            options, _directory.Path, provider.Time,
            services => services.AddSingleton(provider.Stores).AddSingleton(outbox).AddSingleton(Changes).AddSingleton<IRouteRealiser, NoRouters>());
        Protect(new ProtectionSettings { Prefixes = ["192.0.2.0/24"], HostPacketsPerSecond = 0, HostBitsPerSecond = 0, PrefixPacketsPerSecond = 5_000, PrefixBitsPerSecond = 0, QuietSeconds = 30 });
        Archive.Start();
        Get<RollupFiles>().Start();
    }

    public DdosOptions Options { get; }

    public ChangeRecorder Changes { get; }

    public TestProvider Provider => _provider;

    public FlowArchive Archive => Get<FlowArchive>();

    public Protection Protection => Get<ProtectionContracts>().Table.All[DdosEngine.Subscription];

    public long Now => _provider.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <param name="keep">How long records are kept; then there are sums of them.</param>
    public static async Task<DryRunWorld> OpenAsync(TimeSpan keep, int leastDays = 1, int mostKept = 50)
    {
        var provider = await TestProvider.OpenAsync();
        await Schema.ApplyAsync(provider.Stores, [DdosSchema.Control], provider.Time, TestContext.Current.CancellationToken);

        // From the start of an hour, so that steps and gaps are round.
        provider.Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(provider.Time.GetUtcNow().Ticks % TimeSpan.TicksPerHour));
        return new DryRunWorld(provider, new DdosOptions
        {
            Collect = new CollectOptions { Listen = ["127.0.0.1:0"] }, Archive = new ArchiveOptions { LeastFreeBytes = 0, Keep = keep }, DryRun = new DryRunOptions { LeastDays = leastDays, MostKept = mostKept },
        });
    }

    public T Get<T>()
        where T : notnull => _engine.Get<T>();

    public void Protect(ProtectionSettings settings) => _engine.Protect(settings, _provider.Root.Id, _provider.Root.TenantPath);

    /// <summary>Hours of what the victim gets every day: data of web connections, told every half minute. Each hour is a segment.</summary>
    /// <param name="within">Called in each hour before it is sealed, with its number and start.</param>
    public void Hours(int count, Action<int, long>? within = null)
    {
        for (var hour = 0; hour < count; hour++)
        {
            var start = Now;
            within?.Invoke(hour, start);
            for (var at = start; at < start + 3_600_000; at += 30_000)
            {
                Keep(at, "198.51.100.1", packets: 3_000, octets: 1_200, sourcePort: 443, protocol: 6, flags: 0x18, lasted: 30_000, source: $"203.0.113.{(at / 30_000 % 200) + 1}");
            }

            Write();
            Archive.Segments.Seal();
            _provider.Time.Advance(TimeSpan.FromHours(1));
        }
    }

    /// <summary>What came goes to the archive in the order in which it came.</summary>
    public void Write()
    {
        foreach (var (at, exporter, owner, record) in _came.OrderBy(static each => each.At))
        {
            Archive.Add(in record, exporter, owner, at);
        }

        _came.Clear();
        Archive.HandOver();
        Archive.Write();
    }

    /// <summary>Nothing comes.</summary>
    public void Silence(TimeSpan time) => _provider.Time.Advance(time);

    /// <summary>What is too old is rolled up and deleted.</summary>
    public void Roll()
    {
        while (Get<FlowRollups>().Step())
        {
        }

        _provider.Time.Advance(TimeSpan.FromSeconds(31));
        Archive.Write();
    }

    /// <summary>Answers of name servers to one address, 3,000 a second.</summary>
    public void Attack(long from, int seconds, string victim = Victim)
    {
        for (var slot = 0; slot < seconds * 10; slot++)
        {
            for (var i = 0; i < 10; i++)
            {
                Keep(from + (slot * 100), "198.51.100.2", packets: 30, octets: 1_400 + i, sourcePort: 53, source: $"203.0.113.{1 + ((slot + (i * 7)) % 250)}", destination: victim);
            }
        }
    }

    public void Keep(
        long at, string exporter, uint packets, int octets, ushort sourcePort, byte protocol = 17, ushort flags = 0, long lasted = 0, string source = "203.0.113.9", string destination = Victim, string owner = DdosEngine.Subscription)
    {
        var record = new FlowRecord
        {
            Source = FlowAddress.From(IPAddress.Parse(source)), Destination = FlowAddress.From(IPAddress.Parse(destination)), Protocol = protocol, SourcePort = sourcePort, DestinationPort = 40_000, Packets = packets, Octets = (ulong)packets * (ulong)octets,
            TcpFlags = flags, SamplingRate = 1, SamplingSource = SamplingSource.Header, Origin = FlowOrigin.NetFlow9, Fields = FlowFields.TcpFlags, IpVersion = 4,
            StartMilliseconds = lasted == 0 ? 0 : at - lasted, EndMilliseconds = lasted == 0 ? 0 : at, ExportMilliseconds = at,
        };
        _came.Add((at, exporter, owner, record));
    }

    /// <param name="told">How far it has come.</param>
    public Task<DryRunReport> RunAsync(string mode = ResponseMode.Automatic, int days = 1, Action<double>? told = null) =>
        Get<DryRunner>().RunAsync(Protection, mode, days, Now, told ?? (static _ => { }), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _engine.Dispose();
        await _provider.DisposeAsync();
        _directory.Dispose();
    }

    private sealed class NoRouters : IRouteRealiser
    {
        public IReadOnlyList<RoutePeer> Peers => [];
    }
}
