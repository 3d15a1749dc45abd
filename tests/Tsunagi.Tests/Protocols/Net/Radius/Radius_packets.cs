using System.Buffers.Binary;
using System.Net;
using FsCheck.Fluent;
using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Net.Radius;

public class Radius_packets
{
    private const string Header = "01000014000102030405060708090a0b0c0d0e0f";

    [Theory]
    [InlineData("010000130001020304050607080910111213141516", "packet: its length is below 20")]
    [InlineData("0100001300010203040506070809101112131415", "packet: its length is below 20")]
    [InlineData("01000064000102030405060708090a0b0c0d0e0f", "packet: shorter than its length")]
    [InlineData("010000", "packet: shorter than its header")]
    [InlineData("01000015000102030405060708090a0b0c0d0e0fff", "attribute: its header runs over the end of the packet")]
    [InlineData("01000016000102030405060708090a0b0c0d0e0f0002", "attribute: type 0 is none")]
    [InlineData("01000016000102030405060708090a0b0c0d0e0f0100", "attribute: its length is below 2")]
    [InlineData("01000016000102030405060708090a0b0c0d0e0f0101", "attribute: its length is below 2")]
    [InlineData("01000016000102030405060708090a0b0c0d0e0f010a", "attribute: its value runs over the end of the packet")]
    [InlineData("01000019000102030405060708090a0b0c0d0e0f5005000000", "Message-Authenticator: not 16 octets long")]
    public void That_must_be_discarded_say_why(string hex, string reason)
    {
        Assert.False(RadiusPacket.TryParse(Convert.FromHexString(hex), null, out _, out RadiusError error));
        Assert.Equal(reason, error.Reason);
    }

    [Fact]
    public void With_two_message_authenticators_are_refused()
    {
        string one = "5012" + new string('0', 32);
        byte[] packet = Convert.FromHexString("01000038" + Header[8..] + one + one);
        Assert.False(RadiusPacket.TryParse(packet, null, out _, out RadiusError error));
        Assert.Equal(("Message-Authenticator: comes twice", 38), (error.Reason, error.Offset));
    }

    [Fact]
    public void Leave_out_the_padding_behind_their_length()
    {
        Assert.True(RadiusPacket.TryParse(Convert.FromHexString(Header + "01056a6f65"), null, out RadiusPacket packet, out _));
        Assert.Equal(20, packet.Octets.Length);
        Assert.False(packet.TryFind(RadiusType.UserName, out ReadOnlySpan<byte> _));
    }

