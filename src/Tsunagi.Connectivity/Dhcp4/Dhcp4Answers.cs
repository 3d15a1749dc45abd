using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Dhcp;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Connectivity.Dhcp4;

/// <summary>What clients of a pool are told: seconds, the subnet of their link (null where configuration names none), its routers and those of its routes, which no client may be given, and options by number.</summary>
internal sealed record Dhcp4Told(uint Seconds, AddressBlock? Subnet, IReadOnlyList<AddressBlock> Routers, FrozenDictionary<byte, byte[]> Options);

/// <summary>What clients of each pool are told, ready as octets by the option's number: made once from the configuration.</summary>
internal sealed class Dhcp4Answers
{
    private const int LeastMtu = 68; // RFC 2132 section 5.1
    private const int LeastWaitSeconds = 300; // RFC 8925 section 3.4: MIN_V6ONLY_WAIT

    private readonly FrozenDictionary<string, Dhcp4Told> _byName;
    private readonly FrozenDictionary<AddressBlock, Dhcp4Told> _bySubnet;
    private readonly int[] _lengths;

    /// <exception cref="InvalidOperationException">A setting is none that can be told; the message names it.</exception>
    public Dhcp4Answers(Dhcp4ServerOptions options)
    {
        Default = Of(options.Default, "connectivity.dhcp4.default");
        _byName = PoolSettings.ByName(options.Pools, static pool => pool.Name, (pool, where) => Of(Completed(pool, options.Default), where), "connectivity.dhcp4");
        var bySubnet = new Dictionary<AddressBlock, Dhcp4Told>();
        foreach (var told in options.Pools.Select(pool => _byName[pool.Name]).Append(Default))
        {
            if (told.Subnet is { } subnet)
            {
                bySubnet.TryAdd(subnet, told);
            }
        }

        _bySubnet = bySubnet.ToFrozenDictionary();
        _lengths = [.. bySubnet.Keys.Select(static subnet => subnet.Length).Distinct().OrderDescending()];
        WalledGarden = options.WalledGardenDnsServers.Count == 0
            ? null
            : new Dhcp4Told(PoolSettings.Seconds(options.WalledGardenLifetime), null, [], FrozenDictionary.ToFrozenDictionary(
                [KeyValuePair.Create(Dhcp4Code.DnsServers, Addresses(options.WalledGardenDnsServers, "connectivity.dhcp4.walledGardenDnsServers"))]));
    }

    public Dhcp4Told Default { get; }

    /// <summary>What suspended lines are told before all else; null where they get no address.</summary>
    public Dhcp4Told? WalledGarden { get; }

    /// <summary>What a line's clients are told: of an address of its own, what the narrowest subnet that holds it is; else what its pool is.</summary>
    public Dhcp4Told Of(LineAddresses addresses) => addresses.V4 is { } own ? OfAddress(AddressBlock.Of(own))
        : addresses.V4Pool is { } pool && _byName.TryGetValue(pool, out var told) ? told
        : Default;

    private Dhcp4Told OfAddress(AddressBlock address)
    {
        foreach (var length in _lengths)
        {
            if (_bySubnet.TryGetValue(address.At(length), out var told))
            {
                return told;
            }
        }

        return Default;
    }

    // Routers and routes depend on each other: who names routers has no routes of another link, and the default route among a pool's own routes leads to the router that its clients are told.
    private static Dhcp4PoolOption Completed(Dhcp4PoolOption pool, Dhcp4PoolOption rest) => pool with
    {
        Routers = pool.Routers.Count > 0 ? pool.Routers : rest.Routers,
        Routes = pool.Routers.Count > 0 || pool.Routes.Count > 0 ? pool.Routes : rest.Routes,
        DnsServers = pool.DnsServers.Count > 0 ? pool.DnsServers : rest.DnsServers,
        DomainName = pool.DomainName.Length > 0 ? pool.DomainName : rest.DomainName,
        Domains = pool.Domains.Count > 0 ? pool.Domains : rest.Domains,
        NtpServers = pool.NtpServers.Count > 0 ? pool.NtpServers : rest.NtpServers,
        Mtu = pool.Mtu > 0 ? pool.Mtu : rest.Mtu,
        Ipv6OnlyWait = pool.Ipv6OnlyWait > TimeSpan.Zero ? pool.Ipv6OnlyWait : rest.Ipv6OnlyWait,
    };

