using System.Net;
using System.Net.Sockets;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Tests.Protocols.Mail;

/// <summary>TXT records and nothing else. Unlike the zone files of the suites it lives in this assembly, so that fuzz targets can be measured with a copy of the library.</summary>
internal sealed class FixedDns(params (string Name, string Text)[] records) : IMailDns
{
    public ValueTask<MailDnsAnswer<string>> TxtAsync(string name, CancellationToken cancellationToken)
    {
        string[] found = [.. records.Where(record => record.Name == name).Select(record => record.Text)];
        return ValueTask.FromResult(found.Length == 0 ? new MailDnsAnswer<string>(MailDnsStatus.NameError) : new MailDnsAnswer<string>([.. found]));
    }

    public ValueTask<MailDnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new MailDnsAnswer<IPAddress>(MailDnsStatus.NameError));

    public ValueTask<MailDnsAnswer<MailExchange>> ExchangesAsync(string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new MailDnsAnswer<MailExchange>(MailDnsStatus.NameError));

    public ValueTask<MailDnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new MailDnsAnswer<string>(MailDnsStatus.NameError));
}
