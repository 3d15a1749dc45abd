using System.Net;

namespace Tsunagi.Core.Exchange.Routes;

/// <summary>
/// Who sets routes of this machine's own kernel for a module. What is wanted is told one at a time, since a node may want a hundred thousand; the realiser brings the kernel there, holds it there, and tells
/// operators of what it cannot set. All members may be used on any thread and never wait.
/// </summary>
public interface IKernelRoutes
{
    /// <summary>Whether an operator lets routes be set at all; what is wanted is forgotten at once where not.</summary>
    bool IsOn { get; }

    /// <summary>A prefix is to be reached so from now on, whatever was wanted for it before. The same again costs nothing.</summary>
    void Want(KernelRoute route);

    /// <summary>Nothing is wanted for a prefix any more.</summary>
    void Forget(IPNetwork prefix);

    /// <summary>Everything that was wanted before the program started has been told: what an earlier run left in the kernel and nobody wants now is taken back.</summary>
    void AllKnown();
}

/// <summary>A route of this machine: IPv6 alone.</summary>
/// <param name="Prefix">Where to.</param>
/// <param name="NextHop">Through whom, without a scope: a router's link-local address, or one on a link of this machine.</param>
/// <param name="Interface">The interface that the next hop is on: needed for a link-local address; empty where the kernel finds it.</param>
public sealed record KernelRoute(IPNetwork Prefix, IPAddress NextHop, string Interface);
