using System.Buffers.Binary;

namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>A sender's test packet where it lies in the caller's buffer (RFC 8762 section 4.2, RFC 8972 section 3). Nothing is copied or allocated.</summary>
public readonly ref struct StampTest
{
    /// <summary>The shortest of unauthenticated mode: a TWAMP Light sender's without padding ends behind its error estimate (RFC 8762 section 4.6).</summary>
    public const int ShortestOctets = 14;

    private readonly StampLayout _layout;

    private StampTest(ReadOnlySpan<byte> octets, StampMode mode)
    {
        Octets = octets;
        Mode = mode;
        _layout = StampLayout.Of(mode);
    }

    /// <summary>The whole packet.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    /// <summary>The mode it was read in.</summary>
    public StampMode Mode { get; }

    /// <summary>The sender's count of its packets.</summary>
    public uint Sequence => BinaryPrimitives.ReadUInt32BigEndian(Octets);

    /// <summary>When it was sent.</summary>
    public StampTimestamp Timestamp => new(BinaryPrimitives.ReadUInt64BigEndian(Octets[_layout.Timestamp..]));

    /// <summary>How good that is.</summary>
    public StampErrorEstimate ErrorEstimate => new(BinaryPrimitives.ReadUInt16BigEndian(Octets[_layout.Error..]));

    /// <summary>SSID: which session of the sender; 0 for one that has none (RFC 8972 section 3).</summary>
    public ushort SessionId => Octets.Length < _layout.Session + 2 ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(Octets[_layout.Session..]);

    /// <summary>What stands behind the base packet.</summary>
    public StampTlvs Tlvs => new(Octets.Length > _layout.BaseOctets ? Octets[_layout.BaseOctets..] : []);

    /// <summary>What the HMAC says of the TLVs.</summary>
    public StampIntegrity IntegrityOfTlvs(StampKey? key) => StampIntegrityCheck.Of(Octets, Tlvs, Mode, key);

    /// <summary>Reads one datagram. In authenticated mode a key is needed, and what it does not verify is refused (RFC 8762 section 4.4).</summary>
    /// <returns>False, with the reason, for what must be dropped. Never throws on what a peer can send.</returns>
    public static bool TryParse(ReadOnlySpan<byte> datagram, StampMode mode, StampKey? key, StampLimits? limits, out StampTest test, out StampError error)
    {
        test = default;
        if (!StampChecks.Packet(datagram, mode == StampMode.Authenticated ? StampLayout.Of(mode).BaseOctets : ShortestOctets, mode, key, limits ?? StampLimits.Default, out error))
        {
            return false;
        }

        test = new StampTest(datagram, mode);
        return true;
    }
}
