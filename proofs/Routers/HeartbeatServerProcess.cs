using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Heartbeats;
using Tsunagi.Tests.Host;

namespace Tsunagi.Proofs.Routers;

/// <summary>A whole node that takes heartbeats, in a process of its own: this very program, started again with <see cref="Word"/>. Its boxes are put into its store as pulls would leave them, with passphrases that the sender knows too.</summary>
internal sealed class HeartbeatServerProcess : IDisposable
{
    public const string Word = "--heartbeat-server";
    private const int RowsAtOnce = 1_000;
    private readonly ChildProgram _program;

    private HeartbeatServerProcess(ChildProgram program, int port) => (_program, Port) = (program, port);

    public int Id => _program.Id;

    public int Port { get; }

    public static DistributionId IdOf(int box) => new(((UInt128)1 << 112) | ((UInt128)0x0101 << 80) | ((UInt128)0x0200_5EFF_FE00_0000 + (UInt128)box));

    /// <summary>32 letters, as ours are.</summary>
    public static string PassphraseOf(int box) => box.ToString("x8", CultureInfo.InvariantCulture) + "5a5a5a5a5a5a5a5a5a5a5a5a";

    /// <summary>What the started program does: <c>--heartbeat-server BOXES</c>; "told" on its input is answered with heartbeats by outcome, the boxes that the store heard since a moment, and its memory.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var boxes = int.Parse(args[1], CultureInfo.InvariantCulture);
        var node = await TestNode.StartAsync(more: new Dictionary<string, string> { ["routers.heartbeats"] = """{"listen":["127.0.0.1:0"]}""" });
        try
        {
            await FillAsync(node.Services, boxes);
            var outcomes = new Dictionary<string, long>(StringComparer.Ordinal);
            using var meters = new MeterListener { InstrumentPublished = static (instrument, listener) => Listen(instrument, listener) };
            meters.SetMeasurementEventCallback<long>((_, measurement, tags, _) => Count(outcomes, measurement, tags));
            meters.Start();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready {node.Services.GetRequiredService<HeartbeatListener>().EndPoints[0].Port}"));
            while (await Console.In.ReadLineAsync() is { } line)
            {
                var since = long.Parse(line, CultureInfo.InvariantCulture);
                var stored = await node.Services.GetRequiredService<Stores>().Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM router_heartbeat WHERE heard_at >= @Since", new { Since = since }), CancellationToken.None);
                long heard, all;
                lock (outcomes)
                {
                    (heard, all) = (outcomes.GetValueOrDefault("heard"), outcomes.Values.Sum());
                }

                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"told {heard} {all} {stored} {GC.GetTotalMemory(forceFullCollection: true)}"));
            }

            return 0;
        }
        finally
        {
            await node.DisposeAsync();
        }
    }

    public static async Task<HeartbeatServerProcess> StartAsync(int boxes, CancellationToken cancellationToken)
    {
        var program = ChildProgram.Start(Word, boxes.ToString(CultureInfo.InvariantCulture));
        return new HeartbeatServerProcess(program, int.Parse((await program.ReadAsync("ready", cancellationToken))[1], CultureInfo.InvariantCulture));
    }

    /// <param name="since">µs: boxes count as stored that the store says were heard then or later.</param>
    public async Task<(long Heard, long All, long Stored, long Memory)> AskAsync(long since, CancellationToken cancellationToken)
    {
        await _program.SayAsync(since.ToString(CultureInfo.InvariantCulture), cancellationToken);
        long[] numbers = [.. (await _program.ReadAsync("told", cancellationToken)).Skip(1).Select(static word => long.Parse(word, CultureInfo.InvariantCulture))];
        return (numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    public void Dispose() => _program.Dispose();

    private static void Listen(Instrument instrument, MeterListener listener)
    {
        if (instrument.Name == "tsunagi.routers.heartbeats")
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }

    private static void Count(Dictionary<string, long> outcomes, long measurement, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (outcomes)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(outcomes, (string)tags[0].Value!, out _) += measurement;
        }
    }

    private static async Task FillAsync(IServiceProvider services, int boxes)
    {
        var stores = services.GetRequiredService<Stores>();
        var secrets = services.GetRequiredService<DeviceSecrets>();
        var provider = (await ProviderTenant.PathAsync(stores, CancellationToken.None))!;
        for (var first = 0; first < boxes; first += RowsAtOnce)
        {
            List<(string Id, string Identity, byte[] Box)> rows = [];
            for (var i = first; i < Math.Min(boxes, first + RowsAtOnce); i++)
            {
                var identity = IdOf(i).ToString();
                rows.Add((string.Create(CultureInfo.InvariantCulture, $"rt_beat_{i:00000000000000000000}"), identity, await secrets.CloseAsync(provider, new DeviceCredentials(identity, PassphraseOf(i)), CancellationToken.None)));
            }

            await stores.Control.WriteAsync(
                async transaction =>
                {
                    foreach (var (id, identity, box) in rows)
                    {
                        await InsertAsync(transaction, provider, id, identity, box);
                    }

                    return true;
                },
                CancellationToken.None);
        }
    }

    private static async Task InsertAsync(ISqlTransaction transaction, string provider, string id, string identity, byte[] box)
    {
        var row = new { Id = id, Provider = provider, Identity = identity, Now = TimeProvider.System.NowMicros() };
        await transaction.ExecuteAsync(
            """
            INSERT INTO router_device (id, tenant_path, tenant_id, subscription_id, site_id, site_name, identity, manufacturer, oui, product_class, serial, model, hardware, software, root, address, connection_url,
              state, tags, first_at, informed_at, events, adopted_at, read_at, parameters, silent_after, silent_told, waked_at, waked)
            VALUES (@Id, @Provider, 'p', @Id, @Id, '', @Identity, '', '', '', '', '', '', '', 'Arms', '', '', 'configured', '', 1, 0, '', 0, 0, 0, 9000000000000000, 0, 0, '')
            """,
            row);
        await transaction.ExecuteAsync(
            """
            INSERT INTO router_heartbeat (device_id, tenant_path, first_at, keyed_at, heard_at, address, streak, cpu, memory_used, memory_available, interfaces, silent_at, silent_told)
            VALUES (@Id, @Provider, @Now, @Now, 0, '', 0, 255, 0, 0, '', 0, 0)
            """,
            row);
        await transaction.ExecuteAsync("INSERT INTO router_heartbeat_hour (device_id, tenant_path, first_at, minute, cells) VALUES (@Id, @Provider, @Now, 0, '')", row);
        await DeviceSecrets.WriteAsync(transaction, id, provider, DeviceSecrets.Heartbeat, box);
    }
}
