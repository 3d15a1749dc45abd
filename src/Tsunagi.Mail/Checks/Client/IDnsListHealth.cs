using System.Net.Sockets;
using Tsunagi.Protocols.Mail.Dnsbl;

namespace Tsunagi.Mail.Checks.Client;

/// <summary>Says which lists can be believed, and hears how they answered.</summary>
internal interface IDnsListHealth
{
    bool MayAsk(string zone, AddressFamily family);

    void Answered(string zone, DnsListStatus status);
}

/// <summary>For checks of a file in place, where no policy names a list.</summary>
internal sealed class NoListHealth : IDnsListHealth
{
    public bool MayAsk(string zone, AddressFamily family) => false;

    public void Answered(string zone, DnsListStatus status)
    {
        // Nothing was asked.
    }
}
