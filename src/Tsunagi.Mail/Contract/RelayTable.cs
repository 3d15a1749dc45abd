using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Mail.Contract;

/// <summary>Whose servers send from an address. No network is larger than its bucket (/28, /64), so a look is one hash and a handful of comparisons.</summary>
internal sealed class RelayTable
{
    private readonly Dictionary<IPAddress, List<(IPNetwork Network, Gateway Gateway)>> _buckets = [];

    public void Add(Gateway gateway)
    {
        foreach (var network in gateway.Relays)
        {
            var key = KeyOf(network.BaseAddress);
            if (!_buckets.TryGetValue(key, out var bucket))
            {
                _buckets[key] = bucket = [];
            }

            bucket.Add((network, gateway));
        }
    }

    /// <summary>The gateways that list an address; all of one tenant.</summary>
    public IEnumerable<Gateway> Of(IPAddress address)
    {
        address = RelayNetwork.Plain(address);
        return _buckets.TryGetValue(KeyOf(address), out var bucket) ? bucket.Where(entry => entry.Network.Contains(address)).Select(static entry => entry.Gateway) : [];
    }

    /// <summary>Another tenant lists addresses of this network: then the address alone proves nobody.</summary>
    public bool IsOfAnother(IPNetwork network, string tenantPath) =>
        _buckets.TryGetValue(KeyOf(network.BaseAddress), out var bucket)
        && bucket.Exists(entry => entry.Gateway.TenantPath != tenantPath && (entry.Network.Contains(network.BaseAddress) || network.Contains(entry.Network.BaseAddress)));

    private static IPAddress KeyOf(IPAddress address)
    {
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? RelayNetwork.ShortestPrefixV4 : RelayNetwork.ShortestPrefixV6;
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out var count);
        octets = octets[..count];
        for (var i = 0; i < count; i++)
        {
            var kept = Math.Clamp(bits - (i * 8), 0, 8);
            octets[i] &= (byte)(0xFF << (8 - kept));
        }

        return new IPAddress(octets);
    }
}
