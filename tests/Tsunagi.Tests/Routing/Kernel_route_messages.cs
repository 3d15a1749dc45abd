using System.Net;
using Tsunagi.Routing.Kernel;

namespace Tsunagi.Tests.Routing;

/// <summary>Messages of rtnetlink, and who may send them.</summary>
public sealed class Kernel_route_messages
{
    private static readonly KernelWay Way = new(IPNetwork.Parse("2001:db8:100::/56"), IPAddress.Parse("fe80::5054:ff:fe12:3456"), 7, 254, 116, 1_024);

    [Fact]
    public void A_route_is_written_as_iproute2_writes_it()
    {
        // strace -e sendmsg ip -6 route add 2001:db8:100::/56 via fe80::5054:ff:fe12:3456 dev IFINDEX7 proto 116 metric 1024 (iproute2 6.1), its attributes in our order and with the table stated.
        Assert.Equal(
            "5c000000" + "1800" + "0506" + "05000000" + "00000000" + "0a380000" + "fe740001" + "00000000"
            + "14000100" + "20010db8010000000000000000000000" + "14000500" + "fe80000000000000505400fffe123456" + "08000400" + "07000000" + "08000600" + "00040000" + "08000f00" + "fe000000",
            Convert.ToHexStringLower(Written(RouteMessageType.New, RouteMessageType.Create | RouteMessageType.Exclusive | RouteMessageType.Acknowledge)));
    }

    [Theory]
    [InlineData(254)]
    [InlineData(10_077)]
    public void What_is_written_is_read(int table)
    {
        var way = Way with { Table = table };
        var octets = new byte[RouteMessage.Longest];
        var length = RouteMessage.Write(octets, RouteMessageType.New, 0, 5, way);
        Assert.True(RouteMessage.TryHeader(octets, out var told, out var type, out _, out var sequence));
        Assert.Equal((length, RouteMessageType.New, 5u), (told, type, sequence));
        Assert.True(RouteMessage.TryRead(octets.AsSpan(0, length), out var read));
        Assert.Equal(way, read);
    }

    [Fact]
    public void Octets_that_are_no_route_are_none()
    {
        var whole = Written(RouteMessageType.New, 0);
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var octets = whole.ToArray();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                octets[random.Next(octets.Length)] = (byte)random.Next(256);
            }

            var cut = octets.AsSpan(0, random.Next(octets.Length + 1));
            if (RouteMessage.TryHeader(cut, out var length, out _, out _, out _))
            {
                Assert.InRange(length, RouteMessage.HeaderOctets, cut.Length);
            }

            if (RouteMessage.TryRead(cut, out var way))
            {
                Assert.InRange(way.Prefix.PrefixLength, 0, 128);
            }
        }

        Assert.False(RouteMessage.TryRead(whole.AsSpan(0, RouteMessage.HeaderOctets + 11), out _));
        whole[RouteMessage.HeaderOctets] = 2;
        Assert.False(RouteMessage.TryRead(whole, out _));
    }

    [Theory]
    [InlineData("CapEff:\t000001ffffffffff", true)]
    [InlineData("CapEff:\t0000000000001000", true)]
    [InlineData("CapEff:\t00000000a80425fb", false)]
    [InlineData("CapPrm:\t000001ffffffffff", false)]
    public void Who_may_set_routes_is_told_by_the_capability(string status, bool may) => Assert.Equal(may, KernelRoutes.MayAdminister(["Name:\ttsunagi", status]));

    [Theory]
    [InlineData("eth1", true)]
    [InlineData("access17", true)]
    [InlineData("access", true)]
    [InlineData("eth10", false)]
    [InlineData("lo", false)]
    public void Routes_lead_to_named_interfaces_alone(string name, bool may) => Assert.Equal(may, new KernelRouteOptions { Interfaces = ["eth1", "access*"] }.MayLeadTo(name));

    private static byte[] Written(ushort type, int flags)
    {
        var octets = new byte[RouteMessage.Longest];
        return octets[..RouteMessage.Write(octets, type, (ushort)flags, 5, Way)];
    }
}
