using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Flow;

/// <summary>
/// An IPv4 or IPv6 address as two numbers in host order, so that a prefix is a mask and a key needs no allocation. IPv4 is kept
/// as <c>::ffff:a.b.c.d</c> (RFC 4291 section 2.5.5.2); the default value, <c>::</c>, stands for "not reported".
/// </summary>
/// <param name="High">The first 64 bits.</param>
/// <param name="Low">The last 64 bits.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct FlowAddress(ulong High, ulong Low) : IComparable<FlowAddress>
{
    private const ulong MappedIPv4 = 0xFFFF_0000_0000;

    /// <summary>True for an IPv4 address.</summary>
    public bool IsIPv4 => High == 0 && Low >> 32 == 0xFFFF;

    /// <summary>True when nothing was reported.</summary>
    public bool IsUnspecified => High == 0 && Low == 0;

    /// <summary>The IPv4 address as a number; only meaningful when <see cref="IsIPv4"/>.</summary>
    public uint IPv4 => (uint)Low;

    /// <summary>An IPv4 address given as a number (192.0.2.1 is 0xC0000201).</summary>
    public static FlowAddress FromIPv4(uint address) => new(0, MappedIPv4 | address);

    /// <summary>4 octets are IPv4, 16 are IPv6; any other length gives the default value.</summary>
    public static FlowAddress FromOctets(ReadOnlySpan<byte> octets) => octets.Length switch
    {
        4 => FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(octets)),
        16 => new FlowAddress(BinaryPrimitives.ReadUInt64BigEndian(octets), BinaryPrimitives.ReadUInt64BigEndian(octets[8..])),
        _ => default,
    };

    /// <summary>The same address.</summary>
    public static FlowAddress From(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> octets = stackalloc byte[16];
        return address.TryWriteBytes(octets, out int written) ? FromOctets(octets[..written]) : default;
    }

    /// <summary>The address with all but its first bits cleared; <paramref name="length"/> counts in the address's own family (0 to 32, or 0 to 128).</summary>
    public FlowAddress Prefix(int length)
    {
        int bits = IsIPv4 ? length + 96 : length;
        return bits switch
        {
            <= 0 => default,
            < 64 => new FlowAddress(High & ulong.MaxValue << (64 - bits), 0),
            64 => new FlowAddress(High, 0),
            < 128 => new FlowAddress(High, Low & ulong.MaxValue << (128 - bits)),
            _ => this,
        };
    }

    /// <summary>Writes the 16 octets of the address, IPv4 in mapped form.</summary>
    public void WriteTo(Span<byte> octets)
    {
        BinaryPrimitives.WriteUInt64BigEndian(octets, High);
        BinaryPrimitives.WriteUInt64BigEndian(octets[8..], Low);
    }

    /// <summary>The BCL's form of it.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> octets = stackalloc byte[16];
        WriteTo(octets);
        return new IPAddress(IsIPv4 ? octets[12..] : octets);
    }

    /// <inheritdoc/>
    public int CompareTo(FlowAddress other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    /// <inheritdoc/>
    public override string ToString() => ToIPAddress().ToString();

    /// <summary>Writes the text without allocating one.</summary>
    public bool TryFormat(Span<char> destination, out int charsWritten) => ToIPAddress().TryFormat(destination, out charsWritten);

    /// <summary>Order of the numbers.</summary>
    public static bool operator <(FlowAddress left, FlowAddress right) => left.CompareTo(right) < 0;

    /// <summary>Order of the numbers.</summary>
    public static bool operator >(FlowAddress left, FlowAddress right) => left.CompareTo(right) > 0;

    /// <summary>Order of the numbers.</summary>
    public static bool operator <=(FlowAddress left, FlowAddress right) => left.CompareTo(right) <= 0;

    /// <summary>Order of the numbers.</summary>
    public static bool operator >=(FlowAddress left, FlowAddress right) => left.CompareTo(right) >= 0;
}
