using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Protocols.Net.Dns;

namespace Tsunagi.Connectivity.Dhcp;

/// <summary>Reads what configuration says of pools; what can not be told to clients is refused by the name of its setting.</summary>
internal static class PoolSettings
{
    /// <summary>What is told to clients of each pool.</summary>
    /// <param name="section">"connectivity.dhcp6".</param>
    /// <exception cref="InvalidOperationException">A name stands there twice, or is none.</exception>
    public static FrozenDictionary<string, TAnswer> ByName<TOption, TAnswer>(IReadOnlyList<TOption> pools, Func<TOption, string> name, Func<TOption, string, TAnswer> make, string section)
    {
        var byName = new Dictionary<string, TAnswer>(StringComparer.Ordinal);
        foreach (var pool in pools)
        {
            if (name(pool).Length == 0 || !byName.TryAdd(name(pool), make(pool, $"{section}.pools: {name(pool)}")))
            {
                throw new InvalidOperationException($"{section}.pools: \"{name(pool)}\" stands there twice, or is no name");
            }
        }

        return byName.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public static uint Seconds(TimeSpan span) => (uint)span.TotalSeconds;

    public static byte[] Addresses(IReadOnlyList<string> texts, AddressFamily family, string where) => [.. texts.SelectMany(text => Address(text, family, where).GetAddressBytes())];

    public static IPAddress Address(string text, AddressFamily family, string where) => IPAddress.TryParse(text, out var address) && address.AddressFamily == family
        ? address
        : throw new InvalidOperationException($"{where}: \"{text}\" is no {Name(family)} address");

    /// <summary>A name as the DNS holds it.</summary>
    public static byte[] Name(string text, string where) => DnsName.TryParse(text, out var name) && !name!.IsRoot
        ? name.Wire.ToArray()
        : throw new InvalidOperationException($"{where}: \"{text}\" is no domain name");

    public static IPNetwork Prefix(string text, AddressFamily family, string where) => IPNetwork.TryParse(text, out var prefix) && prefix.BaseAddress.AddressFamily == family
        ? prefix
        : throw new InvalidOperationException($"{where}: \"{text}\" is no prefix of {Name(family)}");

    private static string Name(AddressFamily family) => family == AddressFamily.InterNetwork ? "IPv4" : "IPv6";
}
