using System.Buffers.Binary;

namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>An option of neighbor discovery where it lies.</summary>
public readonly ref struct NeighborOption
{
    internal NeighborOption(byte type, ReadOnlySpan<byte> value)
    {
        Type = type;
        Value = value;
    }

    /// <summary>Its number; <see cref="DhcpRegistry.Neighbor"/> names it.</summary>
    public byte Type { get; }

    /// <summary>Its octets behind number and length, with what fills it up.</summary>
    public ReadOnlySpan<byte> Value { get; }
}

/// <summary>
/// A message of neighbor discovery where it lies in the caller's buffer (RFC 4861 section 4), from its ICMPv6 type on. Made by <see cref="TryParse"/>, which holds it to what RFC 4861
/// section 6.1, 7.1 and 8.1 say of its octets. Nothing is copied or allocated.
/// </summary>
public readonly ref struct NeighborMessage
{
    private readonly int _optionsAt;

    private NeighborMessage(ReadOnlySpan<byte> octets, int optionsAt)
    {
        Octets = octets;
        _optionsAt = optionsAt;
    }

    /// <summary>The message.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    /// <summary>Its ICMPv6 type.</summary>
    public byte Type => Octets[0];

    /// <summary>The options in their order.</summary>
    public NeighborOptions Options => new(Octets[_optionsAt..]);

    /// <summary>Reads one message that fills <paramref name="octets"/>. Its checksum is asked of <see cref="Checksum"/>, the hop limit of 255 of the packet.</summary>
    /// <returns>False, with the reason, for what must be silently discarded. Never throws on what a peer can send.</returns>
    public static bool TryParse(ReadOnlySpan<byte> octets, DhcpLimits? limits, out NeighborMessage message, out DhcpError error)
    {
        limits ??= DhcpLimits.Default;
        message = default;
        int header = octets.Length == 0 ? 8 : octets[0] switch
        {
            133 or 141 or 142 => 8,
            134 => 16,
            135 or 136 => 24,
            137 => 40,
            _ => -1,
        };
        if (header < 0 || octets.Length < header || octets.Length > limits.MessageOctets)
        {
            error = header < 0 ? new DhcpError("message: no type of neighbor discovery", 0)
                : octets.Length < header ? new DhcpError("message: shorter than its header", octets.Length) : new DhcpError("message: longer than the limit", limits.MessageOctets);
            return false;
        }

        if (octets[1] != 0)
        {
            error = new DhcpError("message: its code is not 0", 1);
            return false;
        }

        int at = header;
        for (int count = 0; at < octets.Length; count++)
        {
            int length = octets.Length - at < 2 ? 0 : octets[at + 1] * 8;
            if (count >= limits.Options || length == 0 || length > octets.Length - at)
            {
                error = new DhcpError(count >= limits.Options ? "options: more than the limit" : length == 0 && octets.Length - at >= 2 ? "options: one has the length 0" : "options: end in the middle of one", at);
                return false;
            }

            at += length;
        }

        message = new NeighborMessage(octets, header);
        error = default;
        return true;
    }

    /// <summary>The checksum of a message between two addresses of 16 octets (RFC 4443 section 2.3), its own field taken as 0.</summary>
    public static ushort Checksum(ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination, ReadOnlySpan<byte> octets)
    {
        ulong sum = Sum(source) + Sum(destination) + (ulong)octets.Length + 58 + Sum(octets);
        if (octets.Length >= 4)
        {
            sum -= BinaryPrimitives.ReadUInt16BigEndian(octets[2..]);
        }

        while (sum >> 16 != 0)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)~sum;
    }

    private static ulong Sum(ReadOnlySpan<byte> octets)
    {
        ulong sum = 0;
        for (; octets.Length > 1; octets = octets[2..])
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(octets);
        }

        return octets.Length == 1 ? sum + ((ulong)octets[0] << 8) : sum;
    }
}

/// <summary>Options of neighbor discovery in their order (RFC 4861 section 4.6), known to be whole.</summary>
public readonly ref struct NeighborOptions
{
    private readonly ReadOnlySpan<byte> _octets;

    internal NeighborOptions(ReadOnlySpan<byte> octets) => _octets = octets;

    /// <summary>Goes through them.</summary>
    public Enumerator GetEnumerator() => new(_octets);

    /// <summary>Goes through options.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;

        internal Enumerator(ReadOnlySpan<byte> octets) => _rest = octets;

        /// <summary>The option that was gone to.</summary>
        public NeighborOption Current { get; private set; }

        /// <summary>Goes to the next; false at the end.</summary>
        public bool MoveNext()
        {
            if (_rest.Length == 0)
            {
                return false;
            }

            int length = _rest[1] * 8;
            Current = new NeighborOption(_rest[0], _rest[2..length]);
            _rest = _rest[length..];
            return true;
        }
    }
}
