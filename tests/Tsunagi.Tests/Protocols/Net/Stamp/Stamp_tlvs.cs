using System.Net;
using Tsunagi.Protocols.Net.Stamp;

namespace Tsunagi.Tests.Protocols.Net.Stamp;

/// <summary>TLVs of RFC 8972: what a sender writes, what a reflector makes of each, and when it takes none.</summary>
public class Stamp_tlvs
{
    private const long Moment = 1_700_000_000_000_000_000;

    private static readonly StampKey Key = new("0123456789abcdef"u8);
    private static readonly StampReflectorClock Clock = new(
        StampErrorEstimate.Of(1_000, isSynchronized: true, StampFormat.Ptp), new(StampSyncSource.Ntp, StampMethod.Software, StampSyncSource.Ntp, StampMethod.ControlPlane), MarksReplies: true);

    private static readonly StampArrival Arrival = new(Moment, 64, (46 << 2) | 1, IPEndPoint.Parse("192.0.2.1:4711"), IPEndPoint.Parse("[2001:db8::7]:862"));
    private static readonly StampSessionState State = new(12, 10, new StampFollowUp(9, StampTimestamp.FromUnixNanoseconds(Moment - 1_000, StampFormat.Ptp), StampMethod.Software));

    [Fact]
    public void A_sender_asks_with_U_alone_and_zeros()
    {
        byte[] test = Write(StampMode.Unauthenticated, null);
        Assert.Equal("80030004" + "00000000", Convert.ToHexString(test.AsSpan(Find(test, StampTlvType.TimestampInformation), 8)));
        Assert.Equal(
            "8002002C" + "00000000" + "80040010" + new string('0', 32) + "80070010" + new string('0', 32), Convert.ToHexString(test.AsSpan(Find(test, StampTlvType.Location), 48)));
    }

    [Theory]
    [InlineData(StampMode.Unauthenticated, false)]
    [InlineData(StampMode.Unauthenticated, true)]
    [InlineData(StampMode.Authenticated, true)]
    public void A_reflector_fills_in_each(StampMode mode, bool signed)
    {
        StampKey? key = signed ? Key : null;
        byte[] octets = Reflect(Write(mode, key), mode, key);
        Assert.True(StampReply.TryParse(octets, mode, key, null, out StampReply reply, out _));
        Assert.Equal(signed ? StampIntegrity.Right : StampIntegrity.Absent, reply.IntegrityOfTlvs(key));
        foreach (StampTlv tlv in reply.Tlvs)
        {
            Assert.Equal(StampTlvFlags.None, tlv.Flags);
        }

        Assert.True(reply.Tlvs.TryFind(StampTlvType.Location, out StampTlv found) && StampLocation.TryReadSource(found.Value, out IPEndPoint? source) && source!.Equals(Arrival.Source));
        Assert.True(StampLocation.TryReadDestination(found.Value, out IPEndPoint? destination) && destination!.Equals(Arrival.Destination));
        Assert.True(reply.Tlvs.TryFind(StampTlvType.TimestampInformation, out found) && StampTimestampInformation.TryRead(found.Value, out StampTimestampInformation information) && information == Clock.Information);
        Assert.True(reply.Tlvs.TryFind(StampTlvType.ClassOfService, out found) && StampClassOfService.TryRead(found.Value, out StampClassOfService service) && service == new StampClassOfService(34, 46, 1, 0));
        Assert.True(reply.Tlvs.TryFind(StampTlvType.DirectMeasurement, out found) && StampDirectMeasurement.TryRead(found.Value, out StampDirectMeasurement counted) && counted == new StampDirectMeasurement(17, 12, 10));
        Assert.True(reply.Tlvs.TryFind(StampTlvType.AccessReport, out found) && StampAccessReport.TryRead(found.Value, out StampAccessReport report) && report == new StampAccessReport(2, 1));
        Assert.True(reply.Tlvs.TryFind(StampTlvType.FollowUpTelemetry, out found) && StampFollowUp.TryRead(found.Value, out StampFollowUp followUp) && followUp == State.Before);
    }

    [Fact]
    public void Octets_of_a_class_of_service_are_those_of_the_figure()
    {
        var octets = new byte[4];
        new StampClassOfService(0b101110, 0b010010, 0b11, 0b01).Write(octets);
        Assert.Equal([0b10111001, 0b00101101, 0, 0], octets);
        Assert.True(StampClassOfService.TryRead(octets, out StampClassOfService read));
        Assert.Equal(new StampClassOfService(0b101110, 0b010010, 0b11, 0b01), read);
    }

