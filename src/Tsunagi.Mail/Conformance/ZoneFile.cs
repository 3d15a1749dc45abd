using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Mail.Conformance;

/// <summary>
/// A DNS from a file, for checks that must give the same answer tomorrow: lines of records (<see cref="ZoneText"/>), or the format of the public SPF and ARC suites:
/// <code>
/// zonedata:
///   example.com:
///     - TXT: v=spf1 mx -all          # or a list of strings, which are joined
///     - MX: [10, mx.example.com]
///     - A: 192.0.2.1                 # AAAA, PTR, CNAME likewise; SPF is copied to TXT where the name has no TXT
///     - TIMEOUT                      # types that do not stand above get no answer
/// txt-records:
///   selector._domainkey.example.com: v=DKIM1; p=…
/// </code>
/// A name that stands nowhere does not exist.
/// </summary>
internal sealed class ZoneFile : IMailDns
{
    private const int MaxAliases = 8;
    private readonly Dictionary<string, List<(string Type, string Value)>> _records = new(StringComparer.OrdinalIgnoreCase);

    private ZoneFile()
    {
    }

    /// <summary>Reads the suites' YAML, which is known by a line that begins with one of its two keys, or lines of records (<see cref="ZoneText"/>).</summary>
    /// <exception cref="FormatException">It is neither: where, and what is allowed.</exception>
    public static ZoneFile Read(string text)
    {
        text = text.TrimStart('\uFEFF');
        return IsYaml(text) ? From(SuiteNode.ReadAll(text)) : From(ZoneText.Read(text));
    }

    public static ZoneFile From(params IEnumerable<SuiteNode> documents)
    {
        var zone = new ZoneFile();
        foreach (var document in documents)
        {
            foreach (var (name, records) in document["zonedata"]?.Members ?? [])
            {
                zone.Add(name, records);
            }

            foreach (var (name, text) in document["txt-records"]?.Members ?? [])
            {
                zone.Of(name).Add(("TXT", string.Concat(text.Texts)));
            }
        }

        return zone;
    }

    public static ZoneFile From(IEnumerable<(string Name, string Type, string Value)> records)
    {
        var zone = new ZoneFile();
        foreach (var (name, type, value) in records)
        {
            zone.Of(name).Add((type, value));
        }

        return zone;
    }

    public ValueTask<MailDnsAnswer<string>> TxtAsync(string name, CancellationToken cancellationToken) => Answer(name, "TXT", static value => value);

    public ValueTask<MailDnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken) =>
        Answer(name, family == AddressFamily.InterNetworkV6 ? "AAAA" : "A", IPAddress.Parse);

    public ValueTask<MailDnsAnswer<MailExchange>> ExchangesAsync(string name, CancellationToken cancellationToken) => Answer(name, "MX", static value =>
    {
        var space = value.IndexOf(' ', StringComparison.Ordinal);
        return new MailExchange(int.Parse(value[..space], CultureInfo.InvariantCulture), value[(space + 1)..].TrimEnd('.'));
    });

    public ValueTask<MailDnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancellationToken) =>
        Answer(Reverse(address), "PTR", static value => value.TrimEnd('.'));

    /// <summary>The name under which the names of an address stand (RFC 1035 section 3.5, RFC 3596 section 2.5).</summary>
    internal static string Reverse(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return string.Join('.', address.GetAddressBytes().Reverse()) + ".in-addr.arpa";
        }

        return string.Join('.', Convert.ToHexString(address.GetAddressBytes()).Reverse()) + ".ip6.arpa";
    }

    private static bool IsYaml(string text)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("zonedata:") || line.StartsWith("txt-records:"))
            {
                return true;
            }
        }

        return false;
    }

    private void Add(string name, SuiteNode records)
    {
        var entries = new List<(string Type, string Value)>();
        foreach (var record in records.Items)
        {
            if (record.Text is { } word)
            {
                entries.Add((word, ""));
                continue;
            }

            foreach (var (type, value) in record.Members)
            {
                entries.Add((type, Value(type, value)));
            }
        }

        // Suites publish with the type SPF that RFC 7208 took away; a name without TXT records means its SPF records as TXT.
        var hasTxt = entries.Exists(static entry => entry.Type == "TXT");
        foreach (var (type, value) in entries)
        {
            if (type == "SPF" && !hasTxt)
            {
                Of(name).Add(("TXT", value));
            }
            else if (type != "SPF" && !(type == "TXT" && value == "NONE"))
            {
                Of(name).Add((type, value));
            }
        }

        Of(name);
    }

    private static string Value(string type, SuiteNode value)
    {
        var text = type == "MX" ? string.Join(' ', value.Texts) : Octets(string.Concat(value.Texts));
        var isRight = type switch
        {
            _ when text is "TIMEOUT" => true,
            "A" => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork,
            "AAAA" => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6,
            "MX" => ushort.TryParse(text.AsSpan(0, Math.Max(0, text.IndexOf(' ', StringComparison.Ordinal))), NumberStyles.None, CultureInfo.InvariantCulture, out _),
            _ => true,
        };
        return isRight ? text : throw value.Wrong($"'{text}' is no {type} record", type == "MX" ? "[10, mx.example.com]" : type == "A" ? "an IPv4 address" : "an IPv6 address");
    }

    // One character an octet: "\xEF" in a suite is the octet, and letters beyond Latin-1 are UTF-8.
    private static string Octets(string text) => text.All(static c => c < 256) ? text : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    private List<(string Type, string Value)> Of(string name)
    {
        name = name.TrimEnd('.');
        if (!_records.TryGetValue(name, out var records))
        {
            _records.Add(name, records = []);
        }

        return records;
    }

    private ValueTask<MailDnsAnswer<T>> Answer<T>(string name, string type, Func<string, T> read) => ValueTask.FromResult(Find(name, type, read));

    private MailDnsAnswer<T> Find<T>(string name, string type, Func<string, T> read)
    {
        for (var aliases = 0; aliases < MaxAliases; aliases++)
        {
            if (!_records.TryGetValue(name, out var records))
            {
                var above = _records.Keys.Any(known => known.EndsWith('.' + name, StringComparison.OrdinalIgnoreCase));
                return new MailDnsAnswer<T>(above ? MailDnsStatus.NoData : MailDnsStatus.NameError);
            }

            var found = records.Where(record => record.Type == type).Select(static record => record.Value).ToList();
            if (found.Contains("TIMEOUT") || (found.Count == 0 && records.Exists(static record => record.Type == "TIMEOUT")))
            {
                return new MailDnsAnswer<T>(MailDnsStatus.TempError);
            }

            if (found.Count > 0)
            {
                return new MailDnsAnswer<T>(found.Select(read).ToImmutableArray());
            }

            if (records.Find(static record => record.Type == "CNAME").Value is not { Length: > 0 } alias)
            {
                return new MailDnsAnswer<T>(MailDnsStatus.NoData);
            }

            name = alias.TrimEnd('.');
        }

        return new MailDnsAnswer<T>(MailDnsStatus.TempError);
    }
}
