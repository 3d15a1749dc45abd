using System.Security.Cryptography;
using FsCheck.Fluent;
using Tsunagi.Protocols.Net.Stamp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Net.Stamp;

/// <summary>Test packets of both modes, against octets written by hand from the figures of RFC 8762 and RFC 8972.</summary>
public class Stamp_packets
{
    private const long Moment = 1_700_000_000_123_456_789;

    private static readonly StampErrorEstimate Millisecond = StampErrorEstimate.Of(1_000_000, isSynchronized: true, StampFormat.Ntp);
    private static readonly StampReflectorClock Clock = new(Millisecond, new(StampSyncSource.Ntp, StampMethod.Software, StampSyncSource.Ntp, StampMethod.ControlPlane), MarksReplies: true);

    [Fact]
    public void A_sender_s_is_44_octets_with_its_fields_where_they_stand()
    {
        byte[] octets = Test(StampMode.Unauthenticated, 7, 0x1234, null);
        Assert.Equal(
            "00000007" + "E8FE6F801F9ADD37" + Convert.ToHexString([(byte)(Millisecond.Bits >> 8), (byte)Millisecond.Bits]) + "1234" + new string('0', 56), Convert.ToHexString(octets));
        Assert.True(StampTest.TryParse(octets, StampMode.Unauthenticated, null, null, out StampTest test, out _));
        Assert.Equal((7u, (ushort)0x1234, Moment), (test.Sequence, test.SessionId, test.Timestamp.ToUnixNanoseconds(StampFormat.Ntp)));
        Assert.True(test.ErrorEstimate is { IsSynchronized: true, Format: StampFormat.Ntp, IsValid: true });
    }

    [Fact]
    public void An_authenticated_sender_s_is_112_octets_and_signed_over_96()
    {
        var key = new StampKey("secret"u8);
        byte[] octets = Test(StampMode.Authenticated, 9, 2, key);
        Assert.Equal(112, octets.Length);
        Assert.Equal(HMACSHA256.HashData("secret"u8, octets.AsSpan(0, 96))[..16], octets[96..]);
        Assert.True(StampTest.TryParse(octets, StampMode.Authenticated, key, null, out StampTest test, out _));
        Assert.Equal((9u, (ushort)2, Moment), (test.Sequence, test.SessionId, test.Timestamp.ToUnixNanoseconds(StampFormat.Ntp)));
        octets[20] ^= 1;
        Assert.False(StampTest.TryParse(octets, StampMode.Authenticated, key, null, out _, out StampError error));
        Assert.Equal("test packet: its HMAC is wrong", error.Reason);
        Assert.False(StampTest.TryParse(octets, StampMode.Authenticated, null, null, out _, out error));
        Assert.Equal("test packet: there is no key to check its HMAC with", error.Reason);
    }

    [Theory]
    [InlineData(StampMode.Unauthenticated, 44, 16, 24, 28, 36, 40)]
    [InlineData(StampMode.Authenticated, 112, 32, 48, 64, 72, 80)]
    public void A_reflector_s_says_what_came_when(StampMode mode, int length, int received, int sequence, int timestamp, int error, int ttl)
    {
        var key = new StampKey("secret"u8);
        byte[] test = Test(mode, 41, 3, key);
        byte[] reply = Reflect(test, mode, 1_000, key, Moment + 5_000, Moment + 25_000);
        Assert.Equal(length, reply.Length);
        Assert.True(StampReply.TryParse(reply, mode, key, null, out StampReply read, out _));
        Assert.Equal((1_000u, 41u, (ushort)3, (byte)63), (read.Sequence, read.SenderSequence, read.SessionId, read.SenderTtl));
        Assert.Equal((Moment, Moment + 5_000, Moment + 25_000), (read.SenderTimestamp.ToUnixNanoseconds(StampFormat.Ntp), read.Received.ToUnixNanoseconds(StampFormat.Ntp), read.Timestamp.ToUnixNanoseconds(StampFormat.Ntp)));
        Assert.Equal(test.AsSpan(0, 4), reply.AsSpan(sequence, 4));
        Assert.Equal(test.AsSpan(mode == StampMode.Authenticated ? 16 : 4, 8), reply.AsSpan(timestamp, 8));
        Assert.Equal((test[mode == StampMode.Authenticated ? 24 : 12], (byte)63), (reply[error], reply[ttl]));
        Assert.NotEqual(0UL, BitConverter.ToUInt64(reply, received));
    }

    [Fact]
    public void A_twamp_light_sender_without_padding_gets_the_base_packet()
    {
        byte[] test = Test(StampMode.Unauthenticated, 5, 0, null)[..StampTest.ShortestOctets];
        Assert.True(StampTest.TryParse(test, StampMode.Unauthenticated, null, null, out StampTest read, out _));
        Assert.Equal((ushort)0, read.SessionId);
        Assert.Equal(44, Reflect(test, StampMode.Unauthenticated, 5, null, Moment, Moment).Length);
        Assert.False(StampTest.TryParse(test.AsSpan(0, StampTest.ShortestOctets - 1), StampMode.Unauthenticated, null, null, out _, out StampError error));
        Assert.Equal(("test packet: shorter than its fields", 13), (error.Reason, error.Offset));
    }

