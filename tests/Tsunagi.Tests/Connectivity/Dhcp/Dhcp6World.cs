using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Dhcp;
using Tsunagi.Connectivity.Dhcp6;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Store;
using Tsunagi.Protocols.Net.Dhcp;
using Tsunagi.Tests.Connectivity.Addresses;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>What one relay says around a message.</summary>
internal sealed record Hop(string? Interface = null, string? Remote = null, string? Subscriber = null);

/// <summary>An association that a client asks for.</summary>
internal sealed record Ask(ushort Code, uint Iaid = 1, params AddressBlock[] Named);

/// <summary>
/// A node that answers DHCPv6 of relays on loopback: real sockets, log and stores; lines are given to it as a snapshot, addresses come from the pools "na" (/128) and "pd" (/56), and "tight", which has
/// four /56. What hosted services would do is asked for.
/// </summary>
internal sealed class Dhcp6World : IAsyncDisposable
{
    private readonly UdpClient _relay = new(new IPEndPoint(IPAddress.IPv6Loopback, 0));
    private int _transaction;

    private Dhcp6World(ConnectivityWorld world) => World = world;

    public ConnectivityWorld World { get; }

    public IPEndPoint At => World.Get<Dhcp6Server>().EndPoints[0];

    public LeaseBook Book => World.Get<LeaseBook>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static ConnectivityOptions Options(Func<Dhcp6ServerOptions, Dhcp6ServerOptions>? change = null)
    {
        var options = new Dhcp6ServerOptions { Listen = ["[::1]:0"], Relays = ["::1/128"], SegmentBytes = 1 << 20, Default = new Dhcp6PoolOption { PreferredLifetime = TimeSpan.FromHours(1), ValidLifetime = TimeSpan.FromHours(2) } };
        return new ConnectivityOptions { Dhcp6 = change?.Invoke(options) ?? options };
    }

    public static async Task<Dhcp6World> OpenAsync(Func<Dhcp6ServerOptions, Dhcp6ServerOptions>? change = null, SqlDialect dialect = SqlDialect.Sqlite, IDisk? disk = null, IKernelRoutes? routes = null)
    {
        var world = new Dhcp6World(await ConnectivityWorld.OpenAsync(dialect, Options(change), null, disk, routes));
        await PlanAsync(world.World);
        world.Set(world.Line("a"), world.Line("b"), world.Line("c"), world.Line("probe"));
        await world.StartAsync();
        return world;
    }

    /// <param name="delegated">The pool "pd": each node holds a share of it, 256 of its /56, so it is good for so many nodes.</param>
    public static async Task PlanAsync(ConnectivityWorld world, string delegated = "2001:db8:100::/44")
    {
        await Plan_of_addresses.AddAsync(world, "2001:db8::/32");
        await Plan_of_addresses.PoolAsync(world, "na", "2001:db8:1::/112", 128, PoolPurpose.Sessions, restSeconds: 300);
        await Plan_of_addresses.PoolAsync(world, "pd", delegated, 56, PoolPurpose.Sessions, restSeconds: 300);
        await Plan_of_addresses.PoolAsync(world, "tight", "2001:db8:200::/54", 56, PoolPurpose.Sessions, restSeconds: 300);
    }

    /// <summary>A second node with its own log.</summary>
    public async Task<Dhcp6World> BesideAsync(string node = "node-2", IKernelRoutes? routes = null)
    {
        var world = new Dhcp6World(await World.BesideAsync(node, Options(own => own with { Directory = "leases-" + node }), routes));
        world.World.Get<LineSnapshotHolder>().Set(World.Snapshot);
        await world.StartAsync();
        return world;
    }