    private static Dhcp4Told Of(Dhcp4PoolOption pool, string where)
    {
        var options = new Dictionary<byte, byte[]>();
        void Add(byte code, bool isGiven, Func<byte[]> make)
        {
            if (isGiven)
            {
                options.Add(code, make());
            }
        }

        Add(Dhcp4Code.Routers, pool.Routers.Count > 0, () => Addresses(pool.Routers, $"{where}.routers"));
        Add(Dhcp4Code.DnsServers, pool.DnsServers.Count > 0, () => Addresses(pool.DnsServers, $"{where}.dnsServers"));
        Add(Dhcp4Code.DomainName, pool.DomainName.Length > 0, () => Text(pool.DomainName, $"{where}.domainName"));
        Add(Dhcp4Code.DomainSearch, pool.Domains.Count > 0, () => [.. pool.Domains.SelectMany(name => PoolSettings.Name(name, $"{where}.domains"))]);
        Add(Dhcp4Code.NtpServers, pool.NtpServers.Count > 0, () => Addresses(pool.NtpServers, $"{where}.ntpServers"));
        Add(Dhcp4Code.InterfaceMtu, pool.Mtu > 0, () => pool.Mtu >= LeastMtu ? [(byte)(pool.Mtu >> 8), (byte)pool.Mtu] : throw new InvalidOperationException($"{where}.mtu: {pool.Mtu} is less than {LeastMtu}"));
        Add(Dhcp4Code.ClasslessRoutes, pool.Routes.Count > 0, () => Routes(pool, where));
        Add(Dhcp4Code.Ipv6OnlyPreferred, pool.Ipv6OnlyWait > TimeSpan.Zero, () => Number(PoolSettings.Seconds(pool.Ipv6OnlyWait) is >= LeastWaitSeconds and var seconds
            ? seconds
            : throw new InvalidOperationException($"{where}.ipv6OnlyWait: {pool.Ipv6OnlyWait} is less than {LeastWaitSeconds} seconds")));
        return new Dhcp4Told(PoolSettings.Seconds(pool.LeaseTime), pool.Subnet.Length > 0 ? AddressBlock.From(Prefix(pool.Subnet, $"{where}.subnet")) : null,
            [.. pool.Routers.Concat(pool.Routes.Select(static route => route.Router)).Select(text => AddressBlock.Of(Address(text, $"{where}.routers")))], options.ToFrozenDictionary());
    }

    // RFC 3442: a client that knows this option does not look at option 3, so the default route stands here too.
    private static byte[] Routes(Dhcp4PoolOption pool, string where)
    {
        var octets = new List<byte>();
        foreach (var route in pool.Routes)
        {
            octets.AddRange(Route(Prefix(route.Destination, $"{where}.routes"), Address(route.Router, $"{where}.routes").GetAddressBytes()));
        }

        if (pool.Routers.Count > 0 && !pool.Routes.Any(static route => route.Destination == "0.0.0.0/0"))
        {
            octets.AddRange(Route(new IPNetwork(IPAddress.Any, 0), Address(pool.Routers[0], $"{where}.routers").GetAddressBytes()));
        }

        return [.. octets];
    }

    private static byte[] Route(IPNetwork destination, byte[] router) => [(byte)destination.PrefixLength, .. destination.BaseAddress.GetAddressBytes().Take((destination.PrefixLength + 7) / 8), .. router];

    public static byte[] Number(uint number)
    {
        var octets = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, number);
        return octets;
    }

    private static byte[] Text(string name, string where)
    {
        PoolSettings.Name(name, where);
        return Encoding.ASCII.GetBytes(name.TrimEnd('.'));
    }

    private static byte[] Addresses(IReadOnlyList<string> texts, string where) => PoolSettings.Addresses(texts, AddressFamily.InterNetwork, where);

    private static IPAddress Address(string text, string where) => PoolSettings.Address(text, AddressFamily.InterNetwork, where);

    private static IPNetwork Prefix(string text, string where) => PoolSettings.Prefix(text, AddressFamily.InterNetwork, where);
}
