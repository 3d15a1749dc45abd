using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Core.Proof;

/// <summary>
/// An address block as two texts that sort as the addresses do (family, then hex), so that "which blocks hold this address" and "do two blocks
/// overlap" are range comparisons on both stores.
/// </summary>
public readonly record struct CidrRange(string Cidr, string First, string Last)
{
    /// <summary>
    /// Null when the text is no block, has bits set below its prefix length, or can be read in two ways: "010.0.0.0/8" (octal to some), "10.1/16",
    /// IPv4 written as IPv6.
    /// </summary>
    public static CidrRange? Parse(string text)
    {
        var slash = text.IndexOf('/');
        if (slash < 0 || text.Contains('%') || !IPNetwork.TryParse(text, out var network) || !IPAddress.TryParse(text.AsSpan(0, slash), out var written)
            || !written.Equals(network.BaseAddress) || written.IsIPv4MappedToIPv6
            || (written.AddressFamily == AddressFamily.InterNetwork && network.ToString() != text))
        {
            return null;
        }

        var first = network.BaseAddress.GetAddressBytes();
        var last = (byte[])first.Clone();
        for (var bit = network.PrefixLength; bit < last.Length * 8; bit++)
        {
            last[bit / 8] |= (byte)(0x80 >> (bit % 8));
        }

        return new CidrRange(network.ToString(), Key(network.BaseAddress.AddressFamily, first), Key(network.BaseAddress.AddressFamily, last));
    }

    /// <summary>The sorting text of one address.</summary>
    public static string Key(IPAddress address) => Key(address.AddressFamily, address.GetAddressBytes());

    private static string Key(AddressFamily family, byte[] bytes) => (family == AddressFamily.InterNetwork ? "4" : "6") + Convert.ToHexStringLower(bytes);
}
