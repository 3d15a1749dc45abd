using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Protocols.Flow.Bgp;

/// <summary>A route's prefix.</summary>
/// <param name="Address">The address with the bits behind the prefix cleared.</param>
/// <param name="Length">Bits of the prefix.</param>
/// <param name="IsIPv6">Its family, which the address alone does not tell for <c>::ffff:0:0/96</c>.</param>
/// <param name="PathId">Path identifier (RFC 7911); 0 where the session has none.</param>
public readonly record struct BgpPrefix(FlowAddress Address, byte Length, bool IsIPv6 = false, uint PathId = 0)
{
    /// <summary>Reads <c>192.0.2.0/24</c> or <c>2001:db8::/32</c>; an address alone is its longest prefix. Bits behind the length must be zero.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out BgpPrefix prefix)
    {
        prefix = default;
        int slash = text.IndexOf('/');
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out IPAddress? address) || address.ScopeIdOrZero() != 0)
        {
            return false;
        }

        bool is6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        int longest = is6 ? 128 : 32, length = longest;
        if (slash >= 0 && !int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out length))
        {
            return false;
        }

        var whole = FlowAddress.From(address);
        if (length > longest || Cut(whole, length, is6) != whole)
        {
            return false;
        }

        prefix = new BgpPrefix(whole, (byte)length, is6);
        return true;
    }

    /// <summary>The same, for texts that are known to be right.</summary>
    public static BgpPrefix Parse(string text) => TryParse(text, out BgpPrefix prefix) ? prefix : throw new FormatException($"reading a prefix: {text} is none");

    /// <inheritdoc/>
    public override string ToString() => $"{AddressText()}/{Length}";

    internal string AddressText()
    {
        Span<byte> octets = stackalloc byte[16];
        Address.WriteTo(octets);
        return new IPAddress(IsIPv6 ? octets : octets[12..]).ToString();
    }

    /// <summary>The address with the bits behind the length cleared, in the family that is meant.</summary>
    internal static FlowAddress Cut(FlowAddress address, int length, bool is6)
    {
        int bits = is6 ? length : length + 96;
        UInt128 number = new(address.High, address.Low);
        number = bits == 0 ? 0 : number >> (128 - bits) << (128 - bits);
        number |= is6 ? 0 : new UInt128(0, 0xFFFF_0000_0000);
        return new FlowAddress((ulong)(number >> 64), (ulong)number);
    }
}

file static class Scopes
{
    public static long ScopeIdOrZero(this IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? address.ScopeId : 0;
}
