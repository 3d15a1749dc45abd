using System.Collections.Concurrent;
using System.Net;
using System.Net.NetworkInformation;
using System.Runtime.InteropServices;

namespace Tsunagi.Connectivity.Dhcp6;

/// <summary>The names of the interfaces that datagrams of link-local senders came by. An interface that got a new name is known by it after the next start. Thread-safe.</summary>
internal sealed class InterfaceNames
{
    private const int ScopeAt = 24; // sin6_scope_id
    private const int MostKept = 10_000;

    private readonly ConcurrentDictionary<int, string> _names = new();

    /// <summary>Empty when there is none.</summary>
    public string NameOf(SocketAddress from)
    {
        var index = from.Size >= ScopeAt + 4 ? MemoryMarshal.Read<int>(from.Buffer.Span[ScopeAt..]) : 0;
        if (index == 0)
        {
            return "";
        }

        if (_names.TryGetValue(index, out var name))
        {
            return name;
        }

        if (_names.Count >= MostKept)
        {
            _names.Clear();
        }

        name = NetworkInterface.GetAllNetworkInterfaces().FirstOrDefault(each => each.Supports(NetworkInterfaceComponent.IPv6) && each.GetIPProperties().GetIPv6Properties().Index == index)?.Name;
        return name is null ? "" : _names.GetOrAdd(index, name);
    }
}
