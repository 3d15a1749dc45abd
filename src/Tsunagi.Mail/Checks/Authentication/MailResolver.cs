using System.Net;
using System.Net.Sockets;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Mail.Checks.Authentication;

/// <summary>
/// The DNS as the checks ask it: one deadline for all questions of a message, after which every answer is temperror. Nothing is remembered from one message to the
/// next: a stranger whose name servers are slow must not make others' mail unchecked.
/// </summary>
internal sealed class MailResolver(IMailDns dns, FilterOptions options, TimeProvider time)
{
    public MessageDns ForMessage(CancellationToken cancellationToken) => new(dns, options.DnsDeadline, time, cancellationToken);

    /// <summary>The questions of one message.</summary>
    internal sealed class MessageDns : IMailDns, IDisposable
    {
        private readonly IMailDns _dns;
        private readonly CancellationToken _message;
        private readonly CancellationTokenSource _deadline;
        private readonly CancellationTokenSource _linked;

        public MessageDns(IMailDns dns, TimeSpan within, TimeProvider time, CancellationToken message)
        {
            (_dns, _message) = (dns, message);
            _deadline = new CancellationTokenSource(within, time);
            _linked = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token, message);
        }

        public ValueTask<MailDnsAnswer<string>> TxtAsync(string name, CancellationToken cancellationToken) => AskAsync(token => _dns.TxtAsync(name, token));

        public ValueTask<MailDnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken) =>
            AskAsync(token => _dns.AddressesAsync(name, family, token));

        public ValueTask<MailDnsAnswer<MailExchange>> ExchangesAsync(string name, CancellationToken cancellationToken) => AskAsync(token => _dns.ExchangesAsync(name, token));

        public ValueTask<MailDnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancellationToken) => AskAsync(token => _dns.NamesAsync(address, token));

        public void Dispose()
        {
            _linked.Dispose();
            _deadline.Dispose();
        }

        private async ValueTask<MailDnsAnswer<T>> AskAsync<T>(Func<CancellationToken, ValueTask<MailDnsAnswer<T>>> ask)
        {
            if (_deadline.IsCancellationRequested)
            {
                return new MailDnsAnswer<T>(MailDnsStatus.TempError);
            }

            try
            {
                return await ask(_linked.Token);
            }
            catch (OperationCanceledException) when (!_message.IsCancellationRequested)
            {
                return new MailDnsAnswer<T>(MailDnsStatus.TempError);
            }
        }
    }
}