    /// <summary>The same node, stopped without a word and started again.</summary>
    public async Task<Dhcp6World> AgainAsync(Func<Dhcp6ServerOptions, Dhcp6ServerOptions>? change = null, IKernelRoutes? routes = null)
    {
        var snapshot = World.Snapshot;
        await StopAsync();
        var world = new Dhcp6World(await World.AgainAsync(Options(change), routes: routes));
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
    public Line Line(string name, string? v6Pool = "na", string? delegatedPool = "pd") => new()
    {
        LineId = "ln_" + name, TenantId = World.Root.Id, TenantPath = World.Root.TenantPath, SubscriptionId = "s_" + name, CircuitId = "port " + name,
        Addresses = new LineAddresses { V6Pool = v6Pool, DelegatedPool = delegatedPool },
    };

    public static byte[] Duid(string name) => [0, 2, 0, 0, 0x7F, 0x01, .. Encoding.ASCII.GetBytes(name)];

    /// <summary>A client's message, as the relay nearest to it gets it.</summary>
    public byte[] Message(Dhcp6Type type, string client, Ask[] asks, byte[]? server = null, bool isRapid = false, ushort[]? wants = null)
    {
        var buffer = new byte[8_192];
        var writer = new Dhcp6Writer(buffer, type, ++_transaction);
        if (client.Length > 0)
        {
            writer.Add(Dhcp6Code.ClientId, Duid(client));
        }

        if (server is not null)
        {
            writer.Add(Dhcp6Code.ServerId, server);
        }

        if (isRapid)
        {
            writer.AddFlag(Dhcp6Code.RapidCommit);
        }

        if (wants is not null)
        {
            writer.Add(Dhcp6Code.OptionRequest, [.. wants.SelectMany(static code => (byte[])[(byte)(code >> 8), (byte)code])]);
        }

        foreach (var ask in asks)
        {
            var mark = ask.Code == Dhcp6Code.IaTa ? writer.BeginTemporary(ask.Iaid) : writer.BeginAssociation(ask.Code, ask.Iaid, 0, 0);
            foreach (var named in ask.Named)
            {
                writer.End(ask.Code == Dhcp6Code.IaPd ? writer.BeginPrefix(named.ToNetwork(), 0, 0) : writer.BeginAddress(named.Address, 0, 0));
            }

            writer.End(mark);
        }

        Assert.True(writer.TryFinish(out var length));
        return buffer[..length];
    }

    /// <summary>Relays around it, the last of <paramref name="hops"/> nearest to the client.</summary>
    public static byte[] Relayed(byte[] message, params Hop[] hops)
    {
        for (var i = hops.Length - 1; i >= 0; i--)
        {
            var buffer = new byte[message.Length + 512];
            var writer = new Dhcp6Writer(buffer, Dhcp6Type.RelayForward, (byte)(hops.Length - 1 - i), IPAddress.IPv6Any.GetAddressBytes(), IPAddress.Parse("fe80::1").GetAddressBytes());
            if (hops[i].Interface is { } name)
            {
                writer.Add(Dhcp6Code.InterfaceId, Encoding.UTF8.GetBytes(name));
            }

            if (hops[i].Remote is { } remote)
            {
                writer.Add(Dhcp6Code.RemoteId, [0, 0, 0x0D, 0xE9, .. Encoding.UTF8.GetBytes(remote)]);
            }

            if (hops[i].Subscriber is { } subscriber)
            {
                writer.Add(Dhcp6Code.SubscriberId, Encoding.UTF8.GetBytes(subscriber));
            }

            writer.AddNumber(RelayHop.SourcePort, 0);
            writer.Add(Dhcp6Code.RelayMessage, message);
            Assert.True(writer.TryFinish(out var length));
            message = buffer[..length];
        }

        return message;
    }

    public async Task SendAsync(byte[] datagram) => await _relay.SendAsync(datagram, At, Cancel);

    public async Task<Dhcp6Heard> HearAsync(double seconds = 10)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(seconds));
        return Dhcp6Heard.Read((await _relay.ReceiveAsync(deadline.Token)).Buffer);
    }

    public async Task<Dhcp6Heard> AskAsync(byte[] datagram)
    {
        await SendAsync(datagram);
        return await HearAsync();
    }

    /// <summary>A message of the client of a line that has the client's name, through one relay.</summary>
    public Task<Dhcp6Heard> AskAsync(Dhcp6Type type, string client, Ask[] asks, byte[]? server = null, string? line = null, bool isRapid = false, ushort[]? wants = null) =>
        AskAsync(Relayed(Message(type, client, asks, server ?? (IsToServer(type) ? World.Get<LeaseKeeper>().Duid : null), isRapid, wants), new Hop("port " + (line ?? client))));

    /// <summary>It is not answered: what is asked behind it is.</summary>
    public async Task IsNotAnsweredAsync(byte[] datagram)
    {
        await SendAsync(datagram);
        await NothingIsSaidAsync();
    }

    /// <summary>Nothing that was asked before is answered before this is.</summary>
    public async Task NothingIsSaidAsync()
    {
        await SendAsync(Relayed(Message(Dhcp6Type.InformationRequest, "probe", []), new Hop("port probe")));
        Assert.Equal(_transaction, (await HearAsync()).TransactionId);
    }

    public Task IsNotAnsweredAsync(Dhcp6Type type, string client, Ask[] asks, byte[]? server = null, string? line = null) =>
        IsNotAnsweredAsync(Relayed(Message(type, client, asks, server ?? (IsToServer(type) ? World.Get<LeaseKeeper>().Duid : null)), new Hop("port " + (line ?? client))));

    /// <summary>Four messages: what the client has then.</summary>
    public async Task<Dhcp6Heard> BindAsync(string client, string? line = null, params Ask[] asks)
    {
        asks = asks.Length > 0 ? asks : Both;
        var offer = await AskAsync(Dhcp6Type.Solicit, client, asks, line: line);
        Assert.Equal(Dhcp6Type.Advertise, offer.Type);
        var named = asks.Select(ask => ask with { Named = [.. offer.Of(ask.Code, ask.Iaid).Parts.Select(static part => part.Block)] }).ToArray();
        var reply = await AskAsync(Dhcp6Type.Request, client, named, offer.ServerId, line);
        Assert.Equal(Dhcp6Type.Reply, reply.Type);
        Assert.Equal(offer.Associations.SelectMany(static each => each.Parts), reply.Associations.SelectMany(static each => each.Parts));
        return reply;
    }

    public static Ask[] Both { get; } = [new(Dhcp6Code.IaNa), new(Dhcp6Code.IaPd)];

    public static Ask[] Named(Dhcp6Heard heard) => [.. heard.Associations.Select(static each => new Ask(each.Code, each.Iaid, [.. each.Parts.Select(static part => part.Block)]))];

    /// <summary>Brings the store up to date with the log.</summary>
    public async Task ProjectAsync() => Assert.True(await World.Get<LeaseProjector>().CatchUpAsync(Cancel));

    public async Task<IReadOnlyList<LeaseRow>> LeasesAsync(string state = "") => await World.Get<LeaseStore>().ListAsync(World.Operator, "", state, "", "", "", 10_000, Cancel);

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

    public async Task<string> HolderAsync(string address) => string.Join(' ', (await World.Get<HolderDesk>().FindAsync(
        Vrf.Global, IPAddress.Parse(address), null, Tsunagi.Core.Time.UnixMicros.From(World.Time.GetUtcNow()), Tsunagi.Core.Time.UnixMicros.From(World.Time.GetUtcNow()) + 1, Cancel)).Holders.Select(static holder => holder.LineId));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await World.DisposeAsync();
    }

    private static bool IsToServer(Dhcp6Type type) => type is Dhcp6Type.Request or Dhcp6Type.Renew or Dhcp6Type.Release or Dhcp6Type.Decline;

    private async Task StopAsync()
    {
        await World.Get<Dhcp6Server>().StopAsync(Cancel);
        await World.Get<LeaseLog>().StopAsync(Cancel);
        _relay.Dispose();
    }

    private async Task StartAsync()
    {
        await World.Get<LeaseLog>().StartAsync(Cancel);
        Assert.True(await World.Get<LeaseKeeper>().OpenAsync(Cancel));
        await World.Get<AddressShares>().LookAsync(Cancel);
        await World.Get<Dhcp6Server>().StartAsync(Cancel);
    }
}
