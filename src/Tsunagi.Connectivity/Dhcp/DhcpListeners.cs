using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Tsunagi.Connectivity.Dhcp;

/// <summary>Where one family is heard: at the addresses that relays send to, and on links.</summary>
/// <param name="family">"DHCPv6", as messages call it.</param>
internal sealed class DhcpListeners(string family, int threads, int bufferBytes, TimeProvider time, ILogger log) : IDisposable
{
    private readonly List<DhcpListener> _all = [];

    /// <summary>With port 0, known once they are bound.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _all.Select(static listener => listener.EndPoint)];

    /// <summary>Datagrams that our own code failed on.</summary>
    public long Faults => _all.Sum(static listener => listener.Faults);

    /// <summary>Binds an address that relays send to.</summary>
    /// <exception cref="IOException">It can not be bound.</exception>
    public void Bind(IPEndPoint at) => _all.Add(DhcpListener.Bind(family, at, threads, bufferBytes, time, log));

    /// <summary>Binds a link.</summary>
    /// <param name="any">Any address of the family, and the port.</param>
    /// <param name="join">What the family needs of a socket to hear all that is sent on the link, and to answer there.</param>
    /// <exception cref="IOException">There is no such interface, or it can not be bound to.</exception>
    public void Bind(string link, IPEndPoint any, Action<Socket, IPInterfaceProperties> join) => _all.Add(DhcpListener.Bind(family, link, any, bufferBytes, join, time, log));

    public void Start(DhcpHandler handle)
    {
        foreach (var listener in _all)
        {
            listener.Start(handle);
        }
    }

    public void Dispose()
    {
        foreach (var listener in _all)
        {
            listener.Dispose();
        }

        _all.Clear();
    }
}
