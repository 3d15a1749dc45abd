using System.Net;
using System.Net.Sockets;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Mail.Checks.Authentication;

/// <summary>
/// The DNS as the checks ask it: a deadline for all questions of a message, after which every answer is temperror; and a resolver that let several messages
/// wait in vain is not waited for again for a moment.
/// </summary>
internal sealed class MailResolver(IMailDns dns, FilterOptions options, TimeProvider time)
{
    private const int LateOnesBeforeAway = 3;
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(10);
    private long _awayUntil;
    private int _late;

    public MessageDns ForMessage(CancellationToken cancellationToken) => new(this, cancellationToken);

    /// <summary>The questions of one message.</summary>
    internal sealed class MessageDns : IMailDns, IDisposable
    {
        private readonly MailResolver _resolver;
        private readonly CancellationToken _message;
        private readonly CancellationTokenSource _deadline;
        private readonly CancellationTokenSource _linked;

        public MessageDns(MailResolver resolver, CancellationToken message)
        {
            (_resolver, _message) = (resolver, message);
            _deadline = new CancellationTokenSource(resolver.Deadline, resolver.Time);
            _linked = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token, message);
        }

        public ValueTask<MailDnsAnswer<string>> TxtAsync(string name, CancellationToken cancellationToken) => AskAsync(token => _resolver.Dns.TxtAsync(name, token));

        public ValueTask<MailDnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken) =>
            AskAsync(token => _resolver.Dns.AddressesAsync(name, family, token));

        public ValueTask<MailDnsAnswer<MailExchange>> ExchangesAsync(string name, CancellationToken cancellationToken) => AskAsync(token => _resolver.Dns.ExchangesAsync(name, token));

        public ValueTask<MailDnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancellationToken) => AskAsync(token => _resolver.Dns.NamesAsync(address, token));

        public void Dispose()
        {
            _linked.Dispose();
            _deadline.Dispose();
        }

        private async ValueTask<MailDnsAnswer<T>> AskAsync<T>(Func<CancellationToken, ValueTask<MailDnsAnswer<T>>> ask)
        {
            if (_deadline.IsCancellationRequested || _resolver.IsAway)
            {
                return new MailDnsAnswer<T>(MailDnsStatus.TempError);
            }

            try
            {
                var answer = await ask(_linked.Token);
                _resolver.Answered(answer.Status != MailDnsStatus.TempError);
                return answer;
            }
            catch (OperationCanceledException) when (!_message.IsCancellationRequested)
            {
                _resolver.Answered(false);
                return new MailDnsAnswer<T>(MailDnsStatus.TempError);
            }
        }
    }

    private IMailDns Dns => dns;

    private TimeProvider Time => time;

    private TimeSpan Deadline => options.DnsDeadline;

    private bool IsAway => time.GetTimestamp() < Volatile.Read(ref _awayUntil);

    private void Answered(bool usable)
    {
        if (usable)
        {
            Volatile.Write(ref _late, 0);
        }
        else if (Interlocked.Increment(ref _late) >= LateOnesBeforeAway)
        {
            Volatile.Write(ref _awayUntil, time.GetTimestamp() + (long)(AskAgainAfter.TotalSeconds * time.TimestampFrequency));
            Volatile.Write(ref _late, 0);
        }
    }
}