    [Fact]
    public void A_reflector_that_can_not_mark_says_so()
    {
        byte[] octets = Reflect(Write(StampMode.Unauthenticated, null), StampMode.Unauthenticated, null, Clock with { MarksReplies = false }, out byte? wanted);
        Assert.Null(wanted);
        Assert.Equal(1, octets[Find(octets, StampTlvType.ClassOfService) + 5] & 3);
        Reflect(Write(StampMode.Unauthenticated, null), StampMode.Unauthenticated, null, Clock, out wanted);
        Assert.Equal((byte)34, wanted);
    }

    [Fact]
    public void What_is_not_known_comes_back_with_U_and_a_wrong_length_with_M()
    {
        byte[] test = [.. Write(StampMode.Unauthenticated, null), 0x80, 200, 0, 2, 7, 8, 0x80, 5, 0, 3, 1, 2, 3, 0x80, 1, 0, 9, 1];
        byte[] reply = Reflect(test, StampMode.Unauthenticated, null);
        Assert.Equal([0x80, 200, 0, 2, 7, 8, 0x40, 5, 0, 3, 1, 2, 3, 0x40, 1, 0, 9, 1], reply[^18..]);
    }

    [Fact]
    public void A_source_that_is_asked_for_by_hardware_stays_unrecognised()
    {
        byte[] test = [.. Write(StampMode.Unauthenticated, null), 0x80, 2, 0, 16, 0, 0, 0, 0, 0x80, 1, 0, 8, .. new byte[8]];
        Assert.Equal(0x80, Reflect(test, StampMode.Unauthenticated, null)[^12]);
        test[^9] = 7; // a length that the sub-TLV can not have
        Assert.Equal(0x40, Reflect(test, StampMode.Unauthenticated, null)[^20]);
    }

    [Theory]
    [InlineData(StampMode.Unauthenticated)]
    [InlineData(StampMode.Authenticated)]
    public void A_wrong_hmac_takes_nothing_and_sets_I_on_all(StampMode mode)
    {
        byte[] test = Write(mode, Key);
        test[^1] ^= 1;
        byte[] octets = Reflect(test, mode, Key);
        Assert.True(StampReply.TryParse(octets, mode, Key, null, out StampReply reply, out _));
        foreach (StampTlv tlv in reply.Tlvs)
        {
            Assert.Equal(StampTlvFlags.Integrity, tlv.Flags);
        }

        Assert.True(reply.Tlvs.TryFind(StampTlvType.DirectMeasurement, out StampTlv found) && StampDirectMeasurement.TryRead(found.Value, out StampDirectMeasurement counted) && counted.Received == 0);
    }

    [Fact]
    public void Authenticated_tlvs_need_an_hmac_but_for_padding_alone()
    {
        Assert.Equal(StampIntegrity.Absent, Integrity([1]));
        Assert.Equal(StampIntegrity.Wrong, Integrity([1, 1]));
        Assert.Equal(StampIntegrity.Wrong, Integrity([6]));
        Assert.Equal(StampIntegrity.Wrong, Integrity([6, 8]));
    }

    [Fact]
    public void An_hmac_stands_behind_all_but_padding()
    {
        byte[] test = Write(StampMode.Unauthenticated, Key);
        Assert.Equal(StampIntegrity.Right, IntegrityOf([.. test, 0x80, 1, 0, 0]));
        Assert.Equal(StampIntegrity.Wrong, IntegrityOf([.. test, 0x80, 6, 0, 4, 0x10, 1, 0, 0]));
        Assert.Equal(StampIntegrity.Wrong, IntegrityOf([.. test, 0x80, 8, 0, 16, .. new byte[16]]));
        Assert.Equal(StampIntegrity.Absent, StampTest.TryParse(test, StampMode.Unauthenticated, null, null, out StampTest read, out _) ? read.IntegrityOfTlvs(null) : StampIntegrity.Wrong);
        byte[] reply = Reflect(test, StampMode.Unauthenticated, null);
        Assert.Equal((byte)StampTlvFlags.Unrecognized, reply[^20]);
    }

