using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Connectivity.Dhcp;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Connectivity.Dhcp6;

/// <summary>What clients of each pool are told, ready as octets by the option's number: made once from the configuration.</summary>
internal sealed class PoolAnswers
{
    private const ushort NtpServer = 56;
    private const ushort Rule = 89;
    private const ushort BorderRelay = 90;
    private const ushort DefaultMappingRule = 91;
    private const ushort V4V6Binding = 92;
    private const ushort PortParameters = 93;
    private const int MostOctets = 4_096;

    private readonly FrozenDictionary<string, PoolAnswer> _byName;

    /// <exception cref="InvalidOperationException">A setting is none that can be told; the message names it.</exception>
    public PoolAnswers(Dhcp6ServerOptions options)
    {
        Default = Of(options.Default, "connectivity.dhcp6.default");
        _byName = PoolSettings.ByName(options.Pools, static pool => pool.Name, Of, "connectivity.dhcp6");
        WalledGarden = options.WalledGardenDnsServers.Count == 0
            ? null
            : new PoolAnswer(PoolSettings.Seconds(options.WalledGardenLifetime), PoolSettings.Seconds(options.WalledGardenLifetime), FrozenDictionary.ToFrozenDictionary(
                [KeyValuePair.Create(Dhcp6Code.DnsServers, Addresses(options.WalledGardenDnsServers, "connectivity.dhcp6.walledGardenDnsServers"))]));
    }

    public PoolAnswer Default { get; }

    /// <summary>What suspended lines are told before all else; null where they get no address.</summary>
    public PoolAnswer? WalledGarden { get; }

    public PoolAnswer Of(string? pool) => pool is not null && _byName.TryGetValue(pool, out var answer) ? answer : Default;

    private static PoolAnswer Of(Dhcp6PoolOption pool, string where)
    {
        if (pool.ValidLifetime < pool.PreferredLifetime)
        {
            throw new InvalidOperationException($"{where}: validLifetime {pool.ValidLifetime} is shorter than preferredLifetime {pool.PreferredLifetime}");
        }

        var options = new Dictionary<ushort, byte[]>();
        Add(options, Dhcp6Code.DnsServers, pool.DnsServers, () => Addresses(pool.DnsServers, $"{where}.dnsServers"));
        Add(options, Dhcp6Code.DomainList, pool.Domains, () => [.. pool.Domains.SelectMany(name => PoolSettings.Name(name, $"{where}.domains"))]);
        Add(options, NtpServer, pool.NtpServers, () => TimeServers(pool.NtpServers, $"{where}.ntpServers"));
        if (pool.AftrName.Length > 0)
        {
            options.Add(Dhcp6Code.AftrName, PoolSettings.Name(pool.AftrName, $"{where}.aftrName"));
        }

        foreach (var softwire in pool.Softwires)
        {
            if (!options.TryAdd((ushort)softwire.Kind, Softwire(softwire, $"{where}.softwires")))
            {
                throw new InvalidOperationException($"{where}.softwires: {softwire.Kind} stands there twice");
            }
        }

        return new PoolAnswer(PoolSettings.Seconds(pool.PreferredLifetime), PoolSettings.Seconds(pool.ValidLifetime), options.ToFrozenDictionary());
    }

    private static void Add(Dictionary<ushort, byte[]> options, ushort code, IReadOnlyList<string> given, Func<byte[]> make)
    {
        if (given.Count > 0)
        {
            options.Add(code, make());
        }
    }

    private static byte[] Addresses(IReadOnlyList<string> texts, string where) => PoolSettings.Addresses(texts, AddressFamily.InterNetworkV6, where);

    private static IPAddress Address(string text, string where) => PoolSettings.Address(text, AddressFamily.InterNetworkV6, where);

    // RFC 5908 section 4: suboptions 1 (address), 2 (multicast address), 3 (name).
    private static byte[] TimeServers(IReadOnlyList<string> texts, string where)
    {
        var octets = new List<byte>();
        foreach (var text in texts)
        {
            byte[] value = IPAddress.TryParse(text, out var address) ? Address(text, where).GetAddressBytes() : PoolSettings.Name(text, where);
            var code = address is null ? 3 : address.IsIPv6Multicast ? 2 : 1;
            octets.AddRange([0, (byte)code, (byte)(value.Length >> 8), (byte)value.Length, .. value]);
        }

        return [.. octets];
    }

