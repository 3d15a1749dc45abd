using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Protocols.Mail.Dane;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.Route;

namespace Tsunagi.Tests.Protocols.Mail.Route;

/// <summary>
/// A DNS of lines such as "a.example MX 10 mx.a.example": types MX, A, AAAA, TXT, TLSA, CNAME. A name with "FAIL TYPE" gives SERVFAIL for that type; names under a domain that was signed are validated.
/// </summary>
internal sealed class ZoneDns(params string[] lines) : IRouteDns
{
    private readonly ConcurrentDictionary<string, string[]> _lines = new(lines.GroupBy(static line => line.Split(' ')[0]).ToDictionary(static group => group.Key, static group => group.ToArray()));

    /// <summary>Domains whose names' answers are validated.</summary>
    public HashSet<string> Signed { get; } = [];

    public ConcurrentQueue<string> Asked { get; } = new();

    public void Set(string name, params string[] lines) => _lines[name] = lines;

    public ValueTask<RouteAnswer<MailExchange>> ExchangesAsync(string name, CancellationToken cancellationToken) => Answer(name, "MX", static words => new MailExchange(int.Parse(words[2], System.Globalization.CultureInfo.InvariantCulture), words[3] == "." ? "" : words[3]));

    public ValueTask<RouteAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken) =>
        Answer(name, family == AddressFamily.InterNetworkV6 ? "AAAA" : "A", static words => IPAddress.Parse(words[2]));

    public ValueTask<RouteAnswer<TlsaRecord>> TlsaAsync(string name, CancellationToken cancellationToken) =>
        Answer(name, "TLSA", static words => new TlsaRecord(byte.Parse(words[2], null), byte.Parse(words[3], null), byte.Parse(words[4], null), [.. Convert.FromHexString(words[5])]));

    public ValueTask<RouteAnswer<string>> TextsAsync(string name, CancellationToken cancellationToken) => Answer(name, "TXT", static words => string.Join(' ', words[2..]));

    private ValueTask<RouteAnswer<T>> Answer<T>(string name, string type, Func<string[], T> read)
    {
        Asked.Enqueue($"{name} {type}");
        var (at, isSecure, exists) = (name, IsSigned(name), false);
        for (var hops = 0; hops < 8; hops++)
        {
            if (!_lines.TryGetValue(at, out var lines))
            {
                break;
            }

            exists = true;
            if (lines.Contains($"{at} FAIL {type}"))
            {
                return new(new RouteAnswer<T>(MailDnsStatus.TempError) { Problem = "SERVFAIL" });
            }

            T[] found = [.. lines.Select(static line => line.Split(' ')).Where(words => words[1] == type).Select(read)];
            if (found.Length > 0)
            {
                return new(new RouteAnswer<T>([.. found]) { IsSecure = isSecure, CanonicalName = at == name ? "" : at, Ttl = TimeSpan.FromMinutes(5) });
            }

            if (lines.FirstOrDefault(static line => line.Split(' ')[1] == "CNAME") is not { } alias)
            {
                break;
            }

            at = alias.Split(' ')[2];
            isSecure &= IsSigned(at);
        }

        return new(new RouteAnswer<T>(exists ? MailDnsStatus.NoData : MailDnsStatus.NameError) { IsSecure = isSecure, CanonicalName = at == name ? "" : at });
    }

    private bool IsSigned(string name) => Signed.Any(domain => name == domain || name.EndsWith("." + domain, StringComparison.Ordinal));
}
