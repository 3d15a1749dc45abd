using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Dnsbl;

/// <summary>Lists of addresses in the DNS (RFC 5782): the name that is asked for an address, and what an answer says.</summary>
public static class DnsList
{
    /// <summary>Octets that an IPv6 address takes before the zone: 32 nibbles and a dot after each (RFC 5782 section 2.4).</summary>
    public const int LongestPrefix = 64;

    /// <summary>Every list of IPv4 addresses has it (RFC 5782 section 5).</summary>
    public static IPAddress Listed { get; } = IPAddress.Parse("127.0.0.2");

    /// <summary>No list of IPv4 addresses has it (RFC 5782 section 5): one that does answers everything.</summary>
    public static IPAddress NotListed { get; } = IPAddress.Parse("127.0.0.1");

    /// <summary>Every list of IPv6 addresses has it (RFC 5782 section 5).</summary>
    public static IPAddress ListedV6 { get; } = IPAddress.Parse("::ffff:7f00:2");

    /// <summary>No list of IPv6 addresses has it (RFC 5782 section 5).</summary>
    public static IPAddress NotListedV6 { get; } = IPAddress.Parse("::ffff:7f00:1");

    /// <summary>The name to ask A records of: octets (RFC 5782 section 2.1) or nibbles (section 2.4) from the last to the first, then the zone.</summary>
    /// <param name="address">As it is: an IPv4 address mapped into IPv6 is asked for as an IPv6 address.</param>
    /// <param name="zone">The list's zone in A-labels, without its last dot.</param>
    public static string NameOf(IPAddress address, string zone)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentException.ThrowIfNullOrEmpty(zone);
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out int written);
        var name = new StringBuilder(LongestPrefix + zone.Length);
        for (int i = written - 1; i >= 0; i--)
        {
            _ = address.AddressFamily == AddressFamily.InterNetwork
                ? name.Append(CultureInfo.InvariantCulture, $"{octets[i]}.")
                : name.Append(CultureInfo.InvariantCulture, $"{octets[i] & 15:x}.{octets[i] >> 4:x}.");
        }

        return name.Append(zone).ToString();
    }

    /// <summary>
    /// What a list's answer to a question for A records says. An entry is an address of 127.0.0.0/8 (RFC 5782 section 2.1); those of 127.255.255.0/24 are how lists say that they do not answer whoever asks
    /// (a public resolver, a quota); any other address is somebody else's answer: a zone that was given up, or a resolver that makes up answers for names that do not exist.
    /// </summary>
    public static DnsListAnswer Read(in MailDnsAnswer<IPAddress> answer)
    {
        switch (answer.Status)
        {
            case MailDnsStatus.Found:
                break;
            case MailDnsStatus.TempError:
                return new DnsListAnswer(DnsListStatus.NoAnswer, []);
            default:
                return new DnsListAnswer(DnsListStatus.NotListed, []);
        }

        DnsListStatus status = DnsListStatus.Listed;
        Span<byte> octets = stackalloc byte[4];
        foreach (IPAddress entry in answer.Values)
        {
            if (entry.AddressFamily != AddressFamily.InterNetwork || !entry.TryWriteBytes(octets, out _) || octets[0] != 127)
            {
                return new DnsListAnswer(DnsListStatus.OutOfRange, answer.Values);
            }

            status = octets[1] == 255 && octets[2] == 255 ? DnsListStatus.Refused : status;
        }

        return new DnsListAnswer(status, answer.Values);
    }
}
