using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Dhcp4;
using Tsunagi.Core.Store;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>Who is believed to be on a link, which is loopback here, and which sockets a broadcast is for.</summary>
public sealed class Dhcp4_on_a_link
{
    private const int SolSocket = 1;
    private const int BindToDevice = 25;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_comes_by_unicast_is_believed_of_leases_alone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "sockets of one interface need root");
        await using var world = await Dhcp4World.OpenAsync(static options => options with { Links = [new Dhcp4LinkOption { Interface = "lo", Port = 0, TrustRelayInformation = true }] });
        var own = world.Line("own") with { CircuitId = "lo", Addresses = new LineAddresses { V4 = IPAddress.Loopback } };
        world.Set(own, world.Line("b"), world.Line("mac") with { CircuitId = null, RemoteId = "mac:020000000171" });
        using var dropped = new DroppedHere(world);
        var at = world.World.Get<Dhcp4Server>().EndPoints[1].Port;
        using var far = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var near = OnLoopback();
        Task FarAsync(Said said) => far.SendAsync(Dhcp4World.Message(said with { Relay = null }, 7), new IPEndPoint(IPAddress.Loopback, at), Cancel).AsTask();
        async Task<Dhcp4Heard> NearAsync(Said said)
        {
            await near.SendAsync(Dhcp4World.Message(said with { Relay = null, IsBroadcast = true }, 8), new IPEndPoint(IPAddress.Broadcast, at), Cancel);
            return await HearAsync(near);
        }

        // Neither the link's own line, nor what a switch would say of another, nor a hardware address that anybody may write.
        await FarAsync(new Said(Dhcp4Type.Discover, "x") { IsRapid = true });
        await FarAsync(new Said(Dhcp4Type.Discover, "x") { IsRapid = true, Information = Dhcp4World.Circuit("port b") });
        await FarAsync(new Said(Dhcp4Type.Discover, "q") { IsRapid = true });

        // Who is on the link is: the same socket answers it behind those.
        Assert.Equal("Ack 127.0.0.1 3600", (await NearAsync(new Said(Dhcp4Type.Discover, "x") { IsRapid = true })).ToString());
        Assert.Equal(Dhcp4World.Circuit("port b"), (await NearAsync(new Said(Dhcp4Type.Discover, "y") { Information = Dhcp4World.Circuit("port b") })).Options[Dhcp4Code.RelayAgent]);
        Assert.Equal((3, 0, 1), (dropped["not-relayed"], far.Available, world.Book.Bound));
        Assert.Empty(await world.EventsAsync(Dhcp4Events.UnknownClient));

        // A lease goes on by unicast, from its address.
        await FarAsync(new Said(Dhcp4Type.Request, "x") { Using = "127.0.0.1" });
        Assert.Equal("Ack 127.0.0.1 3600", (await HearAsync(far)).ToString());
    }

    [Fact]
    public async Task A_broadcast_is_not_for_sockets_of_relays()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "sockets of one interface need root");
        await using var world = await Dhcp4World.OpenAsync(static options => options with { Listen = ["0.0.0.0:0"], ServerAddress = "127.0.0.1" });
        using var dropped = new DroppedHere(world);
        using var near = OnLoopback();
        await near.SendAsync(Dhcp4World.Message(new Said(Dhcp4Type.Discover, "x") { Relay = null }, 1), new IPEndPoint(IPAddress.Broadcast, world.At.Port), Cancel);
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Discover, "x") { Relay = null });
        Assert.Equal((1, 1), (dropped["broadcast"], dropped["not-relayed"]));
        Assert.Empty(await world.EventsAsync(Dhcp4Events.UnknownClient));
    }

    [Fact]
    public async Task A_link_that_stands_there_twice_is_refused_by_name()
    {
        var link = new Dhcp4LinkOption { Interface = "lo", Port = 0 };
        await using var world = await ConnectivityWorld.OpenAsync(SqlDialect.Sqlite, Dhcp4World.Options(options => options with { Links = [link, link] }));
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => world.Get<Dhcp4Server>().StartAsync(Cancel));
        Assert.Equal("connectivity.dhcp4.links: \"lo\" stands there twice", refused.Message);
    }

    private static UdpClient OnLoopback()
    {
        var client = new UdpClient(AddressFamily.InterNetwork) { EnableBroadcast = true };
        client.Client.SetRawSocketOption(SolSocket, BindToDevice, Encoding.ASCII.GetBytes("lo\0"));
        client.Client.Bind(new IPEndPoint(IPAddress.Any, 0));
        return client;
    }

    private static async Task<Dhcp4Heard> HearAsync(UdpClient client)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(10));
        return Dhcp4Heard.Read((await client.ReceiveAsync(deadline.Token)).Buffer);
    }
}
