using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Core.Proof;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>An address or prefix of either family as a number, for the arithmetic of plans: an IPv4 address is its 32 bits, an IPv6 address its 128.</summary>
/// <param name="Base">The first address: no bit set below the length.</param>
internal readonly record struct AddressBlock(UInt128 Base, int Length, bool Is6) : IComparable<AddressBlock>
{
    public int Width => Is6 ? 128 : 32;

    public UInt128 Last => Base | HostMask(Length, Width);

    /// <summary>A text that sorts as addresses do, and of which the prefix's own part is enough: "4c6336407/32", "620010db80001/48".</summary>
    public string Key
    {
        get
        {
            var digits = Is6 ? Base.ToString("x32", CultureInfo.InvariantCulture)[..((Length + 3) / 4)] : ((uint)Base).ToString("x8", CultureInfo.InvariantCulture);
            return string.Create(CultureInfo.InvariantCulture, $"{(Is6 ? '6' : '4')}{digits}/{Length}");
        }
    }

    /// <summary>Strict, as <see cref="CidrRange"/> is; a single address needs no length.</summary>
    public static bool TryParse(string text, out AddressBlock block)
    {
        block = default;
        text = text.Trim();
        var whole = text.Contains('/', StringComparison.Ordinal) ? text : text + (text.Contains(':', StringComparison.Ordinal) ? "/128" : "/32");
        if (CidrRange.Parse(whole) is not { } range)
        {
            return false;
        }

        block = From(IPNetwork.Parse(range.Cidr));
        return true;
    }

    public static AddressBlock Parse(string text) => TryParse(text, out var block) ? block : throw new FormatException($"\"{text}\" is no address block");

    public static AddressBlock From(IPNetwork network) => From(network.BaseAddress, network.PrefixLength);

    public static AddressBlock From(IPAddress address, int length)
    {
        var is6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        UInt128 value = is6 ? BinaryPrimitives.ReadUInt128BigEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return new AddressBlock(value & ~HostMask(length, is6 ? 128 : 32), length, is6);
    }

    public static AddressBlock Of(IPAddress address) => From(address, address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32);

    /// <summary>The block of this length that holds it.</summary>
    public AddressBlock At(int length) => new(Base & ~HostMask(length, Width), length, Is6);

    public bool Contains(AddressBlock inner) => Is6 == inner.Is6 && Length <= inner.Length && Base <= inner.Base && inner.Last <= Last;

    public bool Overlaps(AddressBlock other) => Is6 == other.Is6 && Base <= other.Last && other.Base <= Last;

    /// <summary>The part of this length that begins so many parts after the first.</summary>
    public AddressBlock Part(ulong number, int length) => new(Base + ((UInt128)number << (Width - length)), length, Is6);

    /// <summary>The number of the part of this length that begins at <paramref name="inner"/>.</summary>
    public ulong NumberOf(AddressBlock inner, int length) => (ulong)((inner.Base - Base) >> (Width - length));

    public IPAddress Address
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(bytes, Base);
            return new IPAddress(Is6 ? bytes : bytes[12..]);
        }
    }

    public IPNetwork ToNetwork() => new(Address, Length);

    public CidrRange Range => CidrRange.Parse(ToString())!.Value;

    public static bool operator <(AddressBlock left, AddressBlock right) => left.CompareTo(right) < 0;

    public static bool operator <=(AddressBlock left, AddressBlock right) => left.CompareTo(right) <= 0;

    public static bool operator >(AddressBlock left, AddressBlock right) => left.CompareTo(right) > 0;

    public static bool operator >=(AddressBlock left, AddressBlock right) => left.CompareTo(right) >= 0;

    public int CompareTo(AddressBlock other) => Is6 != other.Is6 ? Is6.CompareTo(other.Is6) : Base != other.Base ? Base.CompareTo(other.Base) : Length.CompareTo(other.Length);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{Length}");

    private static UInt128 HostMask(int length, int width) => width == length ? 0 : width - length == 128 ? UInt128.MaxValue : (UInt128.One << (width - length)) - 1;
}
