using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Tests.Mail.Signing;

/// <summary>A DNS whose TXT records a test publishes and takes away, or that is silent.</summary>
internal sealed class SettableDns : IMailDns
{
    public ConcurrentDictionary<string, string[]> Texts { get; } = new(StringComparer.OrdinalIgnoreCase);

    public bool Silent { get; set; }

    /// <summary>Names that it gives no answer to.</summary>
    public ISet<string> SilentAbout { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    public ValueTask<MailDnsAnswer<string>> TxtAsync(string name, CancellationToken cancellationToken) => ValueTask.FromResult(
        Silent || SilentAbout.Contains(name) ? new MailDnsAnswer<string>(MailDnsStatus.TempError)
        : Texts.TryGetValue(name, out var found) ? new MailDnsAnswer<string>([.. found])
        : new MailDnsAnswer<string>(MailDnsStatus.NameError));

    public ValueTask<MailDnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken) => ValueTask.FromResult(new MailDnsAnswer<IPAddress>(MailDnsStatus.NameError));

    public ValueTask<MailDnsAnswer<MailExchange>> ExchangesAsync(string name, CancellationToken cancellationToken) => ValueTask.FromResult(new MailDnsAnswer<MailExchange>(MailDnsStatus.NameError));

    public ValueTask<MailDnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancellationToken) => ValueTask.FromResult(new MailDnsAnswer<string>(MailDnsStatus.NameError));
}
