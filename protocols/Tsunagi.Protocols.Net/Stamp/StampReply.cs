using System.Buffers.Binary;

namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>A reflector's test packet where it lies in the caller's buffer (RFC 8762 section 4.3, RFC 8972 section 3). Nothing is copied or allocated.</summary>
public readonly ref struct StampReply
{
    private readonly StampLayout _layout;

    private StampReply(ReadOnlySpan<byte> octets, StampMode mode)
    {
        Octets = octets;
        Mode = mode;
        _layout = StampLayout.Of(mode);
    }

    /// <summary>The whole packet.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    /// <summary>The mode it was read in.</summary>
    public StampMode Mode { get; }

    /// <summary>The reflector's count of the session's replies, or the sender's number again where it keeps no state.</summary>
    public uint Sequence => BinaryPrimitives.ReadUInt32BigEndian(Octets);

    /// <summary>When the reply was sent (T3), in the form that <see cref="ErrorEstimate"/> names.</summary>
    public StampTimestamp Timestamp => new(BinaryPrimitives.ReadUInt64BigEndian(Octets[_layout.Timestamp..]));

    /// <summary>How good the reflector's timestamps are.</summary>
    public StampErrorEstimate ErrorEstimate => new(BinaryPrimitives.ReadUInt16BigEndian(Octets[_layout.Error..]));

    /// <summary>SSID: which session of the sender.</summary>
    public ushort SessionId => BinaryPrimitives.ReadUInt16BigEndian(Octets[_layout.Session..]);

    /// <summary>When the test packet came in (T2).</summary>
    public StampTimestamp Received => new(BinaryPrimitives.ReadUInt64BigEndian(Octets[_layout.Received..]));

    /// <summary>The sender's count of the packet that this answers.</summary>
    public uint SenderSequence => BinaryPrimitives.ReadUInt32BigEndian(Octets[_layout.SenderSequence..]);

    /// <summary>When that was sent (T1), as the sender wrote it.</summary>
    public StampTimestamp SenderTimestamp => new(BinaryPrimitives.ReadUInt64BigEndian(Octets[_layout.SenderTimestamp..]));

    /// <summary>How good the sender called that.</summary>
    public StampErrorEstimate SenderErrorEstimate => new(BinaryPrimitives.ReadUInt16BigEndian(Octets[_layout.SenderError..]));

    /// <summary>Time to live or hop limit that the test packet came in with; 255 less it is the hops on the way.</summary>
    public byte SenderTtl => Octets[_layout.SenderTtl];

    /// <summary>What stands behind the base packet.</summary>
    public StampTlvs Tlvs => new(Octets[_layout.BaseOctets..]);

    /// <summary>What the HMAC says of the TLVs.</summary>
    public StampIntegrity IntegrityOfTlvs(StampKey? key) => StampIntegrityCheck.Of(Octets, Tlvs, Mode, key);

    /// <summary>Reads one datagram. In authenticated mode a key is needed, and what it does not verify is refused (RFC 8762 section 4.4).</summary>
    /// <returns>False, with the reason, for what must be dropped. Never throws on what a peer can send.</returns>
    public static bool TryParse(ReadOnlySpan<byte> datagram, StampMode mode, StampKey? key, StampLimits? limits, out StampReply reply, out StampError error)
    {
        reply = default;
        if (!StampChecks.Packet(datagram, StampLayout.Of(mode).BaseOctets, mode, key, limits ?? StampLimits.Default, out error))
        {
            return false;
        }

        reply = new StampReply(datagram, mode);
        return true;
    }
}
