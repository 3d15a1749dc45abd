using System.Net;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Tests.Protocols.Net.Dhcp;

public class Neighbor_messages
{
    private static readonly byte[] Router = IPAddress.Parse("fe80::1").GetAddressBytes();
    private static readonly byte[] AllNodes = IPAddress.Parse("ff02::1").GetAddressBytes();

    [Fact]
    public void Of_a_router_say_what_hosts_are_to_do()
    {
        byte[] octets =
        [
            134, 0, 0, 0, 64, 0b1100_1000, 0x07, 0x08, 0, 0, 0, 0, 0, 0, 0, 0,
            1, 1, 0, 0x11, 0x22, 0x33, 0x44, 0x55,
            5, 1, 0, 0, 0, 0, 0x05, 0xC8,
            24, 2, 48, 0x18, 0, 0, 0x07, 0x08, 0x20, 0x01, 0x0D, 0xB8, 0, 5, 0, 0,
            38, 2, 0x07, 0x08, 0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0,
        ];
        Assert.True(DhcpDecoder.TryDecode(DhcpProtocol.Neighbor, octets, null, out DhcpMessage? message, out _));
        Assert.Equal("Router Advertisement", message!.TypeName);
        Assert.Equal(
            "type=Router Advertisement (134) code=0 checksum=0x0000 hop-limit=64 managed=yes other=yes home-agent=no preference=High (1) proxy=no snac-router=no router-lifetime=1800 reachable-time=0 retrans-timer=0 options={ "
            + "Source Link-layer Address = 00:11:22:33:44:55, MTU = mtu=1480, Route Information Option = prefix-length=48 preference=Low (3) route-lifetime=1800 prefix=2001:db8:5::, "
            + "PREF64 option = scaled-lifetime=225 prefix-length=96 (0) prefix=64:ff9b:: }",
            message.Fields.ToString());
        Assert.True(NeighborMessage.TryParse(octets, null, out NeighborMessage read, out _));
        var types = new List<byte>();
        foreach (NeighborOption option in read.Options)
        {
            types.Add(option.Type);
            Assert.Equal(6, option.Value.Length % 8);
        }

        Assert.Equal((byte[])[1, 5, 24, 38], types);
    }

    [Theory]
    [InlineData("8700000000000000fe80000000000000000000000000000701010011223344 55", "Neighbor Solicitation", "target=fe80::7")]
    [InlineData("8800000060000000fe80000000000000000000000000000702010011223344 55", "Neighbor Advertisement", "router=no solicited=yes override=yes target=fe80::7")]
    [InlineData("8900000000000000fe80000000000000000000000000000720010db800000000000000000000000704020000000000006000000000000000", "Redirect Message", "target=fe80::7 destination=2001:db8::7 options={ Redirected Header = packet=0x6000000000000000")]
    [InlineData("8d00000000000000", "Inverse Neighbor Discovery Solicitation Message", "code=0")]
    public void Of_every_kind_are_told(string hex, string name, string part)
    {
        byte[] octets = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.True(NeighborMessage.TryParse(octets, null, out _, out DhcpError error), error.Reason);
        Assert.True(DhcpDecoder.TryDecode(DhcpProtocol.Neighbor, octets, null, out DhcpMessage? message, out _));
        Assert.Equal(name, message!.TypeName);
        Assert.Contains(part, message.Fields.ToString(), StringComparison.Ordinal);
        Assert.True(DhcpEncoder.TryEncode(message, out byte[] written) && written.AsSpan().SequenceEqual(octets));
    }

    [Theory]
    [InlineData("", "message: shorter than its header")]
    [InlineData("8600000040000000", "message: shorter than its header")]
    [InlineData("8000000000000000", "message: no type of neighbor discovery")]
    [InlineData("8501000000000000", "message: its code is not 0")]
    [InlineData("85000000000000000100000000000000", "options: one has the length 0")]
    [InlineData("85000000000000000102000000000000", "options: end in the middle of one")]
    [InlineData("850000000000000001", "options: end in the middle of one")]
    public void That_are_not_as_they_must_be_are_discarded_with_a_reason(string hex, string reason)
    {
        byte[] octets = Convert.FromHexString(hex);
        Assert.False(NeighborMessage.TryParse(octets, null, out _, out DhcpError error));
        Assert.Equal(reason, error.Reason);
        if (DhcpDecoder.TryDecode(DhcpProtocol.Neighbor, octets, null, out DhcpMessage? message, out _))
        {
            Assert.True(DhcpEncoder.TryEncode(message!, out byte[] written) && written.AsSpan().SequenceEqual(octets));
        }
    }

    // The sums are those that tshark 4.0.17 asks for.
    [Theory]
    [InlineData("85000000000000000501000000 0005c8", 0x7266)]
    [InlineData("850000000000000001010011223 3aabb", 0xAF2E)]
    [InlineData("85001234000000000e01000000000000", 0x6F2E)]
    public void Have_the_checksum_that_others_compute(string hex, int sum)
    {
        byte[] octets = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(sum, NeighborMessage.Checksum(Router, AllNodes, octets));
    }
}
