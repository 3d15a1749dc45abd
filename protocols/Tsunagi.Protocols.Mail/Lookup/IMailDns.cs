using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Protocols.Mail.Lookup;

/// <summary>
/// What the checks ask of the DNS; the caller answers, from a resolver, a cache or a file. Names are A-labels without the last dot, each label of 1 to
/// 63 octets and 253 together; a name may hold any visible character (SPF macros make such names), so it is escaped where a presentation form is needed.
/// An answer follows CNAME records. A wait that took too long is <see cref="MailDnsStatus.TempError"/>, not an exception.
/// </summary>
public interface IMailDns
{
    /// <summary>TXT records, the strings of each joined without anything between them, one character an octet.</summary>
    ValueTask<MailDnsAnswer<string>> TxtAsync(string name, CancellationToken cancellationToken);

    /// <summary>A records for <see cref="AddressFamily.InterNetwork"/>, AAAA records for <see cref="AddressFamily.InterNetworkV6"/>.</summary>
    ValueTask<MailDnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken);

    /// <summary>MX records.</summary>
    ValueTask<MailDnsAnswer<MailExchange>> ExchangesAsync(string name, CancellationToken cancellationToken);

    /// <summary>PTR records of an address, in the order they came.</summary>
    ValueTask<MailDnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancellationToken);
}
