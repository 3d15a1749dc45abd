using System.Net;
using Microsoft.AspNetCore.Http;
using Tsunagi.Core.Net;

namespace Tsunagi.Core.Identity.SignIn;

/// <summary>From where someone signs in: for throttling, and for the list of sessions he can revoke.</summary>
public sealed record SessionPeer(IPAddress Address, string Agent)
{
    private const int MaxAgent = 200;

    public AddressGroup Group => AddressGroup.Of(Address);

    public static SessionPeer Of(HttpContext context)
    {
        var agent = context.Request.Headers.UserAgent.ToString();
        return new SessionPeer(context.Connection.RemoteIpAddress ?? IPAddress.None, agent.Length > MaxAgent ? agent[..MaxAgent] : agent);
    }
}
