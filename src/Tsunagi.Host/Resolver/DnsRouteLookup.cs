using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Protocols.Mail.Dane;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.Route;
using Tsunagi.Protocols.Net.Dns;

namespace Tsunagi.Host.Resolver;

/// <summary>What routes to mail servers ask, by this machine's resolvers: the records, whether the resolver says it validated them, and where CNAMEs led.</summary>
internal sealed class DnsRouteLookup(StubResolver resolver) : IRouteDns
{
    private const int MostAliases = 16;

    public ValueTask<RouteAnswer<MailExchange>> ExchangesAsync(string name, CancellationToken cancellationToken) =>
        AskAsync(name, DnsType.Mx, static content => content is DnsMxContent mx ? new MailExchange(mx.Preference, TextOf(mx.Exchange)) : (MailExchange?)null, cancellationToken);

    public ValueTask<RouteAnswer<TlsaRecord>> TlsaAsync(string name, CancellationToken cancellationToken) => AskAsync(
        name, DnsType.Tlsa, static content => content is DnsTlsaContent tlsa ? new TlsaRecord(tlsa.Usage, tlsa.Selector, tlsa.MatchingType, [.. tlsa.Association.Span]) : null, cancellationToken);

    public ValueTask<RouteAnswer<string>> TextsAsync(string name, CancellationToken cancellationToken) => AskAsync(
        name, DnsType.Txt, static content => content is DnsTxtContent txt ? string.Concat(txt.Strings.Select(static piece => Encoding.Latin1.GetString(piece.Span))) : null, cancellationToken);

    public ValueTask<RouteAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken) => AskAsync(
        name, family == AddressFamily.InterNetworkV6 ? DnsType.Aaaa : DnsType.A, content => content is DnsAddressContent found && found.Address.AddressFamily == family ? found.Address : null, cancellationToken);

    private async ValueTask<RouteAnswer<T>> AskAsync<T>(string name, DnsType type, Func<DnsContent, T?> read, CancellationToken cancellationToken)
        where T : class => await AskAsync(name, type, content => read(content) is { } value ? ImmutableArray.Create(value) : [], cancellationToken);

    private async ValueTask<RouteAnswer<T>> AskAsync<T>(string name, DnsType type, Func<DnsContent, T?> read, CancellationToken cancellationToken)
        where T : struct => await AskAsync(name, type, content => read(content) is { } value ? ImmutableArray.Create(value) : [], cancellationToken);

    private async ValueTask<RouteAnswer<T>> AskAsync<T>(string name, DnsType type, Func<DnsContent, ImmutableArray<T>> read, CancellationToken cancellationToken)
    {
        if (!DnsName.TryParse(name, out var parsed))
        {
            return new RouteAnswer<T>(MailDnsStatus.NameError);
        }

        var (answer, problem) = await resolver.TryAskAsync(parsed!, type, cancellationToken);
        if (answer is null)
        {
            return new RouteAnswer<T>(MailDnsStatus.TempError) { Problem = problem };
        }

        var values = answer.Answers.SelectMany(record => read(record.Content)).ToImmutableArray();
        var status = !values.IsEmpty ? MailDnsStatus.Found : answer.ResponseCode == DnsResponseCode.NameError ? MailDnsStatus.NameError : MailDnsStatus.NoData;
        return new RouteAnswer<T>(status, values) { IsSecure = answer.AuthenticData, CanonicalName = CanonicalOf(parsed!, answer), Ttl = TtlOf(answer) };
    }

    // RFC 1034 section 4.3.2: the resolver has followed them; they stand before the records.
    private static string CanonicalOf(DnsName name, DnsMessage answer)
    {
        var at = name;
        for (var i = 0; i < MostAliases; i++)
        {
            var next = answer.Answers.FirstOrDefault(record => record.Name.Equals(at) && record.Content is DnsNameContent { Type: DnsType.Cname });
            if (next?.Content is not DnsNameContent alias)
            {
                break;
            }

            at = alias.Target;
        }

        return at.Equals(name) ? "" : TextOf(at).ToLowerInvariant();
    }

    private static TimeSpan TtlOf(DnsMessage answer) => answer.Answers.IsEmpty ? TimeSpan.Zero : TimeSpan.FromSeconds(answer.Answers.Min(static record => record.TtlSeconds));

    private static string TextOf(DnsName name) => name.IsRoot ? "" : name.ToString().TrimEnd('.');
}
