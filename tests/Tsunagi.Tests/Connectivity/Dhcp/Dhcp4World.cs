using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Dhcp;
using Tsunagi.Connectivity.Dhcp4;
using Tsunagi.Connectivity.Dhcp6;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Store;
using Tsunagi.Protocols.Net.Dhcp;
using Tsunagi.Tests.Connectivity.Addresses;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>What a client says, and what its relay puts around it.</summary>
internal sealed record Said(Dhcp4Type Type, string Client)
{
    public string? Named { get; init; }

    public string? Using { get; init; }

    public string? Server { get; init; }

    public byte[] Wants { get; init; } = [];

    public bool IsRapid { get; init; }

    public bool IsBroadcast { get; init; }

    public int? Longest { get; init; }

    /// <summary>Null: the letters of the client's name, as an opaque id; empty: none.</summary>
    public byte[]? ClientId { get; init; }

    /// <summary>Null for a client that sends past the relay.</summary>
    public string? Relay { get; init; } = "127.0.0.1";

    /// <summary>Null: the circuit "port CLIENT", of a relay; empty: no option 82.</summary>
    public byte[]? Information { get; init; }

    public string? Port { get; init; }
}

/// <summary>
/// A node that answers DHCPv4 of relays on loopback: real sockets, log and stores; lines are given to it as a snapshot, addresses come from the pools "v4" and "other", and "tight", which has eight.
/// What hosted services would do is asked for.
/// </summary>
internal sealed class Dhcp4World : IAsyncDisposable
{
    private uint _transaction;

    private Dhcp4World(ConnectivityWorld world) => World = world;

    public ConnectivityWorld World { get; }

    public IPEndPoint At => World.Get<Dhcp4Server>().EndPoints[0];

    public LeaseBook Book => World.Get<LeaseBook>();

    /// <summary>Where the relay, and clients that send by themselves, are.</summary>
    public UdpClient Relay { get; } = new(new IPEndPoint(IPAddress.Loopback, 0));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static ConnectivityOptions Options(Func<Dhcp4ServerOptions, Dhcp4ServerOptions>? change = null, string directory = "leases")
    {
        var options = new Dhcp4ServerOptions { Listen = ["127.0.0.1:0"], Relays = ["127.0.0.1/32"], RelayPort = 0, ClientPort = 0, Default = new Dhcp4PoolOption { LeaseTime = TimeSpan.FromHours(1) } };
        return new ConnectivityOptions { Dhcp4 = change?.Invoke(options) ?? options, Dhcp6 = new Dhcp6ServerOptions { SegmentBytes = 1 << 20, Directory = directory } };
    }

    public static async Task<Dhcp4World> OpenAsync(Func<Dhcp4ServerOptions, Dhcp4ServerOptions>? change = null, SqlDialect dialect = SqlDialect.Sqlite, IDisk? disk = null)
    {
        var world = new Dhcp4World(await ConnectivityWorld.OpenAsync(dialect, Options(change), null, disk));
        await PlanAsync(world.World);
        world.Set(world.Line("a"), world.Line("b"), world.Line("c"), world.Line("probe"));
        await world.StartAsync();
        return world;
    }

    public static async Task PlanAsync(ConnectivityWorld world)
    {
        await Plan_of_addresses.AddAsync(world, "10.20.0.0/16");
        await Plan_of_addresses.PoolAsync(world, "v4", "10.20.0.0/22", 32, PoolPurpose.Sessions, restSeconds: 300);
        await Plan_of_addresses.PoolAsync(world, "other", "10.20.4.0/24", 32, PoolPurpose.Sessions, restSeconds: 300);
        await Plan_of_addresses.PoolAsync(world, "tight", "10.20.8.0/29", 32, PoolPurpose.Sessions, restSeconds: 300);
    }

    /// <summary>A second node with its own log.</summary>
    public async Task<Dhcp4World> BesideAsync(string node = "node-2")
    {
        var world = new Dhcp4World(await World.BesideAsync(node, Options(directory: "leases-" + node)));
        world.World.Get<LineSnapshotHolder>().Set(World.Snapshot);
        await world.StartAsync();
        return world;
    }

    /// <summary>The same node, stopped without a word and started again.</summary>
    public async Task<Dhcp4World> AgainAsync()
    {
        var snapshot = World.Snapshot;
        await StopAsync();
        var world = new Dhcp4World(await World.AgainAsync(Options()));
        world.World.Get<LineSnapshotHolder>().Set(snapshot);
        await world.StartAsync();
        return world;
    }

    public void Set(params Line[] lines)
    {
        var builder = new LineSnapshotBuilder { Version = World.Snapshot.Version + 1 };
        foreach (var line in lines)
        {
            Assert.True(builder.TryAdd(line));
        }

        World.Get<LineSnapshotHolder>().Set(builder.Build());
    }

    /// <summary>A line told by the circuit "port NAME".</summary>
    public Line Line(string name, string? pool = "v4") => new()
    {
        LineId = "ln_" + name, TenantId = World.Root.Id, TenantPath = World.Root.TenantPath, SubscriptionId = "s_" + name, CircuitId = "port " + name, Addresses = new LineAddresses { V4Pool = pool },
    };

    public static byte[] Hardware(string client) => [2, 0, 0, 0, (byte)client.Length, (byte)client[0]];

    /// <summary>A suboption of option 82.</summary>
    public static byte[] Sub(byte code, params byte[] value) => [code, (byte)value.Length, .. value];

    public static byte[] Circuit(string name) => Sub(1, Encoding.UTF8.GetBytes(name));