    [Theory]
    [InlineData(4_096, true)]
    [InlineData(4_097, false)]
    public void Are_at_most_as_long_as_allowed(int octets, bool isTaken)
    {
        byte[] packet = Filled(octets);
        Assert.Equal(isTaken, RadiusPacket.TryParse(packet, null, out _, out RadiusError error));
        Assert.Equal(isTaken ? null : "packet: longer than the limit", error.Reason);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public void Have_at_most_as_many_attributes_as_allowed(int attributes, bool isTaken)
    {
        byte[] packet = new byte[20 + (attributes * 2)];
        packet[0] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        for (int i = 0; i < attributes; i++)
        {
            packet[20 + (i * 2)] = 1;
            packet[21 + (i * 2)] = 2;
        }

        Assert.Equal(isTaken, RadiusPacket.TryParse(packet, new RadiusLimits { Attributes = 3 }, out _, out RadiusError error));
        Assert.Equal(isTaken ? null : "attributes: more than the limit", error.Reason);
    }

    [Fact]
    public void Are_written_as_they_are_read()
    {
        var secret = new RadiusSecret("s3cret"u8);
        Span<byte> buffer = stackalloc byte[512];
        var writer = new RadiusWriter(buffer, RadiusCode.AccessAccept, 7);
        writer.AddMessageAuthenticator();
        writer.Add(RadiusType.ReplyMessage, "Grüße");
        writer.Add(RadiusType.ReplyMessage, "");
        writer.Add(RadiusType.SessionTimeout, 3_600);
        writer.Add(RadiusType.FramedIpAddress, IPAddress.Parse("192.0.2.7"));
        writer.Add(RadiusType.FramedIpv6Address, IPAddress.Parse("2001:db8::7"));
        writer.Add(RadiusType.DelegatedIpv6Prefix, IPNetwork.Parse("2001:db8:1200::/56"));
        writer.AddVendor(14_988, 8, "10M/20M"u8);
        byte[] asked = Convert.FromHexString("000102030405060708090a0b0c0d0e0f");
        Assert.True(writer.TryFinishAnswer(secret, asked, out int length));
        Assert.True(RadiusPacket.TryParse(buffer[..length], null, out RadiusPacket packet, out _));
        Assert.Equal(20, packet.MessageAuthenticatorAt);
        Assert.True(secret.VerifyAnswer(packet, asked) && secret.VerifyMessageAuthenticator(packet, asked));
        Assert.True(packet.TryFindVendor(14_988, 8, out ReadOnlySpan<byte> rate) && rate.SequenceEqual("10M/20M"u8));
        Assert.False(packet.TryFindVendor(14_988, 9, out _) || packet.TryFindVendor(9, 8, out _));
        Assert.Equal(
            ["Message-Authenticator", "Reply-Message = \"Grüße\"", "Session-Timeout = 3600", "Framed-IP-Address = 192.0.2.7", "Framed-IPv6-Address = 2001:db8::7", "Delegated-IPv6-Prefix = 2001:db8:1200::/56", "Mikrotik-Rate-Limit = \"10M/20M\""],
            RadiusDecoder.Decode(packet, RadiusDictionary.Standard).SelectMany(static pair => pair.Leaves()).Select(static pair => pair.Name == "Message-Authenticator" ? pair.Name : pair.ToString()));
    }

    [Theory]
    [InlineData(253, true)]
    [InlineData(254, false)]
    public void Take_values_of_up_to_253_octets(int octets, bool fits)
    {
        var writer = new RadiusWriter(new byte[4_096], RadiusCode.AccessRequest, 1);
        writer.Add(RadiusType.Class, new byte[octets]);
        writer.AddVendor(9, 1, new byte[1]);
        Assert.Equal(fits, writer.Fits);
        Assert.Equal(fits, writer.TryFinishAccess(new RadiusSecret("x"u8), out _));
    }

    [Theory]
    [InlineData(25, true)]
    [InlineData(24, false)]
    public void Do_not_run_over_their_buffer(int buffer, bool fits)
    {
        var writer = new RadiusWriter(new byte[buffer], RadiusCode.AccessRequest, 1);
        writer.Add(RadiusType.UserName, "joe");
        Assert.Equal(fits, writer.TryFinishAccess(new RadiusSecret("x"u8), out int length));
        Assert.Equal(fits ? 25 : 0, length);
    }

    [Fact]
    public void Changed_in_any_octet_are_not_authentic_any_more()
    {
        var secret = new RadiusSecret("s3cret"u8);
        byte[] buffer = new byte[128];
        var writer = new RadiusWriter(buffer, RadiusCode.AccountingRequest, 9);
        writer.Add(RadiusType.AcctSessionId, "abc");
        writer.AddMessageAuthenticator();
        Assert.True(writer.TryFinishSigned(secret, out int length));
        for (int at = 0; at < length; at++)
        {
            buffer[at] ^= 1;
            Assert.False(RadiusPacket.TryParse(buffer.AsSpan(0, length), null, out RadiusPacket changed, out _) && secret.VerifyRequest(changed) && secret.VerifyMessageAuthenticator(changed));
            buffer[at] ^= 1;
        }

        Assert.True(RadiusPacket.TryParse(buffer.AsSpan(0, length), null, out RadiusPacket packet, out _) && secret.VerifyRequest(packet) && secret.VerifyMessageAuthenticator(packet));
        Assert.False(new RadiusSecret("other"u8).VerifyRequest(packet) || new RadiusSecret("other"u8).VerifyMessageAuthenticator(packet));
    }

    [Fact]
    public void Of_any_octets_never_throw_and_cut_ones_are_refused() => Properties.Holds(Properties.Bytes("\u0001\u0002\0\u0014\u0050\u0012\u001a", 64), octets =>
    {
        if (RadiusPacket.TryParse(octets, null, out RadiusPacket packet, out RadiusError error))
        {
            int walked = 0;
            foreach (RadiusAttribute attribute in packet.Attributes)
            {
                walked += attribute.Octets.Length;
            }

            Assert.Equal(packet.Octets.Length - 20, walked);
            Assert.False(RadiusPacket.TryParse(packet.Octets[..^1], null, out _, out _));
        }
        else
        {
            Assert.InRange(error.Offset, 0, octets.Length);
        }
    });

    private static byte[] Filled(int octets)
    {
        byte[] packet = new byte[octets];
        packet[0] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)octets);
        for (int at = 20; at < octets;)
        {
            int length = Math.Min(255, octets - at);
            length = octets - at - length == 1 ? length - 1 : length;
            packet[at] = 25;
            packet[at + 1] = (byte)length;
            at += length;
        }

        return packet;
    }
}
