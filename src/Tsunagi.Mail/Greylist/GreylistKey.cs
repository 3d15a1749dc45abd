using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Tsunagi.Mail.Greylist;

/// <summary>What a row of the greylist is about, as 128 bits of a hash: the same on every node.</summary>
internal static class GreylistKey
{
    /// <summary>A client's network, a sender's domain (empty for reports) and a recipient's domain.</summary>
    public static string Triplet(string tenantPath, IPAddress client, string senderDomain, string recipientDomain) => Of($"triplet\n{tenantPath}\n{NetworkOf(client)}\n{senderDomain}\n{recipientDomain}");

    /// <summary>A domain that proved itself (SPF, DKIM) to a tenant.</summary>
    public static string Proved(string tenantPath, string domain) => Of($"proved\n{tenantPath}\n{domain}");

    /// <summary>The /24 of an IPv4 address, the /64 of an IPv6 one: large senders come again from a neighbour.</summary>
    internal static string NetworkOf(IPAddress client)
    {
        var address = client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;
        var octets = address.GetAddressBytes();
        return Convert.ToHexString(octets.AsSpan(0, address.AddressFamily == AddressFamily.InterNetwork ? 3 : 8));
    }

    private static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