    /// <summary>The message as the server gets it.</summary>
    public static byte[] Message(Said said, uint transaction)
    {
        var buffer = new byte[2_048];
        var writer = new Dhcp4Writer(buffer, said.Type, transaction, Hardware(said.Client));
        if (said.ClientId is not { Length: 0 })
        {
            writer.Add(Dhcp4Code.ClientId, said.ClientId ?? [0, .. Encoding.ASCII.GetBytes(said.Client)]);
        }

        if (said.Named is { } named)
        {
            writer.Add(Dhcp4Code.RequestedAddress, IPAddress.Parse(named).GetAddressBytes());
        }

        if (said.Server is { } server)
        {
            writer.Add(Dhcp4Code.ServerId, IPAddress.Parse(server).GetAddressBytes());
        }

        if (said.Wants.Length > 0)
        {
            writer.Add(Dhcp4Code.ParameterRequest, said.Wants);
        }

        if (said.IsRapid)
        {
            writer.Add(Dhcp4Code.RapidCommit, []);
        }

        if (said.Longest is { } longest)
        {
            writer.Add(Dhcp4Code.LongestMessage, [(byte)(longest >> 8), (byte)longest]);
        }

        if ((said.Information ?? (said.Relay is null ? [] : Circuit("port " + (said.Port ?? said.Client)))) is { Length: > 0 } information)
        {
            writer.Add(Dhcp4Code.RelayAgent, information);
        }

        Assert.True(writer.TryFinish(out var length));
        if (said.Using is { } address)
        {
            IPAddress.Parse(address).GetAddressBytes().CopyTo(buffer.AsSpan(12));
        }

        if (said.Relay is { } relay)
        {
            IPAddress.Parse(relay).GetAddressBytes().CopyTo(buffer.AsSpan(24));
        }

        buffer[10] = said.IsBroadcast ? (byte)0x80 : (byte)0;
        return buffer[..length];
    }

    public async Task<uint> SendAsync(Said said)
    {
        await Relay.SendAsync(Message(said, ++_transaction), At, Cancel);
        return _transaction;
    }

    public async Task<Dhcp4Heard> HearAsync()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(10));
        return Dhcp4Heard.Read((await Relay.ReceiveAsync(deadline.Token)).Buffer);
    }

    public async Task<Dhcp4Heard> AskAsync(Said said)
    {
        var transaction = await SendAsync(said);
        var heard = await HearAsync();
        Assert.Equal(transaction, heard.TransactionId);
        return heard;
    }

    /// <summary>It is not answered: what is asked behind it is.</summary>
    public async Task IsNotAnsweredAsync(Said said)
    {
        await SendAsync(said);
        Assert.Equal(Dhcp4Type.Offer, (await AskAsync(new Said(Dhcp4Type.Discover, "probe"))).Type);
    }

    /// <summary>What ended is on the disk, and so many leases last: who gives back hears nothing.</summary>
    public async Task LastsAsync(int leases)
    {
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (Bound() != leases)
        {
            Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10), $"{Bound()} leases last");
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancel);
        }

        int Bound()
        {
            lock (Book.Turn)
            {
                return Book.Bound;
            }
        }
    }

    /// <summary>Four messages: what the client has then.</summary>
    public async Task<string> BindAsync(string client, string? port = null)
    {
        var offer = await AskAsync(new Said(Dhcp4Type.Discover, client) { Port = port });
        Assert.Equal(Dhcp4Type.Offer, offer.Type);
        var ack = await AskAsync(new Said(Dhcp4Type.Request, client) { Port = port, Named = offer.Address!.ToString(), Server = offer.Server.ToString() });
        Assert.Equal(Dhcp4Type.Ack, ack.Type);
        Assert.Equal(offer.Address, ack.Address);
        return ack.Address!.ToString();
    }

    /// <summary>A client goes on with its address, through its relay.</summary>
    public Task<Dhcp4Heard> RenewAsync(string client, string address) => AskAsync(new Said(Dhcp4Type.Request, client) { Using = address });

    /// <summary>Brings the store up to date with the log.</summary>
    public async Task ProjectAsync() => Assert.True(await World.Get<LeaseProjector>().CatchUpAsync(Cancel));

    public async Task<IReadOnlyList<LeaseRow>> LeasesAsync(string state = "", string text = "") => await World.Get<LeaseStore>().ListAsync(World.Operator, text, state, "", "", "", 10_000, Cancel);

    /// <summary>What the keeper and the pools do every few seconds.</summary>
    public async Task LookAsync()
    {
        await ProjectAsync();
        await World.Get<LeaseKeeper>().LookAsync(Cancel);
        await ProjectAsync();
        await World.Get<AddressShares>().LookAsync(Cancel);
    }

    public async Task<IReadOnlyList<string>> EventsAsync(string type)
    {
        await World.Get<DhcpWatch>().LookAsync(Cancel);
        return [.. (await World.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT event FROM outbox ORDER BY position"), Cancel)).Where(each => each.Contains(type, StringComparison.Ordinal))];
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await World.DisposeAsync();
    }

    private async Task StopAsync()
    {
        await World.Get<Dhcp4Server>().StopAsync(Cancel);
        await World.Get<LeaseLog>().StopAsync(Cancel);
        Relay.Dispose();
    }

    private async Task StartAsync()
    {
        await World.Get<LeaseLog>().StartAsync(Cancel);
        Assert.True(await World.Get<LeaseKeeper>().OpenAsync(Cancel));
        await World.Get<AddressShares>().LookAsync(Cancel);
        await World.Get<Dhcp4Server>().StartAsync(Cancel);
    }
}
