using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Net.Dns;

namespace Tsunagi.Host.Resolver;

/// <summary>What the mail checks ask, by this machine's resolvers. The recursive resolver follows CNAMEs; the records behind them stand in its answer.</summary>
internal sealed class DnsMailLookup(StubResolver resolver) : IMailDns
{
    public ValueTask<MailDnsAnswer<string>> TxtAsync(string name, CancellationToken cancellationToken) => AskAsync(
        name, DnsType.Txt, static content => content is DnsTxtContent txt ? string.Concat(txt.Strings.Select(static piece => Encoding.Latin1.GetString(piece.Span))) : null, cancellationToken);

    public ValueTask<MailDnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken) => AskAsync(
        name, family == AddressFamily.InterNetworkV6 ? DnsType.Aaaa : DnsType.A, content => content is DnsAddressContent found && found.Address.AddressFamily == family ? found.Address : null, cancellationToken);

    public async ValueTask<MailDnsAnswer<MailExchange>> ExchangesAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(name, DnsType.Mx, static content => content as DnsMxContent, cancellationToken);
        return new MailDnsAnswer<MailExchange>(answer.Status, [.. answer.Values.Select(static mx => new MailExchange(mx.Preference, TextOf(mx.Exchange)))]);
    }

    public ValueTask<MailDnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancellationToken) =>
        AskAsync(ReverseOf(address), DnsType.Ptr, static content => content is DnsNameContent { Type: DnsType.Ptr } name ? TextOf(name.Target) : null, cancellationToken);

    private async ValueTask<MailDnsAnswer<T>> AskAsync<T>(string name, DnsType type, Func<DnsContent, T?> read, CancellationToken cancellationToken)
        where T : class
    {
        if (!DnsName.TryParse(Escape(name), out var parsed))
        {
            return new MailDnsAnswer<T>(MailDnsStatus.NameError);
        }

        if (await resolver.AskAsync(parsed!, type, cancellationToken) is not { } answer)
        {
            return new MailDnsAnswer<T>(MailDnsStatus.TempError);
        }

        var values = answer.Answers.Select(record => read(record.Content)).OfType<T>().ToImmutableArray();
        return values.IsEmpty
            ? new MailDnsAnswer<T>(answer.ResponseCode == DnsResponseCode.NameError ? MailDnsStatus.NameError : MailDnsStatus.NoData)
            : new MailDnsAnswer<T>(MailDnsStatus.Found, values);
    }

    // A name of SPF's macros may hold any visible character; the presentation form escapes what has a meaning there (RFC 1035 section 5.1).
    private static string Escape(string name)
    {
        if (name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
        {
            return name;
        }

        var escaped = new StringBuilder(name.Length + 8);
        foreach (var c in name)
        {
            escaped.Append(char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? "" : "\\").Append(c);
        }

        return escaped.ToString();
    }

    private static string TextOf(DnsName name) => name.IsRoot ? "" : name.ToString().TrimEnd('.');

    // RFC 1035 section 3.5, RFC 3596 section 2.5
    private static string ReverseOf(IPAddress address)
    {
        var octets = address.GetAddressBytes();
        Array.Reverse(octets);
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? string.Concat(octets.Select(static octet => $"{octet & 15:x}.{octet >> 4:x}.")) + "ip6.arpa"
            : string.Concat(octets.Select(static octet => octet.ToString(System.Globalization.CultureInfo.InvariantCulture) + ".")) + "in-addr.arpa";
    }
}
