using Tsunagi.Core.Net;

namespace Tsunagi.Tests.Core.Net;

/// <summary>What <see cref="LinkSender"/> puts in front of a datagram.</summary>
public sealed class Link_packets
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300)]
    public void Both_headers_and_their_sums_are_right(int octets)
    {
        var payload = new byte[octets];
        new Random(octets).NextBytes(payload);
        var packet = LinkSender.Packet(payload, [192, 0, 2, 1], 67, [192, 0, 2, 255], 68);
        Assert.Equal(LinkSender.HeaderOctets + octets, packet.Length);
        Assert.Equal([0x45, 0, (byte)(packet.Length >> 8), (byte)packet.Length, 0, 0, 0, 0, 64, 17], packet[..10]);
        Assert.Equal([192, 0, 2, 1, 192, 0, 2, 255, 0, 67, 0, 68, (byte)((8 + octets) >> 8), (byte)(8 + octets)], packet[12..26]);
        Assert.Equal(payload, packet[28..]);

        // A sum over what it is in is all ones (RFC 1071 section 1).
        Assert.Equal(0xFFFF, Sum(packet[..20]));
        Assert.Equal(0xFFFF, Sum([.. packet[12..20], 0, 17, .. packet[24..26], .. packet[20..]]));
    }

    private static int Sum(byte[] octets)
    {
        var sum = 0;
        for (var at = 0; at < octets.Length; at++)
        {
            sum += at % 2 == 0 ? octets[at] << 8 : octets[at];
        }

        return (sum & 0xFFFF) + (sum >> 16);
    }
}
