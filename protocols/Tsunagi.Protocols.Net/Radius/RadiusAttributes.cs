using System.Buffers.Binary;

namespace Tsunagi.Protocols.Net.Radius;

/// <summary>One attribute where it lies in its packet.</summary>
public readonly ref struct RadiusAttribute
{
    internal RadiusAttribute(ReadOnlySpan<byte> octets, int offset)
    {
        Octets = octets;
        Offset = offset;
    }

    /// <summary>Type, length and value.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    /// <summary>Where it begins, from the start of the packet's attributes.</summary>
    public int Offset { get; }

    /// <summary>The attribute's number.</summary>
    public byte Type => Octets[0];

    /// <summary>What stands behind type and length: 0 to 253 octets.</summary>
    public ReadOnlySpan<byte> Value => Octets[2..];
}

/// <summary>The attributes of a packet in their order (RFC 2865 section 5). Use it in a foreach; nothing is allocated.</summary>
public readonly ref struct RadiusAttributes
{
    private readonly ReadOnlySpan<byte> _octets;

    internal RadiusAttributes(ReadOnlySpan<byte> octets) => _octets = octets;

    /// <summary>All of them as they lie in the packet.</summary>
    public ReadOnlySpan<byte> Octets => _octets;

    /// <summary>Walks them.</summary>
    public Enumerator GetEnumerator() => new(_octets);

    /// <summary>Whether the octets are attributes from end to end: each at least 2 octets, none of type 0, none over the end, no more than allowed.</summary>
    internal static bool Check(ReadOnlySpan<byte> octets, int most, int offset, out RadiusError error)
    {
        int at = 0;
        for (int count = 0; at < octets.Length; count++)
        {
            if (count == most)
            {
                error = new RadiusError("attributes: more than the limit", offset + at);
                return false;
            }

            if (octets.Length - at < 2)
            {
                error = new RadiusError("attribute: its header runs over the end of the packet", offset + at);
                return false;
            }

            int length = octets[at + 1];
            if (octets[at] == 0 || length < 2 || length > octets.Length - at)
            {
                error = new RadiusError(octets[at] == 0 ? "attribute: type 0 is none" : length < 2 ? "attribute: its length is below 2" : "attribute: its value runs over the end of the packet", offset + at);
                return false;
            }

            at += length;
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

        /// <summary>The attribute the walk stands at.</summary>
        public readonly RadiusAttribute Current => new(_octets[_at.._next], _at);

        /// <summary>Goes on; false behind the last.</summary>
        public bool MoveNext()
        {
            _at = _next;
            if (_at >= _octets.Length)
            {
                return false;
            }

            _next = _at + _octets[_at + 1];
            return true;
        }
    }

    // RFC 2865 section 5.26: vendor's number, then (as recommended) attributes of type, length, value.
    internal static bool TryVendor(ReadOnlySpan<byte> value, uint vendor, byte type, out ReadOnlySpan<byte> found)
    {
        found = default;
        if (value.Length < 6 || BinaryPrimitives.ReadUInt32BigEndian(value) != vendor)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = value[4..];
        while (rest.Length >= 2 && rest[1] >= 2 && rest[1] <= rest.Length)
        {
            if (rest[0] == type)
            {
                found = rest[2..rest[1]];
                return true;
            }

            rest = rest[rest[1]..];
        }

        return false;
    }
}
