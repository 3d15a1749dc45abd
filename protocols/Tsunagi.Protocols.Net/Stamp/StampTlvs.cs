using System.Buffers.Binary;

namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>
/// The TLVs behind a base packet, in their order (RFC 8972 section 4). Use it in a foreach; nothing is allocated. The walk ends at a TLV of type 0, which is padding of a peer that knows no TLVs, behind a
/// TLV that is not whole, and where less than a header is left.
/// </summary>
public readonly ref struct StampTlvs
{
    private readonly ReadOnlySpan<byte> _octets;

    internal StampTlvs(ReadOnlySpan<byte> octets) => _octets = octets;

    /// <summary>All that stands behind the base packet.</summary>
    public ReadOnlySpan<byte> Octets => _octets;

    /// <summary>Walks them.</summary>
    public Enumerator GetEnumerator() => new(_octets);

    /// <summary>The first one of a type that is whole.</summary>
    public bool TryFind(StampTlvType type, out StampTlv found)
    {
        foreach (StampTlv tlv in this)
        {
            if (tlv.Type == type && tlv.IsWhole)
            {
                found = tlv;
                return true;
            }
        }

        found = default;
        return false;
    }

    internal static bool Check(ReadOnlySpan<byte> octets, int most, int offset, out StampError error)
    {
        int count = 0;
        foreach (StampTlv tlv in new StampTlvs(octets))
        {
            if (++count > most)
            {
                error = new StampError("TLVs: more than the limit", offset + tlv.Offset);
                return false;
            }
        }

        error = default;
        return true;
    }

    /// <summary>The walk.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<byte> _octets;
        private int _at;
        private int _next;

        internal Enumerator(ReadOnlySpan<byte> octets) => _octets = octets;

        /// <summary>The one that the walk is at.</summary>
        public readonly StampTlv Current => new(_octets[_at.._next], _at, _next - _at == StampTlv.HeaderOctets + BinaryPrimitives.ReadUInt16BigEndian(_octets[(_at + 2)..]));

        /// <summary>Goes on.</summary>
        public bool MoveNext()
        {
            _at = _next;
            if (_octets.Length - _at < StampTlv.HeaderOctets || _octets[_at + 1] == (byte)StampTlvType.Reserved)
            {
                return false;
            }

            _next = Math.Min(_octets.Length, _at + StampTlv.HeaderOctets + BinaryPrimitives.ReadUInt16BigEndian(_octets[(_at + 2)..]));
            return true;
        }
    }
}