    [Fact]
    public void Padding_that_is_no_tlv_comes_back_as_it_was()
    {
        byte[] test = [.. Test(StampMode.Unauthenticated, 5, 0, null), .. new byte[300]];
        test[^1] = 77;
        byte[] reply = Reflect(test, StampMode.Unauthenticated, 5, null, Moment, Moment);
        Assert.Equal(test[44..], reply[44..]);
    }

    [Theory]
    [InlineData(StampMode.Unauthenticated, 43)]
    [InlineData(StampMode.Authenticated, 111)]
    public void A_reply_that_is_too_short_is_refused(StampMode mode, int octets) =>
        Assert.False(StampReply.TryParse(new byte[octets], mode, new StampKey("k"u8), null, out _, out _));

    [Fact]
    public void Limits_hold_at_the_limit_and_refuse_one_past_it()
    {
        var limits = new StampLimits { PacketOctets = 60, Tlvs = 2 };
        byte[] Padded(int octets, int tlvs)
        {
            var buffer = new byte[200];
            var writer = new StampWriter(buffer, StampMode.Unauthenticated, 1, 1);
            for (int i = 0; i < tlvs; i++)
            {
                writer.Add(StampTlvType.ExtraPadding, new byte[i == 0 ? octets - 44 - (4 * tlvs) : 0]);
            }

            Assert.True(writer.TryFinish(default, Millisecond, null, out int length));
            return buffer[..length];
        }

        Assert.True(StampTest.TryParse(Padded(60, 2), StampMode.Unauthenticated, null, limits, out _, out _));
        Assert.False(StampTest.TryParse(Padded(61, 2), StampMode.Unauthenticated, null, limits, out _, out StampError error));
        Assert.Equal("test packet: longer than the limit", error.Reason);
        Assert.False(StampTest.TryParse(Padded(60, 3), StampMode.Unauthenticated, null, limits, out _, out error));
        Assert.Equal("TLVs: more than the limit", error.Reason);
    }

    [Theory]
    [InlineData(0, "0001")]
    [InlineData(1, "0005")]
    [InlineData(1_000, "0587")]
    [InlineData(1_000_000, "0F84")]
    [InlineData(1_000_000_000, "1980")]
    public void Error_estimates_round_up(long nanoseconds, string bits)
    {
        var estimate = StampErrorEstimate.Of(nanoseconds, isSynchronized: false, StampFormat.Ntp);
        Assert.Equal(bits, estimate.Bits.ToString("X4", System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(estimate.Nanoseconds >= nanoseconds && estimate.Nanoseconds <= (nanoseconds * 102 / 100) + 2, $"{estimate.Nanoseconds}");
    }

    [Fact]
    public void An_error_estimate_of_nothing_is_told()
    {
        Assert.False(new StampErrorEstimate(0x3F00).IsValid);
        Assert.Equal(long.MaxValue, new StampErrorEstimate(0x3FFF).Nanoseconds);
        Assert.Equal(StampFormat.Ptp, StampErrorEstimate.Of(10, isSynchronized: true, StampFormat.Ptp).Format);
    }

    [Fact]
    public void Moments_are_the_same_in_both_formats_and_eras() => Properties.Holds(
        from seconds in Gen.Choose(0, int.MaxValue) from nanoseconds in Gen.Choose(0, 999_999_999) from late in Gen.Elements(0L, 2_000_000_000L) select ((seconds + late) * 1_000_000_000L) + nanoseconds,
        static moment =>
        {
            foreach (StampFormat format in Enum.GetValues<StampFormat>())
            {
                Assert.Equal(moment, StampTimestamp.FromUnixNanoseconds(moment, format).ToUnixNanoseconds(format));
            }
        });

    [Theory]
    [InlineData(0, StampFormat.Ntp, "83AA7E8000000000")]
    [InlineData(1_500_000_000, StampFormat.Ntp, "83AA7E8180000000")]
    [InlineData(1_500_000_001, StampFormat.Ptp, "000000011DCD6501")]
    [InlineData(2_085_978_496_000_000_000, StampFormat.Ntp, "0000000000000000")]
    public void Timestamps_are_those_of_the_books(long moment, StampFormat format, string bits) =>
        Assert.Equal(bits, StampTimestamp.FromUnixNanoseconds(moment, format).Bits.ToString("X16", System.Globalization.CultureInfo.InvariantCulture));

    internal static byte[] Test(StampMode mode, uint sequence, ushort session, StampKey? key)
    {
        var buffer = new byte[112];
        var writer = new StampWriter(buffer, mode, sequence, session);
        Assert.True(writer.TryFinish(StampTimestamp.FromUnixNanoseconds(Moment, StampFormat.Ntp), Millisecond, key, out int length));
        return buffer[..length];
    }

    internal static byte[] Reflect(byte[] datagram, StampMode mode, uint sequence, StampKey? key, long received, long sent)
    {
        Assert.True(StampTest.TryParse(datagram, mode, key, null, out StampTest test, out StampError error), error.Reason);
        var buffer = new byte[2_000];
        Assert.True(StampReflection.TryBegin(test, sequence, new StampArrival(received, 63, 0xB9, null, null), default, Clock, key, buffer, out StampReflection reflection));
        reflection.Finish(sent, key);
        return buffer[..reflection.Length];
    }
}
