using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Protocols.Mail.Route;

/// <summary>
/// What the route to a domain's mail servers asks of the DNS; the caller answers, from a resolver or a file. Names are A-labels without the last dot, of 1 to 63 octets each label and 253 together.
/// An answer follows CNAME records and says where they led. A wait that took too long, a server failure and an answer that does not validate are <see cref="Lookup.MailDnsStatus.TempError"/>, not exceptions.
/// </summary>
public interface IRouteDns
{
    /// <summary>MX records.</summary>
    ValueTask<RouteAnswer<Lookup.MailExchange>> ExchangesAsync(string name, CancellationToken cancellationToken);

    /// <summary>A records for <see cref="AddressFamily.InterNetwork"/>, AAAA records for <see cref="AddressFamily.InterNetworkV6"/>.</summary>
    ValueTask<RouteAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken);

    /// <summary>TLSA records of a name such as "_25._tcp.mx.example.net".</summary>
    ValueTask<RouteAnswer<Dane.TlsaRecord>> TlsaAsync(string name, CancellationToken cancellationToken);

    /// <summary>TXT records, the strings of each joined without anything between them.</summary>
    ValueTask<RouteAnswer<string>> TextsAsync(string name, CancellationToken cancellationToken);
}
