using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Protocols.Mail.Dnsbl;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Tests.Mail.Checks.Client;

/// <summary>A DNS with lists and names that a test sets; a zone may be silent, which is to say that it never answers.</summary>
internal sealed class ListsDns : IMailDns
{
    public ConcurrentDictionary<string, string[]> Addresses { get; } = new(StringComparer.OrdinalIgnoreCase);

    public ConcurrentDictionary<string, string[]> Names { get; } = new(StringComparer.OrdinalIgnoreCase);

    public ConcurrentDictionary<string, bool> Silent { get; } = new(StringComparer.OrdinalIgnoreCase);

    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>A list as it should be, with its test points.</summary>
    public void Open(string zone)
    {
        Addresses[DnsList.NameOf(DnsList.Listed, zone)] = ["127.0.0.2"];
        Addresses[DnsList.NameOf(DnsList.ListedV6, zone)] = ["127.0.0.2"];
    }

    public void Put(string zone, string address, params string[] codes) => Addresses[DnsList.NameOf(IPAddress.Parse(address), zone)] = codes;

    public async ValueTask<MailDnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken)
    {
        Asked.Enqueue(name);
        if (Silent.Keys.FirstOrDefault(zone => name.EndsWith("." + zone, StringComparison.OrdinalIgnoreCase)) is not null)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        return Addresses.TryGetValue(name, out var found)
            ? new MailDnsAnswer<IPAddress>([.. found.Select(IPAddress.Parse).Where(address => address.AddressFamily == family)])
            : new MailDnsAnswer<IPAddress>(MailDnsStatus.NameError);
    }

    public async ValueTask<MailDnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancellationToken)
    {
        if (Silent.ContainsKey("arpa"))
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        return Names.TryGetValue(address.ToString(), out var found) ? new MailDnsAnswer<string>([.. found]) : new MailDnsAnswer<string>(MailDnsStatus.NameError);
    }

    public ValueTask<MailDnsAnswer<string>> TxtAsync(string name, CancellationToken cancellationToken) => ValueTask.FromResult(new MailDnsAnswer<string>(MailDnsStatus.NameError));

    public ValueTask<MailDnsAnswer<MailExchange>> ExchangesAsync(string name, CancellationToken cancellationToken) => ValueTask.FromResult(new MailDnsAnswer<MailExchange>(MailDnsStatus.NameError));
}
