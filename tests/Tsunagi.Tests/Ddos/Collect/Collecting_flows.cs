using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Ddos.Collect;
using Tsunagi.Ddos.Tee;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Ddos.Try;
using Tsunagi.Protocols.Flow;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Collect;

/// <summary>Flow datagrams over real sockets into a whole node.</summary>
public sealed class Collecting_flows
{
    [Fact]
    public async Task An_attack_becomes_an_incident_that_its_tenant_sees_and_ends()
    {
        await using var world = await DdosNode.StartAsync();
        await world.AttackUntilAsync(async () => (await world.IncidentsAsync(world.Customer)).Count > 0);

        var incident = (await world.IncidentsAsync(world.Customer))[0]!;
        Assert.Equal(("192.0.2.1/32", "dns-reflection", world.Subscription), ((string)incident["target"]!, (string)incident["vector"]!, (string)incident["subscriptionId"]!));
        Assert.Equal("Header", (string)incident["samplingSource"]!);
        var shown = await world.Customer.GetAsync("/ddos/incidents/" + (string)incident["id"]!);
        Assert.Contains("answers from UDP port 53: above 500 packets/s to one address", (string)shown["rule"]!, StringComparison.Ordinal);

        // What flows is seen.
        await DdosNode.UntilAsync(async () => ((JsonArray)(await world.Customer.GetAsync("/ddos/traffic?seconds=60"))["seconds"]!).Sum(static s => (long)s!["udpBits"]!) > 0);
        await DdosNode.UntilAsync(async () => (await world.EventTypesAsync()).Contains("ddos.incident.opened@1"));

        // It is over after the quiet time.
        await DdosNode.UntilAsync(async () => (await world.IncidentsAsync())[0]!["closedAt"] is not null);
        await DdosNode.UntilAsync(async () => (await world.EventTypesAsync()).Contains("ddos.incident.closed@1"));
        Assert.Single(await world.IncidentsAsync());

        // What is billed is what happened, counted by two roads.
        var stores = world.Node.Services.GetRequiredService<Tsunagi.Core.Store.Stores>();
        var billed = await stores.Control.ReadAsync(
            static reader => reader.FirstOrDefaultAsync<long>("SELECT CAST(sum(quantity) AS bigint) FROM meter_delta WHERE meter = 'ddos.incidents'"), TestContext.Current.CancellationToken);
        var derived = await new Tsunagi.Ddos.Meters.IncidentMeters(stores).DeriveAsync(0, long.MaxValue, TestContext.Current.CancellationToken);
        Assert.Equal((1L, 1L), (billed, Assert.Single(derived).Quantity));
    }

    [Fact]
    public async Task An_exporter_that_does_not_say_how_it_samples_is_told()
    {
        await using var world = await DdosNode.StartAsync();
        world.Send(Template);
        world.Send(Data);
        await DdosNode.UntilAsync(async () => (await world.EventTypesAsync()).Contains("ddos.exporter.sampling-unknown@1"));
        var exporter = ((JsonArray)(await world.Node.Operator.GetAsync("/ddos/exporters"))["exporters"]!)[0]!;
        Assert.Equal(("Unknown", 1), ((string)exporter["samplingSource"]!, (int)exporter["templates"]!));
    }

    [Fact]
    public async Task Strangers_are_not_read_and_are_told_once()
    {
        await using var world = await DdosNode.StartAsync(new Dictionary<string, string> { ["ddos.collect.exporters"] = """[{"network":"198.51.100.0/24"}]""" });
        for (var i = 0; i < 50; i++)
        {
            world.Send(Exports.NetFlow5(30, (uint)i * 30, packets: 1_000));
        }

        await DdosNode.UntilAsync(async () => (await world.EventTypesAsync()).Contains("ddos.exporter.unknown@1"));
        var answer = await world.Node.Operator.GetAsync("/ddos/exporters");
        Assert.Empty((JsonArray)answer["exporters"]!);
        Assert.True((long)answer["refusedDatagrams"]! > 0);
        Assert.Empty(await world.IncidentsAsync());
        Assert.Equal(HttpStatusCode.Forbidden, await world.Customer.StatusAsync(HttpMethod.Get, "/ddos/exporters"));
    }

