using System.Buffers.Binary;

namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>
/// Writes a reflector's reply into the caller's buffer (RFC 8762 section 4.3, RFC 8972 section 4), in two steps so that the time of sending is put in as late as can be: (1) the constructor's
/// <see cref="TryBegin"/> writes the base packet and copies what stood behind the sender's, so that the reply is as long as the test packet, and no shorter than the base; (2) TLVs whose HMAC is wrong are
/// sent back with I and not taken; (3) each other one is filled in, or marked U or M; (4) <see cref="Finish"/> puts in T3 and signs.
/// </summary>
public ref struct StampReflection
{
    private readonly Span<byte> _packet;
    private readonly StampLayout _layout;
    private readonly StampMode _mode;
    private readonly StampFormat _format;
    private int _hmacAt;

    private StampReflection(Span<byte> packet, StampMode mode, StampFormat format)
    {
        _packet = packet;
        _mode = mode;
        _layout = StampLayout.Of(mode);
        _format = format;
        _hmacAt = -1;
        WantedDscp = null;
    }

    /// <summary>Octets of the reply.</summary>
    public readonly int Length => _packet.Length;

    /// <summary>DSCP that the sender wants the reply to have; null where it does not say.</summary>
    public byte? WantedDscp { get; private set; }

    /// <summary>Begins a reply.</summary>
    /// <param name="test">What is answered.</param>
    /// <param name="sequence">The sender's number for a reflector that keeps no state, else its own count.</param>
    /// <param name="arrival">What is known of it besides its octets.</param>
    /// <param name="state">The session's counts; all zero for a reflector that keeps none.</param>
    /// <param name="clock">What the reflector says of its timestamps.</param>
    /// <param name="key">The session's key; in unauthenticated mode it checks TLVs only.</param>
    /// <param name="buffer">Where the reply is written.</param>
    /// <param name="reflection">The reply, to be finished right before it is sent.</param>
    /// <returns>False when the buffer is too short for the reply.</returns>
    public static bool TryBegin(
        StampTest test, uint sequence, in StampArrival arrival, in StampSessionState state, in StampReflectorClock clock, StampKey? key, Span<byte> buffer, out StampReflection reflection)
    {
        reflection = default;
        StampLayout layout = StampLayout.Of(test.Mode);
        int length = Math.Max(test.Octets.Length, layout.BaseOctets);
        if (buffer.Length < length)
        {
            return false;
        }

        // (1)
        Span<byte> packet = buffer[..length];
        packet[..layout.BaseOctets].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(packet, sequence);
        BinaryPrimitives.WriteUInt16BigEndian(packet[layout.Error..], clock.Error.Bits);
        BinaryPrimitives.WriteUInt16BigEndian(packet[layout.Session..], test.SessionId);
        BinaryPrimitives.WriteUInt64BigEndian(packet[layout.Received..], StampTimestamp.FromUnixNanoseconds(arrival.ReceivedAt, clock.Error.Format).Bits);
        BinaryPrimitives.WriteUInt32BigEndian(packet[layout.SenderSequence..], test.Sequence);
        BinaryPrimitives.WriteUInt64BigEndian(packet[layout.SenderTimestamp..], test.Timestamp.Bits);
        BinaryPrimitives.WriteUInt16BigEndian(packet[layout.SenderError..], test.ErrorEstimate.Bits);
        packet[layout.SenderTtl] = arrival.Ttl;
        test.Tlvs.Octets.CopyTo(packet[layout.BaseOctets..]);
        reflection = new StampReflection(packet, test.Mode, clock.Error.Format);

        // (2), (3)
        bool refused = test.IntegrityOfTlvs(key) == StampIntegrity.Wrong;
        foreach (StampTlv tlv in test.Tlvs)
        {
            Span<byte> octets = packet.Slice(layout.BaseOctets + tlv.Offset, tlv.Octets.Length);
            octets[0] = (byte)(refused ? StampTlvFlags.Integrity : !tlv.IsWhole ? StampTlvFlags.Malformed : reflection.Take(octets, layout.BaseOctets + tlv.Offset, arrival, state, clock, key));
        }

        return true;
    }

    /// <summary>Puts in the time of sending and signs.</summary>
    /// <param name="sentAt">T3: nanoseconds since 1970.</param>
    /// <param name="key">As for <see cref="TryBegin"/>.</param>
    public readonly void Finish(long sentAt, StampKey? key)
    {
        // (4)
        BinaryPrimitives.WriteUInt64BigEndian(_packet[_layout.Timestamp..], StampTimestamp.FromUnixNanoseconds(sentAt, _format).Bits);
        if (key is not null && _hmacAt >= 0)
        {
            key.HashTlvs(_packet, _packet[_layout.BaseOctets.._hmacAt], _packet.Slice(_hmacAt + StampTlv.HeaderOctets, StampKey.HmacOctets));
        }

        if (key is not null && _mode == StampMode.Authenticated)
        {
            key.Sign(_packet);
        }
    }

    private StampTlvFlags Take(Span<byte> octets, int at, in StampArrival arrival, in StampSessionState state, in StampReflectorClock clock, StampKey? key)
    {
        Span<byte> value = octets[StampTlv.HeaderOctets..];
        switch ((StampTlvType)octets[1])
        {
            case StampTlvType.ExtraPadding:
            case StampTlvType.AccessReport when value.Length == StampAccessReport.Octets:
                return StampTlvFlags.None;
            case StampTlvType.Location when arrival is { Source: not null, Destination: not null } && StampLocation.IsWhole(value):
                StampLocation.Fill(value, arrival.Source, arrival.Destination);
                return StampTlvFlags.None;
            case StampTlvType.Location when StampLocation.IsWhole(value):
                return StampTlvFlags.Unrecognized;
            case StampTlvType.TimestampInformation when value.Length == StampTimestampInformation.Octets:
                clock.Information.Write(value);
                return StampTlvFlags.None;
            case StampTlvType.ClassOfService when StampClassOfService.TryRead(value, out StampClassOfService asked):
                WantedDscp = clock.MarksReplies ? asked.Wanted : WantedDscp;
                new StampClassOfService(asked.Wanted, (byte)(arrival.TrafficClass >> 2), (byte)(arrival.TrafficClass & 3), (byte)(clock.MarksReplies ? 0 : 1)).Write(value);
                return StampTlvFlags.None;
            case StampTlvType.DirectMeasurement when StampDirectMeasurement.TryRead(value, out StampDirectMeasurement counted):
                new StampDirectMeasurement(counted.Sent, state.Received, state.Reflected).Write(value);
                return StampTlvFlags.None;
            case StampTlvType.FollowUpTelemetry when value.Length == StampFollowUp.Octets:
                state.Before.Write(value);
                return StampTlvFlags.None;
            case StampTlvType.Hmac when key is not null && value.Length == StampKey.HmacOctets:
                _hmacAt = at;
                return StampTlvFlags.None;
            case StampTlvType.Hmac when key is null:
                return StampTlvFlags.Unrecognized;
            case >= StampTlvType.Location and <= StampTlvType.Hmac:
                return StampTlvFlags.Malformed;
            default:
                return StampTlvFlags.Unrecognized;
        }
    }
}
