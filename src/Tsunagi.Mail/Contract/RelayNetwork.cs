using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Mail.Contract;

/// <summary>Where a customer's own servers send from: an address, or a network small enough to be one customer's ("192.0.2.16/28", "2001:db8:1:2::/64").</summary>
internal static class RelayNetwork
{
    public const int ShortestPrefixV4 = 28;
    public const int ShortestPrefixV6 = 64;
    public const int Most = 64;
    public const string Allowed = "addresses, or networks of at most 16 addresses (IPv6: /64)";

    public static bool TryParse(string? text, out IPNetwork network, out string? error)
    {
        network = default;
        error = null;
        var given = (text ?? "").Trim();
        if (IPAddress.TryParse(given, out var address))
        {
            address = Plain(address);
            network = new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
            return true;
        }

        if (!IPNetwork.TryParse(given, out network))
        {
            error = $"'{text}' is neither an address nor a network";
            return false;
        }

        if (network.PrefixLength < (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? ShortestPrefixV4 : ShortestPrefixV6))
        {
            error = $"{network} is larger than one customer's servers";
            return false;
        }

        return true;
    }

    /// <summary>An IPv4 address that came as an IPv6 one, as itself.</summary>
    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
