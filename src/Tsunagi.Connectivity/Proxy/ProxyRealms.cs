using System.Net;
using System.Text;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Proxy;

/// <summary>
/// Which realm a name goes to: the realm itself, then the longest "*.suffix" it is below, then "*", which takes only names that are neither a line's nor of a realm of ours. A name without a realm
/// is always ours, and so is what stands in front of the last "@": decorated names ("isp.example!joe@hub.example") go to the realm at their end, which knows what to do with the rest (RFC 7542 section 3.3.1
/// does not let anybody in between rewrite them).
/// </summary>
internal sealed class ProxyRealms
{
    private const string Below = "*.";
    private const string Any = "*";

    private readonly Dictionary<string, ProxiedRealm> _exact = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ProxiedRealm> _below = new(StringComparer.OrdinalIgnoreCase);
    private readonly ProxiedRealm? _any;

    /// <exception cref="InvalidOperationException">An option can not be meant so; the message names it.</exception>
    public ProxyRealms(ProxyOptions options, IReadOnlyDictionary<string, HomeServer> servers)
    {
        var all = new List<ProxiedRealm>();
        foreach (var option in options.Realms)
        {
            var realm = Make(option, servers);
            all.Add(realm);
            var isNew = option.Name == Any ? _any is null
                : option.Name.StartsWith(Below, StringComparison.Ordinal) ? _below.TryAdd(option.Name[Below.Length..], realm) : _exact.TryAdd(option.Name, realm);
            _any = option.Name == Any ? realm : _any;
            if (!isNew)
            {
                throw new InvalidOperationException($"connectivity.proxy.realms: \"{option.Name}\" is there twice");
            }
        }

        All = all;
    }

    /// <summary>In the order of the options.</summary>
    public IReadOnlyList<ProxiedRealm> All { get; }

    /// <summary>Null for what is ours.</summary>
    public ProxiedRealm? Find(RadiusPacket request, LineSnapshot snapshot)
    {
        Span<char> chars = stackalloc char[NetworkAccessIdentifier.LongestOctets];
        return request.TryFind(RadiusType.UserName, out ReadOnlySpan<byte> octets) && Encoding.UTF8.TryGetChars(octets, chars, out var written) ? Find(chars[..written], snapshot) : null;
    }

    /// <summary>Null for what is ours.</summary>
    public ProxiedRealm? Find(ReadOnlySpan<char> name, LineSnapshot snapshot)
    {
        var at = name.LastIndexOf('@');
        if (at < 0 || at == name.Length - 1)
        {
            return null;
        }

        var realm = name[(at + 1)..];
        if (_exact.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(realm, out var found))
        {
            return found;
        }

        var below = _below.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var dot = realm.IndexOf('.'); _below.Count > 0 && dot >= 0; dot = realm.IndexOf('.'))
        {
            realm = realm[(dot + 1)..];
            if (below.TryGetValue(realm, out found))
            {
                return found;
            }
        }

        return _any is not null && !snapshot.Realms.IsOurs(name[(at + 1)..]) && snapshot.ByUserName(name) is null ? _any : null;
    }

    private static ProxiedRealm Make(ProxiedRealmOption option, IReadOnlyDictionary<string, HomeServer> servers)
    {
        var key = $"connectivity.proxy.realms[{option.Name}]";
        var own = option.Servers.Select(name => servers.GetValueOrDefault(name) ?? throw new InvalidOperationException($"{key}.servers: connectivity.proxy.servers has no \"{name}\"")).ToList();
        if (own.TrueForAll(static server => server.Access is null) || (option.Account != RelayedAccounting.Kept && own.TrueForAll(static server => server.Account is null)))
        {
            throw new InvalidOperationException($"{key}.servers: none of them has a port for authentication, or for the accounting that is to go through");
        }

        return new ProxiedRealm(option.Name, own, option.Balanced, option.Strip, option.Account, new ReplyFilter(option.Allow, option.Deny, key), Encode(option.Reply, key));
    }

    private static byte[] Encode(IReadOnlyList<string> replies, string key)
    {
        var buffer = new byte[RadiusLimits.Default.PacketOctets];
        var writer = new RadiusWriter(buffer, RadiusCode.AccessAccept, 0);
        foreach (var reply in replies)
        {
            var parts = reply.Split('=', 2);
            var reason = "it is no Name=value";
            if (parts.Length < 2 || !RadiusEncoder.TryMake(RadiusDictionary.Standard, parts[0].Trim(), parts[1].Trim(), out var pair, out reason)
                || !RadiusEncoder.TryEncode([pair!], RadiusDictionary.Standard, null, null, out var octets, out reason))
            {
                throw new InvalidOperationException($"{key}.reply: \"{reply}\": {reason}");
            }

            writer.AddEncoded(octets);
        }

        return writer.Fits ? buffer[RadiusPacket.HeaderOctets..writer.Written] : throw new InvalidOperationException($"{key}.reply: it does not go into a packet");
    }
}