    [Fact]
    public async Task The_operator_states_the_sampling_and_losses_show_by_sequence()
    {
        await using var world = await DdosNode.StartAsync(new Dictionary<string, string> { ["ddos.collect.exporters"] = """[{"network":"127.0.0.0/8","name":"edge","sampling":100}]""" });
        world.Send(Exports.NetFlow5(1, sequence: 0));
        world.Send(Exports.NetFlow5(1, sequence: 8));
        await DdosNode.UntilAsync(async () => ((JsonArray)(await world.Node.Operator.GetAsync("/ddos/exporters"))["exporters"]!) is [{ } one] && (long)one["records"]! == 2);
        var exporter = ((JsonArray)(await world.Node.Operator.GetAsync("/ddos/exporters"))["exporters"]!)[0]!;
        Assert.Equal(("edge", "Override", 100L, 7L), ((string)exporter["name"]!, (string)exporter["samplingSource"]!, (long)exporter["samplingRate"]!, (long)exporter["lost"]!));
        Assert.Equal(3_000, (long)exporter["floorPackets"]!);
        await DdosNode.UntilAsync(async () => (await world.EventTypesAsync()).Contains("ddos.flows.lost@1"));
    }

    [Fact]
    public async Task Addresses_beyond_those_that_are_counted_are_told()
    {
        await using var world = await DdosNode.StartAsync(new Dictionary<string, string> { ["ddos.traffic"] = """{"maxCounted":1000}""" });
        await world.ProtectAsync("203.0.96.0/20");
        var sequence = 0u;
        await DdosNode.UntilAsync(async () =>
        {
            foreach (var addresses in Enumerable.Range(0, 4_096).Chunk(NetFlow5Datagram.MostFlows))
            {
                world.Send(NetFlow5Datagram.Write(sequence, [.. addresses.Select(static i => new TrialFlow("198.51.100.9", $"203.0.{96 + (i >> 8)}.{i & 255}", 6, 443, 50_000, 1, 100))], TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), 1));
                sequence += (uint)addresses.Length;
            }

            return (await world.EventTypesAsync()).Contains("ddos.traffic.not-counted@1");
        });
        Assert.InRange(world.Node.Services.GetRequiredService<TrafficCounter>().Hosts.Count, 1_000, 1_000);
    }

    [Fact]
    public async Task Datagrams_are_handed_on_unchanged()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5_000 };
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var world = await DdosNode.StartAsync(new Dictionary<string, string> { ["ddos.collect.tee"] = $"[\"{other.LocalEndPoint}\"]" });
        var sent = Exports.NetFlow5(30, 17);
        world.Send(sent);
        var buffer = new byte[65_535];
        var length = await other.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        Assert.Equal(sent, buffer[..length]);
        // It is counted after it is sent, so the receiver may be first.
        await DdosNode.UntilAsync(() => Task.FromResult(world.Node.Services.GetRequiredService<DatagramTee>().Targets[0].Sent == 1));
    }

    [Theory]
    [InlineData("127.0.0.1:2055", "127.0.0.1:2055", false)]
    [InlineData("0.0.0.0:2055", "127.0.0.1:2055", false)]
    [InlineData("[::]:2055", "[::1]:2055", false)]
    [InlineData("0.0.0.0:2055", "127.0.0.1:2056", true)]
    [InlineData("0.0.0.0:2055", "198.51.100.9:2055", true)]
    [InlineData("0.0.0.0:2055", "nowhere", false)]
    public void A_copy_never_goes_to_one_of_our_own_listeners(string listen, string tee, bool good) =>
        Assert.Equal(good, DatagramTee.Check(new CollectOptions { Listen = [listen], Tee = [tee] }) is null);

    [Fact]
    public void Exporters_are_taken_up_to_the_limit_and_not_one_more()
    {
        var table = new ExporterTable(new CollectOptions { MaxExporters = 2, Exporters = [new ExporterRule { Network = IPNetwork.Parse("192.0.2.0/24") }] }, TimeProvider.System);
        Assert.NotNull(table.Of(Key("192.0.2.1:1")));
        Assert.NotNull(table.Of(Key("192.0.2.1:2")));
        Assert.Null(table.Of(Key("192.0.2.1:3")));
        Assert.NotNull(table.Of(Key("192.0.2.1:1")));
        Assert.Null(table.Of(Key("198.51.100.1:1")));
        Assert.Equal((2L, 1), (table.Refused, table.Strangers.Count));
    }

    [Fact]
    public void Templates_and_rates_are_known_after_a_restart()
    {
        using var directory = new TemporaryDirectory();
        var options = new CollectOptions { Exporters = [new ExporterRule { Network = IPNetwork.Parse("192.0.2.0/24") }] };
        var (disk, node, log) = (new Tsunagi.Core.Disk.RealDisk(), new Tsunagi.Core.Nodes.Node("n", "b", directory.Path), Microsoft.Extensions.Logging.Abstractions.NullLogger<ExporterMemory>.Instance);
        var before = new ExporterTable(options, TimeProvider.System);
        var sink = new Protocols.Flow.FlowKeeper();
        before.Of(Key("192.0.2.1:4000"))!.State.Decode(Template, 0, ref sink);
        new ExporterMemory(disk, node, before, log).Save(new Lock());

        var after = new ExporterTable(options, TimeProvider.System);
        var memory = new ExporterMemory(disk, node, after, log);
        memory.Load();
        var result = after.Of(Key("192.0.2.1:4000"))!.State.Decode(Data, 0, ref sink);
        Assert.Equal((1, 0), (result.Flows, result.Problems));

        // A damaged file is not used, wherever it is damaged.
        var file = Path.Combine(directory.Path, "ddos", "exporters");
        var octets = File.ReadAllBytes(file);
        for (var at = 0; at < octets.Length; at++)
        {
            var damaged = (byte[])octets.Clone();
            damaged[at] ^= 0x10;
            Assert.False(new ExporterMemory(disk, node, new ExporterTable(options, TimeProvider.System), log).TryRead(damaged));
        }
    }

    [Fact]
    public void A_burst_after_a_silence_speaks_of_the_silence()
    {
        var exporter = new Exporter(Key("192.0.2.1:1"), "", new FlowExporter());
        Assert.Equal(0, exporter.Cover(1_000)); // nothing came before: nothing is known
        exporter.Datagrams++;
        Assert.Equal(5_000, exporter.Cover(6_000));
        Assert.Equal(5_000, exporter.Cover(6_050));
        Assert.Equal(0, exporter.Cover(6_160)); // it goes on: it speaks of now
        Assert.Equal(0, exporter.Cover(6_170));
        Assert.Equal(5_000, exporter.LongestPauseMilliseconds);
    }

    [Fact]
    public void Drops_are_read_from_the_line_of_the_socket()
    {
        const string line = "  123: 0100007F:0807 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 98765 2 0000000000000000 42";
        Assert.True(UdpDrops.TryRead(line, "98765", out var drops));
        Assert.Equal(42, drops);
        Assert.False(UdpDrops.TryRead(line, "1", out _));
        Assert.False(UdpDrops.TryRead("", "1", out _));
    }

    [Fact]
    public async Task The_kernels_drops_are_counted()
    {
        using var socket = FlowCollector.FlowSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0), 4_096);
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        for (var i = 0; i < 2_000; i++)
        {
            await sender.SendToAsync(new byte[1_000], socket.EndPoint, TestContext.Current.CancellationToken);
        }

        await Eventually.HoldsAsync(() => socket.KernelDrops > 0);
    }

    private static ExporterKey Key(string text)
    {
        Assert.True(ExporterKey.TryParse(text, out var key));
        return key;
    }

    // NetFlow v9 from source id 7: template 256 of IPv4 addresses, packets and octets; then one record of it.
    private static byte[] Template => Convert.FromHexString("00090001000186a0659200800000000100000007000000180100000400080004000c00040002000400010004");

    private static byte[] Data => Convert.FromHexString("00090001000186a0659200800000000200000007" + "01000014" + "c6336401" + "c0000201" + "0000000a" + "00001388");
}
