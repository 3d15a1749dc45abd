using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Nodes;

namespace Tsunagi.Connectivity.Leases;

/// <summary>
/// What the book of leases means for routes: a delegated prefix is reached through the router that holds it, on the node that answered it last. Told by the book at each change, with its turn held, so that what
/// is wanted is always what the book says; a lease stands there before its Reply goes out. Where no module sets routes, or none is asked to, nothing happens.
/// </summary>
internal sealed class DelegatedRoutes(IServiceProvider services, Node node)
{
    private readonly IKernelRoutes? _routes = services.GetService<IKernelRoutes>() is { IsOn: true } routes ? routes : null;

    public bool IsOn => _routes is not null;

    /// <summary>The next hop as a lease holds it: an address, and behind a link-local one the interface.</summary>
    public static string NextHopOf(IPAddress address, string link) => link.Length > 0 ? $"{address}%{link}" : address.ToString();

    /// <param name="part">A delegated prefix.</param>
    /// <param name="holder">Who holds it from now on; null for nobody.</param>
    public void Follow(AddressBlock part, Lease? holder)
    {
        if (_routes is null)
        {
            return;
        }

        if (holder is not null && RouteOf(holder) is { } route)
        {
            _routes.Want(route);
        }
        else
        {
            _routes.Forget(part.ToNetwork());
        }
    }

    /// <summary>All that held before the program started is in the book.</summary>
    public void AllKnown() => _routes?.AllKnown();

    // Another node's client is reached through that node.
    private KernelRoute? RouteOf(Lease lease)
    {
        if (lease.Node != node.Name || lease.NextHop.Length == 0)
        {
            return null;
        }

        var parts = lease.NextHop.Split('%', 2);
        return IPAddress.TryParse(parts[0], out var address) ? new KernelRoute(lease.Prefix.ToNetwork(), address, parts.Length > 1 ? parts[1] : "") : null;
    }
}