    [Fact]
    public void A_sender_signs_padding_that_is_not_alone_and_refuses_what_does_not_fit()
    {
        var buffer = new byte[160];
        var writer = new StampWriter(buffer, StampMode.Authenticated, 1, 1);
        writer.Add(StampTlvType.ExtraPadding, new byte[4]);
        Assert.True(writer.TryFinish(default, Clock.Error, Key, out int length));
        Assert.Equal(120, length);
        writer.Add(StampTlvType.ExtraPadding, new byte[4]);
        Assert.True(writer.TryFinish(default, Clock.Error, Key, out length));
        Assert.Equal(148, length);
        Assert.Equal(StampIntegrity.Right, StampTest.TryParse(buffer.AsSpan(0, length), StampMode.Authenticated, Key, null, out StampTest test, out _) ? test.IntegrityOfTlvs(Key) : StampIntegrity.Absent);
        Assert.False(writer.TryFinish(default, Clock.Error, null, out _));
        writer.Add(StampTlvType.ExtraPadding, new byte[40]);
        Assert.False(writer.TryFinish(default, Clock.Error, Key, out _));
    }

    [Fact]
    public void A_reply_that_does_not_fit_is_not_begun()
    {
        Assert.True(StampTest.TryParse(Write(StampMode.Unauthenticated, null), StampMode.Unauthenticated, null, null, out StampTest test, out _));
        Assert.False(StampReflection.TryBegin(test, 1, Arrival, State, Clock, null, new byte[test.Octets.Length - 1], out _));
    }

    private static StampIntegrity Integrity(byte[] types)
    {
        var buffer = new byte[400];
        var writer = new StampWriter(buffer, StampMode.Authenticated, 1, 1);
        Assert.True(writer.TryFinish(default, Clock.Error, Key, out int length));
        byte[] whole = [.. buffer[..length], .. types.SelectMany(static type => (byte[])[0x80, type, 0, 4, 0, 0, 0, 0])];
        return StampTest.TryParse(whole, StampMode.Authenticated, Key, null, out StampTest test, out _) ? test.IntegrityOfTlvs(Key) : throw new InvalidOperationException("not read");
    }

    private static StampIntegrity IntegrityOf(byte[] octets) =>
        StampTest.TryParse(octets, StampMode.Unauthenticated, null, null, out StampTest test, out _) ? test.IntegrityOfTlvs(Key) : throw new InvalidOperationException("not read");

    internal static byte[] Write(StampMode mode, StampKey? key)
    {
        var buffer = new byte[400];
        var writer = new StampWriter(buffer, mode, 17, 5);
        writer.Add(StampTlvType.ExtraPadding, [1, 2, 3]);
        StampLocation.WriteRequest(writer.Reserve(StampTlvType.Location, StampLocation.RequestOctets));
        writer.Reserve(StampTlvType.TimestampInformation, StampTimestampInformation.Octets);
        new StampClassOfService(34, 0, 0, 0).Write(writer.Reserve(StampTlvType.ClassOfService, StampClassOfService.Octets));
        new StampDirectMeasurement(17, 0, 0).Write(writer.Reserve(StampTlvType.DirectMeasurement, StampDirectMeasurement.Octets));
        new StampAccessReport(2, 1).Write(writer.Reserve(StampTlvType.AccessReport, StampAccessReport.Octets));
        writer.Reserve(StampTlvType.FollowUpTelemetry, StampFollowUp.Octets);
        Assert.True(writer.TryFinish(StampTimestamp.FromUnixNanoseconds(Moment, StampFormat.Ptp), Clock.Error, key, out int length));
        return buffer[..length];
    }

    internal static byte[] Reflect(byte[] octets, StampMode mode, StampKey? key) => Reflect(octets, mode, key, Clock, out _);

    private static byte[] Reflect(byte[] octets, StampMode mode, StampKey? key, StampReflectorClock clock, out byte? wanted)
    {
        Assert.True(StampTest.TryParse(octets, mode, key, null, out StampTest test, out StampError error), error.Reason);
        var buffer = new byte[2_000];
        Assert.True(StampReflection.TryBegin(test, 11, Arrival, State, clock, key, buffer, out StampReflection reflection));
        reflection.Finish(Moment + 9_000, key);
        wanted = reflection.WantedDscp;
        Assert.Equal(octets.Length, reflection.Length);
        return buffer[..reflection.Length];
    }

    private static int Find(byte[] packet, StampTlvType type)
    {
        foreach (StampTlv tlv in StampReply.TryParse(packet, StampMode.Unauthenticated, null, null, out StampReply reply, out _) ? reply.Tlvs : default)
        {
            if (tlv.Type == type)
            {
                return 44 + tlv.Offset;
            }
        }

        throw new InvalidOperationException($"no {type}");
    }
}
