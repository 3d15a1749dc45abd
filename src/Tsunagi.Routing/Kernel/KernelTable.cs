using System.Net;
using System.Text;
using Tsunagi.Core.Exchange.Routes;

namespace Tsunagi.Routing.Kernel;

/// <summary>The kernel's table that routes are set in, seen through one socket: for one thread at a time.</summary>
internal sealed class KernelTable(KernelRouteOptions options) : IDisposable
{
    private const int LongestName = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly IPNetwork All = new(IPAddress.IPv6Any, 0);

    private readonly NetlinkSocket _socket = new(0, Patience);

    public void Dispose() => _socket.Dispose();

    /// <summary>The routes of the table that are this program's, of whatever metric.</summary>
    public IEnumerable<KernelWay> Read() =>
        _socket.Dump(new KernelWay(All, null, 0, options.Table, options.Protocol, 0)).Where(way => way.Table == options.Table && way.Protocol == options.Protocol);

    /// <summary>Sets a route.</summary>
    /// <param name="replaces">One of ours for the same prefix stands there; without, somebody else's is left alone (<see cref="KernelAnswer.Exists"/>).</param>
    public KernelAnswer Set(in KernelWay way, bool replaces) => _socket.Change(RouteMessageType.New, (ushort)(RouteMessageType.Create | (replaces ? RouteMessageType.Replace : RouteMessageType.Exclusive)), way);

    /// <summary>Takes one of ours away; one that is not there is gone.</summary>
    public KernelAnswer Delete(IPNetwork prefix, int metric)
    {
        var answer = _socket.Change(RouteMessageType.Delete, 0, new KernelWay(prefix, null, 0, options.Table, options.Protocol, metric));
        return answer.Error == KernelAnswer.NoSuchRoute ? default : answer;
    }

    /// <summary>How a wanted route looks in the kernel; null with why it may not or cannot be set, in words that do not name the prefix.</summary>
    public KernelWay? Resolve(KernelRoute route, out string whyNot)
    {
        whyNot = "";
        if (route.Interface.Length == 0)
        {
            return ResolveByKernel(route, out whyNot);
        }

        if (!options.MayLeadTo(route.Interface))
        {
            whyNot = $"{route.Interface} is not in routing.kernel.interfaces";
            return null;
        }

        var index = NetlinkCalls.IndexOf(route.Interface);
        if (index == 0)
        {
            whyNot = $"there is no interface {route.Interface}";
            return null;
        }

        return WayOf(route, (int)index);
    }

    // A relay's address: it must be on a link of this machine, else the routers between would have to know the route too.
    private KernelWay? ResolveByKernel(KernelRoute route, out string whyNot)
    {
        if (_socket.Find(new KernelWay(new IPNetwork(route.NextHop, 128), null, 0, 0, 0, 0), out var answer) is not { } found)
        {
            whyNot = $"no way to {route.NextHop}: {answer.Words}";
            return null;
        }

        if (found.IsThisMachine || found.Gateway is not null)
        {
            whyNot = found.IsThisMachine ? $"{route.NextHop} is this machine itself" : $"{route.NextHop} is on no link of this machine, but behind {found.Gateway}";
            return null;
        }

        var name = NameOf(found.Interface);
        whyNot = options.MayLeadTo(name) ? "" : $"{name} is not in routing.kernel.interfaces";
        return whyNot.Length > 0 ? null : WayOf(route, found.Interface);
    }

    private KernelWay WayOf(KernelRoute route, int index) => new(route.Prefix, route.NextHop, index, options.Table, options.Protocol, options.Metric);

    private static string NameOf(int index)
    {
        Span<byte> name = stackalloc byte[LongestName];
        name.Clear();
        return NetlinkCalls.NameOf((uint)index, name) == 0 ? "interface " + index.ToString(System.Globalization.CultureInfo.InvariantCulture) : Encoding.UTF8.GetString(name[..name.IndexOf((byte)0)]);
    }
}