    // RFC 7598 section 5: which suboptions each container has.
    private static byte[] Softwire(SoftwireOption softwire, string where)
    {
        if (softwire.Kind == SoftwireKind.Lw4o6 ? softwire.Rules.Count > 0 || softwire.BorderRelays.Count == 0 : softwire.Rules.Count == 0 || (softwire.Kind == SoftwireKind.MapE && softwire.BorderRelays.Count == 0))
        {
            throw new InvalidOperationException($"{where}: {softwire.Kind} needs {(softwire.Kind == SoftwireKind.Lw4o6 ? "border relays and no rules" : softwire.Kind == SoftwireKind.MapE ? "rules and border relays" : "rules")}");
        }

        var buffer = new byte[MostOctets];
        var writer = new Dhcp6Writer(buffer, default, 0);
        foreach (var rule in softwire.Rules)
        {
            var (v4, v6) = (PoolSettings.Prefix(rule.Ipv4Prefix, AddressFamily.InterNetwork, where), PoolSettings.Prefix(rule.Ipv6Prefix, AddressFamily.InterNetworkV6, where));
            Nested(ref writer, Rule, [(byte)(rule.IsForwarding ? 1 : 0), (byte)rule.EaLength, (byte)v4.PrefixLength, .. v4.BaseAddress.GetAddressBytes(), .. Short(v6)], rule.Ports);
        }

        foreach (var relay in softwire.BorderRelays)
        {
            writer.Add(BorderRelay, Address(relay, where).GetAddressBytes());
        }

        if (softwire.DefaultMappingRule.Length > 0)
        {
            writer.Add(DefaultMappingRule, Short(PoolSettings.Prefix(softwire.DefaultMappingRule, AddressFamily.InterNetworkV6, where)));
        }

        if (softwire.BindPrefix.Length > 0 || softwire.Ipv4Address.Length > 0)
        {
            var v4 = IPAddress.TryParse(softwire.Ipv4Address, out var address) && address.AddressFamily == AddressFamily.InterNetwork ? address : throw new InvalidOperationException($"{where}: \"{softwire.Ipv4Address}\" is no IPv4 address");
            Nested(ref writer, V4V6Binding, [.. v4.GetAddressBytes(), .. Short(PoolSettings.Prefix(softwire.BindPrefix, AddressFamily.InterNetworkV6, where))], softwire.Ports);
        }
        else if (softwire.Ports is { } ports)
        {
            writer.Add(PortParameters, Octets(ports));
        }

        return writer.TryFinish(out var length) ? buffer[Dhcp6Message.HeaderOctets..length] : throw new InvalidOperationException($"{where}: {softwire.Kind} is longer than {MostOctets} octets");
    }

    private static void Nested(ref Dhcp6Writer writer, ushort code, byte[] octets, PortSetOption? ports)
    {
        byte[] inner = ports is null ? [] : [0, (byte)PortParameters, 0, 4, .. Octets(ports)];
        writer.Add(code, [.. octets, .. inner]);
    }

    // RFC 7598 section 4.5: the PSID stands in the first bits of its 16.
    private static byte[] Octets(PortSetOption ports)
    {
        var psid = (ports.Psid << (16 - ports.PsidLength)) & 0xFFFF;
        return [(byte)ports.Offset, (byte)ports.PsidLength, (byte)(psid >> 8), (byte)psid];
    }

    /// <summary>A length and as many octets as it fills.</summary>
    private static byte[] Short(IPNetwork prefix) => [(byte)prefix.PrefixLength, .. prefix.BaseAddress.GetAddressBytes().Take((prefix.PrefixLength + 7) / 8)];
}

/// <summary>Lifetimes in seconds, and options by number.</summary>
internal sealed record PoolAnswer(uint Preferred, uint Valid, FrozenDictionary<ushort, byte[]> Options);
