using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Core.Outbound;

/// <summary>
/// Which addresses the program connects to on behalf of others: public unicast ones, and what the operator allows beside. Checked on the addresses a name
/// resolved to, at the moment of connecting, so that a name that changes its mind between check and use (DNS rebinding) gains nothing.
/// </summary>
public sealed class AddressPolicy(IReadOnlyList<IPNetwork> allow)
{
    // The IANA special-purpose registries for IPv4 (RFC 6890) and IPv6, whole: every block that is not globally reachable, and multicast.
    private static readonly (IPNetwork Network, string What)[] Special =
    [
        .. Blocks("this network", "0.0.0.0/8"),
        .. Blocks("private", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10"),
        .. Blocks("shared (carrier NAT)", "100.64.0.0/10"),
        .. Blocks("loopback", "127.0.0.0/8", "::1/128"),
        .. Blocks("link-local or metadata", "169.254.0.0/16", "fe80::/10"),
        .. Blocks("reserved", "192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4", "2001::/23"),
        .. Blocks("documentation", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"),
        .. Blocks("benchmarking", "198.18.0.0/15"),
        .. Blocks("multicast", "224.0.0.0/4", "ff00::/8"),
        .. Blocks("6to4", "2002::/16"),

        // Global unicast is 2000::/3 and nothing else (RFC 4291 section 2.4).
        .. Blocks("reserved", "::/3", "4000::/2", "8000::/1"),
    ];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Null when the program may connect there; else what kind of address it is.</summary>
    public string? WhyNot(IPAddress address)
    {
        address = Plain(address);
        foreach (var network in allow)
        {
            if (network.Contains(address))
            {
                return null;
            }
        }

        foreach (var (network, what) in Special)
        {
            if (network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address))
            {
                return what;
            }
        }

        return null;
    }

    // Two IPv6 spellings reach an IPv4 host: mapped (RFC 4291 section 2.5.5.2) and through a NAT64 (RFC 6052); what counts is the host.
    private static IPAddress Plain(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6 && Nat64.Contains(address) ? new IPAddress(address.GetAddressBytes().AsSpan(12)) : address;
    }

    private static IEnumerable<(IPNetwork Network, string What)> Blocks(string what, params string[] networks) => networks.Select(network => (IPNetwork.Parse(network), what));
}
