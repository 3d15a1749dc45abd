using System.Buffers.Binary;

namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>
/// Writes a sender's test packet into the caller's buffer (RFC 8762 section 4.2): TLVs in the order they are added, then <see cref="TryFinish"/>, which puts in the time as late as can be and signs. What
/// does not fit is remembered and told at the end.
/// </summary>
public ref struct StampWriter
{
    private readonly Span<byte> _buffer;
    private readonly StampMode _mode;
    private readonly StampLayout _layout;
    private int _at;
    private int _signed;
    private bool _fits;

    /// <summary>Starts a packet.</summary>
    /// <param name="buffer">Where it is written, at least a base packet long.</param>
    /// <param name="mode">The session's.</param>
    /// <param name="sequence">The sender's count of its packets.</param>
    /// <param name="sessionId">SSID: not 0 and the session's own (RFC 8972 section 3).</param>
    public StampWriter(Span<byte> buffer, StampMode mode, uint sequence, ushort sessionId)
    {
        _buffer = buffer;
        _mode = mode;
        _layout = StampLayout.Of(mode);
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, _layout.BaseOctets, nameof(buffer));
        _buffer[.._layout.BaseOctets].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(_buffer, sequence);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[_layout.Session..], sessionId);
        _at = _layout.BaseOctets;
        _fits = true;
    }

    /// <summary>Adds a TLV.</summary>
    public void Add(StampTlvType type, scoped ReadOnlySpan<byte> value) => value.TryCopyTo(Reserve(type, value.Length));

    /// <summary>Adds a TLV and gives the place of its value, all zero; none where it does not fit.</summary>
    public Span<byte> Reserve(StampTlvType type, int octets)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(octets);
        if (octets > ushort.MaxValue || _buffer.Length - _at < StampTlv.HeaderOctets + octets)
        {
            _fits = false;
            return [];
        }

        Span<byte> tlv = _buffer.Slice(_at, StampTlv.HeaderOctets + octets);
        tlv.Clear();
        tlv[0] = (byte)StampTlvFlags.Unrecognized; // RFC 8972 section 4: a sender sets U
        tlv[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(tlv[2..], (ushort)octets);
        _at += tlv.Length;
        _signed += type == StampTlvType.ExtraPadding ? 0 : 1;
        return tlv[StampTlv.HeaderOctets..];
    }

    /// <summary>Puts in the time, signs TLVs and packet where there is a key, and tells the length. In unauthenticated mode a key signs the TLVs only.</summary>
    /// <returns>False when something did not fit, or authenticated mode has no key.</returns>
    public bool TryFinish(StampTimestamp timestamp, StampErrorEstimate error, StampKey? key, out int length)
    {
        length = 0;
        int tlvs = _at - _layout.BaseOctets;
        bool several = _signed > 0 || (tlvs > 0 && tlvs > StampTlv.HeaderOctets + BinaryPrimitives.ReadUInt16BigEndian(_buffer[(_layout.BaseOctets + 2)..]));
        if (key is not null && several)
        {
            Span<byte> hmac = Reserve(StampTlvType.Hmac, StampKey.HmacOctets);
            if (hmac.Length > 0)
            {
                key.HashTlvs(_buffer, _buffer.Slice(_layout.BaseOctets, tlvs), hmac);
            }
        }

        if (!_fits || (_mode == StampMode.Authenticated && key is null))
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(_buffer[_layout.Error..], error.Bits);
        BinaryPrimitives.WriteUInt64BigEndian(_buffer[_layout.Timestamp..], timestamp.Bits);
        if (_mode == StampMode.Authenticated)
        {
            key!.Sign(_buffer);
        }

        length = _at;
        return true;
    }
}
