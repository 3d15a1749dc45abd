using System.Buffers.Binary;

namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>An option of DHCPv6 where it lies.</summary>
public readonly ref struct Dhcp6Option
{
    internal Dhcp6Option(ushort code, ReadOnlySpan<byte> value, int offset)
    {
        Code = code;
        Value = value;
        Offset = offset;
    }

    /// <summary>Its number.</summary>
    public ushort Code { get; }

    /// <summary>Its octets.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Where its number begins in the options that hold it.</summary>
    public int Offset { get; }

    /// <summary>The options within it, behind as many octets as its kind has before them: 12 for IA_NA and IA_PD, 4 for IA_TA, 24 for an address, 25 for a prefix.</summary>
    /// <returns>False when it is shorter or the options are not whole.</returns>
    public bool TryOptions(int fixedOctets, out Dhcp6Options options)
    {
        options = default;
        return fixedOctets >= 0 && Value.Length >= fixedOctets && Dhcp6Options.TryRead(Value[fixedOctets..], out options);
    }
}

/// <summary>
/// Options of DHCPv6 in their order (RFC 8415 section 21.1):
/// <code>
/// option = code(16) length(16) value
/// </code>
/// Known to be whole; nothing is copied or allocated.
/// </summary>
public readonly ref struct Dhcp6Options
{
    internal const int HeaderOctets = 4;

    internal Dhcp6Options(ReadOnlySpan<byte> octets) => Octets = octets;

    /// <summary>The options as they lie.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    /// <summary>Options that fill <paramref name="octets"/>; false when they end in the middle of one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, out Dhcp6Options options)
    {
        options = new Dhcp6Options(octets);
        return Check(octets, int.MaxValue, 0, out _);
    }

    /// <summary>The first option of a number.</summary>
    public bool TryFind(ushort code, out ReadOnlySpan<byte> value)
    {
        foreach (Dhcp6Option option in this)
        {
            if (option.Code == code)
            {
                value = option.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Goes through them.</summary>
    public Enumerator GetEnumerator() => new(Octets);

    internal static bool Check(ReadOnlySpan<byte> octets, int most, int before, out DhcpError error)
    {
        int count = 0;
        for (int at = 0; at < octets.Length; count++)
        {
            if (count >= most)
            {
                error = new DhcpError("options: more than the limit", before + at);
                return false;
            }

            if (octets.Length - at < HeaderOctets || BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 2)..]) > octets.Length - at - HeaderOctets)
            {
                error = new DhcpError("options: end in the middle of one", before + at);
                return false;
            }

            at += HeaderOctets + BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 2)..]);
        }

        error = default;
        return true;
    }

    /// <summary>Goes through options.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<byte> _octets;
        private int _at;

        internal Enumerator(ReadOnlySpan<byte> octets) => _octets = octets;

        /// <summary>The option that was gone to.</summary>
        public Dhcp6Option Current { get; private set; }

        /// <summary>Goes to the next; false at the end.</summary>
        public bool MoveNext()
        {
            if (_at >= _octets.Length)
            {
                return false;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(_octets[(_at + 2)..]);
            Current = new Dhcp6Option(BinaryPrimitives.ReadUInt16BigEndian(_octets[_at..]), _octets.Slice(_at + HeaderOctets, length), _at);
            _at += HeaderOctets + length;
            return true;
        }
    }
}
